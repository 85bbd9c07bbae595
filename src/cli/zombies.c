/* steth zombies: resurrected objects. */
#include "cli/examine.h"
#include "cli/verbs.h"
#include "render/text.h"

int verb_zombies(const struct options *options)
{
    return examine_and_render(options, EXAMINE_ZOMBIES, render_text_zombies);
}
