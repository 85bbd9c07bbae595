/*
 * examination.h: one look at one target as a whole report: what the command line and the library
 * share.
 */
#ifndef STETH_ANALYSIS_EXAMINATION_H
#define STETH_ANALYSIS_EXAMINATION_H

#include "analysis/look.h"

/* Which families of rules are run. */
enum examination_part {
    EXAMINE_ZOMBIES = 1 << 0,
    EXAMINE_COLLECTOR = 1 << 1,
    EXAMINE_LOOPS = 1 << 2,
    EXAMINE_THREADS = 1 << 3,
    EXAMINE_CLASSES = 1 << 4, /* alone: not part of all */
    EXAMINE_HEAP = 1 << 5,    /* alone, too */
    EXAMINE_HOLDERS = 1 << 6, /* with EXAMINE_HEAP: below what the instances of types gather */
    EXAMINE_DESCRIPTORS = 1 << 7,
    EXAMINE_ALL = EXAMINE_ZOMBIES | EXAMINE_COLLECTOR | EXAMINE_LOOPS | EXAMINE_THREADS,
};

/*
 * Looks at `target` and fills `report` (zeroed before). The caller releases it with report_free,
 * also on failure.
 */
struct error *examine_target(struct target *target, const struct look_options *options,
                             unsigned parts, struct report *report);

#endif
