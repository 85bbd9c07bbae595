#include "target/memo.h"

#include <string.h>

#include "base/address_map.h"
#include "target/internal.h"

/* Small objects lie far apart: of a page that is met for the first time only the part that is asked
 * for is read, the rest when another part is. A sparse memo reads each part for itself. */
#define PAGE_BYTES   4096
#define PART_BYTES   2048
#define SPARSE_BYTES 1024
#define PAGE_MASK    (~(uint64_t)(PAGE_BYTES - 1))
#define SLAB_BYTES   16384
#define PARTS_MAX    65536 /* 128 MiB; then it starts anew */
#define READ_MAX     (2 * PAGE_BYTES)
#define READ_PARTS   (READ_MAX / SPARSE_BYTES + 1) /* of one read, at most */
#define FETCH_MAX    64
#define IDLE_MAX     4                        /* renewals after which nobody asks for it any more */
#define PART_ABSENT  (ADDRESS_MAP_ABSENT - 1) /* cannot be read as a whole */

struct part {
    uint64_t address;
    unsigned idle; /* how often it was renewed since it was asked for */
};

struct memo {
    size_t part_bytes;
    struct address_map numbers; /* of a part, by its address + 1; or PART_ABSENT */
    VECTOR(struct part) parts;  /* by number */
    VECTOR(uint8_t *) slabs;    /* of SLAB_BYTES, in parts */
};

static void forget(struct memo *memo)
{
    for (size_t i = 0; i < memo->slabs.count; i++)
        free(memo->slabs.items[i]);
    vector_free(&memo->slabs);
    vector_free(&memo->parts);
    address_map_free(&memo->numbers);
}

static size_t slab_parts(const struct memo *memo)
{
    return SLAB_BYTES / memo->part_bytes;
}

/* The begin of the part that `address` lies in. */
static uint64_t part_of(const struct memo *memo, uint64_t address)
{
    return address & ~(uint64_t)(memo->part_bytes - 1);
}

static uint8_t *part_bytes(const struct memo *memo, uint32_t number)
{
    return memo->slabs.items[number / slab_parts(memo)] +
           number % slab_parts(memo) * memo->part_bytes;
}

/* Room for one more part, behind the `more` that are on their way; NULL: no memory. */
static uint8_t *new_part(struct memo *memo, size_t more)
{
    size_t number = memo->parts.count + more;
    if (number == memo->slabs.count * slab_parts(memo)) {
        uint8_t *slab = malloc(SLAB_BYTES);
        if (!slab || !vector_push(&memo->slabs, slab)) {
            free(slab);
            return NULL;
        }
    }
    return part_bytes(memo, (uint32_t)number);
}

static uint32_t part_number(const struct memo *memo, uint64_t part)
{
    return address_map_get(&memo->numbers, part + 1);
}

/* What is to be read with one call. Meanwhile it counts as absent. */
struct fetch {
    struct part parts[FETCH_MAX];
    size_t count;
};

static void want_part(struct memo *memo, uint64_t part, unsigned idle, struct fetch *fetch)
{
    if (fetch->count < FETCH_MAX && part_number(memo, part) == ADDRESS_MAP_ABSENT &&
        address_map_put(&memo->numbers, part + 1, PART_ABSENT))
        fetch->parts[fetch->count++] = (struct part){part, idle};
}

/* What of [start, end) lies in the page and is not known; all of the page when one part of it is
 * known already, or when they are more than one. */
static void want_of_page(struct memo *memo, uint64_t page, uint64_t start, uint64_t end,
                         struct fetch *fetch)
{
    uint64_t first = start > page ? part_of(memo, start) : page;
    uint64_t last =
        end - page < PAGE_BYTES ? part_of(memo, end - 1) : page + PAGE_BYTES - memo->part_bytes;
    bool whole = first != last;
    for (uint64_t part = page; part < page + PAGE_BYTES; part += memo->part_bytes)
        whole |= part_number(memo, part) != ADDRESS_MAP_ABSENT;
    for (uint64_t part = page; whole && part < page + PAGE_BYTES; part += memo->part_bytes)
        want_part(memo, part, 0, fetch);
    if (!whole)
        want_part(memo, first, 0, fetch);
}

/* What of [start, end) is not known. */
static void want(struct memo *memo, uint64_t start, uint64_t end, struct fetch *fetch)
{
    uint64_t part = part_of(memo, start);
    if (end >> 63) /* the kernel's */
        return;
    while (part < end && part_number(memo, part) != ADDRESS_MAP_ABSENT)
        part += memo->part_bytes;
    for (; memo->part_bytes == SPARSE_BYTES && part < end; part += SPARSE_BYTES)
        want_part(memo, part, 0, fetch);
    for (uint64_t page = part & PAGE_MASK; part < end; page += PAGE_BYTES, part = page)
        want_of_page(memo, page, part > start ? part : start, end, fetch);
}

