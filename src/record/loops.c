/* Between the two looks: how the queues of event loops go, and whether more time is needed to tell
 * a callback that computes from a short one. As long as a live look takes for the same. */
#include "record/recording.h"

#include <inttypes.h>
#include <stdio.h>

#include "os/thread_state.h"
#include "runtime/asyncio.h"

#define LOOPS_MAX        16
#define SAMPLES_MAX      60
#define SAMPLE_SECONDS   0.02
#define READY_SUSPICIOUS 16
#define LEAST_SECONDS    0.3
#define COMPUTE_SECONDS  1.0

struct sampled_loop {
    uint64_t address;
    int32_t thread;
    int64_t lengths[SAMPLES_MAX];
};

struct sampling {
    const struct recording *recording;
    struct sampled_loop loops[LOOPS_MAX];
    size_t loop_count, count; /* of samples */
    double begun;
};

static void find_loops(struct sampling *sampling)
{
    const struct cpython *cpython = sampling->recording->cpython;
    thread_vector threads = {0};
    frame_vector frames = {0};
    error_free(threads_list(cpython, &sampling->recording->interpreters, &threads, &frames));
    for (size_t i = 0; i < threads.count && sampling->loop_count < LOOPS_MAX; i++) {
        uint64_t loop = thread_running_loop(cpython, &threads.items[i]);
        if (loop)
            sampling->loops[sampling->loop_count++] =
                (struct sampled_loop){.address = loop, .thread = threads.items[i].native_id};
    }
    threads_free(&threads, &frames);
}

static void sample(struct sampling *sampling)
{
    for (size_t i = 0; i < sampling->loop_count; i++) {
        struct loop_view view;
        bool read = loop_read(sampling->recording->cpython, sampling->loops[i].address, &view);
        sampling->loops[i].lengths[sampling->count] = read ? view.ready : 0;
    }
    sampling->count++;
}

static void sample_until(struct sampling *sampling, double seconds)
{
    while (sampling->count < SAMPLES_MAX &&
           monotonic_seconds() + SAMPLE_SECONDS - sampling->begun < seconds) {
        sample(sampling);
        recording_rest(SAMPLE_SECONDS);
    }
    double left = seconds - (monotonic_seconds() - sampling->begun);
    if (left > 0)
        recording_rest(left);
}

static bool is_long(const struct sampling *sampling)
{
    for (size_t i = 0; i < sampling->loop_count && sampling->count; i++)
        if (sampling->loops[i].lengths[0] >= READY_SUSPICIOUS &&
            sampling->loops[i].lengths[sampling->count - 1] >= READY_SUSPICIOUS)
            return true;
    return false;
}

static bool computes(const struct sampling *sampling)
{
    for (size_t i = 0; i < sampling->loop_count; i++) {
        struct thread_state state;
        thread_system_call_read(target_files(sampling->recording->target),
                                sampling->loops[i].thread, &state);
        if (!state.in_system_call)
            return true;
    }
    return false;
}

static bool put_facts(const struct sampling *sampling, capture_bytes *facts)
{
    for (size_t i = 0; i < sampling->loop_count; i++) {
        char text[SAMPLES_MAX * 12 + 64];
        int used = snprintf(text, sizeof text, "ready.%" PRIx64 " %.3f", sampling->loops[i].address,
                            SAMPLES_MAX * SAMPLE_SECONDS);
        for (size_t at = 0; at < sampling->count && used < (int)sizeof text - 24; at++)
            used += snprintf(text + used, sizeof text - (size_t)used, " %" PRId64,
                             sampling->loops[i].lengths[at]);
        if (!capture_append(facts, text, (size_t)used) || !capture_append(facts, "\n", 1))
            return false;
    }
    return true;
}

struct error *recording_watch_loops(struct recording *recording, double begun)
{
    struct sampling *sampling = calloc(1, sizeof *sampling);
    if (!sampling)
        return error_no_memory();
    sampling->recording = recording;
    sampling->begun = begun;
    find_loops(sampling);
    sample(sampling);
    recording_rest(SAMPLE_SECONDS);
    sample(sampling);
    sample_until(sampling, LEAST_SECONDS);
    if (is_long(sampling)) {
        while (sampling->count < SAMPLES_MAX) {
            sample(sampling);
            recording_rest(SAMPLE_SECONDS);
        }
    } else if (computes(sampling)) {
        sample_until(sampling, COMPUTE_SECONDS);
    }
    bool put = sampling->count < SAMPLES_MAX || put_facts(sampling, &recording->facts);
    free(sampling);
    return put ? NULL : error_no_memory();
}
