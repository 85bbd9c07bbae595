/*
 * released.h: of a frame that releases a lock in its finally block, whether it has it yet. Private
 * to held.c.
 */
#ifndef STETH_WAITS_RELEASED_H
#define STETH_WAITS_RELEASED_H

#include "waits/held.h"

/* Whether the frame of `hold` still waits for `lock`: it has called its acquire() inside of the try
 * block. */
bool is_waited_for(const struct snapshot *snapshot, const struct hold *hold, uint64_t lock);

#endif
