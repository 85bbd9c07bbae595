/* The two looks at the program: what the kernel tells of it, then its memory. */
#include "record/recording.h"

#include "record/texts.h"
#include "runtime/consistent.h"
#include "target/pause.h"

#define PAUSES_MAX  50
#define PAUSE_RETRY 0.003

static struct error *take_texts(struct recording *recording, unsigned moment)
{
    struct process_files *files = target_files(recording->target);
    recording->monotonic[moment] = process_files_monotonic(files);
    recording->since_boot[moment] = process_files_since_boot(files);
    if (!texts_take(files, moment, recording->options.values, &recording->texts,
                    &recording->result.threads))
        return error_no_memory();
    return NULL;
}

static struct error *write_mappings(struct target *target, struct capture_writer *writer,
                                    uint32_t moment)
{
    capture_bytes bytes = {0};
    struct capture_section section = {.kind = SECTION_MAPPINGS, .moment = moment};
    struct error *error = texts_of_mappings(target, &bytes)
                              ? capture_write_section(writer, section, bytes.items, bytes.count)
                              : error_no_memory();
    vector_free(&bytes);
    return error;
}

static struct error *look_first(struct recording *recording, struct capture_writer *writer,
                                bool still)
{
    struct error *error = take_texts(recording, 0);
    if (!error && recording->source == recording->target)
        error = target_refresh_mappings(recording->target);
    if (!error)
        error = recording_copy(recording, writer, still);
    return error ? error : write_mappings(recording->source, writer, 0);
}

/* Once stopped; `again` when a collection was under way and there is time for another. */
static struct error *pause_once(struct recording *recording, struct capture_writer *writer,
                                bool last, bool *again)
{
    struct pause *pause;
    uint64_t collections;
    struct error *error = pause_begin(recording->target, &pause);
    if (error)
        return error;
    *again = !recording_quiet(recording, &collections) && !last;
    if (!*again)
        error = look_first(recording, writer, true);
    recording->result.paused_ms += pause_end(pause);
    return error;
}

static struct error *look_paused(struct recording *recording, struct capture_writer *writer)
{
    bool again = true;
    struct error *error = NULL;
    for (int i = 1; again && !error; i++) {
        error = pause_once(recording, writer, i == PAUSES_MAX, &again);
        if (again)
            recording_rest(PAUSE_RETRY);
    }
    return error;
}

/* The snapshot goes as soon as it is copied: the process pays for each page that it writes to. */
static struct error *look_consistent(struct recording *recording, struct capture_writer *writer)
{
    struct consistent_snapshot snapshot;
    struct error *error = consistent_take(recording->cpython, &recording->interpreters, &snapshot);
    if (error)
        return error;
    recording->source = snapshot.target;
    recording->result.paused_ms = snapshot.paused_ms;
    error = look_first(recording, writer, true);
    recording->source = recording->target;
    if (!error)
        error = consistent_check(snapshot.target);
    target_close(snapshot.target);
    return error;
}

static struct error *look(struct recording *recording, struct capture_writer *writer)
{
    if (recording->options.consistent)
        return look_consistent(recording, writer);
    if (recording->options.pause)
        return look_paused(recording, writer);
    return look_first(recording, writer, false);
}

struct error *recording_first(struct recording *recording, struct capture_writer *writer)
{
    struct error *error = look(recording, writer);
    if (!error)
        error = recording_keep(recording, writer);
    return error ? error : capture_write_memory_end(writer, 0);
}

struct error *recording_second(struct recording *recording, struct capture_writer *writer)
{
    struct page_plan plan = {0};
    uint64_t collections;
    struct error *error = recording_watch_loops(recording, recording->monotonic[0]);
    recording_wait_quiet(recording, &collections);
    if (!error)
        error = target_refresh_mappings(recording->target);
    if (!error)
        error = take_texts(recording, 1);
    if (!error)
        error = page_plan_make(recording->target, recording->target, PLAN_WRITABLE, &plan);
    if (!error)
        error = recording_compare(recording, writer, &plan);
    page_plan_free(&plan);
    recording->result.interval_ms = (recording->monotonic[1] - recording->monotonic[0]) * 1e3;
    return error ? error : write_mappings(recording->target, writer, 1);
}
