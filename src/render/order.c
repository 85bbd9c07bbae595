#include "render/order.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *left, const void *right)
{
    const struct finding *a = *(const struct finding *const *)left;
    const struct finding *b = *(const struct finding *const *)right;
    if (a->severity != b->severity)
        return a->severity > b->severity ? -1 : 1;
    int rules = strcmp(a->rule, b->rule);
    if (rules)
        return rules;
    return (a > b) - (a < b); /* both point into the same array */
}

const struct finding **findings_in_order(const struct report *report)
{
    size_t count = report->findings.count;
    const struct finding **order = count ? calloc(count, sizeof *order) : NULL;
    if (!order)
        return NULL;
    for (size_t i = 0; i < count; i++)
        order[i] = &report->findings.items[i];
    qsort(order, count, sizeof *order, compare);
    return order;
}

static int compare_codes(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

const char **ok_in_order(const struct report *report)
{
    size_t count = report->ok.count;
    const char **order = count ? calloc(count, sizeof *order) : NULL;
    if (!order)
        return NULL;
    memcpy(order, report->ok.items, count * sizeof *order);
    qsort(order, count, sizeof *order, compare_codes);
    return order;
}

struct totals findings_count(const struct report *report)
{
    struct totals totals = {0};
    for (size_t i = 0; i < report->findings.count; i++) {
        if (report->findings.items[i].suppressed.kind) {
            totals.suppressed++;
            continue;
        }
        switch (report->findings.items[i].severity) {
        case SEVERITY_ERROR:
            totals.error++;
            break;
        case SEVERITY_WARNING:
            totals.warning++;
            break;
        case SEVERITY_INFO:
            totals.info++;
            break;
        }
    }
    return totals;
}
