#include "os/processor.h"

bool processor_enter(unsigned number, cpu_set_t *before)
{
    cpu_set_t one;
    if (number >= CPU_SETSIZE || sched_getaffinity(0, sizeof *before, before))
        return false;
    CPU_ZERO(&one);
    CPU_SET(number, &one);
    return sched_setaffinity(0, sizeof one, &one) == 0;
}

void processor_leave(const cpu_set_t *before)
{
    (void)sched_setaffinity(0, sizeof *before, before);
}
