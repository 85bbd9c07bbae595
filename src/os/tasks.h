/* tasks.h: the kernel's threads of a process. */
#ifndef STETH_OS_TASKS_H
#define STETH_OS_TASKS_H

#include "os/process.h"

/*
 * The threads of a process, as /proc here calls them; none when it is not there. Fails only when
 * there is no memory. The caller frees `items`.
 */
struct error *process_task_ids(const struct process_files *files, pid_vector *ids);

struct process_task {
    pid_t id;    /* as /proc here calls it */
    pid_t inner; /* as the process itself does: another number in another pid namespace */
};
typedef VECTOR(struct process_task) process_task_vector;

/* The same with both numbers. */
struct error *process_tasks(const struct process_files *files, process_task_vector *tasks);

#endif
