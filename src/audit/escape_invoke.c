/* escape_invoke.c: functions of the same file are walked with the arguments of the call. */
#include <stdlib.h>

#include "audit/escape.h"

#define CALLS_MOST 10    /* functions inside of functions */
#define STEPS_MOST 50000 /* nodes, for one finalizer */

static bool is_running(const struct frame *frame, uint32_t function)
{
    unsigned depth = 0;
    for (; frame; frame = frame->caller, depth++)
        if (frame->scope == function || depth >= CALLS_MOST)
            return true;
    return false;
}

/* Whether calling it runs nothing yet: a coroutine function, a generator. */
static bool has_yield(TSNode node, unsigned depth)
{
    if (node_is(node, "yield"))
        return true;
    if (depth > SYNTAX_DEEPEST || node_is(node, "lambda") || node_is(node, "class_definition") ||
        (node_is(node, "function_definition") && depth))
        return false;
    for (uint32_t i = 0; i < ts_node_named_child_count(node); i++)
        if (has_yield(ts_node_named_child(node, i), depth + 1))
            return true;
    return false;
}

bool escape_is_deferred(const struct scopes *scopes, uint32_t function)
{
    TSNode node = scopes->items.items[function].node;
    return node_is_async(node) || has_yield(node, 0);
}

static bool is_splat(TSNode parameter)
{
    if (node_is(parameter, "typed_parameter"))
        parameter = ts_node_named_child(parameter, 0);
    return node_is(parameter, "list_splat_pattern") ||
           node_is(parameter, "dictionary_splat_pattern");
}

/* What the caller passes for the parameter in this place; false: nothing. */
static bool passed(const struct argument *arguments, size_t count, size_t place, struct slice name,
                   struct value *value)
{
    size_t position = 0;
    bool splat = false;
    for (size_t i = 0; i < count; i++) {
        if (arguments[i].splat) {
            splat |= arguments[i].value.holds;
        } else if (arguments[i].name.size ? slice_equal(arguments[i].name, name)
                                          : position++ == place) {
            *value = arguments[i].value;
            return true;
        }
    }
    *value = value_new(true);
    return splat;
}

static struct value rest_of(const struct argument *arguments, size_t count, size_t place)
{
    bool holds = false;
    for (size_t i = place; i < count; i++)
        holds |= arguments[i].value.holds && !arguments[i].value.weak;
    return value_new(holds);
}

/* A default is made once, when the function is defined: it lives on with it. */
static struct value default_of(const struct scopes *scopes, uint32_t function, TSNode parameter)
{
    TSNode node = node_field(parameter, "value");
    if (ts_node_is_null(node))
        return value_plain(ORIGIN_UNKNOWN);
    struct value value = value_of_form(scopes, scopes->items.items[function].parent, node, 4);
    if (value.origin != ORIGIN_OTHER)
        value.origin = ORIGIN_LIVE;
    return value;
}

static void bind_parameters(struct escape_search *search, struct frame *frame,
                            const struct argument *arguments, size_t count)
{
    const struct scopes *scopes = search->scopes;
    TSNode parameters = node_field(scopes->items.items[frame->scope].node, "parameters");
    size_t place = 0;
    for (uint32_t i = 0; !ts_node_is_null(parameters) && i < ts_node_named_child_count(parameters);
         i++) {
        TSNode parameter = ts_node_named_child(parameters, i), name = parameter_name(parameter);
        if (!node_is(name, "identifier"))
            continue;
        struct variable variable = {.name = slice_of(scopes->source, name)};
        if (is_splat(parameter))
            variable.value = rest_of(arguments, count, place);
        else if (!passed(arguments, count, place, variable.name, &variable.value))
            variable.value = default_of(scopes, frame->scope, parameter);
        if (!is_splat(parameter))
            place++;
        search->no_memory |= !vector_push(&frame->variables, variable);
    }
}

/* The frame that a nested function finds its free names in. */
static struct frame *outer_frame(const struct scopes *scopes, struct frame *frame,
                                 uint32_t function)
{
    uint32_t parent = scopes->items.items[function].parent;
    while (frame && frame->scope != parent)
        frame = frame->caller;
    return frame;
}

static struct value run(struct escape_search *search, struct frame *frame)
{
    TSNode body = node_field(search->scopes->items.items[frame->scope].node, "body");
    frame->statement = body;
    if (node_is(body, "block"))
        escape_walk(search, frame, body);
    else
        frame->returned = escape_evaluate(search, frame, body);
    return frame->returned;
}

struct value escape_invoke(struct escape_search *search, struct frame *caller, uint32_t function,
                           const struct argument *arguments, size_t count, struct value *first)
{
    if (is_running(caller, function))
        return value_plain(ORIGIN_UNKNOWN);
    if (escape_is_deferred(search->scopes, function)) {
        struct value later = rest_of(arguments, count, 0);
        later.holds |= first && first->holds;
        return later;
    }
    struct frame frame = {.outer = outer_frame(search->scopes, caller, function),
                          .caller = caller,
                          .scope = function,
                          .number = ++search->frames,
                          .returned = value_plain(ORIGIN_OTHER)};
    bind_parameters(search, &frame, arguments, count);
    struct value returned = run(search, &frame);
    if (first && frame.variables.count)
        *first = frame.variables.items[0].value;
    vector_free(&frame.variables);
    return returned;
}

void escape_walk_finalizer(struct escape_search *search, uint32_t function)
{
    struct value self = value_plain(ORIGIN_OWN);
    self.is_self = self.holds = true;
    self.receiver_class = search->class_scope;
    const struct argument argument = {.value = self};
    struct frame frame = {.scope = function, .returned = value_plain(ORIGIN_OTHER)};
    TSNode node = search->scopes->items.items[function].node;
    search->steps_left = STEPS_MOST;
    search->line = source_line(search->scopes->source, node);
    /* a finalizer that is a generator or a coroutine function never runs */
    if (escape_is_deferred(search->scopes, function))
        return;
    bind_parameters(search, &frame, &argument, 1);
    run(search, &frame);
    vector_free(&frame.variables);
}
