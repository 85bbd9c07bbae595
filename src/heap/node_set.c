#include "heap/node_set.h"

#include <string.h>
#include <sys/mman.h>

#include "heap/rows.h"

static size_t block_count(const struct node_range *range)
{
    return (size_t)((range->end - range->start + NODE_BLOCK_BYTES - 1) / NODE_BLOCK_BYTES);
}

static size_t bits_bytes(const struct node_range *range)
{
    return block_count(range) * NODE_BLOCK_WORDS * sizeof *range->bits;
}

/* Memory that is only there once it is written: most of a mapping may be empty. */
static void *sparse(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static bool may_hold_objects(const struct mapping *mapping)
{
    return mapping->readable && mapping->writable && !mapping->shared &&
           (mapping->path[0] != '[' || !strcmp(mapping->path, "[heap]") ||
            !strncmp(mapping->path, "[anon", 5));
}

static bool add_range(struct node_set *set, const struct mapping *mapping)
{
    struct node_range *range = &set->ranges[set->range_count];
    *range = (struct node_range){
        .start = mapping->start & ~(uint64_t)(NODE_STEP - 1),
        .end = mapping->end,
        .first_block = set->block_count,
        .of_file = mapping->path[0] == '/',
    };
    range->bits = sparse(bits_bytes(range));
    if (!range->bits)
        return false;
    region_hints_add(&set->hints, range->start, range->end, (uint32_t)set->range_count);
    set->block_count += block_count(range);
    set->range_count++;
    return true;
}

struct error *node_set_new(struct target *target, struct node_set **out)
{
    size_t count;
    const struct mapping *mappings = target_mappings(target, &count);
    struct node_set *set = calloc(1, sizeof *set);
    if (!set)
        return error_no_memory();
    set->ranges = calloc(count + 1, sizeof *set->ranges);
    bool done = set->ranges != NULL;
    for (size_t i = 0; i < count && done; i++)
        if (may_hold_objects(&mappings[i]))
            done = add_range(set, &mappings[i]);
    if (!done) {
        node_set_free(set);
        return error_no_memory();
    }
    *out = set;
    return NULL;
}

void node_set_free(struct node_set *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->range_count; i++) {
        munmap(set->ranges[i].bits, bits_bytes(&set->ranges[i]));
        free(set->ranges[i].ranks);
        free(set->ranges[i].within);
    }
    free(set->ranges);
    free(set);
}

const struct node_range *node_set_search(const struct node_set *set, uint64_t address)
{
    size_t low = 0, high = set->range_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (set->ranges[middle].end <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low < set->range_count && set->ranges[low].start <= address ? &set->ranges[low] : NULL;
}

static uint64_t *word_of(const struct node_range *range, uint64_t address, uint64_t *bit)
{
    uint64_t place = (address - range->start) / NODE_STEP;
    *bit = UINT64_C(1) << place % 64;
    return &range->bits[place / 64];
}

bool node_range_add(const struct node_range *range, uint64_t address)
{
    uint64_t bit;
    uint64_t *word = word_of(range, address, &bit);
    return !(__atomic_fetch_or(word, bit, __ATOMIC_RELAXED) & bit);
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* Objects of block `block`, of which those before each word go to range->within. */
static uint32_t count_block(struct node_range *range, size_t block)
{
    uint64_t within = 0;
    uint32_t count = 0;
    for (size_t word = block * NODE_BLOCK_WORDS; word < (block + 1) * NODE_BLOCK_WORDS; word++) {
        within |= (uint64_t)count << node_within_shift(word);
        count += node_count_bits(range->bits[word]);
    }
    if (within)
        range->within[block] = within;
    return count;
}

static bool number_range(struct node_range *range, uint64_t *count)
{
    size_t blocks = block_count(range);
    range->ranks = calloc(blocks + 1, sizeof *range->ranks);
    range->within = calloc(blocks + 1, sizeof *range->within);
    if (!range->ranks || !range->within)
        return false;
    for (size_t block = 0; block < blocks && *count <= NODES_MAX; block++) {
        range->ranks[block] = (uint32_t)*count;
        *count += count_block(range, block);
    }
    range->ranks[blocks] = (uint32_t)*count;
    return *count <= NODES_MAX;
}

bool node_set_seal(struct node_set *set)
{
    uint64_t count = 0;
    for (size_t i = 0; i < set->range_count; i++)
        if (!number_range(&set->ranges[i], &count))
            return false;
    set->count = (uint32_t)count;
    return true;
}

uint32_t node_range_last(const struct node_range *range)
{
    return range->ranks[block_count(range)];
}

uint32_t node_set_number(const struct node_set *set, uint64_t address)
{
    const struct node_range *range = node_set_range(set, address);
    if (!range || address % NODE_STEP || !node_range_has(range, address))
        return NODE_NONE;
    return node_range_number(range, address);
}

/* The last of `count` ascending ranks that is at most `number`. */
static size_t last_rank(const uint32_t *ranks, size_t count, uint32_t number)
{
    size_t low = 0, high = count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (ranks[middle] <= number)
            low = middle;
        else
            high = middle;
    }
    return low;
}

uint64_t node_set_address(const struct node_set *set, uint32_t number)
{
    size_t i = 0;
    while (i < set->range_count && node_range_last(&set->ranges[i]) <= number)
        i++;
    if (i == set->range_count)
        return 0;
    const struct node_range *range = &set->ranges[i];
    struct node_cursor cursor;
    node_set_block(set, range->first_block + last_rank(range->ranks, block_count(range), number),
                   &cursor);
    uint32_t at;
    for (uint64_t address; (address = node_cursor_next(&cursor, &at));)
        if (at == number)
            return address;
    return 0;
}

/* ---- blocks ---------------------------------------------------------------------------------- */

void node_set_block(const struct node_set *set, size_t block, struct node_cursor *cursor)
{
    size_t low = 0, high = set->range_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (set->ranges[middle].first_block <= block)
            low = middle;
        else
            high = middle;
    }
    const struct node_range *range = &set->ranges[low];
    block -= range->first_block;
    *cursor = (struct node_cursor){
        .range = range,
        .word = block * NODE_BLOCK_WORDS,
        .last = (block + 1) * NODE_BLOCK_WORDS,
        .number = range->ranks ? range->ranks[block] : 0,
    };
    cursor->left = range->bits[cursor->word];
}

uint64_t node_cursor_next(struct node_cursor *cursor, uint32_t *number)
{
    while (!cursor->left) {
        if (cursor->word + 1 >= cursor->last)
            return 0;
        cursor->left = cursor->range->bits[++cursor->word];
    }
    uint64_t bit = (uint64_t)__builtin_ctzll(cursor->left);
    cursor->left &= cursor->left - 1;
    if (number)
        *number = cursor->number;
    cursor->number++;
    return cursor->range->start + (cursor->word * 64 + bit) * NODE_STEP;
}
