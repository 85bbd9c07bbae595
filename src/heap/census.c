#include "heap/census.h"

#include "base/clock.h"
#include "heap/gather.h"

/* ---- one chunk ------------------------------------------------------------------------------- */

/* Whatever is not plainly an object of a type met lately. */
static __attribute__((noinline)) void visit_rare(const struct sight *sight, size_t offset)
{
    struct gatherer *gatherer = sight->gatherer;
    uint32_t type = recognise(sight, offset);
    if (type == TYPE_UNKNOWN)
        return;
    keep_count(gatherer, type, 1);
    struct marked_object object = {sight_object(sight, offset), type};
    if ((sight_head(sight, offset)[1] & GC_PREV_FINALIZED) &&
        !vector_push(&gatherer->marked, object))
        gatherer->failed = true;
    if (gatherer->addresses)
        keep_object(sight, offset, type);
}

static inline void visit_head(const struct sight *sight, size_t offset)
{
    const uint64_t *words = sight_head(sight, offset);
    struct near_type *near = &sight->gatherer->near[near_slot(words[3])];
    if (near->address != words[3] || is_doubtful(&sight->pass->test, words) ||
        may_be_immortal(words)) {
        visit_rare(sight, offset);
        return;
    }
    near->count++;
    if (sight->gatherer->addresses)
        keep_object(sight, offset, near->type);
}

static void visit_chunk(void *context, const struct stream_chunk *chunk)
{
    struct pass *pass = context;
    const struct sight sight = {pass, &pass->gatherers[chunk->worker], chunk};
    const size_t end = 16 * sight_slots(&sight);
    for (size_t offset = 0; offset < end; offset += 16 * HEADS_BLOCK)
        for (uint64_t heads = sight_sieve(&sight, offset); heads; heads &= heads - 1)
            visit_head(&sight, offset + 16 * (size_t)__builtin_ctzll(heads));
}

/* ---- the pass -------------------------------------------------------------------------------- */

int marked_compare(const void *left, const void *right)
{
    const struct marked_object *a = left, *b = right;
    return (a->address > b->address) - (a->address < b->address);
}

static bool merge_one(struct census *census, struct gatherer *gatherer)
{
    for (size_t i = 0; i < NEAR_TYPES; i++)
        keep_count(gatherer, gatherer->near[i].type, gatherer->near[i].count);
    if (gatherer->failed)
        return false;
    for (size_t i = 0; i < gatherer->counts.count && i < census->count_size; i++) {
        census->counts[i] += gatherer->counts.items[i];
        census->objects += gatherer->counts.items[i];
    }
    for (size_t i = 0; i < gatherer->marked.count; i++)
        if (!vector_push(&census->marked, gatherer->marked.items[i]))
            return false;
    if (!census->index)
        return true;
    if (!vector_reserve(&census->index->buffers,
                        census->index->buffers.count + gatherer->buffers.count))
        return false;
    for (size_t i = 0; i < gatherer->buffers.count; i++)
        (void)vector_push(&census->index->buffers, gatherer->buffers.items[i]);
    vector_free(&gatherer->buffers);
    return true;
}

static bool merge(struct pass *pass)
{
    struct census *census = pass->census;
    census->count_size = type_table_count(census->types);
    census->counts = calloc(census->count_size + 1, sizeof *census->counts);
    if (!census->counts)
        return false;
    for (size_t i = 0; i < STREAM_WORKERS_MAX; i++) {
        keep_close_slot(pass, &pass->gatherers[i]);
        if (!merge_one(census, &pass->gatherers[i]))
            return false;
    }
    if (census->marked.count)
        qsort(census->marked.items, census->marked.count, sizeof *census->marked.items,
              marked_compare);
    return !census->index || heap_index_seal(census->index);
}

static struct error *run_pass(struct pass *pass)
{
    struct stream_plan *plan;
    struct error *error = stream_plan_new(pass->cpython->target, &plan);
    if (error)
        return error;
    heads_prepare(pass->cpython, &pass->test);
    if (pass->options->keep_index) {
        pass->census->index = heap_index_new(stream_plan_slots(plan));
        error = pass->census->index ? NULL : error_no_memory();
    }
    for (size_t i = 0; i < STREAM_WORKERS_MAX && !error; i++) {
        pass->gatherers[i].types.table = pass->census->types;
        if (!keep_prepare(pass, &pass->gatherers[i]))
            error = error_no_memory();
    }
    type_table_remember(pass->census->types, true);
    if (!error)
        error = stream_run(pass->cpython->target, plan, pass->options->pace, visit_chunk, pass,
                           &pass->census->cost);
    type_table_remember(pass->census->types, false);
    if (!error && !merge(pass))
        error = error_no_memory();
    stream_plan_free(plan);
    return error;
}

struct error *census_take(const struct cpython *cpython, const struct census_options *options,
                          struct census **out)
{
    struct census *census = calloc(1, sizeof *census);
    struct pass *pass = calloc(1, sizeof *pass);
    if (census)
        census->types = type_table_new(cpython);
    if (!pass || !census || !census->types) {
        free(pass);
        census_free(census);
        return error_no_memory();
    }
    double begin = monotonic_milliseconds();
    pass->cpython = cpython;
    pass->options = options;
    pass->census = census;
    struct error *error = run_pass(pass);
    for (size_t i = 0; i < STREAM_WORKERS_MAX; i++)
        gatherer_free(pass, &pass->gatherers[i]);
    free(pass);
    census->milliseconds = monotonic_milliseconds() - begin;
    if (error) {
        census_free(census);
        return error;
    }
    *out = census;
    return NULL;
}

void census_free(struct census *census)
{
    if (!census)
        return;
    type_table_free(census->types);
    heap_index_free(census->index);
    free(census->counts);
    vector_free(&census->marked);
    free(census);
}
