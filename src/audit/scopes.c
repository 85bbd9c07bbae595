/* scopes.c: the walk that finds scopes and bindings. */
#include "audit/scopes.h"

#include "audit/scopes_internal.h"
#include "base/text.h"

static void visit(struct scopes_walk *walk, TSNode node);

static void visit_children(struct scopes_walk *walk, TSNode node)
{
    if (walk->depth >= SYNTAX_DEEPEST || ts_node_named_child_count(node) == 0)
        return;
    walk->depth++;
    /* A cursor: getting the n-th child takes n steps. */
    TSTreeCursor cursor = ts_tree_cursor_new(node);
    if (ts_tree_cursor_goto_first_child(&cursor)) {
        do {
            TSNode child = ts_tree_cursor_current_node(&cursor);
            if (ts_node_is_named(child))
                visit(walk, child);
        } while (ts_tree_cursor_goto_next_sibling(&cursor));
    }
    ts_tree_cursor_delete(&cursor);
    walk->depth--;
}

static void visit_field(struct scopes_walk *walk, TSNode node, const char *field)
{
    TSNode child = node_field(node, field);
    if (!ts_node_is_null(child))
        visit(walk, child);
}

static void visit_assignment(struct scopes_walk *walk, TSNode node)
{
    TSNode value = node_field(node, "right");
    scopes_bind_target(walk, node_field(node, "left"), value);
    visit_field(walk, node, "left");
    /* a = b = value: the value of a is that of b */
    if (node_is(value, "assignment")) {
        TSNode last = value;
        while (node_is(last, "assignment"))
            last = node_field(last, "right");
        if (!ts_node_is_null(last))
            scopes_bind_target(walk, node_field(node, "left"), last);
    }
    if (!ts_node_is_null(value))
        visit(walk, value);
}

/* ---- definitions ----------------------------------------------------------------------------- */

TSNode parameter_name(TSNode parameter)
{
    if (node_is(parameter, "default_parameter") || node_is(parameter, "typed_default_parameter"))
        return node_field(parameter, "name");
    if (node_is(parameter, "typed_parameter") || node_is(parameter, "list_splat_pattern") ||
        node_is(parameter, "dictionary_splat_pattern"))
        return parameter_name(ts_node_named_child(parameter, 0));
    return parameter;
}

static void bind_parameters(struct scopes_walk *walk, TSNode parameters)
{
    bool first = true;
    for (uint32_t i = 0; i < ts_node_named_child_count(parameters); i++) {
        TSNode parameter = ts_node_named_child(parameters, i);
        TSNode name = parameter_name(parameter);
        if (!node_is(name, "identifier"))
            continue;
        if (first)
            walk->scopes->items.items[walk->scope].first_parameter = name;
        first = false;
        scopes_bind_name(walk, name, BOUND_PARAMETER, parameter);
    }
}

/* Defaults and annotations are read outside. */
static void visit_defaults(struct scopes_walk *walk, TSNode parameters)
{
    for (uint32_t i = 0; i < ts_node_named_child_count(parameters); i++)
        visit_field(walk, ts_node_named_child(parameters, i), "value");
}

/* Whether the decorators of `definition` name `word`. */
static bool is_decorated(const struct scopes_walk *walk, TSNode definition, const char *word)
{
    TSNode parent = ts_node_parent(definition);
    if (!node_is(parent, "decorated_definition"))
        return false;
    for (uint32_t i = 0; i < ts_node_named_child_count(parent); i++) {
        TSNode one = ts_node_named_child(parent, i);
        if (node_is(one, "decorator") &&
            slice_is(slice_of(walk->scopes->source, ts_node_named_child(one, 0)), word))
            return true;
    }
    return false;
}

static void visit_function(struct scopes_walk *walk, TSNode node)
{
    TSNode name = node_field(node, "name"), parameters = node_field(node, "parameters");
    const struct scope *outer = &walk->scopes->items.items[walk->scope];
    struct scope scope = {.kind = SCOPE_FUNCTION,
                          .node = node,
                          .parent = walk->scope,
                          .is_method = outer->kind == SCOPE_CLASS &&
                                       !is_decorated(walk, node, "staticmethod"),
                          .class_method = is_decorated(walk, node, "classmethod"),
                          .name = slice_of(walk->scopes->source, name)};
    if (!ts_node_is_null(name))
        scopes_bind_name(walk, name, BOUND_FUNCTION, node);
    if (!ts_node_is_null(parameters))
        visit_defaults(walk, parameters);
    struct scopes_walk inner = *walk;
    inner.scope = scopes_add(walk->scopes, &scope);
    if (inner.scope == NOWHERE)
        return;
    if (!ts_node_is_null(parameters))
        bind_parameters(&inner, parameters);
    visit_field(&inner, node, "body");
}

