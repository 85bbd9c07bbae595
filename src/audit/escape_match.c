/* escape_match.c: what the patterns of a match statement give names to. */
#include "audit/escape.h"

static struct value part_of(struct value whole)
{
    struct value part = value_plain(whole.is_self ? ORIGIN_PART : whole.origin);
    part.holds = whole.holds && !whole.is_self;
    return part;
}

/* Whether a pattern hands the whole of its subject on to the patterns within it. */
static bool is_transparent(TSNode pattern)
{
    return node_is(pattern, "case_pattern") || node_is(pattern, "as_pattern") ||
           node_is(pattern, "union_pattern");
}

static void bind(struct escape_search *search, struct frame *frame, TSNode pattern,
                 struct value value, unsigned depth)
{
    uint32_t count = ts_node_named_child_count(pattern), first = 0;
    if (depth > SYNTAX_DEEPEST)
        return;
    if (node_is(pattern, "identifier") ||
        (node_is(pattern, "dotted_name") && count == 1)) { /* a.b is compared, not bound */
        frame_assign(search, frame, pattern, value);
        return;
    }
    if (node_is(pattern, "dotted_name"))
        return;
    if (node_is(pattern, "class_pattern") || node_is(pattern, "keyword_pattern"))
        first = 1; /* the class, the attribute */
    if (!is_transparent(pattern))
        value = part_of(value);
    for (uint32_t i = first; i < count; i++)
        bind(search, frame, ts_node_named_child(pattern, i), value, depth + 1);
}

/* `match a, b:` matches a tuple. */
static struct value subject_of(struct escape_search *search, struct frame *frame, TSNode node)
{
    TSNode body = node_field(node, "body");
    struct value all = value_new(false);
    uint32_t count = 0;
    for (uint32_t i = 0; i < ts_node_named_child_count(node); i++) {
        TSNode part = ts_node_named_child(node, i);
        if (ts_node_eq(part, body) || node_is(part, "comment"))
            continue;
        struct value one = escape_evaluate(search, frame, part);
        all = count++ ? value_new((all.holds && !all.weak) || (one.holds && !one.weak)) : one;
    }
    return all;
}

void escape_walk_match(struct escape_search *search, struct frame *frame, TSNode node)
{
    struct value subject = subject_of(search, frame, node);
    TSNode body = node_field(node, "body");
    frame->branches++;
    for (uint32_t i = 0; !ts_node_is_null(body) && i < ts_node_named_child_count(body); i++) {
        TSNode clause = ts_node_named_child(body, i);
        for (uint32_t k = 0; k < ts_node_named_child_count(clause); k++) {
            TSNode part = ts_node_named_child(clause, k);
            if (node_is(part, "case_pattern"))
                bind(search, frame, part, subject, 0);
            else
                escape_walk(search, frame, part);
        }
    }
    frame->branches--;
}
