/* escape_evaluate.c: expressions of a finalizer, in their order. */
#include "audit/escape.h"

/* Whether the text of `node` names a variable that holds self. */
static bool captures(struct escape_search *search, struct frame *frame, TSNode node, unsigned depth)
{
    if (depth > SYNTAX_DEEPEST || search->steps_left == 0)
        return false;
    search->steps_left--;
    if (node_is(node, "identifier")) {
        const struct variable *variable =
            frame_variable(search->scopes, frame, slice_of(search->scopes->source, node));
        return variable && variable->value.holds && !variable->value.weak;
    }
    bool found = false;
    for (uint32_t i = 0; !found && i < ts_node_named_child_count(node); i++) {
        TSNode child = ts_node_named_child(node, i);
        bool name =
            (node_is(node, "attribute") && i > 0) || (node_is(node, "keyword_argument") && i == 0);
        found = !name && captures(search, frame, child, depth + 1);
    }
    return found;
}

struct value escape_function(struct escape_search *search, struct frame *frame, TSNode node)
{
    struct value value = value_new(captures(search, frame, node, 0));
    value.kind = KIND_FUNCTION;
    value.scope = scopes_of_node(search->scopes, node);
    return value;
}

static struct value evaluate_name(struct escape_search *search, struct frame *frame, TSNode node)
{
    struct slice name = slice_of(search->scopes->source, node);
    const struct variable *variable = frame_variable(search->scopes, frame, name);
    if (variable)
        return variable->value;
    const struct binding *binding = scopes_find(search->scopes, frame->scope, name);
    if (!binding) {
        bool cell = slice_is(name, "__class__");
        struct value value =
            value_plain(cell || search->scopes->star_import ? ORIGIN_LIVE : ORIGIN_OTHER);
        value.kind = cell ? KIND_CLASS : KIND_UNKNOWN;
        value.scope = cell ? search->class_scope : NOWHERE;
        return value;
    }
    for (const struct frame *one = frame; one; one = one->outer)
        if (one->scope == binding->scope)
            return value_plain(ORIGIN_OTHER); /* not assigned yet, as far as is known */
    return value_of_binding(search->scopes, binding);
}

/* Evaluates all operands; holds when one of them does. */
static struct value evaluate_parts(struct escape_search *search, struct frame *frame, TSNode node,
                                   bool keeps)
{
    bool holds = false;
    for (uint32_t i = 0; i < ts_node_named_child_count(node); i++) {
        struct value part = escape_evaluate(search, frame, ts_node_named_child(node, i));
        holds |= part.holds && !part.weak;
    }
    return keeps ? value_new(holds) : value_plain(ORIGIN_OTHER);
}

static struct value evaluate_display(struct escape_search *search, struct frame *frame, TSNode node)
{
    struct value value = evaluate_parts(search, frame, node, true);
    value.kind = KIND_CONTAINER;
    return value;
}

static struct value evaluate_choice(struct escape_search *search, struct frame *frame, TSNode node)
{
    struct value all = value_plain(ORIGIN_OTHER);
    bool test = node_is(node, "conditional_expression");
    for (uint32_t i = 0; i < ts_node_named_child_count(node); i++) {
        struct value one = escape_evaluate(search, frame, ts_node_named_child(node, i));
        if (!test || i != 1)
            all = value_join(all, one);
    }
    return all;
}

static struct value evaluate_comprehension(struct escape_search *search, struct frame *frame,
                                           TSNode node)
{
    bool later = node_is(node, "generator_expression") && captures(search, frame, node, 0);
    for (uint32_t i = 0; i < ts_node_named_child_count(node); i++) {
        TSNode clause = ts_node_named_child(node, i);
        if (node_is(clause, "for_in_clause"))
            escape_walk(search, frame, clause);
    }
    struct value value = escape_evaluate(search, frame, node_field(node, "body"));
    return value_new(later || (value.holds && !value.weak));
}

