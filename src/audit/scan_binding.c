/* Bindings of names in the scope that is being read. */
#include "audit/scan_internal.h"

#include <string.h>

symbol_id scan_symbol(struct scan *scan, TSNode node)
{
    size_t size;
    const char *text = source_text(scan->source, node, &size);
    return module_intern(scan->module, text, size);
}

bool scan_text_is(const struct scan *scan, TSNode node, const char *text)
{
    size_t size;
    const char *written = source_text(scan->source, node, &size);
    return size == strlen(text) && memcmp(written, text, size) == 0;
}

static bool is_global(const struct scan *scan, symbol_id name)
{
    for (size_t i = 0; i < scan->globals.count; i++) {
        if (scan->globals.items[i] == name)
            return true;
    }
    return false;
}

void scan_bind(struct scan *scan, symbol_id name, struct event event, TSNode node)
{
    scan_bind_at(scan, name, event, SCAN_LINE(scan, node));
}

void scan_bind_at(struct scan *scan, symbol_id name, struct event event, unsigned line)
{
    struct module *module = scan->module;
    if (name == NONE || is_global(scan, name))
        return;
    event.name = name;
    event.block = scan->block;
    event.position = event.evaluated_at = scan->position;
    event.previous = module_last_event(module, scan->scope, name);
    event.line = line;
    uint32_t number = (uint32_t)module->events.count;
    if (!vector_push(&module->events, event)) {
        module->no_memory = true;
        return;
    }
    module_set_last_event(module, scan->scope, name, number);
}

/* `a, b = c, d`: each has its own; anything else leaves them opaque. */
static void bind_several(struct scan *scan, TSNode targets, expression_id value, const char *why)
{
    const struct module *module = scan->module;
    uint32_t count = ts_node_named_child_count(targets);
    bool splits = false;
    if (value != NONE && count <= SCAN_LONGEST_LIST) {
        const struct expression *whole = module_expression(module, value);
        splits = whole->kind == EXPRESSION_SEQUENCE && whole->count == count;
        for (uint32_t i = 0; splits && i < count; i++) {
            expression_id part = module_child(module, whole, i);
            splits = module_expression(module, part)->kind != EXPRESSION_STARRED &&
                     SCAN_KIND(scan, ts_node_named_child(targets, i)) != NODE_list_splat_pattern;
        }
    }
    TSTreeCursor cursor = ts_tree_cursor_new(targets);
    uint32_t i = 0;
    for (bool more = ts_tree_cursor_goto_first_child(&cursor); more;
         more = ts_tree_cursor_goto_next_sibling(&cursor)) {
        TSNode target = ts_tree_cursor_current_node(&cursor);
        if (!ts_node_is_named(target) || SCAN_KIND(scan, target) == NODE_comment)
            continue;
        expression_id part = NONE;
        if (splits && i < count)
            part = module_child(module, module_expression(module, value), i);
        scan_bind_target(scan, target, part, why ? why : "it is unpacked from a value");
        i++;
    }
    ts_tree_cursor_delete(&cursor);
}

/* A.b = c: from then on A.b is not what the class says; whose A it is is not asked. */
static void bind_attribute(struct scan *scan, TSNode target)
{
    symbol_id name = scan_symbol(scan, SCAN_FIELD(scan, target, attribute));
    TSNode object = SCAN_FIELD(scan, target, object);
    if (name != NONE && !scan_text_is(scan, object, "self") &&
        !vector_push(&scan->module->attributes, name))
        scan->module->no_memory = true;
}

/* Items bind no names, but for two: sys.modules[__name__], and globals()["name"] in a module. */
static void bind_item(struct scan *scan, TSNode target, struct event event)
{
    if (scan_text_is(scan, target, SELF_NAME) || scan_text_is(scan, target, "_" SELF_NAME)) {
        scan_bind(scan, module_intern(scan->module, SELF_NAME, strlen(SELF_NAME)), event, target);
        return;
    }
    TSNode space = SCAN_FIELD(scan, target, value);
    if (scan->scope != 0 || ts_node_named_child_count(target) != 2 ||
        !(scan_text_is(scan, space, "globals()") || scan_text_is(scan, space, "vars()")))
        return;
    expression_id key = scan_expression(scan, ts_node_named_child(target, 1));
    if (key != NONE && module_expression(scan->module, key)->kind == EXPRESSION_STRING)
        scan_bind(scan, module_expression(scan->module, key)->text, event, target);
}

void scan_bind_target(struct scan *scan, TSNode target, expression_id value, const char *why)
{
    struct event event = {.kind = EVENT_OPAQUE, .why = why};
    if (value != NONE)
        event = (struct event){.kind = EVENT_ASSIGN, .index = value};
    switch (SCAN_KIND(scan, target)) {
    case NODE_identifier:
        scan_bind(scan, scan_symbol(scan, target), event, target);
        break;
    case NODE_pattern_list:
    case NODE_tuple_pattern:
    case NODE_list_pattern:
        if (scan->depth < SCAN_DEEPEST_BLOCK) {
            scan->depth++;
            bind_several(scan, target, value, why);
            scan->depth--;
        }
        break;
    case NODE_list_splat_pattern:
    case NODE_as_pattern_target:
    case NODE_parenthesized_expression:
    case NODE_tuple:
        if (scan->depth < SCAN_DEEPEST_BLOCK) {
            scan->depth++;
            bind_several(scan, target, NONE, why ? why : "it is unpacked from a value");
            scan->depth--;
        }
        break;
    case NODE_attribute:
        bind_attribute(scan, target);
        break;
    case NODE_subscript:
        bind_item(scan, target, event);
        break;
    default:
        break;
    }
}
