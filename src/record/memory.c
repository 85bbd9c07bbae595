/* Copying the program's memory. */
#include "record/recording.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>

#include "base/cleanup.h"

#define COPIES_MAX    40
#define COPIES_QUIET  4 /* of them: attempts to copy everything between two collections */
#define STAGING_LEAST (UINT64_C(64) << 20)
#define STAGING_MORE  (UINT64_C(4) << 20)
#define STAGING_PART  3 /* of the memory that is available */

/* Room to copy to, without driving the machine into its swap. */
static uint64_t staging_room(void)
{
    _cleanup_file_ FILE *file = fopen("/proc/meminfo", "re");
    char line[256];
    uint64_t kilobytes = 0;
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "MemAvailable: %" SCNu64, &kilobytes) == 1)
            break;
    uint64_t room = (kilobytes << 10) / STAGING_PART & ~(CAPTURE_PAGE - 1);
    return room > STAGING_LEAST ? room : STAGING_LEAST;
}

struct error *recording_prepare(struct recording *recording)
{
    uint64_t room = staging_room();
    /* It may have grown when the copy is made. */
    uint64_t wanted = recording->plan.bytes + recording->plan.bytes / 8 + STAGING_MORE;
    wanted &= ~(CAPTURE_PAGE - 1);
    uint64_t size = wanted < room ? wanted : room;
    void *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (bytes == MAP_FAILED)
        return error_no_memory();
    recording->staging = bytes;
    recording->staging_size = size;
    (void)madvise(bytes, size, MADV_HUGEPAGE);
    for (uint64_t at = 0; at < size; at += CAPTURE_PAGE) /* not while the process waits */
        *((volatile uint8_t *)bytes + at) = 0;
    return NULL;
}

static void digest(const struct recording *recording, uint64_t first, uint64_t bytes)
{
    for (uint64_t at = 0; at < bytes; at += CAPTURE_PAGE)
        recording->digests[(first + at) / CAPTURE_PAGE] = page_digest(recording->staging + at);
}

/* What has been copied of the first moment goes into the file. */
static struct error *keep_copied(struct recording *recording, struct capture_writer *writer,
                                 const capture_run_vector *runs, uint64_t first, uint64_t bytes,
                                 bool polite)
{
    if (recording->blanking)
        blanking_apply(recording->blanking, (struct copied_memory){runs, recording->staging});
    digest(recording, first, bytes);
    return capture_write_memory(writer, runs->items, runs->count, recording->staging, polite);
}

struct error *recording_learn(const struct recording *recording, const capture_run_vector *runs)
{
    if (!recording->blanking)
        return NULL;
    return blanking_learn(recording->blanking, (struct copied_memory){runs, recording->staging});
}

/* Whether what was copied shows an interpreter as a process would: a copy that falls into a
 * collection may have lists that lead nowhere. */
static bool shows_interpreter(const struct recording *recording)
{
    const capture_run_vector *runs = &recording->plan.runs;
    _cleanup_free_ struct image_segment *segments = calloc(runs->count + 1, sizeof *segments);
    const uint8_t *bytes = recording->staging;
    for (size_t i = 0; segments && i < runs->count; bytes += runs->items[i++].size)
        segments[i] = (struct image_segment){runs->items[i].address, bytes, runs->items[i].size};
    struct cpython copied = *recording->cpython;
    struct error *error =
        segments ? target_open_image(segments, runs->count, &copied.target) : error_no_memory();
    if (error) {
        error_free(error);
        return false;
    }
    copied.table = NULL;
    error = cpython_prove_layout(&copied);
    bool shown = !error;
    error_free(error);
    free(copied.table);
    target_close(copied.target);
    return shown;
}

/* Everything at once, between two collections if that can be. */
static struct error *copy_whole(struct recording *recording)
{
    uint64_t before = 0, after = 0;
    struct error *error = NULL;
    bool good = false;
    for (int i = 1; i <= COPIES_MAX && !good && !error; i++) {
        recording_wait_quiet(recording, &before);
        recording->result.torn_pages = 0;
        double begun = monotonic_seconds();
        error = pages_copy(recording->source, &recording->plan.runs, recording->staging,
                           &recording->result.torn_pages);
        recording->result.copy_ms = (monotonic_seconds() - begun) * 1e3;
        good = recording_quiet(recording, &after) && after == before;
        recording->result.collections = after - before;
        if (!good && i >= COPIES_QUIET)
            good = shows_interpreter(recording);
    }
    return error;
}

