/* steth check: every rule. */
#include "cli/examine.h"
#include "cli/verbs.h"
#include "render/text.h"

int verb_check(const struct options *options)
{
    return examine_and_render(options, EXAMINE_ALL, render_text);
}
