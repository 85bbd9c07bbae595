/*
 * order.h: the order in which every renderer shows findings: the worst first, then by rule, then as
 * the analyses added them.
 */
#ifndef STETH_RENDER_ORDER_H
#define STETH_RENDER_ORDER_H

#include "finding/report.h"

/* report->findings.count pointers, which the caller frees; NULL when there are none or no memory.
 */
const struct finding **findings_in_order(const struct report *report);

/* report->ok, sorted; the caller frees it; NULL when there are none or no memory. */
const char **ok_in_order(const struct report *report);

struct totals {
    size_t error, warning, info; /* without those that are suppressed */
    size_t suppressed;
};

struct totals findings_count(const struct report *report);

#endif
