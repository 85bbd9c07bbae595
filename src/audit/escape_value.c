/* escape_value.c: what names and attributes stand for. */
#include <stdlib.h>

#include "audit/escape.h"
#include "base/cleanup.h"

#define FORM_STEPS    8
#define BINDINGS_MOST 8 /* of one name */

static const char *const containers[] = {"builtins.list()",
                                         "builtins.dict()",
                                         "builtins.set()",
                                         "collections.deque()",
                                         "collections.defaultdict()",
                                         "collections.OrderedDict()",
                                         "collections.Counter()",
                                         "collections.ChainMap()",
                                         "queue.Queue()",
                                         "queue.LifoQueue()",
                                         "queue.SimpleQueue()",
                                         "queue.PriorityQueue()",
                                         "asyncio.Queue()",
                                         "multiprocessing.Queue()",
                                         "threading.local()",
                                         "contextvars.ContextVar()",
                                         "types.SimpleNamespace()",
                                         "collections.UserList()",
                                         "collections.UserDict()",
                                         "builtins.globals()",
                                         "itertools.cycle()",
                                         NULL};

static const char *const weak_things[] = {"weakref.ref()",
                                          "weakref.proxy()",
                                          "weakref.WeakSet()",
                                          "weakref.WeakValueDictionary()",
                                          "weakref.WeakKeyDictionary()",
                                          "weakref.WeakMethod()",
                                          "_weakref.ref()",
                                          "_weakref.proxy()",
                                          "_weakrefset.WeakSet()",
                                          "weakref.ReferenceType()",
                                          NULL};

static bool among(const char *word, const char *const *words)
{
    for (; word && *words; words++)
        if (strcmp(word, *words) == 0)
            return true;
    return false;
}

struct value value_plain(enum origin origin)
{
    return (struct value){.origin = origin, .scope = NOWHERE, .receiver_class = NOWHERE};
}

struct value value_new(bool holds)
{
    struct value value = value_plain(ORIGIN_FRESH);
    value.holds = holds;
    return value;
}

struct value value_class_of(const struct value *object)
{
    struct value value = value_plain(ORIGIN_LIVE);
    value.kind = KIND_CLASS;
    if (object->is_self)
        value.scope = object->receiver_class;
    else if (object->kind == KIND_INSTANCE)
        value.scope = object->scope;
    return value;
}

struct value value_join(struct value a, struct value b)
{
    if (a.origin == ORIGIN_OTHER && !a.holds)
        return b;
    if (b.origin == ORIGIN_OTHER && !b.holds)
        return a;
    struct value joined = a.origin >= b.origin ? a : b;
    bool same = a.kind == b.kind && a.scope == b.scope;
    joined.kind = same ? a.kind : KIND_UNKNOWN;
    joined.holds = a.holds || b.holds;
    joined.is_self = a.is_self || b.is_self;
    joined.weak = a.weak && b.weak;
    if (joined.is_self)
        joined.receiver_class = a.is_self ? a.receiver_class : b.receiver_class;
    return joined;
}

/* ---- by the form of an expression ------------------------------------------------------------ */

static struct value binding_value(const struct scopes *scopes, const struct binding *binding,
                                  unsigned steps);

static bool is_display(TSNode node)
{
    return node_is(node, "list") || node_is(node, "dictionary") || node_is(node, "set") ||
           node_is(node, "list_comprehension") || node_is(node, "dictionary_comprehension") ||
           node_is(node, "set_comprehension");
}

static struct value form_of_call(const struct scopes *scopes, uint32_t scope, TSNode call,
                                 unsigned steps)
{
    struct value value = value_plain(ORIGIN_FRESH);
    _cleanup_free_ char *name = scopes_dotted(scopes, scope, call);
    if (among(name, containers))
        value.kind = KIND_CONTAINER;
    value.weak = among(name, weak_things);
    if (name)
        return value;
    struct value called = value_of_form(scopes, scope, node_field(call, "function"), steps - 1);
    if (called.kind == KIND_CLASS) {
        value.kind = KIND_INSTANCE;
        value.scope = called.scope;
    } else {
        value.origin = ORIGIN_UNKNOWN;
    }
    return value;
}

