/* Loops. */
#include "audit/scan_internal.h"

/* What a loop goes on for: the test of a while, False for what is empty; NONE: not known. */
static expression_id scan_loop_test(struct scan *scan, TSNode node)
{
    TSNode condition = SCAN_FIELD(scan, node, condition), values = SCAN_FIELD(scan, node, right);
    if (!ts_node_is_null(condition))
        return scan_expression(scan, condition);
    enum node_kind kind = ts_node_is_null(values) ? NODE_block : SCAN_KIND(scan, values);
    bool empty = (kind == NODE_tuple || kind == NODE_list) && !ts_node_named_child_count(values);
    return empty ? scan_plain(scan, values, EXPRESSION_FALSE, 0) : NONE;
}

static bool is_always(const struct module *module, expression_id test)
{
    const struct expression *expression = test == NONE ? NULL : module_expression(module, test);
    return expression && (expression->kind == EXPRESSION_TRUE ||
                          (expression->kind == EXPRESSION_INTEGER && expression->number));
}

void scan_loop(struct scan *scan, TSNode node)
{
    struct arms arms = scan_arms_begin(scan);
    unsigned breaks = scan->breaks;
    TSNode target = SCAN_FIELD(scan, node, left);
    expression_id test = scan_loop_test(scan, node);
    if (!ts_node_is_null(target))
        scan_bind_target(scan, target, NONE, "it is the variable of a loop");
    scan->position++;
    const struct loop loop = {scan->loops, target, SCAN_FIELD(scan, node, right)};
    if (!ts_node_is_null(target))
        scan->loops = &loop;
    scan_arm(scan, &arms, ARM_LOOP, test, SCAN_FIELD(scan, node, body), SCAN_LINE(scan, node));
    scan->loops = loop.outer;
    bool ends = scan->breaks != breaks || !is_always(scan->module, test);
    scan->breaks = breaks;
    TSNode otherwise = SCAN_FIELD(scan, node, alternative);
    if (!ts_node_is_null(otherwise))
        scan_arm(scan, &arms, ARM_ELSE, NONE, SCAN_FIELD(scan, otherwise, body),
                 SCAN_LINE(scan, otherwise));
    scan_arms_end(scan, &arms);
    if (!ends)
        scan_leave(scan, true, SCAN_LINE(scan, node));
}