static struct value evaluate_subscript(struct escape_search *search, struct frame *frame,
                                       TSNode node)
{
    struct value object = escape_evaluate(search, frame, node_field(node, "value"));
    escape_evaluate(search, frame, node_field(node, "subscript"));
    if (object.is_self)
        return value_plain(ORIGIN_PART);
    struct value value = value_plain(object.origin == ORIGIN_OWN ? ORIGIN_PART : object.origin);
    value.holds = object.holds;
    return value;
}

static struct value evaluate_attribute(struct escape_search *search, struct frame *frame,
                                       TSNode node)
{
    struct value object = escape_evaluate(search, frame, node_field(node, "object"));
    struct slice name = slice_of(search->scopes->source, node_field(node, "attribute"));
    struct value value = value_of_attribute(search, frame, object, name);
    if (!object.weak && !object.is_self && value.kind == KIND_UNKNOWN && !value.method.size) {
        value.method = name;
        value.of_container = object.kind == KIND_CONTAINER;
    }
    return value;
}

static bool is_comprehension(TSNode node)
{
    return node_is(node, "list_comprehension") || node_is(node, "set_comprehension") ||
           node_is(node, "dictionary_comprehension") || node_is(node, "generator_expression");
}

static bool is_display(TSNode node)
{
    return node_is(node, "list") || node_is(node, "tuple") || node_is(node, "set") ||
           node_is(node, "dictionary") || node_is(node, "expression_list") ||
           node_is(node, "pair") || node_is(node, "list_splat") ||
           node_is(node, "dictionary_splat");
}

/* Whether the operator makes a list, tuple or set of what its operands have. */
static bool joins(struct escape_search *search, TSNode node)
{
    static const char *const joining[] = {"+", "*", "|", NULL};
    return slice_among(slice_of(search->scopes->source, node_field(node, "operator")), joining);
}

static struct value evaluate(struct escape_search *search, struct frame *frame, TSNode node)
{
    if (node_is(node, "identifier"))
        return evaluate_name(search, frame, node);
    if (node_is(node, "attribute"))
        return evaluate_attribute(search, frame, node);
    if (node_is(node, "call"))
        return escape_call(search, frame, node);
    if (node_is(node, "lambda"))
        return escape_function(search, frame, node);
    if (node_is(node, "subscript"))
        return evaluate_subscript(search, frame, node);
    if (node_is(node, "conditional_expression") || node_is(node, "boolean_operator"))
        return evaluate_choice(search, frame, node);
    if (is_comprehension(node))
        return evaluate_comprehension(search, frame, node);
    if (is_display(node))
        return evaluate_display(search, frame, node);
    if (node_is(node, "binary_operator"))
        return evaluate_parts(search, frame, node, joins(search, node));
    if (node_is(node, "named_expression")) {
        struct value value = escape_evaluate(search, frame, node_field(node, "value"));
        frame_assign(search, frame, node_field(node, "name"), value);
        return value;
    }
    if (node_is(node, "assignment") || node_is(node, "augmented_assignment")) {
        escape_walk(search, frame, node);
        return value_plain(ORIGIN_OTHER);
    }
    if (node_is(node, "type")) /* in what the grammar takes for a type alias */
        return escape_evaluate(search, frame, ts_node_named_child(node, 0));
    return evaluate_parts(search, frame, node, false);
}

struct value escape_evaluate(struct escape_search *search, struct frame *frame, TSNode node)
{
    if (ts_node_is_null(node) || search->steps_left == 0 || search->depth >= SYNTAX_DEEPEST)
        return value_plain(ORIGIN_OTHER);
    search->steps_left--;
    search->depth++;
    struct value value = evaluate(search, frame, node_bare(node));
    search->depth--;
    if (!ts_node_is_null(frame->type_of) && ts_node_eq(node, frame->type_of))
        value = value_class_of(&value);
    return value;
}
