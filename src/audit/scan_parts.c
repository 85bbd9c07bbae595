/* What expressions are put together of: their texts, operands and lists. */
#include "audit/scan_internal.h"

#include <string.h>

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

symbol_id scan_written_text(struct scan *scan, TSNode node)
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

expression_id scan_other(struct scan *scan, TSNode node)
{
    bind_within(scan, node);
    return scan_add_expression(scan,
                               (struct expression){.kind = EXPRESSION_OTHER,
                                                   .text = scan_written_text(scan, node),
                                                   .line = SCAN_LINE(scan, node)},
                               NULL, 0);
}

expression_id scan_plain(struct scan *scan, TSNode node, enum expression_kind kind, symbol_id text)
{
    return scan_add_expression(
        scan, (struct expression){.kind = kind, .text = text, .line = SCAN_LINE(scan, node)}, NULL,
        0);
}

expression_id scan_composed(struct scan *scan, TSNode node, enum expression_kind kind,
                            symbol_id text, const TSNode *nodes, uint32_t count)
{
    expression_id children[3];
    for (uint32_t i = 0; i < count; i++) {
        children[i] = ts_node_is_null(nodes[i]) ? NONE : scan_expression(scan, nodes[i]);
        if (children[i] == NONE)
            return scan_other(scan, node);
    }
    return scan_add_expression(
        scan, (struct expression){.kind = kind, .text = text, .line = SCAN_LINE(scan, node)},
        children, count);
}

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

expression_id scan_sequence(struct scan *scan, TSNode node, const char *bracket, bool keys)
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
    return whole ? result : scan_other(scan, node);
}

expression_id scan_applied(struct scan *scan, TSNode node, enum expression_kind kind, TSNode head)
{
    expression_list elements = {0};
    expression_id first = ts_node_is_null(head) ? NONE : scan_expression(scan, head);
    bool whole = first != NONE && vector_push(&elements, first);
    if (whole && kind == EXPRESSION_CALL) {
        TSNode arguments = SCAN_FIELD(scan, node, arguments);
        if (!ts_node_is_null(arguments) &&
            SCAN_KIND(scan, arguments) == NODE_generator_expression) {
            expression_id alone = scan_expression(scan, arguments);
            whole = alone != NONE && vector_push(&elements, alone);
        } else {
            whole = !ts_node_is_null(arguments) &&
                    SCAN_KIND(scan, arguments) == NODE_argument_list &&
                    add_elements(scan, arguments, false, 256, &elements);
        }
    } else if (whole && ts_node_named_child_count(node) > 1) {
        expression_id index = scan_expression(scan, ts_node_named_child(node, 1));
        whole = index != NONE && vector_push(&elements, index);
    }
    expression_id result = NONE;
    if (whole)
        result = scan_add_expression(scan,
                                     (struct expression){.kind = kind,
                                                         .text = scan_written_text(scan, node),
                                                         .line = SCAN_LINE(scan, node)},
                                     elements.items, (uint32_t)elements.count);
    vector_free(&elements);
    return whole ? result : scan_other(scan, node);
}
