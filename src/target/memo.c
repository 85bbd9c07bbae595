#include "target/memo.h"

#include <string.h>

#include "base/address_map.h"
#include "target/internal.h"

#define PAGE_BYTES  4096
#define PAGE_MASK   (~(uint64_t)(PAGE_BYTES - 1))
#define SLAB_PAGES  16
#define PAGES_MAX   32768 /* 128 MiB; then it starts anew */
#define READ_MAX    (2 * PAGE_BYTES)
#define PAGE_ABSENT (ADDRESS_MAP_ABSENT - 1) /* cannot be read as a whole */

struct memo {
    struct target *base;
    struct address_map pages; /* page address + 1 -> number, or PAGE_ABSENT */
    VECTOR(uint8_t *) slabs;  /* of SLAB_PAGES pages */
    uint32_t count;
};

static void forget(struct memo *memo)
{
    for (size_t i = 0; i < memo->slabs.count; i++)
        free(memo->slabs.items[i]);
    vector_free(&memo->slabs);
    address_map_free(&memo->pages);
    memo->count = 0;
}

static uint8_t *page_bytes(const struct memo *memo, uint32_t number)
{
    return memo->slabs.items[number / SLAB_PAGES] + (size_t)(number % SLAB_PAGES) * PAGE_BYTES;
}

/* Room for one more page; NULL when there is no memory. */
static uint8_t *new_page(struct memo *memo)
{
    if (memo->count == PAGES_MAX)
        forget(memo);
    if (memo->count == memo->slabs.count * SLAB_PAGES) {
        uint8_t *slab = malloc((size_t)SLAB_PAGES * PAGE_BYTES);
        if (!slab || !vector_push(&memo->slabs, slab)) {
            free(slab);
            return NULL;
        }
    }
    return page_bytes(memo, memo->count);
}

static const uint8_t *fetch_page(struct memo *memo, uint64_t page)
{
    uint8_t *bytes = new_page(memo);
    if (!bytes)
        return NULL;
    bool whole = target_read(memo->base, page, bytes, PAGE_BYTES);
    if (!address_map_put(&memo->pages, page + 1, whole ? memo->count : PAGE_ABSENT) || !whole)
        return NULL;
    memo->count++;
    return bytes;
}

static const uint8_t *page_at(struct memo *memo, uint64_t page)
{
    uint32_t number = address_map_get(&memo->pages, page + 1);
    if (number == ADDRESS_MAP_ABSENT)
        return fetch_page(memo, page);
    return number == PAGE_ABSENT ? NULL : page_bytes(memo, number);
}

static size_t memo_read_some(struct target *target, uint64_t address, void *buffer, size_t size)
{
    struct memo *memo = target->memo;
    size_t done = 0;
    if (size > READ_MAX)
        return target_read_some(memo->base, address, buffer, size);
    while (done < size) {
        uint64_t at = address + done, page = at & PAGE_MASK;
        size_t within = (size_t)(at - page);
        size_t step = size - done < PAGE_BYTES - within ? size - done : PAGE_BYTES - within;
        uint8_t *to = (uint8_t *)buffer + done;
        const uint8_t *bytes = page_at(memo, page);
        /* A page that is not there as a whole: an image's segment may end inside of it. */
        size_t got = bytes ? step : target_read_some(memo->base, at, to, step);
        if (bytes)
            memcpy(to, bytes + within, step);
        done += got;
        if (got < step)
            break;
    }
    return done;
}

static void memo_read_batch(struct target *target, struct read_request *requests, size_t count)
{
    for (size_t i = 0; i < count; i++)
        requests[i].ok = memo_read_some(target, requests[i].address, requests[i].buffer,
                                        requests[i].size) == requests[i].size;
}

static void memo_visit_present(struct target *target, uint64_t start, uint64_t end,
                               void (*visit)(void *context, uint64_t start, uint64_t end),
                               void *context)
{
    target_visit_present(target->base, start, end, visit, context);
}

static struct error *memo_refresh(struct target *target)
{
    return target_refresh_mappings(target->base);
}

static const struct target_operations memo_operations = {
    .read_some = memo_read_some,
    .read_batch = memo_read_batch,
    .visit_present = memo_visit_present,
    .refresh = memo_refresh,
};

struct target *target_open_memo(struct target *base)
{
    struct target *target = base->operations->costly ? calloc(1, sizeof *target) : NULL;
    struct memo *memo = calloc(1, sizeof *memo);
    if (!target || !memo) {
        free(target);
        free(memo);
        return NULL;
    }
    memo->base = base;
    *target = (struct target){
        .operations = &memo_operations,
        .pid = base->pid,
        .pidfd = -1,
        .pagemap = -1,
        .base = base,
        .memo = memo,
    };
    return target;
}

void memo_close(struct target *target)
{
    forget(target->memo);
    free(target->memo);
    free(target);
}
