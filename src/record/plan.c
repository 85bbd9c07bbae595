#include "record/plan.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Of a mapped file, pages that are not resident are read, too, unless it is larger. */
#define WHOLE_MAX (UINT64_C(32) << 20)
#define PIECE     ((uint64_t)1 << 20)
#define WORKERS   4

/* ---- which pages ----------------------------------------------------------------------------- */

enum share { SHARE_NOTHING, SHARE_PRESENT, SHARE_WHOLE };

/* Whether code of the same file is mapped: then it is loaded, not only read. */
static bool is_loaded(const struct mapping *mappings, size_t count, size_t index)
{
    const char *path = mappings[index].path;
    for (size_t i = index; i < count && strcmp(mappings[i].path, path) == 0; i++)
        if (mappings[i].executable)
            return true;
    for (size_t i = index; i-- > 0 && (!*mappings[i].path || !strcmp(mappings[i].path, path));)
        if (mappings[i].executable && *mappings[i].path)
            return true;
    return false;
}

static enum share share_of(const struct mapping *mappings, size_t count, size_t index,
                           enum plan_scope scope)
{
    const struct mapping *mapping = &mappings[index];
    uint64_t size = mapping->end - mapping->start;
    bool file = mapping->path[0] == '/';
    if (!mapping->readable || mapping->shared || (scope == PLAN_WRITABLE && !mapping->writable))
        return SHARE_NOTHING;
    if (strcmp(mapping->path, "[vdso]") == 0)
        return SHARE_WHOLE;
    if (mapping->path[0] == '[' && strcmp(mapping->path, "[heap]") != 0 &&
        strncmp(mapping->path, "[stack", 6) != 0 && strncmp(mapping->path, "[anon", 5) != 0)
        return SHARE_NOTHING; /* of the kernel */
    if (!file || mapping->executable)
        return SHARE_PRESENT;
    if (!mapping->writable && !is_loaded(mappings, count, index))
        return SHARE_NOTHING;
    return size <= WHOLE_MAX ? SHARE_WHOLE : SHARE_PRESENT;
}

struct planning {
    struct page_plan *plan;
    bool no_memory;
};

static void add_run(void *context, uint64_t start, uint64_t end)
{
    struct planning *planning = context;
    capture_run_vector *runs = &planning->plan->runs;
    struct capture_run *last = runs->count ? &runs->items[runs->count - 1] : NULL;
    planning->plan->bytes += end - start;
    if (last && last->address + last->size == start)
        last->size += end - start;
    else if (!vector_push(runs, ((struct capture_run){start, end - start})))
        planning->no_memory = true;
}

struct error *page_plan_make(struct target *target, struct target *source, enum plan_scope scope,
                             struct page_plan *plan)
{
    size_t count;
    const struct mapping *mappings = target_mappings(source, &count);
    struct planning planning = {.plan = plan};
    *plan = (struct page_plan){0};
    for (size_t i = 0; i < count; i++) {
        enum share share = share_of(mappings, count, i, scope);
        if (share == SHARE_WHOLE)
            add_run(&planning, mappings[i].start, mappings[i].end);
        else if (share == SHARE_PRESENT)
            target_visit_present(mappings[i].writable ? source : target, mappings[i].start,
                                 mappings[i].end, add_run, &planning);
    }
    return planning.no_memory ? error_no_memory() : NULL;
}

void page_plan_free(struct page_plan *plan)
{
    vector_free(&plan->runs);
    plan->bytes = 0;
}

bool page_plan_take(const struct page_plan *plan, struct plan_place *place, uint64_t most,
                    capture_run_vector *runs, uint64_t *bytes)
{
    runs->count = 0;
    *bytes = 0;
    while (*bytes < most && place->run < plan->runs.count) {
        const struct capture_run *run = &plan->runs.items[place->run];
        uint64_t left = run->size - place->offset;
        uint64_t size = left < most - *bytes ? left : most - *bytes;
        if (!vector_push(runs, ((struct capture_run){run->address + place->offset, size})))
            return false;
        *bytes += size;
        place->offset += size;
        if (place->offset == run->size)
            *place = (struct plan_place){.run = place->run + 1};
    }
    return true;
}

/* ---- copying --------------------------------------------------------------------------------- */

struct piece {
    uint64_t address;
    size_t size;
    uint8_t *bytes;
};

struct copying {
    struct target *target;
    VECTOR(struct piece) pieces;
    atomic_size_t next;
    _Atomic uint64_t torn;
};

static void copy_piece(struct copying *copying, const struct piece *piece)
{
    for (size_t done = 0; done < piece->size;) {
        done += target_read_some(copying->target, piece->address + done, piece->bytes + done,
                                 piece->size - done);
        if (done == piece->size)
            break;
        /* The page that stopped it is gone. */
        size_t page = done & ~(size_t)(CAPTURE_PAGE - 1);
        memset(piece->bytes + page, 0, CAPTURE_PAGE);
        copying->torn++;
        done = page + CAPTURE_PAGE;
    }
}

static void *copy_some(void *argument)
{
    struct copying *copying = argument;
    for (size_t i; (i = atomic_fetch_add(&copying->next, 1)) < copying->pieces.count;)
        copy_piece(copying, &copying->pieces.items[i]);
    return NULL;
}

static bool cut(const capture_run_vector *runs, uint8_t *bytes, struct copying *copying)
{
    for (size_t i = 0; i < runs->count; i++) {
        struct capture_run run = runs->items[i];
        for (uint64_t at = 0; at < run.size; at += PIECE) {
            size_t size = (size_t)(run.size - at < PIECE ? run.size - at : PIECE);
            if (!vector_push(&copying->pieces, ((struct piece){run.address + at, size, bytes})))
                return false;
            bytes += size;
        }
    }
    return true;
}

struct error *pages_copy(struct target *target, const capture_run_vector *runs, uint8_t *bytes,
                         uint64_t *torn)
{
    struct copying copying = {.target = target};
    bool fits = cut(runs, bytes, &copying);
    pthread_t threads[WORKERS];
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    long started = 0, wanted = processors < WORKERS ? processors : WORKERS;
    while (fits && started + 1 < wanted &&
           pthread_create(&threads[started], NULL, copy_some, &copying) == 0)
        started++;
    if (fits)
        copy_some(&copying);
    for (long i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    vector_free(&copying.pieces);
    *torn += copying.torn;
    return fits ? NULL : error_no_memory();
}

uint64_t page_digest(const uint8_t *page)
{
    const uint64_t factor = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t lanes[4] = {1, 2, 3, 4}, words[4];
    for (size_t at = 0; at < CAPTURE_PAGE; at += sizeof words) {
        memcpy(words, page + at, sizeof words);
        for (int i = 0; i < 4; i++) {
            lanes[i] = (lanes[i] ^ words[i]) * factor;
            lanes[i] ^= lanes[i] >> 32;
        }
    }
    return ((lanes[0] * factor ^ lanes[1]) * factor ^ lanes[2]) * factor ^ lanes[3];
}
