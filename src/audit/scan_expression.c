/* Expressions, by what they are. */
#include "audit/scan_internal.h"

static expression_id string(struct scan *scan, TSNode node)
{
    uint32_t count = ts_node_child_count(node);
    if (count < 2)
        return scan_other(scan, node);
    TSNode first = ts_node_child(node, 0), last = ts_node_child(node, count - 1);
    uint32_t start = ts_node_end_byte(first), end = ts_node_start_byte(last);
    char quote = scan->source->text[ts_node_start_byte(first)];
    if ((quote != '"' && quote != '\'' && quote != 'u' && quote != 'r') || end < start ||
        end - start > 4096)
        return scan_other(scan, node);
    return scan_plain(scan, node, EXPRESSION_STRING,
                      module_intern(scan->module, scan->source->text + start, end - start));
}

static expression_id integer(struct scan *scan, TSNode node)
{
    size_t size;
    const char *text = source_text(scan->source, node, &size);
    int32_t number = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9' || size > 8)
            return scan_other(scan, node);
        number = number * 10 + (text[i] - '0');
    }
    return scan_add_expression(scan,
                               (struct expression){.kind = EXPRESSION_INTEGER,
                                                   .text = scan_symbol(scan, node),
                                                   .number = number,
                                                   .line = SCAN_LINE(scan, node)},
                               NULL, 0);
}

/* a < b, a is not b: chains of several are not looked into. */
static expression_id comparison(struct scan *scan, TSNode node)
{
    if (ts_node_named_child_count(node) != 2)
        return scan_other(scan, node);
    TSNode sides[] = {ts_node_named_child(node, 0), ts_node_named_child(node, 1)};
    uint32_t start = ts_node_end_byte(sides[0]), end = ts_node_start_byte(sides[1]);
    const char *text = scan->source->text;
    while (start < end && text[start] == ' ')
        start++;
    while (end > start && text[end - 1] == ' ')
        end--;
    return scan_composed(scan, node, EXPRESSION_COMPARISON,
                         module_intern(scan->module, text + start, end - start), sides, 2);
}

static expression_id operation(struct scan *scan, TSNode node)
{
    TSNode sides[] = {SCAN_FIELD(scan, node, left), SCAN_FIELD(scan, node, right)};
    TSNode sign = SCAN_FIELD(scan, node, operator);
    if (ts_node_is_null(sign))
        return scan_other(scan, node);
    if (SCAN_KIND(scan, node) == NODE_boolean_operator)
        return scan_composed(scan, node,
                             scan_text_is(scan, sign, "and") ? EXPRESSION_AND : EXPRESSION_OR, 0,
                             sides, 2);
    if (scan_text_is(scan, sign, "+"))
        return scan_composed(scan, node, EXPRESSION_ADDITION, 0, sides, 2);
    if (scan_text_is(scan, sign, "/"))
        return scan_composed(scan, node, EXPRESSION_DIVISION, 0, sides, 2);
    return scan_other(scan, node);
}

static expression_id named(struct scan *scan, TSNode node)
{
    expression_id value = scan_expression(scan, SCAN_FIELD(scan, node, value));
    scan_bind_target(scan, SCAN_FIELD(scan, node, name), value, NULL);
    return value;
}

static expression_id conditional(struct scan *scan, TSNode node)
{
    if (ts_node_named_child_count(node) != 3)
        return scan_other(scan, node);
    TSNode parts[] = {ts_node_named_child(node, 0), ts_node_named_child(node, 1),
                      ts_node_named_child(node, 2)};
    return scan_composed(scan, node, EXPRESSION_CONDITIONAL, 0, parts, 3);
}

/* x for y in z, without another for and without an if. */
static expression_id comprehension(struct scan *scan, TSNode node)
{
    if (ts_node_named_child_count(node) != 2 || scan_has_walrus(scan, node))
        return scan_other(scan, node);
    TSNode clause = ts_node_named_child(node, 1);
    if (SCAN_KIND(scan, clause) != NODE_for_in_clause)
        return scan_other(scan, node);
    TSNode through = SCAN_FIELD(scan, clause, right);
    return scan_composed(scan, node, EXPRESSION_COMPREHENSION, scan_written_text(scan, node),
                         &through, 1);
}

/* (a, b), [a], {a}, {a: b} */
static expression_id display(struct scan *scan, TSNode node)
{
    switch (SCAN_KIND(scan, node)) {
    case NODE_list:
        return scan_sequence(scan, node, "[", false);
    case NODE_set:
        return scan_sequence(scan, node, "{", false);
    case NODE_dictionary:
        return scan_sequence(scan, node, "{:", true);
    default:
        return scan_sequence(scan, node, "(", false);
    }
}

