/* steth tasks: event loops, the forest of their tasks, executors. */
#include "cli/examine.h"
#include "cli/verbs.h"
#include "render/text.h"

int verb_tasks(const struct options *options)
{
    return examine_and_render_all(options, EXAMINE_LOOPS, render_text_tasks);
}
