/* Classes and functions. */
#include <string.h>

#include "audit/outline.h"
#include "audit/scan_internal.h"

/* What is restored when a scope ends. */
struct outer {
    uint32_t scope, block, position;
    symbol_id *globals;
    size_t global_count;
};

static struct outer enter(struct scan *scan, struct scope scope, unsigned line)
{
    struct module *module = scan->module;
    struct outer outer = {scan->scope, scan->block, scan->position, scan->globals.items,
                          scan->globals.count};
    struct block body = {.parent = NONE,
                         .construct = NONE,
                         .next = NONE,
                         .test = NONE,
                         .left_at = NONE,
                         .scope = (uint32_t)module->scopes.count,
                         .line = line};
    scope.parent = scan->scope;
    scope.block = scan->block;
    scope.position = scan->position;
    scope.body = (uint32_t)module->blocks.count;
    scope.line = line;
    scope.first_parameter = (uint32_t)module->parameters.count;
    scope.first_return = (uint32_t)module->returns.count;
    if (!vector_push(&module->blocks, body) || !vector_push(&module->scopes, scope)) {
        module->no_memory = true;
        return outer;
    }
    scan->scope = (uint32_t)(module->scopes.count - 1);
    scan->block = scope.body;
    scan->position = 0;
    scan->globals.items = NULL;
    scan->globals.count = scan->globals.capacity = 0;
    return outer;
}

static void leave(struct scan *scan, struct outer outer)
{
    struct module *module = scan->module;
    if (scan->scope != outer.scope) {
        module->scopes.items[scan->scope].end = scan->position + 1;
        module->blocks.items[module->scopes.items[scan->scope].body].end = scan->position + 1;
        vector_free(&scan->globals);
    }
    scan->scope = outer.scope;
    scan->block = outer.block;
    scan->position = outer.position;
    scan->globals.items = outer.globals;
    scan->globals.count = outer.global_count;
    scan->globals.capacity = outer.global_count;
}

static void add_parameter(struct scan *scan, TSNode node)
{
    struct parameter parameter = {.name = NONE, .kind = ' '};
    for (int depth = 0; depth < 4; depth++) {
        switch (SCAN_KIND(scan, node)) {
        case NODE_identifier:
            parameter.name = scan_symbol(scan, node);
            depth = 4;
            break;
        case NODE_list_splat_pattern:
            parameter.kind = '*';
            node = ts_node_named_child(node, 0);
            break;
        case NODE_dictionary_splat_pattern:
            parameter.kind = 'd';
            node = ts_node_named_child(node, 0);
            break;
        case NODE_default_parameter:
        case NODE_typed_default_parameter:
            node = SCAN_FIELD(scan, node, name);
            break;
        case NODE_typed_parameter:
            node = ts_node_named_child(node, 0);
            break;
        default:
            return;
        }
        if (ts_node_is_null(node))
            return;
    }
    if (parameter.name == NONE || !vector_push(&scan->module->parameters, parameter))
        return;
    scan->module->scopes.items[scan->scope].parameter_count++;
    scan_bind(scan, parameter.name,
              (struct event){.kind = EVENT_OPAQUE, .why = "it is a parameter"}, node);
}

/* Methods are read only when they may say something about classes. */
static bool says_nothing(struct scan *scan, TSNode node, TSNode name)
{
    if (scan->module->scopes.items[scan->scope].kind != SCOPE_CLASS)
        return false;
    size_t size;
    const char *text = source_text(scan->source, name, &size);
    if (outline_keeps_name(text, size))
        return false;
    text = source_text(scan->source, node, &size);
    return !outline_matters(text, size);
}

