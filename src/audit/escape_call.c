/* escape_call.c: calls in a finalizer: what they keep, what they return. */
#include <stdlib.h>

#include "audit/escape.h"
#include "audit/escape_known.h"
#include "base/cleanup.h"

/* ---- arguments ------------------------------------------------------------------------------- */

static void gather_arguments(struct escape_search *search, struct frame *frame, TSNode call,
                             argument_list *arguments)
{
    TSNode list = node_field(call, "arguments");
    bool alone = node_is(list, "generator_expression");
    for (uint32_t i = 0; i < (alone ? 1 : ts_node_named_child_count(list)); i++) {
        TSNode node = alone ? list : ts_node_named_child(list, i);
        struct argument argument = {.node = node};
        if (node_is(node, "comment"))
            continue;
        argument.splat = node_is(node, "list_splat") || node_is(node, "dictionary_splat");
        if (node_is(node, "keyword_argument")) {
            argument.name = slice_of(search->scopes->source, node_field(node, "name"));
            argument.node = node_field(node, "value");
        }
        argument.value = escape_evaluate(search, frame, argument.node);
        if (!vector_push(arguments, argument))
            search->no_memory = true;
    }
}

static bool keeps(const struct value *value)
{
    return value->holds && !value->weak;
}

static bool any_holds(const argument_list *arguments, size_t from)
{
    for (size_t i = from; i < arguments->count; i++)
        if (keeps(&arguments->items[i].value))
            return true;
    return false;
}

/* The method's object goes first. */
static struct value invoke_bound(struct escape_search *search, struct frame *frame,
                                 struct value method, const argument_list *arguments,
                                 struct value receiver)
{
    argument_list all = {0};
    bool done = vector_push(&all, ((struct argument){.value = receiver}));
    for (size_t i = 0; done && i < arguments->count; i++)
        done = vector_push(&all, arguments->items[i]);
    search->no_memory |= !done;
    struct value result = escape_invoke(search, frame, method.scope, all.items, all.count, NULL);
    vector_free(&all);
    return result;
}

/* ---- classes of this file -------------------------------------------------------------------- */

static struct value instantiate(struct escape_search *search, struct frame *frame,
                                uint32_t class_scope, const argument_list *arguments)
{
    struct value made = value_new(false);
    made.kind = KIND_INSTANCE;
    made.scope = class_scope;
    const struct binding *init =
        scopes_member(search->scopes, class_scope, (struct slice){"__init__", 8}, false);
    if (!init || init->kind != BOUND_FUNCTION) {
        made.holds = any_holds(arguments, 0);
        return made;
    }
    argument_list all = {0};
    bool done = vector_push(&all, ((struct argument){.value = made}));
    for (size_t i = 0; done && i < arguments->count; i++)
        done = vector_push(&all, arguments->items[i]);
    search->no_memory |= !done;
    struct value first = made;
    escape_invoke(search, frame, scopes_of_node(search->scopes, init->node), all.items, all.count,
                  &first);
    vector_free(&all);
    made.holds = first.holds;
    return made;
}

/* ---- calls by what they are ------------------------------------------------------------------ */

static bool is_storing(struct slice method, bool known_container)
{
    static const char *const storing[] = {"append",   "appendleft", "add",         "insert",
                                          "extend",   "extendleft", "update",      "setdefault",
                                          "put",      "put_nowait", "__setitem__", "push",
                                          "register", "subscribe",  NULL};
    static const char *const of_containers[] = {"set",
                                                "callback",
                                                "enter_context",
                                                "enter_async_context",
                                                "push_async_callback",
                                                "push_async_exit",
                                                NULL};
    return slice_among(method, storing) || (known_container && slice_among(method, of_containers));
}

static bool takes_callback(struct slice method)
{
    static const char *const takers[] = {"submit",
                                         "call_soon",
                                         "call_soon_threadsafe",
                                         "call_later",
                                         "call_at",
                                         "create_task",
                                         "ensure_future",
                                         "apply_async",
                                         "run_in_executor",
                                         "add_done_callback",
                                         "add_signal_handler",
                                         "add_reader",
                                         "add_writer",
                                         NULL};
    return slice_among(method, takers);
}

static bool is_removing(struct slice method)
{
    static const char *const removing[] = {"remove", "discard", "pop",         "popleft",
                                           "clear",  "popitem", "__delitem__", NULL};
    return slice_among(method, removing);
}

