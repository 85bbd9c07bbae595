#include "analysis/look.h"

#include <string.h>

#include "analysis/heap_view.h"
#include "analysis/standstill.h"
#include "analysis/watch.h"
#include "runtime/consistent.h"
#include "target/pause.h"

/* A paused instant may fall into a collection: let it go on and try again. */
#define PAUSE_ATTEMPTS 50
#define PAUSE_RETRY_NS (3 * 1000 * 1000)

bool look_wants(const struct look_options *options, const char *rule)
{
    return !options->checks || options->checks(options->context, rule);
}

/* Appends the collector's state of every interpreter. */
static struct error *read_collectors(const struct look *look, struct collector_state **items,
                                     size_t *count)
{
    struct collector_state *states = calloc(look->interpreters.count + 1, sizeof *states);
    if (!states)
        return error_no_memory();
    for (size_t i = 0; i < look->interpreters.count; i++)
        if (!collector_read(look->cpython, look->interpreters.items[i].gc, &states[i])) {
            free(states);
            return error_new(ERROR_CANNOT_LOOK,
                             "the collector's state of interpreter %zu cannot be read", i);
        }
    *items = states;
    *count = look->interpreters.count;
    return NULL;
}

static struct error *walk_rings(struct look *look)
{
    struct rings shared = {0};
    for (size_t i = 0; i < look->interpreters.count; i++) {
        if (!rings_walk(look->cpython, look->census->index, &look->before.items[i], &shared) ||
            !vector_push(&look->rings, shared)) {
            if (!look->rings.count)
                rings_free(&shared);
            return error_no_memory();
        }
    }
    return NULL;
}

/* ---- a running target ------------------------------------------------------------------------ */

static struct error *look_running(struct look *look, const struct look_options *options)
{
    struct census_options wanted = {
        .keep_index = options->generations,
        .keep_links = options->generations,
        .pace = STREAM_POLITE,
    };
    struct error *error = census_take(look->cpython, &wanted, &look->census);
    if (!error && options->generations)
        error = walk_rings(look);
    if (!error)
        error = confirm_marked(look->cpython, &look->interpreters, look->census->types,
                               &look->census->marked, &look->confirmation);
    return error;
}

/* ---- a target that stands still -------------------------------------------------------------- */

static bool any_collecting(const struct look *look)
{
    for (size_t i = 0; i < look->before.count; i++)
        if (look->before.items[i].collecting)
            return true;
    return false;
}

static struct error *read_instant(struct look *look)
{
    const struct census_options wanted = {
        .keep_index = true, .keep_links = true, .pace = STREAM_FAST};
    vector_free(&look->before);
    struct error *error = read_collectors(look, &look->before.items, &look->before.count);
    if (error)
        return error;
    look->during_collection = any_collecting(look);
    return census_take(look->cpython, &wanted, &look->census);
}

/* One pause; `again` when it fell into a collection and there is time for another. */
static struct error *pause_once(struct look *look, bool last, bool *again)
{
    struct pause *pause;
    struct error *error = pause_begin(look->cpython->target, &pause);
    if (error)
        return error;
    bool collecting = false;
    for (size_t i = 0; i < look->interpreters.count; i++) {
        struct collector_epoch epoch;
        if (!collector_epoch_read(look->cpython, look->interpreters.items[i].gc, &epoch) ||
            epoch.collecting)
            collecting = true;
    }
    *again = collecting && !last;
    if (!*again)
        error = read_instant(look);
    look->paused_ms += pause_end(pause);
    return error;
}

/* In the picture of one instant the lists themselves say what is tracked. */
static void keep_listed(struct look *look)
{
    marked_vector *marked = &look->census->marked;
    const uint8_t *ring_of = look->rings.count ? look->rings.items[0].ring_of : NULL;
    size_t kept = 0;
    for (size_t i = 0; i < marked->count; i++) {
        uint32_t number = heap_index_find(look->census->index, marked->items[i].address);
        if (number != INDEX_NONE && ring_of && ring_of[number] != RING_NONE)
            marked->items[kept++] = marked->items[i];
    }
    marked->count = kept;
}