static void visit_class(struct scopes_walk *walk, TSNode node)
{
    TSNode name = node_field(node, "name");
    struct scope scope = {.kind = SCOPE_CLASS,
                          .node = node,
                          .parent = walk->scope,
                          .name = slice_of(walk->scopes->source, name)};
    scopes_bind_name(walk, name, BOUND_CLASS, node);
    visit_field(walk, node, "superclasses");
    struct scopes_walk inner = *walk;
    inner.scope = scopes_add(walk->scopes, &scope);
    scope.kind = SCOPE_INSTANCE;
    scope.node = (TSNode){0};
    if (inner.scope == NOWHERE || scopes_add(walk->scopes, &scope) == NOWHERE)
        return;
    visit_field(&inner, node, "body");
}

/* ---- statements ------------------------------------------------------------------------------ */

static void visit_declaration(struct scopes_walk *walk, TSNode node, bool global)
{
    struct scope *scope = &walk->scopes->items.items[walk->scope];
    for (uint32_t i = 0; i < ts_node_named_child_count(node); i++) {
        struct slice name = slice_of(walk->scopes->source, ts_node_named_child(node, i));
        bool added =
            global ? vector_push(&scope->globals, name) : vector_push(&scope->nonlocals, name);
        walk->scopes->no_memory |= !added;
    }
}

static void visit_pattern(struct scopes_walk *walk, TSNode node)
{
    TSNode alias = node_field(node, "alias");
    TSNode value = ts_node_named_child(node, 0);
    bool managed = node_is(ts_node_parent(node), "with_item");
    if (!ts_node_is_null(alias))
        scopes_bind_target(walk, alias, managed ? value : (TSNode){0});
    visit_children(walk, node);
}

/* What binds or opens a scope; false: it is of no such kind. */
static bool visit_special(struct scopes_walk *walk, TSNode node, const char *type)
{
    if (strcmp(type, "function_definition") == 0 || strcmp(type, "lambda") == 0) {
        visit_function(walk, node);
    } else if (strcmp(type, "class_definition") == 0) {
        visit_class(walk, node);
    } else if (strcmp(type, "import_statement") == 0 ||
               strcmp(type, "import_from_statement") == 0) {
        scopes_bind_import(walk->scopes, walk->scope, node);
    } else if (strcmp(type, "assignment") == 0) {
        visit_assignment(walk, node);
    } else if (strcmp(type, "augmented_assignment") == 0) {
        scopes_bind_target(walk, node_field(node, "left"), (TSNode){0});
        visit_children(walk, node);
    } else if (strcmp(type, "named_expression") == 0) {
        scopes_bind_target(walk, node_field(node, "name"), node_field(node, "value"));
        visit_field(walk, node, "value");
    } else if (strcmp(type, "for_statement") == 0 || strcmp(type, "for_in_clause") == 0) {
        scopes_bind_target(walk, node_field(node, "left"), (TSNode){0});
        visit_children(walk, node);
    } else if (strcmp(type, "global_statement") == 0 || strcmp(type, "nonlocal_statement") == 0) {
        visit_declaration(walk, node, *type == 'g');
    } else if (strcmp(type, "as_pattern") == 0) {
        visit_pattern(walk, node);
    } else {
        return strcmp(type, "string") == 0 && ts_node_named_child_count(node) <= 2;
    }
    return true;
}

static void visit(struct scopes_walk *walk, TSNode node)
{
    const char *type = ts_node_type(node);
    if (text_ends_with(type, "_statement"))
        walk->statement = node;
    /* Most nodes are none of them, and begin with another letter. */
    if (!strchr("acfgilns", *type) || !visit_special(walk, node, type))
        visit_children(walk, node);
}

struct error *scopes_build(const struct source *source, struct scopes *scopes)
{
    *scopes = (struct scopes){.source = source};
    TSNode root = ts_tree_root_node(source->tree);
    struct scopes_walk walk = {.scopes = scopes, .statement = root};
    struct scope module = {.kind = SCOPE_MODULE, .node = root, .parent = NOWHERE};
    if (scopes_add(scopes, &module) != NOWHERE)
        visit_children(&walk, root);
    return scopes->no_memory ? error_no_memory() : NULL;
}
