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

/* Whose attribute it is is asked where modules are known; that of a class counts for all. */
void scan_set_attribute(struct scan *scan, TSNode object, symbol_id name)
{
    struct module *module = scan->module;
    if (name == NONE || scan_text_is(scan, object, "self"))
        return;
    if (!vector_push(&module->attributes, name))
        module->no_memory = true;
    enum node_kind kind = SCAN_KIND(scan, object);
    if (kind != NODE_identifier && kind != NODE_attribute)
        return;
    struct attribute_set set = {scan_expression(scan, object), name, scan->scope, scan->block,
                                scan->position};
    if (set.object != NONE && !vector_push(&module->attribute_sets, set))
        module->no_memory = true;
}

/* A.b = c */
static void bind_attribute(struct scan *scan, TSNode target, struct event event)
{
    if (!scan_bind_own_attribute(scan, target, event))
        scan_set_attribute(scan, SCAN_FIELD(scan, target, object),
                           scan_symbol(scan, SCAN_FIELD(scan, target, attribute)));
}

/* A name for the module itself: this = sys.modules[__name__]. */
static void note_own_module(struct scan *scan, TSNode target, expression_id value)
{
    const struct expression *expression =
        value == NONE ? NULL : module_expression(scan->module, value);
    if (!expression || expression->kind != EXPRESSION_SUBSCRIPT)
        return;
    const char *text = module_text(scan->module, expression->text);
    if ((strcmp(text, SELF_NAME) == 0 || strcmp(text, "_" SELF_NAME) == 0) &&
        !vector_push(&scan->own_module, scan_symbol(scan, target)))
        scan->module->no_memory = true;
}

/* Items bind no names, but for sys.modules[__name__] and those of a dict of names. */
static void bind_item(struct scan *scan, TSNode target, struct event event)
{
    if (scan_text_is(scan, target, SELF_NAME) || scan_text_is(scan, target, "_" SELF_NAME))
        scan_bind(scan, module_intern(scan->module, SELF_NAME, strlen(SELF_NAME)), event, target);
    else
        scan_bind_item(scan, target, event);
}

void scan_bind_target(struct scan *scan, TSNode target, expression_id value, const char *why)
{
    struct event event = {.kind = EVENT_OPAQUE, .why = why};
    if (value != NONE)
        event = (struct event){.kind = EVENT_ASSIGN, .index = value};
    switch (SCAN_KIND(scan, target)) {
    case NODE_identifier:
        scan_bind(scan, scan_symbol(scan, target), event, target);
        note_own_module(scan, target, value);
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
        bind_attribute(scan, target, event);
        break;
    case NODE_subscript:
        bind_item(scan, target, event);
        break;
    default:
        break;
    }
}
