/*
 * resources.h: what an object keeps open: files, sockets, cursors, maps, locks, threads and
 * executors that are reached from it through instances and containers.
 */
#ifndef STETH_ANALYSIS_RESOURCES_H
#define STETH_ANALYSIS_RESOURCES_H

#include "finding/report.h"
#include "object/object.h"

/* Appends what `object` reaches and is still open; bounded in depth and number. */
bool resources_find(const struct cpython *cpython, uint64_t object, resource_vector *resources);

#endif
