/* stream_plan.h: between the files of the stream. */
#ifndef STETH_TARGET_STREAM_PLAN_H
#define STETH_TARGET_STREAM_PLAN_H

#include "base/vector.h"
#include "target/stream.h"

struct slot {
    uint64_t start, end;
    uint64_t limit; /* end of the contiguous range: overlap may reach up to here */
};

struct stream_plan {
    VECTOR(struct slot) slots;
    uint64_t bytes;
};

#endif
