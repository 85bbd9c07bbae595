/* escape_value.c: values, and what names and expressions stand for by their form alone. */
#include "audit/escape.h"

#include <stdlib.h>

#include "base/cleanup.h"

static const char *const containers[] = {
    "builtins.list()",          "builtins.dict()",           "builtins.set()",
    "collections.deque()",      "collections.defaultdict()", "collections.OrderedDict()",
    "collections.Counter()",    "collections.ChainMap()",    "queue.Queue()",
    "queue.LifoQueue()",        "queue.SimpleQueue()",       "queue.PriorityQueue()",
    "asyncio.Queue()",          "multiprocessing.Queue()",   "threading.local()",
    "contextvars.ContextVar()", "contextlib.ExitStack()",    "contextlib.AsyncExitStack()",
    "types.SimpleNamespace()",  "collections.UserList()",    "collections.UserDict()",
    "builtins.globals()",       "itertools.cycle()",         NULL};

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
    for (unsigned i = 0; binding && i < ESCAPE_BINDINGS_MOST;
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
    return binding_value(scopes, binding, ESCAPE_FORM_STEPS);
}