static void keep_part(struct memo *memo, struct part part, const uint8_t *bytes)
{
    uint32_t number = (uint32_t)memo->parts.count;
    uint8_t *room = part_bytes(memo, number);
    if (room != bytes)
        memcpy(room, bytes, memo->part_bytes);
    if (vector_push(&memo->parts, part))
        (void)address_map_put(&memo->numbers, part.address + 1, number); /* where it is already */
}

static void fetch_wanted(struct target *target, struct fetch *fetch)
{
    struct memo *memo = target->memo;
    struct read_request requests[FETCH_MAX];
    size_t count = 0;
    for (uint8_t *bytes; count < fetch->count && (bytes = new_part(memo, count)); count++)
        requests[count] =
            (struct read_request){fetch->parts[count].address, bytes, memo->part_bytes, false};
    target_read_batch(target->base, requests, count);
    for (size_t i = 0; i < count; i++)
        if (requests[i].ok)
            keep_part(memo, fetch->parts[i], requests[i].buffer);
    fetch->count = 0;
}

static const uint8_t *part_at(struct target *target, uint64_t part, uint64_t end)
{
    struct memo *memo = target->memo;
    uint32_t number = part_number(memo, part);
    if (number == ADDRESS_MAP_ABSENT) {
        struct fetch fetch = {.count = 0};
        if (memo->parts.count + FETCH_MAX > PARTS_MAX)
            forget(memo);
        want(memo, part, end, &fetch);
        fetch_wanted(target, &fetch);
        number = part_number(memo, part);
    }
    if (number >= PART_ABSENT)
        return NULL;
    memo->parts.items[number].idle = 0;
    return part_bytes(memo, number);
}

static size_t memo_read_some(struct target *target, uint64_t address, void *buffer, size_t size)
{
    const struct memo *memo = target->memo;
    size_t done = 0;
    if (size > READ_MAX)
        return target_read_some(target->base, address, buffer, size);
    while (done < size) {
        uint64_t at = address + done, part = part_of(memo, at);
        size_t within = (size_t)(at - part), left = memo->part_bytes - within;
        size_t step = size - done < left ? size - done : left;
        uint8_t *to = (uint8_t *)buffer + done;
        const uint8_t *bytes = part_at(target, part, address + size);
        /* What is not there as a whole: an image's segment may end inside of it. */
        size_t got = bytes ? step : target_read_some(target->base, at, to, step);
        if (bytes)
            memcpy(to, bytes + within, step);
        done += got;
        if (got < step)
            break;
    }
    return done;
}

/* One more read of a batch; those before it are fetched when there is no room for it. */
static void want_also(struct target *target, uint64_t address, size_t size, struct fetch *fetch)
{
    struct memo *memo = target->memo;
    if (memo->parts.count + 2 * FETCH_MAX > PARTS_MAX || address + size < address ||
        size > READ_MAX)
        return;
    if (fetch->count + READ_PARTS > FETCH_MAX)
        fetch_wanted(target, fetch);
    want(memo, address, address + size, fetch);
}

static void memo_expect(struct target *target, const uint64_t *addresses, size_t count, size_t size)
{
    struct fetch fetch = {.count = 0};
    for (size_t i = 0; i < count; i++)
        if (addresses[i])
            want_also(target, addresses[i], size, &fetch);
    fetch_wanted(target, &fetch);
}

static void memo_read_batch(struct target *target, struct read_request *requests, size_t count)
{
    struct fetch fetch = {.count = 0};
    for (size_t i = 0; i < count; i++)
        want_also(target, requests[i].address, requests[i].size, &fetch);
    fetch_wanted(target, &fetch);
    for (size_t i = 0; i < count; i++)
        requests[i].ok = target_read_some(target, requests[i].address, requests[i].buffer,
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
    .expect = memo_expect,
    .visit_present = memo_visit_present,
    .refresh = memo_refresh,
};

static struct target *open_memo(struct target *base, size_t part_bytes)
{
    struct target *target = base->operations->costly ? calloc(1, sizeof *target) : NULL;
    struct memo *memo = calloc(1, sizeof *memo);
    if (!target || !memo) {
        free(target);
        free(memo);
        return NULL;
    }
    memo->part_bytes = part_bytes;
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

struct target *target_open_memo(struct target *base)
{
    return open_memo(base, PART_BYTES);
}

struct target *target_open_sparse_memo(struct target *base)
{
    return open_memo(base, SPARSE_BYTES);
}

void target_renew_memo(struct target *target)
{
    struct memo *memo = target->memo;
    struct fetch fetch = {.count = 0};
    if (!memo)
        return;
    const struct memo known = *memo;
    memo->numbers = (struct address_map){0};
    memo->parts = (typeof(memo->parts)){0};
    for (size_t i = 0; i < known.parts.count; i++) {
        struct part part = known.parts.items[i];
        if (fetch.count == FETCH_MAX)
            fetch_wanted(target, &fetch);
        if (part.idle < IDLE_MAX)
            want_part(memo, part.address, part.idle + 1, &fetch);
    }
    fetch_wanted(target, &fetch);
    free(known.parts.items);
    free(known.numbers.keys);
    free(known.numbers.values);
}

void memo_close(struct target *target)
{
    forget(target->memo);
    free(target->memo);
    free(target);
}
