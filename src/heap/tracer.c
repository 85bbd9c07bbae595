/* One thread that asks objects for their references; several of them side by side. */
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "heap/object_graph_internal.h"

#define HEAD_BYTES_MAX 64
#define GIVES_WAY      10 /* nice: the program's own threads come first */
/* More references are rare enough to look twice: a low address is a plausible count, too. */
#define REFERENCES_MANY 0x10000

const struct node_range *tracer_search(struct tracer *tracer, uint64_t address)
{
    if (tracer->searched && node_range_around(tracer->searched, address))
        return tracer->searched;
    const struct node_range *range = node_set_search(tracer->nodes, address);
    if (range)
        tracer->searched = range;
    return range;
}

uint32_t tracer_kind(struct tracer *tracer, uint64_t address, uint32_t *references,
                     struct lent_object *lent)
{
    const struct cpython *cpython = tracer->cpython;
    const struct layout_offsets *at = &cpython->at;
    uint8_t buffer[HEAD_BYTES_MAX];
    uint64_t count, type;
    size_t size = (size_t)at->object_type + sizeof type;
    lent->address = address;
    lent->bytes = target_lend_all(cpython->target, address, &lent->size);
    if (!lent->bytes)
        lent->size = 0;
    const uint8_t *head = lent->bytes;
    if (lent->size < size) {
        if (size > sizeof buffer || !target_read(cpython->target, address, buffer, size))
            return KIND_NONE;
        head = buffer;
    }
    memcpy(&count, head + at->object_refcount, sizeof count);
    memcpy(&type, head + at->object_type, sizeof type);
    if (!refcount_plausible(cpython, count))
        return KIND_NONE;
    uint64_t decoded = refcount_decode(cpython, count);
    if (decoded >= REFERENCES_MANY && decoded < UINT32_MAX &&
        target_mapping_at(cpython->target, decoded))
        return KIND_NONE;
    if (references)
        *references = decoded < UINT32_MAX ? (uint32_t)decoded : UINT32_MAX;
    return kind_cache_lookup(&tracer->kinds, type);
}

struct share {
    void (*run)(void *context, unsigned number);
    void *context;
    unsigned number;
    pthread_t thread;
};

static void *run_share(void *argument)
{
    const struct share *share = argument;
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), GIVES_WAY);
    share->run(share->context, share->number);
    return NULL;
}

void trace_parallel(void (*run)(void *context, unsigned number), void *context)
{
    struct share shares[TRACERS];
    unsigned started = 0;
    for (; started < TRACERS; started++) {
        shares[started] = (struct share){run, context, started, 0};
        if (pthread_create(&shares[started].thread, NULL, run_share, &shares[started]))
            break;
    }
    /* The work is shared out by counters: whoever runs at all does everything. */
    if (!started)
        run(context, 0);
    for (unsigned i = 0; i < started; i++)
        pthread_join(shares[i].thread, NULL);
}
