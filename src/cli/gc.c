/* steth gc: the state of the collector. */
#include "cli/examine.h"
#include "cli/verbs.h"
#include "render/text.h"

int verb_gc(const struct options *options)
{
    return examine_and_render(options, EXAMINE_COLLECTOR, render_text_gc);
}
