/* escape_attribute.c: what an attribute of an object stands for: of its class, of what its methods
 * set, of its bases. */
#include "audit/escape.h"

/* What the methods of the class set the attribute to. */
static struct value value_on_instance(const struct scopes *scopes, const struct binding *binding,
                                      enum origin own)
{
    struct value all = value_plain(ORIGIN_OTHER);
    for (unsigned i = 0; binding && i < ESCAPE_BINDINGS_MOST;
         i++, binding = binding_next(scopes, binding)) {
        struct value one = value_plain(ORIGIN_PART);
        if (binding->kind == BOUND_VALUE && node_is(binding->node, "none"))
            continue;
        if (binding->kind == BOUND_VALUE)
            one = value_of_form(scopes, binding->made_in, binding->node, ESCAPE_FORM_STEPS);
        if (one.origin <= ORIGIN_FRESH)
            one.origin = own;
        else if (one.origin == ORIGIN_UNKNOWN)
            one.origin = ORIGIN_PART;
        all = value_join(all, one);
    }
    if (all.origin == ORIGIN_OTHER)
        all.origin = ORIGIN_PART;
    return all;
}

static bool has_decorator(const struct scopes *scopes, TSNode definition, const char *const *words)
{
    TSNode parent = ts_node_parent(definition);
    for (uint32_t i = 0;
         node_is(parent, "decorated_definition") && i < ts_node_named_child_count(parent); i++) {
        TSNode one = ts_node_named_child(parent, i);
        if (node_is(one, "decorator") &&
            slice_among(slice_of(scopes->source, ts_node_named_child(one, 0)), words))
            return true;
    }
    return false;
}

/* A function of a class, read from `object`. */
static struct value value_of_function(struct escape_search *search, struct frame *frame,
                                      struct value object, uint32_t function)
{
    static const char *const properties[] = {"property", "cached_property",
                                             "functools.cached_property", NULL};
    const struct scopes *scopes = search->scopes;
    const struct scope *scope = &scopes->items.items[function];
    bool on_class = object.kind == KIND_CLASS;
    struct value value = object;
    value.kind = KIND_FUNCTION;
    value.scope = function;
    value.is_self = false;
    if (scope->class_method) {
        value = value_plain(ORIGIN_LIVE);
        value.kind = KIND_METHOD;
        value.scope = function;
        value.receiver_class = on_class ? object.scope : object.receiver_class;
        return value;
    }
    if (!scope->is_method || on_class) {
        value.holds = false;
        value.origin = ORIGIN_LIVE;
        return value;
    }
    if (has_decorator(scopes, scope->node, properties)) {
        struct argument receiver = {.value = object};
        return escape_invoke(search, frame, function, &receiver, 1, NULL);
    }
    value.kind = KIND_METHOD;
    value.is_self = object.is_self;
    value.receiver_class = object.kind == KIND_INSTANCE ? object.scope : object.receiver_class;
    return value;
}

static struct value value_of_member(struct escape_search *search, struct frame *frame,
                                    struct value object, uint32_t class_scope, struct slice name)
{
    const struct scopes *scopes = search->scopes;
    const struct binding *in_class = scopes_member(scopes, class_scope, name, false);
    if (in_class && in_class->kind == BOUND_FUNCTION) {
        uint32_t function = scopes_of_node(scopes, in_class->node);
        if (function != NOWHERE)
            return value_of_function(search, frame, object, function);
    }
    const struct binding *on_self =
        object.kind == KIND_CLASS ? NULL : scopes_member(scopes, class_scope, name, true);
    if (on_self) {
        struct value value =
            value_on_instance(scopes, on_self, object.is_self ? ORIGIN_OWN : object.origin);
        if (!object.is_self && value.origin < object.origin)
            value.origin = object.origin;
        return value;
    }
    if (in_class) {
        struct value value = value_of_binding(scopes, in_class);
        /* `close = shutdown`: an alias of a function is a method, too */
        if (value.kind == KIND_FUNCTION && value.scope != NOWHERE && object.kind != KIND_CLASS) {
            value.kind = KIND_METHOD;
            value.holds = object.holds;
            value.is_self = object.is_self;
            value.receiver_class = object.receiver_class;
        }
        return value;
    }
    return value_plain(object.is_self ? ORIGIN_PART : object.origin);
}

struct value value_of_attribute(struct escape_search *search, struct frame *frame,
                                struct value object, struct slice name)
{
    struct value value = value_plain(object.origin);
    bool instance = object.kind == KIND_INSTANCE || object.is_self;
    uint32_t class_scope = object.is_self ? object.receiver_class : object.scope;
    if (instance && slice_is(name, "__class__")) {
        value = value_plain(ORIGIN_LIVE);
        value.kind = KIND_CLASS;
        value.scope = class_scope;
        return value;
    }
    if (slice_is(name, "__dict__")) {
        value.origin = object.is_self ? ORIGIN_OWN : object.origin;
        value.kind = KIND_CONTAINER;
        return value;
    }
    if ((instance || object.kind == KIND_CLASS) && class_scope != NOWHERE)
        return value_of_member(search, frame, object, class_scope, name);
    if (object.kind == KIND_SUPER && object.scope != NOWHERE) {
        struct value self = object;
        self.is_self = self.holds;
        self.kind = KIND_UNKNOWN;
        uint32_t base = NOWHERE;
        for (size_t i = 1; (base = scopes_ancestor(search->scopes, object.scope, i)) != NOWHERE;
             i++)
            if (scopes_in(search->scopes, base, name))
                return value_of_member(search, frame, self, base, name);
        return value_plain(ORIGIN_OTHER);
    }
    if (object.is_self || object.origin == ORIGIN_OWN)
        value.origin = ORIGIN_PART;
    return value;
}