static void scan_function(struct scan *scan, TSNode node, expression_id decorators)
{
    TSNode name = SCAN_FIELD(scan, node, name);
    symbol_id symbol = scan_symbol(scan, name);
    TSNode first = ts_node_child(node, 0);
    struct scope scope = {.kind = SCOPE_FUNCTION,
                          .name = symbol,
                          .class_index = NONE,
                          .decorators = decorators,
                          .generator = scan_text_is(scan, first, "async")};
    bool skip = decorators == NONE && says_nothing(scan, node, name);
    struct outer outer = enter(scan, scope, SCAN_LINE(scan, node));
    uint32_t number = scan->scope;
    if (number != outer.scope && !skip) {
        TSNode parameters = SCAN_FIELD(scan, node, parameters);
        for (uint32_t i = 0; i < ts_node_named_child_count(parameters) && i < 300; i++)
            add_parameter(scan, ts_node_named_child(parameters, i));
        scan_block(scan, SCAN_FIELD(scan, node, body));
    }
    leave(scan, outer);
    if (number != outer.scope)
        scan_bind(scan, symbol, (struct event){.kind = EVENT_FUNCTION, .index = number}, node);
}

void scan_function_name(struct scan *scan, struct slice name, unsigned line)
{
    struct scope scope = {.kind = SCOPE_FUNCTION,
                          .name = module_intern(scan->module, name.start, name.size),
                          .class_index = NONE,
                          .decorators = NONE};
    struct outer outer = enter(scan, scope, line);
    uint32_t number = scan->scope;
    leave(scan, outer);
    if (number != outer.scope)
        scan_bind_at(scan, scope.name, (struct event){.kind = EVENT_FUNCTION, .index = number},
                     line);
}

static void scan_class(struct scan *scan, TSNode node, expression_id decorators)
{
    struct module *module = scan->module;
    TSNode superclasses = SCAN_FIELD(scan, node, superclasses);
    TSNode parameters = SCAN_FIELD(scan, node, type_parameters);
    struct class_statement statement = {
        .name = scan_symbol(scan, SCAN_FIELD(scan, node, name)),
        .decorators = decorators,
        .line = SCAN_LINE(scan, node),
        .type_parameters = ts_node_is_null(parameters) ? NONE : scan_written_text(scan, parameters),
    };
    if ((!ts_node_is_null(superclasses) && ts_node_has_error(superclasses)) ||
        (!ts_node_is_null(parameters) && ts_node_has_error(parameters)))
        statement.not_checked = "its head is no Python that the grammar knows";
    statement.arguments = scan_class_arguments(scan, superclasses, &statement.not_checked);
    uint32_t index = (uint32_t)module->classes.count;
    statement.scope = (uint32_t)module->scopes.count;
    statement.first_field = (uint32_t)module->fields.count;
    if (!vector_push(&module->classes, statement)) {
        module->no_memory = true;
        return;
    }
    struct scope scope = {
        .kind = SCOPE_CLASS, .name = statement.name, .class_index = index, .decorators = NONE};
    struct outer outer = enter(scan, scope, SCAN_LINE(scan, node));
    if (scan->scope != outer.scope)
        scan_block(scan, SCAN_FIELD(scan, node, body));
    leave(scan, outer);
    module->classes.items[index].end_field = (uint32_t)module->fields.count;
    scan_bind(scan, statement.name, (struct event){.kind = EVENT_CLASS, .index = index}, node);
}

void scan_definition(struct scan *scan, TSNode node, expression_id decorators)
{
    if (ts_node_is_null(SCAN_FIELD(scan, node, name)))
        return;
    if (SCAN_KIND(scan, node) == NODE_class_definition)
        scan_class(scan, node, decorators);
    else
        scan_function(scan, node, decorators);
}

void scan_decorated(struct scan *scan, TSNode node)
{
    expression_id decorators[32];
    uint32_t count = 0, total = ts_node_named_child_count(node);
    for (uint32_t i = 0; i < total && count < 32; i++) {
        TSNode part = ts_node_named_child(node, i);
        if (SCAN_KIND(scan, part) == NODE_decorator && ts_node_named_child_count(part)) {
            expression_id decorator = scan_expression(scan, ts_node_named_child(part, 0));
            if (decorator != NONE)
                decorators[count++] = decorator;
        }
    }
    TSNode definition = SCAN_FIELD(scan, node, definition);
    if (ts_node_is_null(definition))
        return;
    expression_id all = scan_add_expression(
        scan, (struct expression){.kind = EXPRESSION_SEQUENCE, .line = SCAN_LINE(scan, node)},
        decorators, count);
    scan_definition(scan, definition, all);
}
