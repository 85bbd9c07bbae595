/* steth classes: the classes of a process. */
#include "cli/examine.h"
#include "cli/verbs.h"
#include "render/text.h"

int verb_classes(const struct options *options)
{
    return examine_and_render(options, EXAMINE_CLASSES, render_text_classes);
}
