#include "target/memo.h"

#include <pthread.h>
#include <string.h>

#include "base/address_map.h"
#include "target/internal.h"

#define PAGE_BYTES  4096
#define PAGE_MASK   (~(uint64_t)(PAGE_BYTES - 1))
#define SLAB_PAGES  64
#define PAGES_MAX   16384 /* 64 MiB; then it starts anew */
#define READ_MAX    (2 * PAGE_BYTES)
#define PAGE_ABSENT (ADDRESS_MAP_ABSENT - 1) /* cannot be read as a whole */

struct memo {
    struct target *target;
    pthread_t owner;
    struct address_map pages; /* page address + 1 -> number, or PAGE_ABSENT */
    VECTOR(uint8_t *) slabs;  /* of SLAB_PAGES pages */
    uint32_t count;
};

struct memo *target_memo_begin(struct target *target)
{
    struct memo *memo = target->memo ? NULL : calloc(1, sizeof *memo);
    if (!memo)
        return NULL;
    memo->target = target;
    memo->owner = pthread_self();
    target->memo = memo;
    return memo;
}

static void forget(struct memo *memo)
{
    for (size_t i = 0; i < memo->slabs.count; i++)
        free(memo->slabs.items[i]);
    vector_free(&memo->slabs);
    address_map_free(&memo->pages);
    memo->count = 0;
}

void target_memo_end(struct memo *memo)
{
    if (!memo)
        return;
    memo->target->memo = NULL;
    forget(memo);
    free(memo);
}

bool memo_serves(const struct memo *memo, size_t size)
{
    return memo && size <= READ_MAX && pthread_equal(memo->owner, pthread_self());
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
    return memo->slabs.items[memo->count / SLAB_PAGES] +
           (size_t)(memo->count % SLAB_PAGES) * PAGE_BYTES;
}

static const uint8_t *fetch_page(struct memo *memo, uint64_t page)
{
    uint8_t *bytes = new_page(memo);
    if (!bytes)
        return NULL;
    size_t got = memo->target->operations->read_some(memo->target, page, bytes, PAGE_BYTES);
    bool whole = got == PAGE_BYTES;
    atomic_fetch_add_explicit(&memo->target->bytes_read, got, memory_order_relaxed);
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
    if (number == PAGE_ABSENT)
        return NULL;
    return memo->slabs.items[number / SLAB_PAGES] + (size_t)(number % SLAB_PAGES) * PAGE_BYTES;
}

size_t memo_read_some(struct memo *memo, uint64_t address, uint8_t *buffer, size_t size)
{
    size_t done = 0;
    while (done < size) {
        uint64_t at = address + done, page = at & PAGE_MASK;
        size_t within = (size_t)(at - page);
        size_t step = size - done < PAGE_BYTES - within ? size - done : PAGE_BYTES - within;
        const uint8_t *bytes = page_at(memo, page);
        if (bytes) {
            memcpy(buffer + done, bytes + within, step);
        } else {
            /* The page is not there as a whole: an image's segment may end inside of it. */
            size_t got = memo->target->operations->read_some(memo->target, at, buffer + done, step);
            if (got < step)
                return done + got;
        }
        done += step;
    }
    return done;
}
