/* The conservative part: words that are addresses of objects. */
#include "object/referents_internal.h"

#include <assert.h>

#include "base/address_map.h"

#define BATCH      64
#define LOWEST     UINT64_C(4096)
#define HEAD_WORDS 4

/* Words on their way to being recognised, many at a time. */
struct scan {
    struct referents *visit;
    size_t count;
    uint64_t words[BATCH];
    size_t offsets[BATCH];
};

static bool good_type(struct referents *visit, uint64_t type)
{
    uint64_t *known = &visit->good_types[address_hash(type) >> 60];
    struct type_view view;
    static_assert(GOOD_TYPES == 16, "the index is 4 bits wide");
    if (*known == type && type)
        return true;
    if (type % sizeof(uint64_t) || type < LOWEST || !type_read(visit->cpython, type, &view))
        return false;
    *known = type;
    return true;
}

/* Marks in `accepted` the words behind which a plausible object head lies. */
static void recognise_heads(struct scan *scan, bool accepted[BATCH])
{
    const struct layout_offsets *at = &scan->visit->cpython->at;
    uint64_t heads[BATCH][HEAD_WORDS];
    struct read_request requests[BATCH];
    size_t size = (size_t)at->object_type + sizeof(uint64_t);
    if (at->object_type < 0 || size > sizeof heads[0])
        return;
    for (size_t i = 0; i < scan->count; i++)
        requests[i] = (struct read_request){scan->words[i], heads[i], size, false};
    target_read_batch(scan->visit->cpython->target, requests, scan->count);
    for (size_t i = 0; i < scan->count; i++) {
        const uint8_t *head = (const uint8_t *)heads[i];
        accepted[i] =
            requests[i].ok &&
            refcount_plausible(scan->visit->cpython, load_word(head, at->object_refcount)) &&
            good_type(scan->visit, load_word(head, at->object_type));
    }
}

static void flush(struct scan *scan)
{
    struct referents *visit = scan->visit;
    bool accepted[BATCH] = {false};
    if (visit->is_object)
        for (size_t i = 0; i < scan->count; i++)
            accepted[i] = visit->is_object(visit->context, scan->words[i]);
    else
        recognise_heads(scan, accepted);
    for (size_t i = 0; i < scan->count; i++)
        if (accepted[i] && !referents_tell(visit, &(struct edge){
                                                      .kind = EDGE_INTERNAL,
                                                      .referent = scan->words[i],
                                                      .index = scan->offsets[i],
                                                  }))
            break;
    scan->count = 0;
}

static void consider(struct scan *scan, uint64_t word, size_t offset)
{
    if (word < LOWEST || word % sizeof word || word >> 56 || !referents_wants(scan->visit, word))
        return;
    scan->words[scan->count] = word;
    scan->offsets[scan->count++] = offset;
    if (scan->count == BATCH)
        flush(scan);
}

static void scan_memory(struct scan *scan, uint64_t address, uint64_t bytes, size_t offset)
{
    struct words words;
    words_begin(&words, scan->visit->cpython, address, bytes / sizeof(uint64_t));
    for (uint64_t word; !scan->visit->stopped && words_next(&words, &word); offset += sizeof word)
        consider(scan, word, offset);
    if (words.fault)
        scan->visit->incomplete = true;
}

void referents_scan(struct referents *visit, uint64_t address, uint64_t bytes)
{
    struct scan scan = {.visit = visit};
    scan_memory(&scan, address, bytes, 0);
    flush(&scan);
}

void referents_scan_body(struct referents *visit, uint64_t start, uint64_t end)
{
    struct scan scan = {.visit = visit};
    uint64_t offset = (start + 7) & ~UINT64_C(7);
    for (; offset + sizeof(uint64_t) <= end && offset + sizeof(uint64_t) <= visit->head_bytes;
         offset += sizeof(uint64_t))
        if (!referents_explained(visit, offset))
            consider(&scan, load_word(visit->head, (int32_t)offset), (size_t)offset);
    if (offset < end)
        scan_memory(&scan, visit->object + offset, end - offset, (size_t)offset);
    flush(&scan);
}
