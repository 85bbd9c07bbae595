/*
 * deadline.h: tasks that a timer is going to cancel by way of those that await them: a cancellation
 * goes down through gather(), wait_for() and task groups.
 */
#ifndef STETH_WAITS_DEADLINE_H
#define STETH_WAITS_DEADLINE_H

#include "waits/build.h"

/* Whether such a cancellation reaches a task of `cycle`, in which no thread stands. */
bool deadline_ends(const struct wait_picture *picture, const struct wait_cycle *cycle);

#endif
