#include "heap/steps.h"

#include <string.h>

#include "base/text.h"
#include "object/referents.h"

/* Of a chain longer than twice this the middle is left out. */
#define STEPS_AT_ENDS 12

/* "['name']" of a module's dict reads better as ".name". */
static char *as_attribute(char *step)
{
    size_t length = step ? strlen(step) : 0;
    if (length < 5 || strncmp(step, "['", 2) != 0 || strcmp(step + length - 2, "']") != 0)
        return step;
    memmove(step + 1, step + 2, length - 4);
    step[0] = '.';
    step[length - 3] = '\0';
    return step;
}

static char *type_step(const struct cpython *cpython, uint64_t object)
{
    char *name = type_short_name(cpython, object_type(cpython, object));
    char *step = name ? text_format("<%s>", name) : NULL;
    free(name);
    return step;
}

char *chain_step_root(const struct cpython *cpython, const struct root *root, uint64_t held)
{
    if (root && root->kind == ROOT_MODULE && root->object == held)
        return strdup(".__dict__");
    if (root && root->kind == ROOT_MODULE)
        return as_attribute(referents_step(cpython, root->object, held, true, NULL));
    char *local =
        root && root->kind == ROOT_FRAME ? frame_local_of(cpython, &root->frame, held) : NULL;
    char *step = local ? text_format(".%s", local) : type_step(cpython, held);
    free(local);
    return step;
}

/* An instance's or class's dict between an object and its attribute is not worth a step. */
static char *skip_dict(const struct cpython *cpython, uint64_t holder, uint64_t middle,
                       uint64_t held, bool *exact)
{
    if (object_type(cpython, middle) != cpython->dict_type)
        return NULL;
    char *step = referents_step(cpython, holder, held, false, exact);
    if (step && step[0] != '.') {
        free(step);
        return NULL;
    }
    return step;
}

char *chain_step_next(const struct cpython *cpython, const uint64_t *chain, size_t count, size_t *i,
                      bool values, bool *exact)
{
    uint64_t holder = chain[*i], held = chain[*i + 1];
    bool known = true;
    char *step = *i + 2 < count ? skip_dict(cpython, holder, held, chain[*i + 2], &known) : NULL;
    *i += step ? 2 : 1;
    if (!step) {
        known = false;
        step = referents_step(cpython, holder, held, values, &known);
    }
    if (exact && !known)
        *exact = false;
    return step;
}

/* Appends a step; one that is not found any more is shown as such. */
static bool add_step(struct chain_steps *steps, char *text, size_t end)
{
    if (!text)
        text = strdup("<?>");
    if (text && vector_push(&steps->items, ((struct chain_step){text, end})))
        return true;
    free(text);
    return false;
}

/* "__main__" and ".cache"; a chain that begins with the module's own dict needs no step for it. */
static bool begin(const struct cpython *cpython, const struct root *root, const uint64_t *chain,
                  size_t count, struct chain_steps *steps, size_t *i)
{
    *i = 0;
    if (!add_step(steps, strdup(root ? root->name : "C code"), 0))
        return false;
    if (root && root->kind == ROOT_MODULE && root->object == chain[0] && count > 1) {
        *i = 1;
        return add_step(steps, chain_step_root(cpython, root, chain[1]), 1);
    }
    return add_step(steps, chain_step_root(cpython, root, chain[0]), 0);
}

bool chain_steps_find(const struct cpython *cpython, const struct root *root, const uint64_t *chain,
                      size_t count, bool values, struct chain_steps *steps)
{
    size_t i;
    *steps = (struct chain_steps){.exact = root && root->kind <= ROOT_FRAME};
    if (!begin(cpython, root, chain, count, steps, &i))
        return false;
    while (i + 1 < count) {
        if (i > STEPS_AT_ENDS && i + STEPS_AT_ENDS < count) {
            i = count - STEPS_AT_ENDS;
            if (!add_step(steps, strdup("…"), i))
                return false;
        }
        char *step = chain_step_next(cpython, chain, count, &i, values, &steps->exact);
        if (!add_step(steps, step, i))
            return false;
    }
    return true;
}

void chain_steps_free(struct chain_steps *steps)
{
    for (size_t i = 0; i < steps->items.count; i++)
        free(steps->items.items[i].text);
    vector_free(&steps->items);
}
