/* escape_walk.c: statements of a finalizer, in their order. */
#include <string.h>

#include "audit/escape.h"

/* `target = value`, where `source` is the expression of the value, if there is one. */
static void assign(struct escape_search *search, struct frame *frame, TSNode target,
                   struct value value, TSNode source)
{
    const struct source *text = search->scopes->source;
    target = node_bare(target);
    if (node_is(target, "identifier")) {
        frame_assign(search, frame, target, value);
    } else if (node_is(target, "attribute") || node_is(target, "subscript")) {
        TSNode object = node_field(target, node_is(target, "attribute") ? "object" : "value");
        struct value into = escape_evaluate(search, frame, object);
        struct variable *held = frame_variable(search->scopes, frame, slice_of(text, object));
        if (held && node_is(target, "attribute") &&
            slice_is(slice_of(text, node_field(target, "attribute")), "__traceback__"))
            held->value.holds = false; /* an exception that lets its frames go */
        struct store store = {.container = object, .into = into, .target = target};
        bool key = node_is(target, "subscript") &&
                   escape_evaluate(search, frame, node_field(target, "subscript")).holds;
        if ((value.holds && !value.weak) || key)
            escape_store(search, frame, &store);
        else
            escape_retract(search, frame, slice_of(text, target));
    } else if (node_is_sequence(target)) {
        uint32_t count = ts_node_named_child_count(target);
        bool match = node_is_sequence(source) && ts_node_named_child_count(source) == count;
        for (uint32_t i = 0; i < count; i++) {
            TSNode part = match ? ts_node_named_child(source, i) : (TSNode){0};
            struct value one = match ? escape_evaluate(search, frame, part) : value;
            one.is_self = match && one.is_self;
            assign(search, frame, ts_node_named_child(target, i), one, part);
        }
    } else if (ts_node_named_child_count(target) == 1) { /* a star, `as` */
        assign(search, frame, ts_node_named_child(target, 0), value, source);
    }
}

static void walk_assignment(struct escape_search *search, struct frame *frame, TSNode node)
{
    TSNode right = node_field(node, "right");
    TSNode last = right;
    while (node_is(last, "assignment"))
        last = node_field(last, "right");
    if (ts_node_is_null(last))
        return;
    struct value value = escape_evaluate(search, frame, last);
    assign(search, frame, node_field(node, "left"), value, last);
    for (; node_is(right, "assignment"); right = node_field(right, "right"))
        assign(search, frame, node_field(right, "left"), value, last);
}

/* `type(self).last = self`: the left side of an alias would be a plain name. */
static void walk_alias(struct escape_search *search, struct frame *frame, TSNode node)
{
    TSNode target = ts_node_named_child(node_field(node, "left"), 0), root = target;
    while (node_is(root, "attribute") || node_is(root, "subscript"))
        root = node_field(root, node_is(root, "attribute") ? "object" : "value");
    if (!node_is(root, "parenthesized_expression"))
        return;
    struct value value = escape_evaluate(search, frame, node_field(node, "right"));
    frame->type_of = root;
    assign(search, frame, target, value, (TSNode){0});
    frame->type_of = (TSNode){0};
}

/* `bin += [self]` puts into what stands on the left. */
static void walk_augmented(struct escape_search *search, struct frame *frame, TSNode node)
{
    struct value value = escape_evaluate(search, frame, node_field(node, "right"));
    TSNode left = node_field(node, "left");
    struct value into = escape_evaluate(search, frame, left);
    if (!value.holds || value.weak)
        return;
    struct store store = {.container = left, .into = into, .method = {"extend", strlen("extend")}};
    escape_store(search, frame, &store);
}

/* One of the things that a loop goes through. */
static struct value item_of(struct escape_search *search, struct frame *frame, TSNode values)
{
    struct value all = escape_evaluate(search, frame, values);
    struct value item = value_plain(all.origin);
    item.holds = all.holds && !all.is_self;
    if (item.origin == ORIGIN_OWN || all.is_self)
        item.origin = ORIGIN_PART;
    /* (a, b): what they are themselves is known */
    for (uint32_t i = 0; node_is_sequence(values) && i < ts_node_named_child_count(values); i++) {
        struct value one = escape_evaluate(search, frame, ts_node_named_child(values, i));
        item = i ? value_join(item, one) : one;
    }
    return item;
}

static void walk_for(struct escape_search *search, struct frame *frame, TSNode node)
{
    struct value item = item_of(search, frame, node_field(node, "right"));
    assign(search, frame, node_field(node, "left"), item, (TSNode){0});
    frame->branches++;
    for (int round = 0; round < 2; round++)
        escape_walk(search, frame, node_field(node, "body"));
    frame->branches--;
    escape_walk(search, frame, node_field(node, "alternative"));
}

