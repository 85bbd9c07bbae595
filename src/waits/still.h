/*
 * still.h: whether a task still is where a picture shows it. A picture takes a while; a task that
 * moves meanwhile may show in it both inside of a block and before it.
 */
#ifndef STETH_WAITS_STILL_H
#define STETH_WAITS_STILL_H

#include "waits/build.h"

/*
 * Reads task number `task` of the picture's snapshot anew, at one moment: true when it awaits the
 * same by the same coroutines, and these are inside of the same with blocks.
 */
bool picture_task_stands(const struct wait_picture *picture, size_t task);

#endif