/* What is copied stands still. */
static struct error *copy_still(struct recording *recording)
{
    double begun = monotonic_seconds();
    struct error *error = pages_copy(recording->source, &recording->plan.runs, recording->staging,
                                     &recording->result.torn_pages);
    recording->result.copy_ms = (monotonic_seconds() - begun) * 1e3;
    return error;
}

/* More than there is room for: piece by piece, each used before the next is copied. */
static struct error *each_piece(struct recording *recording,
                                struct error *(*use)(void *context, const capture_run_vector *runs,
                                                     uint64_t first, uint64_t bytes),
                                void *context)
{
    struct plan_place place = {0};
    capture_run_vector runs = {0};
    uint64_t first = 0, bytes = 0;
    struct error *error = NULL;
    do {
        if (!page_plan_take(&recording->plan, &place, recording->staging_size, &runs, &bytes))
            error = error_no_memory();
        if (!error)
            error = pages_copy(recording->source, &runs, recording->staging,
                               &recording->result.torn_pages);
        if (!error && bytes)
            error = use(context, &runs, first, bytes);
        first += bytes;
    } while (!error && bytes);
    vector_free(&runs);
    return error;
}

struct piecewise {
    struct recording *recording;
    struct capture_writer *writer;
    bool still;
};

static struct error *learn_piece(void *context, const capture_run_vector *runs, uint64_t first,
                                 uint64_t bytes)
{
    const struct piecewise *piecewise = context;
    (void)first;
    (void)bytes;
    return recording_learn(piecewise->recording, runs);
}

static struct error *keep_piece(void *context, const capture_run_vector *runs, uint64_t first,
                                uint64_t bytes)
{
    const struct piecewise *piecewise = context;
    return keep_copied(piecewise->recording, piecewise->writer, runs, first, bytes,
                       !piecewise->still);
}

static struct error *copy_by_pieces(struct recording *recording, struct capture_writer *writer,
                                    bool still)
{
    struct piecewise piecewise = {recording, writer, still};
    struct record_result *result = &recording->result;
    uint64_t before = 0, after = 0;
    double begun = monotonic_seconds();
    (void)recording_quiet(recording, &before);
    struct error *error =
        recording->blanking ? each_piece(recording, learn_piece, &piecewise) : NULL;
    result->torn_pages = 0;
    if (!error)
        error = each_piece(recording, keep_piece, &piecewise);
    if (recording_quiet(recording, &after))
        result->collections = after - before;
    result->copy_ms = (monotonic_seconds() - begun) * 1e3;
    return error;
}

static bool fits(const struct recording *recording)
{
    return recording->plan.bytes <= recording->staging_size;
}

static struct error *make_plan(struct recording *recording)
{
    page_plan_free(&recording->plan);
    struct error *error =
        page_plan_make(recording->target, recording->source, PLAN_EVERYTHING, &recording->plan);
    if (error)
        return error;
    free(recording->digests);
    recording->digests = calloc(recording->plan.bytes / CAPTURE_PAGE + 1, sizeof(uint64_t));
    recording->result.memory_bytes = recording->plan.bytes;
    return recording->digests ? NULL : error_no_memory();
}

struct error *recording_copy(struct recording *recording, struct capture_writer *writer, bool still)
{
    struct error *error = make_plan(recording);
    if (error)
        return error;
    if (!fits(recording))
        return copy_by_pieces(recording, writer, still);
    return still ? copy_still(recording) : copy_whole(recording);
}

struct error *recording_keep(struct recording *recording, struct capture_writer *writer)
{
    if (!fits(recording))
        return NULL;
    struct error *error = recording_learn(recording, &recording->plan.runs);
    return error ? error
                 : keep_copied(recording, writer, &recording->plan.runs, 0, recording->plan.bytes,
                               true);
}
