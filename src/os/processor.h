/* processor.h: running on a processor of one's choice for a moment; private to this room. */
#ifndef STETH_OS_PROCESSOR_H
#define STETH_OS_PROCESSOR_H

#include <sched.h>
#include <stdbool.h>

/* The calling thread goes on on processor `number`; false when it may not. `before` is where it
 * could run, for processor_leave. */
bool processor_enter(unsigned number, cpu_set_t *before);
void processor_leave(const cpu_set_t *before);

#endif