static struct error *read_lists(struct look *look)
{
    struct error *error = walk_rings(look);
    if (!error)
        keep_listed(look);
    return error;
}

static struct error *look_paused(struct look *look)
{
    bool again = true;
    struct error *error = NULL;
    for (int attempt = 1; again && !error; attempt++) {
        error = pause_once(look, attempt == PAUSE_ATTEMPTS, &again);
        if (again)
            process_files_wait(target_files(look->cpython->target), PAUSE_RETRY_NS / 1e9);
    }
    return error ? error : read_lists(look);
}

/* From here on the copy is what is read. */
static struct error *take_snapshot(struct look *look)
{
    struct consistent_snapshot snapshot;
    struct error *error = consistent_take(look->cpython, &look->interpreters, &snapshot);
    if (error)
        return error;
    look->snapshot = snapshot.target;
    look->cpython->target = snapshot.target;
    look->paused_ms += snapshot.paused_ms;
    return NULL;
}

/* ---- */

static struct error *look_at_heap(struct look *look, const struct look_options *options)
{
    if (look->snapshot || target_is_one_instant(look->cpython->target)) {
        struct error *error = read_instant(look);
        return error ? error : read_lists(look);
    }
    return options->pause ? look_paused(look) : look_running(look, options);
}

static struct error *take(struct look *look, struct target *target,
                          const struct look_options *options, bool heap)
{
    struct error *error = cpython_attach(target, &look->cpython);
    if (!error)
        error = interpreters_list(look->cpython, &look->interpreters);
    if (!error && options->consistent)
        error = take_snapshot(look);
    if (!error)
        error = read_collectors(look, &look->before.items, &look->before.count);
    if (!error && heap)
        error = look_at_heap(look, options);
    return error;
}

struct error *look_take(struct target *target, const struct look_options *options, bool heap,
                        struct look **out)
{
    struct look *look = calloc(1, sizeof *look);
    if (!look)
        return error_no_memory();
    struct error *error = take(look, target, options, heap);
    if (error || !target_alive(target)) {
        look_free(look);
        if (target_alive(target))
            return error;
        error_free(error);
        return error_new(ERROR_CANNOT_LOOK, "process %d exited while it was being read",
                         (int)target_pid(target));
    }
    *out = look;
    return NULL;
}

static struct error *observe(struct look *look, const struct look_options *options, bool loops)
{
    const struct target *target = look->cpython->target;
    if (!target_is_live(target))
        return NULL;
    if (loops && options->seconds > 0)
        return watch_take(look->cpython, &look->interpreters, options->seconds, &look->watch);
    process_files_wait(target_files(target), options->seconds);
    return NULL;
}

struct error *look_observe(struct look *look, const struct look_options *options, bool loops)
{
    struct error *error = observe(look, options, loops);
    return error ? error : read_collectors(look, &look->after.items, &look->after.count);
}

void look_free(struct look *look)
{
    if (!look)
        return;
    if (look->rings.count)
        rings_free(&look->rings.items[0]); /* the array of objects is shared */
    vector_free(&look->rings);
    vector_free(&look->before);
    vector_free(&look->after);
    heap_view_free(look->heap);
    standstill_free(look->standstill);
    watch_free(look->watch);
    roots_free(&look->roots);
    census_free(look->census);
    census_free(look->index);
    vector_free(&look->interpreters);
    cpython_detach(look->cpython);
    target_close(look->snapshot);
    free(look);
}

struct error *look_roots(struct look *look)
{
    return look->roots.target ? NULL
                              : roots_collect(look->cpython, &look->interpreters, &look->roots);
}

struct error *look_index(struct look *look)
{
    if (look->index)
        return NULL;
    const struct census_options wanted = {
        .keep_index = true, .keep_buffers = true, .pace = STREAM_POLITE};
    struct error *error = look_roots(look);
    return error ? error : census_take(look->cpython, &wanted, &look->index);
}
