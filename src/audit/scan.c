/* Statements of a module, one after another. */
#include "audit/scan_internal.h"

void scan_block(struct scan *scan, TSNode block)
{
    if (ts_node_is_null(block) || scan->depth >= SCAN_DEEPEST_BLOCK)
        return;
    scan->depth++;
    TSTreeCursor cursor = ts_tree_cursor_new(block);
    for (bool more = ts_tree_cursor_goto_first_child(&cursor); more;
         more = ts_tree_cursor_goto_next_sibling(&cursor)) {
        TSNode node = ts_tree_cursor_current_node(&cursor);
        if (ts_node_is_named(node))
            scan_statement(scan, node);
    }
    ts_tree_cursor_delete(&cursor);
    scan->depth--;
}

static void name_reassigned(struct scan *scan, TSNode node)
{
    bool global = SCAN_KIND(scan, node) == NODE_global_statement;
    uint32_t count = ts_node_named_child_count(node);
    for (uint32_t i = 0; i < count && i < SCAN_LONGEST_LIST; i++) {
        symbol_id name = scan_symbol(scan, ts_node_named_child(node, i));
        bool noted = global ? vector_push(&scan->module->reassigned, name)
                            : vector_push(&scan->module->reassigned_around, name);
        if (!noted || !vector_push(&scan->globals, name))
            scan->module->no_memory = true;
    }
}

void scan_leave(struct scan *scan, bool raises, unsigned line)
{
    struct block *block = &scan->module->blocks.items[scan->block];
    block->leaves = true;
    if (block->left_at != NONE || (raises && scan->guarded == scan->block))
        return;
    block->left_at = scan->position;
    block->left_line = line;
}

static void scan_return(struct scan *scan, TSNode node)
{
    struct returned returned = {scan->scope, NONE, scan->block, scan->position};
    if (ts_node_named_child_count(node))
        returned.value = scan_expression(scan, ts_node_named_child(node, 0));
    if (scan->module->scopes.items[scan->scope].kind == SCOPE_FUNCTION) {
        if (!vector_push(&scan->module->returns, returned))
            scan->module->no_memory = true;
        else
            scan->module->scopes.items[scan->scope].return_count++;
    }
    scan_leave(scan, false, SCAN_LINE(scan, node));
}

/* Whether a call ends the program. */
static bool is_exit(const struct scan *scan, TSNode function)
{
    return scan_text_is(scan, function, "sys.exit") || scan_text_is(scan, function, "exit") ||
           scan_text_is(scan, function, "quit") || scan_text_is(scan, function, "os._exit");
}

/* sys.path.insert(0, X), sys.path.append(X); sys.exit() leaves. */
static void scan_call_statement(struct scan *scan, TSNode call)
{
    TSNode function = SCAN_FIELD(scan, call, function);
    TSNode arguments = SCAN_FIELD(scan, call, arguments);
    if (is_exit(scan, function)) {
        scan_leave(scan, true, SCAN_LINE(scan, call));
        return;
    }
    scan_bind_by_call(scan, call);
    if (scan_has_walrus(scan, call))
        scan_expression(scan, call);
    uint32_t at = scan_text_is(scan, function, "sys.path.insert")   ? 1
                  : scan_text_is(scan, function, "sys.path.append") ? 0
                                                                    : NONE;
    if (at == NONE || SCAN_KIND(scan, arguments) != NODE_argument_list ||
        ts_node_named_child_count(arguments) <= at)
        return;
    expression_id path = scan_expression(scan, ts_node_named_child(arguments, at));
    if (path != NONE && !vector_push(&scan->module->paths, path))
        scan->module->no_memory = true;
}

static void scan_assignment(struct scan *scan, TSNode node)
{
    TSNode left = SCAN_FIELD(scan, node, left), right = SCAN_FIELD(scan, node, right);
    TSNode targets[16];
    uint32_t count = 0;
    for (;;) {
        if (count < 16)
            targets[count++] = left;
        if (ts_node_is_null(right) || SCAN_KIND(scan, right) != NODE_assignment)
            break;
        left = SCAN_FIELD(scan, right, left);
        right = SCAN_FIELD(scan, right, right);
    }
    if (scan->module->scopes.items[scan->scope].kind == SCOPE_CLASS &&
        SCAN_KIND(scan, targets[0]) == NODE_identifier)
        scan_may_be_field(scan, slice_of(scan->source, targets[0]),
                          slice_of(scan->source, SCAN_FIELD(scan, node, type)),
                          slice_of(scan->source, right));
    if (ts_node_is_null(right)) /* an annotation alone binds nothing */
        return;
    if (SCAN_KIND(scan, right) == NODE_yield &&
        scan->module->scopes.items[scan->scope].kind == SCOPE_FUNCTION)
        scan->module->scopes.items[scan->scope].generator = true;
    expression_id value = scan_expression(scan, right);
    for (uint32_t i = 0; i < count; i++)
        scan_bind_target(scan, targets[i], value, NULL);
}

