#include "audit/scan_internal.h"

#include <string.h>

#include "base/cleanup.h"

#define LONGEST_TEXT 60

expression_id scan_add_expression(struct scan *scan, struct expression expression,
                                  const expression_id *children, uint32_t count)
{
    struct module *module = scan->module;
    expression.first = (uint32_t)module->children.count;
    expression.count = count;
    expression.written = NONE;
    bool room = vector_reserve(&module->children, module->children.count + count);
    for (uint32_t i = 0; room && i < count; i++)
        module->children.items[module->children.count++] = children[i];
    if (!room || !vector_push(&module->expressions, expression)) {
        module->no_memory = true;
        return NONE;
    }
    return (expression_id)(module->expressions.count - 1);
}

/* What a reader sees: one line, not too long. */
static symbol_id written_text(struct scan *scan, TSNode node)
{
    size_t size;
    const char *text = source_text(scan->source, node, &size);
    char line[LONGEST_TEXT + 8];
    size_t length = 0;
    for (size_t i = 0; i < size && length < LONGEST_TEXT; i++) {
        bool blank = text[i] == ' ' || text[i] == '\n' || text[i] == '\t' || text[i] == '\r';
        if (blank && (length == 0 || line[length - 1] == ' '))
            continue;
        line[length++] = text[i];
        if (blank)
            line[length - 1] = ' ';
        if (length == LONGEST_TEXT && i + 1 < size) {
            while (length > 0 && ((unsigned char)line[length - 1] & 0xC0) == 0x80)
                length--;
            memcpy(line + length, "...", 3);
            length += 3;
        }
    }
    return module_intern(scan->module, line, length);
}

bool scan_has_walrus(const struct scan *scan, TSNode node)
{
    size_t size;
    const char *text = source_text(scan->source, node, &size);
    return memmem(text, size, ":=", 2) != NULL;
}

/* What := binds in an expression that is not looked into. */
static void bind_within(struct scan *scan, TSNode node)
{
    if (scan->depth >= SCAN_DEEPEST_BLOCK + SCAN_DEEPEST_EXPRESSION || !scan_has_walrus(scan, node))
        return;
    if (SCAN_KIND(scan, node) == NODE_named_expression)
        scan_bind_target(scan, SCAN_FIELD(scan, node, name), NONE, "it is bound in an expression");
    scan->depth++;
    uint32_t count = ts_node_named_child_count(node);
    for (uint32_t i = 0; i < count && i < SCAN_LONGEST_LIST; i++)
        bind_within(scan, ts_node_named_child(node, i));
    scan->depth--;
}

static expression_id other(struct scan *scan, TSNode node)
{
    bind_within(scan, node);
    return scan_add_expression(scan,
                               (struct expression){.kind = EXPRESSION_OTHER,
                                                   .text = written_text(scan, node),
                                                   .line = SCAN_LINE(scan, node)},
                               NULL, 0);
}

static expression_id plain(struct scan *scan, TSNode node, enum expression_kind kind,
                           symbol_id text)
{
    return scan_add_expression(
        scan, (struct expression){.kind = kind, .text = text, .line = SCAN_LINE(scan, node)}, NULL,
        0);
}

/* One of up to three children; a missing child makes it opaque. */
static expression_id composed(struct scan *scan, TSNode node, enum expression_kind kind,
                              symbol_id text, const TSNode *nodes, uint32_t count)
{
    expression_id children[3];
    for (uint32_t i = 0; i < count; i++) {
        children[i] = ts_node_is_null(nodes[i]) ? NONE : scan_expression(scan, nodes[i]);
        if (children[i] == NONE)
            return other(scan, node);
    }
    return scan_add_expression(
        scan, (struct expression){.kind = kind, .text = text, .line = SCAN_LINE(scan, node)},
        children, count);
}

typedef VECTOR(expression_id) expression_list;

