/* What of the program's memory changed since the first moment. */
#include "record/recording.h"

#include <string.h>

/* Walks the first plan beside a later one. */
struct comparison {
    const struct recording *recording;
    size_t run;
    uint64_t first; /* of the digests: bytes of the runs before */
};

static bool is_same(struct comparison *comparison, uint64_t address, const uint8_t *page)
{
    const capture_run_vector *runs = &comparison->recording->plan.runs;
    while (comparison->run < runs->count &&
           runs->items[comparison->run].address + runs->items[comparison->run].size <= address)
        comparison->first += runs->items[comparison->run++].size;
    if (comparison->run == runs->count || runs->items[comparison->run].address > address)
        return false;
    uint64_t offset = address - runs->items[comparison->run].address;
    return comparison->recording->digests[(comparison->first + offset) / CAPTURE_PAGE] ==
           page_digest(page);
}

/* Moves the pages that changed to the front; their runs. */
static bool gather(struct comparison *comparison, uint8_t *staging, const capture_run_vector *runs,
                   capture_run_vector *changed)
{
    uint64_t kept = 0, place = 0;
    changed->count = 0;
    for (size_t i = 0; i < runs->count; i++) {
        struct capture_run run = runs->items[i];
        for (uint64_t at = 0; at < run.size; at += CAPTURE_PAGE, place += CAPTURE_PAGE) {
            uint64_t address = run.address + at;
            if (is_same(comparison, address, staging + place))
                continue;
            struct capture_run *last = changed->count ? &changed->items[changed->count - 1] : NULL;
            if (last && last->address + last->size == address)
                last->size += CAPTURE_PAGE;
            else if (!vector_push(changed, ((struct capture_run){address, CAPTURE_PAGE})))
                return false;
            if (kept != place)
                memmove(staging + kept, staging + place, CAPTURE_PAGE);
            kept += CAPTURE_PAGE;
        }
    }
    return true;
}

static struct error *write_changed(struct recording *recording, struct capture_writer *writer,
                                   const capture_run_vector *changed)
{
    for (size_t i = 0; i < changed->count; i++)
        recording->result.changed_bytes += changed->items[i].size;
    return capture_write_memory(writer, changed->items, changed->count, recording->staging, true);
}

struct error *recording_compare(struct recording *recording, struct capture_writer *writer,
                                const struct page_plan *plan)
{
    struct comparison comparison = {.recording = recording};
    struct plan_place place = {0};
    capture_run_vector runs = {0}, changed = {0};
    uint64_t bytes = 0, torn = 0;
    struct error *error = NULL;
    do {
        if (!page_plan_take(plan, &place, recording->staging_size, &runs, &bytes))
            error = error_no_memory();
        if (!error)
            error = pages_copy(recording->target, &runs, recording->staging, &torn);
        if (!error)
            error = recording_learn(recording, &runs);
        if (!error && recording->blanking)
            blanking_apply(recording->blanking, (struct copied_memory){&runs, recording->staging});
        if (!error && !gather(&comparison, recording->staging, &runs, &changed))
            error = error_no_memory();
        if (!error)
            error = write_changed(recording, writer, &changed);
    } while (!error && bytes);
    vector_free(&runs);
    vector_free(&changed);
    return error ? error : capture_write_memory_end(writer, 1);
}
