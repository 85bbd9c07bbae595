/* The collectors of the program: memory is copied while none works. */
#include "record/recording.h"

#define QUIET_SECONDS 0.5
#define QUIET_STEP    0.0005

bool recording_quiet(const struct recording *recording, uint64_t *collections)
{
    bool quiet = true;
    *collections = 0;
    for (size_t i = 0; i < recording->interpreters.count; i++) {
        struct collector_epoch epoch = {.collecting = true};
        (void)collector_epoch_read(recording->cpython, recording->interpreters.items[i].gc, &epoch);
        quiet &= !epoch.collecting;
        *collections += epoch.collections;
    }
    return quiet;
}

void recording_wait_quiet(const struct recording *recording, uint64_t *collections)
{
    double until = monotonic_seconds() + QUIET_SECONDS;
    while (!recording_quiet(recording, collections) && monotonic_seconds() < until)
        recording_rest(QUIET_STEP);
}
