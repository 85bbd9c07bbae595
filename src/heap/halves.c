#include "heap/halves.h"

#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

#define STEPS_WORTH_A_THREAD 500000

struct upper_half {
    halves_work *work;
    void *context;
    uint32_t low, high;
};

static void *run_upper(void *argument)
{
    const struct upper_half *half = argument;
    half->work(half->context, half->low, half->high);
    return NULL;
}

void halves_run(uint32_t count, uint64_t steps, halves_work *work, void *context)
{
    struct upper_half half = {work, context, count / 2, count};
    pthread_t thread;
    bool split = steps >= STEPS_WORTH_A_THREAD && sysconf(_SC_NPROCESSORS_ONLN) > 1 &&
                 pthread_create(&thread, NULL, run_upper, &half) == 0;
    work(context, 0, split ? half.low : count);
    if (split)
        pthread_join(thread, NULL);
}