static void scan_expression_statement(struct scan *scan, TSNode node)
{
    uint32_t count = ts_node_named_child_count(node);
    if (!count)
        return;
    TSNode inner = ts_node_named_child(node, 0);
    switch (SCAN_KIND(scan, inner)) {
    case NODE_assignment:
        scan_assignment(scan, inner);
        break;
    case NODE_augmented_assignment:
        scan_bind_target(scan, SCAN_FIELD(scan, inner, left), NONE, "it is changed in place");
        break;
    case NODE_call:
        scan_call_statement(scan, inner);
        break;
    case NODE_identifier: /* `try: unicode` asks whether the name is there */
        scan_bind(scan, module_intern(scan->module, "", 0),
                  (struct event){.kind = EVENT_ASSIGN, .index = scan_expression(scan, inner)},
                  inner);
        break;
    case NODE_integer:
        scan_folded(scan, node);
        break;
    case NODE_yield:
        if (scan->module->scopes.items[scan->scope].kind == SCOPE_FUNCTION)
            scan->module->scopes.items[scan->scope].generator = true;
        break;
    default:
        if (scan_has_walrus(scan, inner))
            scan_expression(scan, inner);
        break;
    }
}

static void scan_delete(struct scan *scan, TSNode node)
{
    for (uint32_t i = 0; i < ts_node_named_child_count(node) && i < SCAN_LONGEST_LIST; i++) {
        TSNode target = ts_node_named_child(node, i);
        enum node_kind kind = SCAN_KIND(scan, target);
        if (kind == NODE_identifier)
            scan_bind(scan, scan_symbol(scan, target), (struct event){.kind = EVENT_DELETE},
                      target);
        else if (kind == NODE_expression_list)
            scan_delete(scan, target);
    }
}

static void scan_raise(struct scan *scan, TSNode node)
{
    scan->module->scopes.items[scan->scope].raises++;
    scan_leave(scan, true, SCAN_LINE(scan, node));
}

static void scan_jump(struct scan *scan, TSNode node)
{
    scan->breaks += SCAN_KIND(scan, node) == NODE_break_statement;
    scan_leave(scan, false, SCAN_LINE(scan, node));
}

void scan_statement(struct scan *scan, TSNode node)
{
    scan->position++;
    switch (SCAN_KIND(scan, node)) {
    case NODE_expression_statement:
        scan_expression_statement(scan, node);
        break;
    case NODE_import_statement:
        scan_import(scan, node);
        break;
    case NODE_import_from_statement:
        scan_from(scan, node);
        break;
    case NODE_class_definition:
    case NODE_function_definition:
        scan_definition(scan, node, NONE);
        break;
    case NODE_decorated_definition:
        scan_decorated(scan, node);
        break;
    case NODE_if_statement:
        scan_if(scan, node);
        break;
    case NODE_try_statement:
        scan_try(scan, node);
        break;
    case NODE_for_statement:
    case NODE_while_statement:
        scan_loop(scan, node);
        break;
    case NODE_with_statement:
        scan_with(scan, node);
        break;
    case NODE_match_statement:
        scan_match(scan, node);
        break;
    case NODE_return_statement:
        scan_return(scan, node);
        break;
    case NODE_raise_statement:
        scan_raise(scan, node);
        break;
    case NODE_break_statement:
    case NODE_continue_statement:
        scan_jump(scan, node);
        break;
    case NODE_delete_statement:
        scan_delete(scan, node);
        break;
    case NODE_global_statement:
    case NODE_nonlocal_statement:
        name_reassigned(scan, node);
        break;
    case NODE_type_alias_statement:
        scan_bind_target(scan, ts_node_named_child(SCAN_FIELD(scan, node, left), 0), NONE,
                         "it is a type alias");
        break;
    default:
        break;
    }
}

void scan_module(const struct source *source, const struct grammar *grammar, struct module *module)
{
    struct scan scan = {.source = source, .grammar = grammar, .module = module, .guarded = NONE};
    TSNode root = ts_tree_root_node(source->tree);
    module->syntax_error = source->syntax_error;
    module_intern(module, "*", 1);
    struct block body = {
        .parent = NONE, .construct = NONE, .next = NONE, .test = NONE, .left_at = NONE, .line = 1};
    struct scope scope = {.kind = SCOPE_MODULE,
                          .name = module_intern(module, "", 0),
                          .parent = NONE,
                          .class_index = NONE,
                          .decorators = NONE,
                          .line = 1};
    if (!vector_push(&module->blocks, body) || !vector_push(&module->scopes, scope)) {
        module->no_memory = true;
        return;
    }
    scan_block(&scan, root);
    module->scopes.items[0].end = module->blocks.items[0].end = scan.position + 1;
    vector_free(&scan.globals);
    vector_free(&scan.own_module);
}