/* Appends the named children of `list`, at most `most`; false when there are more. */
static bool add_elements(struct scan *scan, TSNode list, bool keys, size_t most,
                         expression_list *elements)
{
    TSTreeCursor cursor = ts_tree_cursor_new(list);
    bool whole = true;
    for (bool more = ts_tree_cursor_goto_first_child(&cursor); more && whole;
         more = ts_tree_cursor_goto_next_sibling(&cursor)) {
        TSNode node = ts_tree_cursor_current_node(&cursor);
        if (!ts_node_is_named(node) || SCAN_KIND(scan, node) == NODE_comment)
            continue;
        if (keys && SCAN_KIND(scan, node) == NODE_pair)
            node = SCAN_FIELD(scan, node, key);
        expression_id element = scan_expression(scan, node);
        whole = elements->count < most && element != NONE && vector_push(elements, element);
    }
    ts_tree_cursor_delete(&cursor);
    return whole;
}

static expression_id sequence(struct scan *scan, TSNode node, const char *bracket, bool keys)
{
    expression_list elements = {0};
    bool whole = add_elements(scan, node, keys, SCAN_LONGEST_LIST, &elements);
    expression_id result = NONE;
    if (whole)
        result = scan_add_expression(
            scan,
            (struct expression){.kind = EXPRESSION_SEQUENCE,
                                .text = module_intern(scan->module, bracket, strlen(bracket)),
                                .line = SCAN_LINE(scan, node)},
            elements.items, (uint32_t)elements.count);
    vector_free(&elements);
    return whole ? result : other(scan, node);
}

/* f(a, *b, c=d), a[b, c]: child 0, then the others. */
static expression_id applied(struct scan *scan, TSNode node, enum expression_kind kind, TSNode head)
{
    expression_list elements = {0};
    expression_id first = ts_node_is_null(head) ? NONE : scan_expression(scan, head);
    bool whole = first != NONE && vector_push(&elements, first);
    if (whole && kind == EXPRESSION_CALL) {
        TSNode arguments = SCAN_FIELD(scan, node, arguments);
        whole = !ts_node_is_null(arguments) && SCAN_KIND(scan, arguments) == NODE_argument_list &&
                add_elements(scan, arguments, false, 256, &elements);
    } else if (whole && ts_node_named_child_count(node) > 1) {
        expression_id index = scan_expression(scan, ts_node_named_child(node, 1));
        whole = index != NONE && vector_push(&elements, index);
    }
    expression_id result = NONE;
    if (whole)
        result = scan_add_expression(scan,
                                     (struct expression){.kind = kind,
                                                         .text = written_text(scan, node),
                                                         .line = SCAN_LINE(scan, node)},
                                     elements.items, (uint32_t)elements.count);
    vector_free(&elements);
    return whole ? result : other(scan, node);
}

static expression_id string(struct scan *scan, TSNode node)
{
    uint32_t count = ts_node_child_count(node);
    if (count < 2)
        return other(scan, node);
    TSNode first = ts_node_child(node, 0), last = ts_node_child(node, count - 1);
    uint32_t start = ts_node_end_byte(first), end = ts_node_start_byte(last);
    char quote = scan->source->text[ts_node_start_byte(first)];
    if ((quote != '"' && quote != '\'' && quote != 'u' && quote != 'r') || end < start ||
        end - start > 4096)
        return other(scan, node);
    return plain(scan, node, EXPRESSION_STRING,
                 module_intern(scan->module, scan->source->text + start, end - start));
}

static expression_id integer(struct scan *scan, TSNode node)
{
    size_t size;
    const char *text = source_text(scan->source, node, &size);
    int32_t number = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9' || size > 8)
            return other(scan, node);
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
        return other(scan, node);
    TSNode sides[] = {ts_node_named_child(node, 0), ts_node_named_child(node, 1)};
    uint32_t start = ts_node_end_byte(sides[0]), end = ts_node_start_byte(sides[1]);
    const char *text = scan->source->text;
    while (start < end && text[start] == ' ')
        start++;
    while (end > start && text[end - 1] == ' ')
        end--;
    return composed(scan, node, EXPRESSION_COMPARISON,
                    module_intern(scan->module, text + start, end - start), sides, 2);
}

