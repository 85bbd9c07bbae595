/* thread_states.h: the kernel's view of all threads of a process. */
#ifndef STETH_OS_THREAD_STATES_H
#define STETH_OS_THREAD_STATES_H

#include "base/error.h"
#include "base/vector.h"
#include "os/thread_state.h"

typedef VECTOR(struct thread_state) thread_state_vector;

/* Of those that are there; fails only when there is no memory. The caller frees `items`. */
struct error *thread_states_read(const struct process_files *files, thread_state_vector *states);

/* NULL when there is no such thread. */
const struct thread_state *thread_states_find(const thread_state_vector *states, pid_t tid);

/* Whether the process still has just these threads, and none has run since they were read. */
bool thread_states_still(const struct process_files *files, const thread_state_vector *states);

#endif
