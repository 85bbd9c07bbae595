/*
 * syntax.h: nodes of the syntax tree and their text, for the rules of one file.
 */
#ifndef STETH_AUDIT_SYNTAX_H
#define STETH_AUDIT_SYNTAX_H

#include <string.h>

#include "audit/source.h"

/* Deeper nesting is not looked into: code that people write is far from it. */
#define SYNTAX_DEEPEST 400

/* A piece of the source, not NUL-terminated. */
struct slice {
    const char *start;
    size_t size;
};

static inline struct slice slice_of(const struct source *source, TSNode node)
{
    struct slice slice = {"", 0};
    if (!ts_node_is_null(node))
        slice.start = source_text(source, node, &slice.size);
    return slice;
}

static inline bool slice_is(struct slice slice, const char *word)
{
    return strlen(word) == slice.size && memcmp(slice.start, word, slice.size) == 0;
}

static inline bool slice_equal(struct slice a, struct slice b)
{
    return a.size == b.size && memcmp(a.start, b.start, a.size) == 0;
}

/* Whether `slice` is one of the words, which end with NULL. */
static inline bool slice_among(struct slice slice, const char *const *words)
{
    for (; *words; words++)
        if (slice_is(slice, *words))
            return true;
    return false;
}

/* Whether it is one of `count` names. */
static inline bool slice_in(struct slice slice, const struct slice *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(names[i], slice))
            return true;
    return false;
}

static inline bool node_is(TSNode node, const char *type)
{
    return !ts_node_is_null(node) && strcmp(ts_node_type(node), type) == 0;
}

/* The child in a field of that name; a null node: there is none. */
TSNode node_field(TSNode node, const char *name);

/* `async def`, `async with`, `async for`. */
static inline bool node_is_async(TSNode node)
{
    return node_is(ts_node_child(node, 0), "async");
}

/* What several values are unpacked into, or written as. */
static inline bool node_is_sequence(TSNode node)
{
    return node_is(node, "pattern_list") || node_is(node, "tuple_pattern") ||
           node_is(node, "list_pattern") || node_is(node, "tuple") || node_is(node, "list") ||
           node_is(node, "expression_list");
}

/* A key for maps; never 0. */
static inline uint64_t node_key(TSNode node)
{
    return (uint64_t)(uintptr_t)node.id;
}

/* Takes parentheses off. */
static inline TSNode node_bare(TSNode node)
{
    while (node_is(node, "parenthesized_expression") && ts_node_named_child_count(node) == 1)
        node = ts_node_named_child(node, 0);
    return node;
}

#endif
