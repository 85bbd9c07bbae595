/* steth threads: stacks, and what each thread waits for. */
#include "cli/examine.h"
#include "cli/verbs.h"
#include "render/text.h"

int verb_threads(const struct options *options)
{
    return examine_and_render_all(options, EXAMINE_THREADS, render_text_threads);
}
