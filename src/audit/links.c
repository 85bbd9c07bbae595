#include "audit/links.h"

struct link_walk {
    const struct scopes *scopes;
    link_list *links;
    unsigned depth;
    bool no_memory;
};

static struct slice name_of(const struct link_walk *walk, TSNode node)
{
    return node_is(node, "identifier") ? slice_of(walk->scopes->source, node)
                                       : (struct slice){"", 0};
}

/* `holder` is "name.attribute". */
static void add_link(struct link_walk *walk, TSNode holder, TSNode value, TSNode statement,
                     bool many)
{
    TSNode object = node_field(holder, "object");
    value = node_bare(value);
    if (!node_is(holder, "attribute") || !node_is(object, "identifier") ||
        (!node_is(value, "identifier") && !node_is(value, "call")))
        return;
    struct link link = {.from = name_of(walk, object),
                        .to = name_of(walk, value),
                        .attribute =
                            slice_of(walk->scopes->source, node_field(holder, "attribute")),
                        .value = value,
                        .statement = statement,
                        .many = many};
    walk->no_memory |= !vector_push(walk->links, link);
}

static void read_assignment(struct link_walk *walk, TSNode node)
{
    TSNode left = node_field(node, "left"), right = node_field(node, "right");
    while (node_is(right, "assignment"))
        right = node_field(right, "right");
    if (ts_node_is_null(right))
        return;
    if (node_is(left, "subscript"))
        add_link(walk, node_field(left, "value"), right, node, true);
    else
        add_link(walk, left, right, node, false);
}

/* self.children.append(child) */
static void read_call(struct link_walk *walk, TSNode node)
{
    static const char *const storing[] = {"append", "appendleft", "add",        "insert",
                                          "put",    "push",       "setdefault", NULL};
    TSNode function = node_field(node, "function"), list = node_field(node, "arguments");
    if (!node_is(function, "attribute") || !node_is(list, "argument_list") ||
        !slice_among(slice_of(walk->scopes->source, node_field(function, "attribute")), storing))
        return;
    for (uint32_t i = 0; i < ts_node_named_child_count(list); i++)
        add_link(walk, node_field(function, "object"), ts_node_named_child(list, i), node, true);
}

static void walk_links(struct link_walk *walk, TSNode node)
{
    if (walk->depth >= SYNTAX_DEEPEST || node_is(node, "lambda") ||
        node_is(node, "function_definition") || node_is(node, "class_definition"))
        return;
    walk->depth++;
    if (node_is(node, "assignment"))
        read_assignment(walk, node);
    else if (node_is(node, "call"))
        read_call(walk, node);
    for (uint32_t i = 0; i < ts_node_named_child_count(node); i++)
        walk_links(walk, ts_node_named_child(node, i));
    walk->depth--;
}

struct error *links_of(const struct scopes *scopes, uint32_t method, link_list *links)
{
    struct link_walk walk = {.scopes = scopes, .links = links};
    TSNode body = node_field(scopes->items.items[method].node, "body");
    if (node_is(body, "block"))
        walk_links(&walk, body);
    return walk.no_memory ? error_no_memory() : NULL;
}
