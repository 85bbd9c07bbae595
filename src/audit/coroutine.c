#include "audit/coroutine.h"

#include <stdlib.h>

#include "base/cleanup.h"

struct coroutine_walk {
    const struct scopes *scopes;
    struct error *(*visit)(void *context, const struct coroutine_call *call);
    void *context;
    uint32_t scope;
    unsigned deadlines, depth;
    struct error *error;
};

TSNode call_argument(const struct scopes *scopes, TSNode call, unsigned place, const char *keyword)
{
    TSNode list = node_field(call, "arguments"), nothing = {0};
    unsigned position = 0;
    for (uint32_t i = 0; node_is(list, "argument_list") && i < ts_node_named_child_count(list);
         i++) {
        TSNode one = ts_node_named_child(list, i);
        if (node_is(one, "keyword_argument")) {
            if (keyword && slice_is(slice_of(scopes->source, node_field(one, "name")), keyword))
                return node_field(one, "value");
        } else if (!node_is(one, "comment") && position++ == place) {
            return one;
        }
    }
    return nothing;
}

/* `async with asyncio.timeout(5)` and its relatives; None as a deadline is none. */
static bool sets_deadline(const struct coroutine_walk *walk, TSNode statement)
{
    static const char *const names[] = {"asyncio.timeout",          "asyncio.timeout_at",
                                        "async_timeout.timeout",    "async_timeout.timeout_at",
                                        "anyio.fail_after",         "anyio.move_on_after",
                                        "trio.fail_after",          "trio.move_on_after",
                                        "asyncio.timeouts.timeout", NULL};
    TSNode clause = ts_node_named_child(statement, 0);
    for (uint32_t i = 0; i < ts_node_named_child_count(clause); i++) {
        TSNode item = node_field(ts_node_named_child(clause, i), "value");
        if (node_is(item, "as_pattern"))
            item = ts_node_named_child(item, 0);
        if (!node_is(item, "call"))
            continue;
        _cleanup_free_ char *name =
            scopes_dotted(walk->scopes, walk->scope, node_field(item, "function"));
        if (name && slice_among((struct slice){name, strlen(name)}, names) &&
            !node_is(call_argument(walk->scopes, item, 0, "delay"), "none"))
            return true;
    }
    return false;
}

static void visit_call(struct coroutine_walk *walk, TSNode node, TSNode parent)
{
    TSNode function = node_bare(node_field(node, "function"));
    _cleanup_free_ char *name = scopes_dotted(walk->scopes, walk->scope, function);
    struct coroutine_call call = {
        .scope = walk->scope,
        .node = node,
        .name = name,
        .last =
            slice_of(walk->scopes->source,
                     node_is(function, "attribute") ? node_field(function, "attribute") : function),
        .awaited = node_is(parent, "await"),
        .passed = node_is(parent, "argument_list") || node_is(parent, "keyword_argument") ||
                  node_is(parent, "list") || node_is(parent, "tuple") || node_is(parent, "set"),
        .deadlines = walk->deadlines,
    };
    walk->error = walk->visit(walk->context, &call);
}

static void walk_node(struct coroutine_walk *walk, TSNode node, TSNode parent);

static void walk_children(struct coroutine_walk *walk, TSNode node)
{
    TSTreeCursor cursor = ts_tree_cursor_new(node);
    if (ts_tree_cursor_goto_first_child(&cursor)) {
        do {
            TSNode child = ts_tree_cursor_current_node(&cursor);
            if (ts_node_is_named(child) && !walk->error)
                walk_node(walk, child, node);
        } while (ts_tree_cursor_goto_next_sibling(&cursor));
    }
    ts_tree_cursor_delete(&cursor);
}

/* 1: always true, 0: always false, -1: not known. Also of a name that has one such value. */
static int truth_of(const struct coroutine_walk *walk, TSNode condition, unsigned steps)
{
    condition = node_bare(condition);
    if (node_is(condition, "true") || node_is(condition, "false"))
        return node_is(condition, "true");
    if (node_is(condition, "not_operator") && steps) {
        int truth = truth_of(walk, node_field(condition, "argument"), steps - 1);
        return truth < 0 ? truth : !truth;
    }
    if (!node_is(condition, "identifier") || !steps)
        return -1;
    const struct binding *binding =
        scopes_find(walk->scopes, walk->scope, slice_of(walk->scopes->source, condition));
    if (!binding || binding->kind != BOUND_VALUE || binding->scope != 0 || binding->next != NOWHERE)
        return -1;
    return truth_of(walk, binding->node, steps - 1);
}

/* An `if` one branch of which never runs, as in files that are made for both worlds. */
static void walk_if(struct coroutine_walk *walk, TSNode node)
{
    int truth = truth_of(walk, node_field(node, "condition"), 3);
    for (uint32_t i = 0; !walk->error && i < ts_node_named_child_count(node); i++) {
        TSNode child = ts_node_named_child(node, i);
        bool consequence = ts_node_eq(child, node_field(node, "consequence"));
        bool alternative = node_is(child, "elif_clause") || node_is(child, "else_clause");
        if (!(truth == 0 && consequence) && !(truth == 1 && alternative))
            walk_node(walk, child, node);
    }
}

static void walk_node(struct coroutine_walk *walk, TSNode node, TSNode parent)
{
    if (walk->depth >= SYNTAX_DEEPEST || node_is(node, "lambda") || node_is(node, "decorator") ||
        node_is(node, "function_definition") || node_is(node, "class_definition"))
        return;
    bool deadline = node_is(node, "with_statement") && sets_deadline(walk, node);
    walk->deadlines += deadline;
    walk->depth++;
    if (node_is(node, "call"))
        visit_call(walk, node, parent);
    if (node_is(node, "if_statement"))
        walk_if(walk, node);
    else if (!walk->error)
        walk_children(walk, node);
    walk->depth--;
    walk->deadlines -= deadline;
}

struct error *coroutine_calls(const struct scopes *scopes,
                              struct error *(*visit)(void *context,
                                                     const struct coroutine_call *call),
                              void *context)
{
    struct coroutine_walk walk = {.scopes = scopes, .visit = visit, .context = context};
    for (uint32_t i = 1; !walk.error && i < scopes->items.count; i++) {
        TSNode node = scopes->items.items[i].node;
        if (!node_is(node, "function_definition") || !node_is_async(node))
            continue;
        walk.scope = i;
        walk_children(&walk, node_field(node, "body"));
    }
    return walk.error;
}