static struct value call_method(struct escape_search *search, struct frame *frame, TSNode call,
                                struct value object, const argument_list *arguments)
{
    const struct source *source = search->scopes->source;
    TSNode function = node_field(call, "function");
    TSNode receiver = node_field(function, "object");
    struct slice method = slice_of(source, node_field(function, "attribute"));
    struct slice text = slice_of(source, receiver);
    bool holds = any_holds(arguments, 0);
    if (object.kind == KIND_THREAD && object.holds && slice_is(method, "start"))
        escape_note(search, frame, ESCAPE_CERTAIN, "a thread, as long as it runs", text, text);
    /* what `update(self)` takes out of self is not self */
    bool only_itself = arguments->count == 1 && arguments->items[0].value.is_self &&
                       !arguments->items[0].name.size &&
                       (slice_is(method, "extend") || slice_is(method, "update") ||
                        slice_is(method, "extendleft"));
    if (holds && !only_itself && is_storing(method, object.kind == KIND_CONTAINER)) {
        struct store store = {.container = receiver, .into = object, .method = method};
        escape_store(search, frame, &store);
    } else if (holds && takes_callback(method)) {
        escape_note(search, frame, ESCAPE_LIKELY,
                    "an executor or event loop, until the call has been made", text, text);
    }
    if (is_removing(method))
        escape_retract(search, frame, text);
    struct value result = value_plain(object.origin >= ORIGIN_PART ? ORIGIN_UNKNOWN : ORIGIN_OTHER);
    result.holds = (object.holds && !object.is_self && object.origin == ORIGIN_FRESH) ||
                   (holds && slice_is(method, "setdefault"));
    if (slice_is(method, "with_traceback")) /* mostly with None */
        result.holds = false;
    return result;
}

/* `add = bin_.append`, then `add(self)`. */
static struct value call_alias(struct escape_search *search, struct frame *frame, TSNode function,
                               struct value called, const argument_list *arguments)
{
    if (called.of_container && any_holds(arguments, 0) && is_storing(called.method, true)) {
        struct value into = called;
        into.kind = KIND_CONTAINER;
        struct store store = {.container = function, .into = into, .method = called.method};
        escape_store(search, frame, &store);
    }
    return value_plain(ORIGIN_UNKNOWN);
}

static struct value call_plain(struct escape_search *search, struct frame *frame, TSNode call,
                               struct value called, const argument_list *arguments)
{
    TSNode function = node_bare(node_field(call, "function"));
    if (called.kind == KIND_CLASS && called.scope != NOWHERE)
        return instantiate(search, frame, called.scope, arguments);
    if (called.kind == KIND_FUNCTION && called.scope != NOWHERE) {
        struct value result =
            escape_invoke(search, frame, called.scope, arguments->items, arguments->count, NULL);
        result.holds |= keeps(&called) && escape_is_deferred(search->scopes, called.scope);
        return result;
    }
    if (called.kind == KIND_METHOD && called.scope != NOWHERE) {
        struct value receiver = called;
        bool class_method = search->scopes->items.items[called.scope].class_method;
        receiver.kind = class_method ? KIND_CLASS : KIND_INSTANCE;
        receiver.scope = called.receiver_class;
        receiver.is_self = called.is_self && !class_method;
        if (receiver.is_self)
            receiver.kind = KIND_UNKNOWN;
        return invoke_bound(search, frame, called, arguments, receiver);
    }
    if (called.of_container && called.method.size &&
        (!node_is(function, "attribute") ||
         !slice_equal(called.method,
                      slice_of(search->scopes->source, node_field(function, "attribute")))))
        return call_alias(search, frame, function, called, arguments);
    if (node_is(function, "attribute")) {
        struct value object = escape_evaluate(search, frame, node_field(function, "object"));
        return call_method(search, frame, call, object, arguments);
    }
    return value_plain(ORIGIN_UNKNOWN);
}

struct value escape_call(struct escape_search *search, struct frame *frame, TSNode node)
{
    argument_list arguments = {0};
    gather_arguments(search, frame, node, &arguments);
    TSNode function = node_field(node, "function");
    struct value result;
    _cleanup_free_ char *name = scopes_dotted(search->scopes, frame->scope, function);
    const struct variable *local =
        node_is(function, "identifier")
            ? frame_variable(search->scopes, frame, slice_of(search->scopes->source, function))
            : NULL;
    if (!name || local || !escape_known_call(search, frame, name, &arguments, &result)) {
        struct value called = escape_evaluate(search, frame, function);
        result = call_plain(search, frame, node, called, &arguments);
    }
    vector_free(&arguments);
    return result;
}