struct value value_of_form(const struct scopes *scopes, uint32_t scope, TSNode expression,
                           unsigned steps)
{
    struct value value = value_plain(ORIGIN_FRESH);
    expression = node_bare(expression);
    if (steps == 0)
        return value_plain(ORIGIN_UNKNOWN);
    if (is_display(expression)) {
        value.kind = KIND_CONTAINER;
    } else if (node_is(expression, "call")) {
        value = form_of_call(scopes, scope, expression, steps);
    } else if (node_is(expression, "lambda")) {
        value.kind = KIND_FUNCTION;
        value.scope = scopes_of_node(scopes, expression);
    } else if (node_is(expression, "identifier")) {
        const struct binding *binding =
            scopes_find(scopes, scope, slice_of(scopes->source, expression));
        value = value_plain(binding ? ORIGIN_LIVE : ORIGIN_OTHER);
        if (binding && binding->kind == BOUND_PARAMETER) {
            value.origin = ORIGIN_GIVEN;
        } else if (binding) {
            value = binding_value(scopes, binding, steps / 2);
            if (scopes->items.items[binding->scope].kind == SCOPE_FUNCTION &&
                value.kind != KIND_CLASS && value.kind != KIND_FUNCTION)
                value.origin =
                    binding->kind == BOUND_VALUE
                        ? value_of_form(scopes, binding->made_in, binding->node, steps / 2).origin
                        : ORIGIN_UNKNOWN;
        }
    } else if (node_is(expression, "attribute")) {
        value = value_of_form(scopes, scope, node_field(expression, "object"), steps - 1);
        value.method = slice_of(scopes->source, node_field(expression, "attribute"));
        value.of_container = value.kind == KIND_CONTAINER && !value.weak;
        value.kind = KIND_UNKNOWN;
        value.weak = false;
    } else if (node_is(expression, "conditional_expression") ||
               node_is(expression, "boolean_operator")) {
        value = value_plain(ORIGIN_OTHER);
        for (uint32_t i = 0; i < ts_node_named_child_count(expression) && i < 3; i++) {
            bool test = node_is(expression, "conditional_expression") && i == 1;
            struct value one =
                value_of_form(scopes, scope, ts_node_named_child(expression, i), steps - 1);
            if (!test)
                value = value_join(value, one);
        }
    } else if (node_is(expression, "subscript")) {
        value = value_plain(ORIGIN_UNKNOWN);
    } else {
        value.origin = ORIGIN_OTHER;
    }
    return value;
}

static struct value binding_value(const struct scopes *scopes, const struct binding *binding,
                                  unsigned steps)
{
    struct value all = value_plain(ORIGIN_OTHER);
    for (unsigned i = 0; binding && i < BINDINGS_MOST;
         i++, binding = binding_next(scopes, binding)) {
        struct value one = value_plain(ORIGIN_LIVE);
        if (binding->kind == BOUND_VALUE && node_is(binding->node, "none"))
            continue;
        if (binding->kind == BOUND_CLASS || binding->kind == BOUND_FUNCTION) {
            one.kind = binding->kind == BOUND_CLASS ? KIND_CLASS : KIND_FUNCTION;
            one.scope = scopes_of_node(scopes, binding->node);
        } else if (binding->kind == BOUND_VALUE && !node_is(binding->node, "identifier")) {
            one = value_of_form(scopes, binding->made_in, binding->node, steps);
        } else if (binding->kind == BOUND_VALUE) {
            /* one alias, not a chain of them */
            const struct binding *other =
                scopes_find(scopes, binding->made_in, slice_of(scopes->source, binding->node));
            if (other && (other->kind == BOUND_CLASS || other->kind == BOUND_FUNCTION) &&
                other->next == NOWHERE) {
                one.kind = other->kind == BOUND_CLASS ? KIND_CLASS : KIND_FUNCTION;
                one.scope = scopes_of_node(scopes, other->node);
            }
        }
        one.origin = ORIGIN_LIVE;
        all = value_join(all, one);
    }
    all.origin = ORIGIN_LIVE;
    return all;
}

struct value value_of_binding(const struct scopes *scopes, const struct binding *binding)
{
    return binding_value(scopes, binding, FORM_STEPS);
}

/* ---- attributes ------------------------------------------------------------------------------ */

/* What the methods of the class set the attribute to. */
static struct value value_on_instance(const struct scopes *scopes, const struct binding *binding,
                                      enum origin own)
{
    struct value all = value_plain(ORIGIN_OTHER);
    for (unsigned i = 0; binding && i < BINDINGS_MOST;
         i++, binding = binding_next(scopes, binding)) {
        struct value one = value_plain(ORIGIN_PART);
        if (binding->kind == BOUND_VALUE && node_is(binding->node, "none"))
            continue;
        if (binding->kind == BOUND_VALUE)
            one = value_of_form(scopes, binding->made_in, binding->node, FORM_STEPS);
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
