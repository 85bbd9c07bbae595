/*
 * names.h: what a reader calls the vertices of a wait-for graph, and where each of them waits.
 */
#ifndef STETH_WAITS_NAMES_H
#define STETH_WAITS_NAMES_H

#include "waits/build.h"

/* "MainThread", "Task-7", "app.lock", "ThreadPoolExecutor", …; NULL without memory. The caller
 * frees. */
char *vertex_name(const struct wait_picture *picture, uint32_t vertex);

/* "thread", "task", "future", "lock", "executor", "loop", "queue", "event" …; static. */
const char *vertex_word(const struct wait_picture *picture, uint32_t vertex);

/* The line at which a thread or task waits; false where there is none. The caller releases. */
bool vertex_place(const struct wait_picture *picture, uint32_t vertex, struct source_place *place);

/*
 * The name by which `frame` knows an object: a local ("lock"), a global ("app.lock") or an
 * attribute of its self ("Pool._lock"); NULL when it knows it by none. The caller frees.
 */
char *frame_name_of(const struct cpython *cpython, const struct frame_view *frame, uint64_t object);
/* The same for a lock that is held. */
char *hold_name_of(const struct cpython *cpython, const struct hold *hold);

/* Copies a thread's place: the program's own frame nearest to where it is. */
bool thread_place(const struct seen_thread *thread, struct source_place *place);

#endif
