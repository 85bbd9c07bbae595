/* scopes_target.c: what the left side of an assignment binds. */
#include "audit/scopes_internal.h"

void scopes_bind_name(struct scopes_walk *walk, TSNode name, enum binding_kind kind, TSNode node)
{
    scopes_bind(walk->scopes, walk->scope,
                &(struct binding){.name = slice_of(walk->scopes->source, name),
                                  .kind = kind,
                                  .node = node,
                                  .statement = walk->statement,
                                  .made_in = walk->scope});
}

/* `Class.NAME = value`, behind the class. */
static bool bind_class_attribute(struct scopes_walk *walk, TSNode target, TSNode value)
{
    const struct source *source = walk->scopes->source;
    const struct binding *binding =
        scopes_find(walk->scopes, walk->scope, slice_of(source, node_field(target, "object")));
    uint32_t number = binding && binding->kind == BOUND_CLASS && binding->next == NOWHERE
                          ? scopes_of_node(walk->scopes, binding->node)
                          : NOWHERE;
    if (number == NOWHERE)
        return false;
    scopes_bind(walk->scopes, number,
                &(struct binding){.name = slice_of(source, node_field(target, "attribute")),
                                  .kind = ts_node_is_null(value) ? BOUND_OTHER : BOUND_VALUE,
                                  .node = value,
                                  .statement = walk->statement,
                                  .made_in = walk->scope});
    return true;
}

/* `self.NAME = value` in a method. */
static void bind_attribute(struct scopes_walk *walk, TSNode target, TSNode value)
{
    const struct scope *scope = &walk->scopes->items.items[walk->scope];
    TSNode object = node_field(target, "object");
    const struct source *source = walk->scopes->source;
    if (node_is(object, "identifier") && bind_class_attribute(walk, target, value))
        return;
    if (scope->kind != SCOPE_FUNCTION || !scope->is_method || scope->class_method ||
        !node_is(object, "identifier") || ts_node_is_null(scope->first_parameter) ||
        !slice_equal(slice_of(source, object), slice_of(source, scope->first_parameter)))
        return;
    scopes_bind(walk->scopes, scope->parent + 1,
                &(struct binding){.name = slice_of(source, node_field(target, "attribute")),
                                  .kind = ts_node_is_null(value) ? BOUND_OTHER : BOUND_VALUE,
                                  .node = value,
                                  .statement = walk->statement,
                                  .made_in = walk->scope});
}

/* Binds every name of an assignment's left side; `value` may be null. */
void scopes_bind_target(struct scopes_walk *walk, TSNode target, TSNode value)
{
    TSNode nothing = {0};
    if (walk->depth >= SYNTAX_DEEPEST)
        return;
    if (node_is(target, "identifier")) {
        scopes_bind_name(walk, target, ts_node_is_null(value) ? BOUND_OTHER : BOUND_VALUE, value);
    } else if (node_is(target, "attribute")) {
        bind_attribute(walk, target, value);
    } else if (node_is_sequence(target)) {
        uint32_t count = ts_node_named_child_count(target);
        bool match = node_is_sequence(value) && ts_node_named_child_count(value) == count;
        walk->depth++;
        for (uint32_t i = 0; i < count; i++)
            scopes_bind_target(walk, ts_node_named_child(target, i),
                               match ? ts_node_named_child(value, i) : nothing);
        walk->depth--;
    } else if (node_is(target, "list_splat_pattern") || node_is(target, "list_splat") ||
               node_is(target, "parenthesized_expression") ||
               node_is(target, "as_pattern_target")) {
        walk->depth++;
        if (ts_node_named_child_count(target) == 1)
            scopes_bind_target(walk, ts_node_named_child(target, 0),
                               node_is(target, "as_pattern_target") ? value : nothing);
        walk->depth--;
    }
}
