#include "record/recording.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <time.h>

#include "base/cleanup.h"

#define SAMPLES      48
#define SAMPLE_BYTES ((size_t)64 << 10)

void recording_rest(double time)
{
    struct timespec left = {.tv_sec = (time_t)time};
    left.tv_nsec = (long)((time - (double)left.tv_sec) * 1e9);
    nanosleep(&left, NULL);
}

/* ---- beginning ------------------------------------------------------------------------------- */

static struct error *begin(struct recording *recording)
{
    struct error *error = cpython_attach(recording->target, &recording->cpython);
    if (!error)
        error = interpreters_list(recording->cpython, &recording->interpreters);
    if (!error)
        error = target_refresh_mappings(recording->target);
    if (!error)
        error =
            page_plan_make(recording->target, recording->target, PLAN_EVERYTHING, &recording->plan);
    return error;
}

struct error *recording_begin(struct target *target, const struct record_options *options,
                              struct recording **out)
{
    struct recording *recording = calloc(1, sizeof *recording);
    if (!recording)
        return error_no_memory();
    recording->target = recording->source = target;
    recording->options = *options;
    struct error *error = begin(recording);
    if (error) {
        recording_end(recording);
        return error;
    }
    *out = recording;
    return NULL;
}

void recording_end(struct recording *recording)
{
    if (!recording)
        return;
    if (recording->staging)
        munmap(recording->staging, recording->staging_size);
    free(recording->digests);
    vector_free(&recording->texts);
    vector_free(&recording->facts);
    page_plan_free(&recording->plan);
    blanking_free(recording->blanking);
    vector_free(&recording->interpreters);
    cpython_detach(recording->cpython);
    free(recording);
}

struct error *recording_estimate(struct recording *recording, struct record_estimate *estimate)
{
    const struct page_plan *plan = &recording->plan;
    _cleanup_free_ uint8_t *bytes = malloc(SAMPLE_BYTES);
    if (!bytes)
        return error_no_memory();
    uint64_t read = 0, packed = 0, place = 0, next = 0, step = plan->bytes / SAMPLES + 1;
    for (size_t i = 0; i < plan->runs.count; i++) {
        const struct capture_run *run = &plan->runs.items[i];
        for (; next < place + run->size; next += step) {
            uint64_t address = run->address + (next - place), left = run->size - (next - place);
            size_t got = target_read_some(recording->target, address, bytes,
                                          left < SAMPLE_BYTES ? (size_t)left : SAMPLE_BYTES);
            read += got;
            packed += got ? capture_packed_size(bytes, got) : 0;
        }
        place += run->size;
    }
    estimate->memory_bytes = plan->bytes;
    double ratio = read ? (double)packed / (double)read : 1;
    estimate->file_bytes = (uint64_t)((double)plan->bytes * ratio);
    return NULL;
}

/* ---- the rest -------------------------------------------------------------------------------- */

static struct error *write_facts(const struct recording *recording, struct capture_writer *writer)
{
    const struct record_result *result = &recording->result;
    struct utsname host = {0};
    (void)uname(&host);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return error_no_memory();
    fprintf(out, "steth %s\npid %d\n", STETH_VERSION, (int)target_pid(recording->target));
    fprintf(out, "kernel %s %s\nmachine %s\n", host.sysname, host.release, host.machine);
    fprintf(out, "recorded_at %lld\n", (long long)time(NULL));
    fprintf(out, "python %s\n", recording->cpython->version.text);
    fprintf(out, "values %s\n", recording->options.values ? "yes" : "no");
    fprintf(out, "paused_ms %.3f\ncopy_ms %.3f\n", result->paused_ms, result->copy_ms);
    fprintf(out, "collections %" PRIu64 "\ntorn_pages %" PRIu64 "\n", result->collections,
            result->torn_pages);
    for (int i = 0; i < CAPTURE_MOMENTS_MAX; i++)
        if (!isnan(recording->monotonic[i]) && !isnan(recording->since_boot[i]))
            fprintf(out, "monotonic.%d %.9f\nsince_boot.%d %.9f\n", i, recording->monotonic[i], i,
                    recording->since_boot[i]);
    if (recording->facts.count)
        fwrite(recording->facts.items, 1, recording->facts.count, out);
    bool failed = fclose(out) != 0;
    struct error *error =
        failed ? error_no_memory()
               : capture_write_section(writer, (struct capture_section){.kind = SECTION_FACTS},
                                       text, size);
    free(text);
    return error;
}

struct progress {
    const struct recording *recording;
    uint64_t done, total;
};

static void show(void *context, uint64_t raw_bytes)
{
    struct progress *progress = context;
    progress->done += raw_bytes;
    if (progress->done > progress->total)
        progress->total = progress->done;
    progress->recording->options.progress(progress->recording->options.context, progress->done,
                                          progress->total);
}

static struct error *record(struct recording *recording, struct capture_writer *writer)
{
    struct error *error = recording_prepare(recording);
    if (!error && !recording->options.values)
        error = blanking_new(recording->cpython, &recording->interpreters, &recording->blanking);
    if (!error)
        error = recording_first(recording, writer);
    if (!error)
        error = capture_write_symbols(writer, recording->target);
    if (!error)
        error = recording_second(recording, writer);
    if (!error)
        error =
            capture_write_section(writer, (struct capture_section){.kind = SECTION_PROCESS_FILES},
                                  recording->texts.items, recording->texts.count);
    if (!error)
        error = write_facts(recording, writer);
    return error ? error : capture_writer_finish(writer);
}

struct error *recording_run(struct recording *recording, int file, struct record_result *result)
{
    struct capture_writer *writer;
    struct progress progress = {.recording = recording, .total = recording->plan.bytes};
    double begun = monotonic_seconds();
    struct error *error =
        capture_writer_new(file, recording->options.values ? 0 : CAPTURE_WITHOUT_VALUES, &writer);
    if (error)
        return error;
    if (recording->options.max_bytes)
        capture_limit(writer, recording->options.max_bytes);
    if (recording->options.progress)
        capture_watch(writer, show, &progress);
    error = record(recording, writer);
    recording->result.file_bytes = capture_written(writer);
    recording->result.total_ms = (monotonic_seconds() - begun) * 1e3;
    capture_writer_free(writer);
    *result = recording->result;
    if (target_alive(recording->target))
        return error;
    error_free(error);
    return error_new(ERROR_CANNOT_LOOK, "process %d exited while it was being recorded",
                     (int)target_pid(recording->target));
}
