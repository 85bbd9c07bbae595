/* collector_subject.h: what the collector's rules look at; private to them. */
#ifndef STETH_ANALYSIS_COLLECTOR_SUBJECT_H
#define STETH_ANALYSIS_COLLECTOR_SUBJECT_H

#include "analysis/look.h"

/* Container allocations that tell that a collector is missed. */
#define PENDING_MIN 10000

/* One interpreter's collector, at the look's two ends. */
struct collector_subject {
    struct look *look;
    const struct look_options *options;
    struct report *report;
    size_t interpreter;
    const struct collector_state *before, *after;
};

/* A warning of `rule` with its confirming command; NULL without memory. */
struct finding *collector_finding(const struct collector_subject *subject, const char *rule,
                                  const char *what);

/* ---- collector_starved.c --------------------------------------------------------------------- */

/* GC001: garbage waits for a collection that does not come. */
struct error *collector_starved(const struct collector_subject *subject, bool *found);

/* GC002: gc.freeze() has set garbage apart for good. */
struct error *collector_frozen(const struct collector_subject *subject, bool *found);

#endif
