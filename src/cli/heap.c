/* steth heap: types, retained sizes, paths, dominators, cycles. */
#include "cli/examine.h"
#include "cli/verbs.h"
#include "render/text.h"

int verb_heap(const struct options *options)
{
    return examine_and_render(options, EXAMINE_HEAP, render_text_heap);
}
