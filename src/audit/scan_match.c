/* Matches: their arms, and the names that their patterns bind. */
#include "audit/scan_internal.h"

#include <string.h>

static bool is_type(TSNode node, const char *type)
{
    return strcmp(ts_node_type(node), type) == 0;
}

/* case [first, *rest]: a name alone, behind `as` or behind a star is bound. */
static void bind_captures(struct scan *scan, TSNode pattern)
{
    uint32_t count = ts_node_named_child_count(pattern);
    bool name = SCAN_KIND(scan, pattern) == NODE_identifier ||
                (is_type(pattern, "dotted_name") && count == 1);
    if (name)
        scan_bind(scan, scan_symbol(scan, pattern),
                  (struct event){.kind = EVENT_OPAQUE, .why = "a pattern captures it"}, pattern);
    if (name || is_type(pattern, "dotted_name") || scan->depth >= SCAN_DEEPEST_BLOCK)
        return;
    scan->depth++;
    bool named = is_type(pattern, "class_pattern") || is_type(pattern, "keyword_pattern");
    for (uint32_t i = named; i < count && i < SCAN_LONGEST_LIST; i++)
        bind_captures(scan, ts_node_named_child(pattern, i));
    scan->depth--;
}

static void bind_case(struct scan *scan, TSNode clause)
{
    for (uint32_t i = 0; i < ts_node_named_child_count(clause) && i < SCAN_LONGEST_LIST; i++) {
        if (is_type(ts_node_named_child(clause, i), "case_pattern"))
            bind_captures(scan, ts_node_named_child(clause, i));
    }
}

/* What any of the patterns captures is bound for all of them. */
void scan_match(struct scan *scan, TSNode node)
{
    struct arms arms = scan_arms_begin(scan);
    TSNode body = SCAN_FIELD(scan, node, body);
    uint32_t count = ts_node_is_null(body) ? 0 : ts_node_named_child_count(body);
    for (uint32_t i = 0; i < count && i < SCAN_LONGEST_LIST; i++) {
        TSNode part = ts_node_named_child(body, i);
        if (SCAN_KIND(scan, part) == NODE_case_clause)
            bind_case(scan, part);
    }
    for (uint32_t i = 0; i < count && i < SCAN_LONGEST_LIST; i++) {
        TSNode part = ts_node_named_child(body, i);
        if (SCAN_KIND(scan, part) == NODE_case_clause)
            scan_arm(scan, &arms, ARM_CASE, NONE, SCAN_FIELD(scan, part, consequence),
                     SCAN_LINE(scan, part));
    }
    scan_arms_end(scan, &arms);
}