static void walk_delete(struct escape_search *search, struct frame *frame, TSNode node)
{
    TSNode list = ts_node_named_child(node, 0);
    bool many = node_is_sequence(list);
    for (uint32_t i = 0; i < (many ? ts_node_named_child_count(list) : 1); i++) {
        struct slice text =
            slice_of(search->scopes->source, many ? ts_node_named_child(list, i) : list);
        escape_retract(search, frame, text);
        struct variable *variable = frame_variable(search->scopes, frame, text);
        if (variable && !frame->branches)
            variable->value = value_plain(ORIGIN_OTHER);
    }
}

static void walk_definition(struct escape_search *search, struct frame *frame, TSNode node)
{
    frame_assign(search, frame, node_field(node, "name"), escape_function(search, frame, node));
}

static bool is_branch(TSNode node)
{
    return node_is(node, "if_statement") || node_is(node, "while_statement") ||
           node_is(node, "except_clause") || node_is(node, "except_group_clause");
}

static void walk_children(struct escape_search *search, struct frame *frame, TSNode node)
{
    bool handles = node_is(node, "except_clause") || node_is(node, "except_group_clause");
    frame->handlers += handles;
    frame->branches += is_branch(node);
    for (uint32_t i = 0; i < ts_node_named_child_count(node); i++)
        escape_walk(search, frame, ts_node_named_child(node, i));
    frame->branches -= is_branch(node);
    frame->handlers -= handles;
}

static void walk_pattern(struct escape_search *search, struct frame *frame, TSNode node)
{
    struct value value = escape_evaluate(search, frame, ts_node_named_child(node, 0));
    TSNode around = ts_node_parent(node);
    value.is_self = value.holds = false;
    /* An exception refers to the frames it went through, and they to their names. */
    if (node_is(around, "except_clause") || node_is(around, "except_group_clause"))
        value = value_new(true);
    TSNode alias = node_field(node, "alias");
    if (!ts_node_is_null(alias))
        assign(search, frame, alias, value, (TSNode){0});
}

/* Whether it is a statement that consists of others. */
static bool is_compound(TSNode node)
{
    static const char *const types[] = {"block",
                                        "if_statement",
                                        "elif_clause",
                                        "else_clause",
                                        "while_statement",
                                        "try_statement",
                                        "except_clause",
                                        "finally_clause",
                                        "with_statement",
                                        "with_clause",
                                        "with_item",
                                        "if_clause",
                                        "except_group_clause",
                                        "module",
                                        NULL};
    const char *type = ts_node_type(node);
    return slice_among((struct slice){type, strlen(type)}, types);
}

static bool is_function(TSNode node)
{
    return node_is(node, "lambda") || node_is(node, "function_definition");
}

static void walk(struct escape_search *search, struct frame *frame, TSNode node)
{
    if (node_is(node, "assignment"))
        walk_assignment(search, frame, node);
    else if (node_is(node, "augmented_assignment"))
        walk_augmented(search, frame, node);
    else if (node_is(node, "type_alias_statement"))
        walk_alias(search, frame, node);
    else if (node_is(node, "for_statement") || node_is(node, "for_in_clause"))
        walk_for(search, frame, node);
    else if (node_is(node, "delete_statement"))
        walk_delete(search, frame, node);
    else if (node_is(node, "function_definition"))
        walk_definition(search, frame, node);
    else if (node_is(node, "match_statement"))
        escape_walk_match(search, frame, node);
    else if (node_is(node, "as_pattern"))
        walk_pattern(search, frame, node);
    else if (node_is(node, "return_statement"))
        frame->returned = value_join(frame->returned,
                                     escape_evaluate(search, frame, ts_node_named_child(node, 0)));
    else if (node_is(node, "expression_statement"))
        for (uint32_t i = 0; i < ts_node_named_child_count(node); i++)
            walk(search, frame, ts_node_named_child(node, i));
    else if (is_compound(node) || node_is(node, "decorated_definition"))
        walk_children(search, frame, node);
    else if (!is_function(node) && !node_is(node, "class_definition") &&
             !node_is(node, "decorator") && !node_is(node, "comment"))
        escape_evaluate(search, frame, node);
}

void escape_walk(struct escape_search *search, struct frame *frame, TSNode node)
{
    if (ts_node_is_null(node) || search->steps_left == 0 || search->depth >= SYNTAX_DEEPEST)
        return;
    search->steps_left--;
    search->depth++;
    if (!is_compound(node) && !node_is(node, "for_in_clause")) {
        TSNode before = frame->statement;
        frame->statement = node;
        if (!frame->caller)
            search->line = source_line(search->scopes->source, node);
        walk(search, frame, node);
        frame->statement = before;
    } else {
        walk(search, frame, node);
    }
    search->depth--;
}
