/*
 * gc_rows.h: what `steth gc` shows. Part of report.h.
 */
#ifndef STETH_FINDING_GC_ROWS_H
#define STETH_FINDING_GC_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#define GENERATIONS 3

struct gc_generation {
    int64_t count, threshold; /* as gc.get_count() and gc.get_threshold() say */
    int64_t objects;          /* tracked objects in it, -1 when not counted */
    int64_t collections, collected, uncollectable; /* since start; -1 when unknown */
};

struct gc_section {
    uint64_t interpreter; /* id */
    bool enabled;
    bool collecting;
    bool incremental;
    int64_t debug_flags;
    int64_t frozen;                               /* gc.get_freeze_count(), -1 when not counted */
    int64_t garbage;                              /* len(gc.garbage), -1 when not read */
    int64_t long_lived_total, long_lived_pending; /* -1 when this build has none */
    struct gc_generation generations[GENERATIONS];
};

#endif