static expression_id convert(struct scan *scan, TSNode node)
{
    TSNode child = ts_node_named_child(node, 0);
    switch (SCAN_KIND(scan, node)) {
    case NODE_identifier:
        return scan_plain(scan, node, EXPRESSION_NAME, scan_symbol(scan, node));
    case NODE_attribute:
        child = SCAN_FIELD(scan, node, object);
        return scan_composed(scan, node, EXPRESSION_ATTRIBUTE,
                             scan_symbol(scan, SCAN_FIELD(scan, node, attribute)), &child, 1);
    case NODE_subscript:
        return scan_applied(scan, node, EXPRESSION_SUBSCRIPT, SCAN_FIELD(scan, node, value));
    case NODE_call:
        return scan_applied(scan, node, EXPRESSION_CALL, SCAN_FIELD(scan, node, function));
    case NODE_parenthesized_expression:
        return ts_node_named_child_count(node) ? scan_expression(scan, child)
                                               : scan_other(scan, node);
    case NODE_tuple:
    case NODE_expression_list:
    case NODE_list:
    case NODE_set:
    case NODE_dictionary:
        return display(scan, node);
    case NODE_generator_expression:
    case NODE_list_comprehension:
    case NODE_set_comprehension:
        return comprehension(scan, node);
    case NODE_string:
        return string(scan, node);
    case NODE_integer:
        return integer(scan, node);
    case NODE_TRUE:
        return scan_plain(scan, node, EXPRESSION_TRUE, 0);
    case NODE_FALSE:
        return scan_plain(scan, node, EXPRESSION_FALSE, 0);
    case NODE_none:
        return scan_plain(scan, node, EXPRESSION_NONE, 0);
    case NODE_list_splat:
        return scan_composed(scan, node, EXPRESSION_STARRED, 0, &child, 1);
    case NODE_dictionary_splat:
        return scan_composed(scan, node, EXPRESSION_DOUBLE_STARRED, 0, &child, 1);
    case NODE_keyword_argument:
        child = SCAN_FIELD(scan, node, value);
        return scan_composed(scan, node, EXPRESSION_KEYWORD,
                             scan_symbol(scan, SCAN_FIELD(scan, node, name)), &child, 1);
    case NODE_not_operator:
        child = SCAN_FIELD(scan, node, argument);
        return scan_composed(scan, node, EXPRESSION_NOT, 0, &child, 1);
    case NODE_boolean_operator:
    case NODE_binary_operator:
        return operation(scan, node);
    case NODE_comparison_operator:
        return comparison(scan, node);
    case NODE_conditional_expression:
        return conditional(scan, node);
    case NODE_named_expression:
        return named(scan, node);
    default:
        return scan_other(scan, node);
    }
}

expression_id scan_expression(struct scan *scan, TSNode node)
{
    if (ts_node_is_null(node))
        return NONE;
    if (scan->depth >= SCAN_DEEPEST_BLOCK + SCAN_DEEPEST_EXPRESSION)
        return scan_other(scan, node);
    unsigned depth = scan->depth;
    if (scan->depth < SCAN_DEEPEST_BLOCK)
        scan->depth = SCAN_DEEPEST_BLOCK;
    else
        scan->depth++;
    expression_id result = convert(scan, node);
    scan->depth = depth;
    return result;
}

/* More than any class has: not even read. */
static bool too_many(TSNode list, uint32_t most)
{
    return ts_node_named_child_count(list) > most;
}

expression_id scan_class_arguments(struct scan *scan, TSNode list, const char **not_checked)
{
    expression_list elements = {0};
    if (!ts_node_is_null(list) && too_many(list, SCAN_MOST_ARGUMENTS)) {
        *not_checked = "it has more than 1000 bases";
    } else if (!ts_node_is_null(list)) {
        uint32_t count = ts_node_named_child_count(list);
        for (uint32_t i = 0; i < count; i++) {
            TSNode node = ts_node_named_child(list, i);
            if (SCAN_KIND(scan, node) == NODE_comment)
                continue;
            expression_id argument = scan_expression(scan, node);
            if (argument == NONE || !vector_push(&elements, argument)) {
                scan->module->no_memory = true;
                break;
            }
            scan->module->expressions.items[argument].written = scan_written_text(scan, node);
        }
    }
    expression_id result =
        scan_add_expression(scan, (struct expression){.kind = EXPRESSION_SEQUENCE}, elements.items,
                            (uint32_t)elements.count);
    vector_free(&elements);
    return result;
}