static expression_id operation(struct scan *scan, TSNode node)
{
    TSNode sides[] = {SCAN_FIELD(scan, node, left), SCAN_FIELD(scan, node, right)};
    TSNode sign = SCAN_FIELD(scan, node, operator);
    if (ts_node_is_null(sign))
        return other(scan, node);
    if (SCAN_KIND(scan, node) == NODE_boolean_operator)
        return composed(scan, node,
                        scan_text_is(scan, sign, "and") ? EXPRESSION_AND : EXPRESSION_OR, 0, sides,
                        2);
    if (scan_text_is(scan, sign, "+"))
        return composed(scan, node, EXPRESSION_ADDITION, 0, sides, 2);
    if (scan_text_is(scan, sign, "/"))
        return composed(scan, node, EXPRESSION_DIVISION, 0, sides, 2);
    return other(scan, node);
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
        return other(scan, node);
    TSNode parts[] = {ts_node_named_child(node, 0), ts_node_named_child(node, 1),
                      ts_node_named_child(node, 2)};
    return composed(scan, node, EXPRESSION_CONDITIONAL, 0, parts, 3);
}

static expression_id convert(struct scan *scan, TSNode node)
{
    TSNode child = ts_node_named_child(node, 0);
    switch (SCAN_KIND(scan, node)) {
    case NODE_identifier:
        return plain(scan, node, EXPRESSION_NAME, scan_symbol(scan, node));
    case NODE_attribute:
        child = SCAN_FIELD(scan, node, object);
        return composed(scan, node, EXPRESSION_ATTRIBUTE,
                        scan_symbol(scan, SCAN_FIELD(scan, node, attribute)), &child, 1);
    case NODE_subscript:
        return applied(scan, node, EXPRESSION_SUBSCRIPT, SCAN_FIELD(scan, node, value));
    case NODE_call:
        return applied(scan, node, EXPRESSION_CALL, SCAN_FIELD(scan, node, function));
    case NODE_parenthesized_expression:
        return ts_node_named_child_count(node) ? scan_expression(scan, child) : other(scan, node);
    case NODE_tuple:
    case NODE_expression_list:
        return sequence(scan, node, "(", false);
    case NODE_list:
        return sequence(scan, node, "[", false);
    case NODE_set:
        return sequence(scan, node, "{", false);
    case NODE_dictionary:
        return sequence(scan, node, "{:", true);
    case NODE_string:
        return string(scan, node);
    case NODE_integer:
        return integer(scan, node);
    case NODE_TRUE:
        return plain(scan, node, EXPRESSION_TRUE, 0);
    case NODE_FALSE:
        return plain(scan, node, EXPRESSION_FALSE, 0);
    case NODE_none:
        return plain(scan, node, EXPRESSION_NONE, 0);
    case NODE_list_splat:
        return composed(scan, node, EXPRESSION_STARRED, 0, &child, 1);
    case NODE_dictionary_splat:
        return composed(scan, node, EXPRESSION_DOUBLE_STARRED, 0, &child, 1);
    case NODE_keyword_argument:
        child = SCAN_FIELD(scan, node, value);
        return composed(scan, node, EXPRESSION_KEYWORD,
                        scan_symbol(scan, SCAN_FIELD(scan, node, name)), &child, 1);
    case NODE_not_operator:
        child = SCAN_FIELD(scan, node, argument);
        return composed(scan, node, EXPRESSION_NOT, 0, &child, 1);
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
        return other(scan, node);
    }
}

expression_id scan_expression(struct scan *scan, TSNode node)
{
    if (ts_node_is_null(node))
        return NONE;
    if (scan->depth >= SCAN_DEEPEST_BLOCK + SCAN_DEEPEST_EXPRESSION)
        return other(scan, node);
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
            scan->module->expressions.items[argument].written = written_text(scan, node);
        }
    }
    expression_id result =
        scan_add_expression(scan, (struct expression){.kind = EXPRESSION_SEQUENCE}, elements.items,
                            (uint32_t)elements.count);
    vector_free(&elements);
    return result;
}
