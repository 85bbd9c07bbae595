#include "audit/parallel.h"

#include <pthread.h>
#include <sched.h>

unsigned parallel_count(size_t pieces)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    if (count > PARALLEL_MOST)
        count = PARALLEL_MOST;
    return (size_t)count > pieces ? (unsigned)pieces + !pieces : (unsigned)count;
}

void parallel_run(void *(*work)(void *argument), void *arguments, size_t size, unsigned count)
{
    pthread_t threads[PARALLEL_MOST];
    unsigned started = 1;
    while (started < count &&
           pthread_create(&threads[started], NULL, work, (char *)arguments + started * size) == 0)
        started++;
    work(arguments);
    for (unsigned i = 1; i < started; i++)
        pthread_join(threads[i], NULL);
}
