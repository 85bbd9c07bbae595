/* scopes_dotted.c: the name that an expression has where it comes from. */
#include <stdlib.h>

#include "audit/scopes.h"
#include "base/cleanup.h"
#include "base/text.h"

#define STEPS_MOST  24  /* of aliases and attributes, one behind the other */
#define LOOKED_MOST 200 /* expressions, for one answer */

struct search {
    const struct scopes *scopes;
    unsigned left;
};

static char *dotted(struct search *search, uint32_t scope, TSNode node, unsigned steps);

/* What all bindings agree on; assignments of None are skipped: they say "not yet". */
static char *agreed(struct search *search, const struct binding *binding, unsigned steps)
{
    _cleanup_free_ char *all = NULL;
    for (; binding; binding = binding_next(search->scopes, binding)) {
        if (binding->kind == BOUND_VALUE && node_is(binding->node, "none"))
            continue;
        _cleanup_free_ char *one = NULL;
        if (binding->kind == BOUND_IMPORT)
            one = strdup(binding->dotted);
        else if (binding->kind == BOUND_VALUE)
            one = dotted(search, binding->made_in, binding->node, steps);
        if (!one || (all && strcmp(all, one) != 0))
            return NULL;
        if (!all)
            all = take_pointer(&one);
    }
    return take_pointer(&all);
}

static char *dotted_name(struct search *search, uint32_t scope, TSNode node, unsigned steps)
{
    const struct scopes *scopes = search->scopes;
    struct slice name = slice_of(scopes->source, node);
    const struct binding *binding = scopes_find(scopes, scope, name);
    if (binding)
        return agreed(search, binding, steps);
    return scopes->star_import ? NULL : text_format("builtins.%.*s", (int)name.size, name.start);
}

/* The class whose method `scope` is, or is in, when `node` is its self; NOWHERE. */
static uint32_t class_of_self(const struct scopes *scopes, uint32_t scope, TSNode node)
{
    struct slice name = slice_of(scopes->source, node);
    const struct binding *binding = scopes_find(scopes, scope, name);
    if (!binding || binding->kind != BOUND_PARAMETER || binding->next != NOWHERE)
        return NOWHERE;
    const struct scope *function = &scopes->items.items[binding->scope];
    bool first = !ts_node_is_null(function->first_parameter) &&
                 slice_equal(slice_of(scopes->source, function->first_parameter), name);
    return first && !function->class_method ? scopes_class_of(scopes, binding->scope) : NOWHERE;
}

static char *dotted_attribute(struct search *search, uint32_t scope, TSNode node, unsigned steps)
{
    const struct scopes *scopes = search->scopes;
    TSNode object = node_bare(node_field(node, "object"));
    struct slice name = slice_of(scopes->source, node_field(node, "attribute"));
    if (node_is(object, "identifier")) {
        uint32_t class_scope = class_of_self(scopes, scope, object);
        if (class_scope != NOWHERE)
            return agreed(search, scopes_member(scopes, class_scope, name, true), steps);
    }
    _cleanup_free_ char *home = dotted(search, scope, object, steps);
    return home ? text_format("%s.%.*s", home, (int)name.size, name.start) : NULL;
}

static char *dotted(struct search *search, uint32_t scope, TSNode node, unsigned steps)
{
    node = node_bare(node);
    if (steps == 0 || search->left == 0)
        return NULL;
    search->left--;
    if (node_is(node, "identifier"))
        return dotted_name(search, scope, node, steps - 1);
    if (node_is(node, "attribute"))
        return dotted_attribute(search, scope, node, steps - 1);
    if (node_is(node, "call")) {
        _cleanup_free_ char *called =
            dotted(search, scope, node_field(node, "function"), steps - 1);
        return called ? text_format("%s()", called) : NULL;
    }
    return NULL;
}

char *scopes_dotted(const struct scopes *scopes, uint32_t scope, TSNode expression)
{
    struct search search = {scopes, LOOKED_MOST};
    return dotted(&search, scope, expression, STEPS_MOST);
}
