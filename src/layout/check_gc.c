/*
 * The collector's state. Its place inside a minor version depends on the vendor and the micro
 * version, so the list heads are found by what they are: each is the neighbour of its neighbours.
 */
#include "layout/internal.h"

#include <string.h>

#define GC_STATE_MAX      1024
#define GENERATIONS       3
#define HEADS             (GENERATIONS + 1) /* and the permanent generation */
#define GENERATION_STRIDE 24                /* {next, prev, threshold, count}, 3.8 to 3.15 */
#define HEAD_ALIGNMENT    4                 /* Debian's 3.13 */
#define LINK_MASK         (~UINT64_C(3))

struct gc_state {
    uint64_t address;
    size_t size;
    uint8_t bytes[GC_STATE_MAX];
};

static uint64_t word_at(const struct gc_state *state, size_t offset)
{
    uint64_t word;
    memcpy(&word, state->bytes + offset, sizeof word);
    return word;
}

static int32_t int_at(const struct gc_state *state, int32_t offset)
{
    int32_t value;
    memcpy(&value, state->bytes + offset, sizeof value);
    return value;
}

static bool fits(const struct gc_state *state, int32_t offset, size_t size)
{
    return offset >= 0 && (size_t)offset + size <= state->size;
}

static bool read_state(const struct cpython *cpython, uint64_t address, struct gc_state *state)
{
    const struct layout_offsets *at = &cpython->at;
    state->address = address;
    state->size = (size_t)at->size_of_gc;
    return address && at->size_of_gc > 0 && state->size <= GC_STATE_MAX &&
           fits(state, at->gc_collecting, sizeof(int32_t)) &&
           fits(state, at->gc_enabled, sizeof(int32_t)) &&
           fits(state, at->gc_generations, GENERATIONS * GENERATION_STRIDE) &&
           fits(state, at->gc_permanent_generation, GENERATION_STRIDE) &&
           target_read(cpython->target, address, state->bytes, state->size);
}

/* Heads link to heads, or to objects, which are aligned. */
static bool could_link(const struct cpython *cpython, const struct gc_state *state, uint64_t link)
{
    bool to_head = link >= state->address && link < state->address + state->size;
    return to_head || (link % sizeof link == 0 && target_mapping_at(cpython->target, link));
}

static bool links_to(const struct cpython *cpython, uint64_t place, uint64_t head)
{
    uint64_t link;
    return target_read_word(cpython->target, place, &link) && (link & LINK_MASK) == head;
}

/* The words at `offset` are the head of a ring: a neighbour names it. Both do, unless an object
 * comes or goes at that end just now. */
static bool is_head(const struct cpython *cpython, const struct gc_state *state, size_t offset)
{
    uint64_t head = state->address + offset, links[2];
    if (!word_at(state, offset) || !target_read(cpython->target, head, links, sizeof links))
        return false;
    uint64_t next = links[0] & LINK_MASK, previous = links[1] & LINK_MASK;
    return could_link(cpython, state, next) && could_link(cpython, state, previous) &&
           (links_to(cpython, next + sizeof next, head) || links_to(cpython, previous, head));
}

static void expect_neighbours(const struct cpython *cpython, const struct gc_state *state)
{
    uint64_t neighbours[GC_STATE_MAX / HEAD_ALIGNMENT];
    size_t count = 0;
    for (size_t offset = 0; offset + sizeof(uint64_t) <= state->size; offset += HEAD_ALIGNMENT) {
        uint64_t link = word_at(state, offset) & LINK_MASK;
        if (could_link(cpython, state, link))
            neighbours[count++] = link;
    }
    target_expect(cpython->target, neighbours, count, 2 * sizeof(uint64_t));
}

/* Four heads and no more, the generations at one stride. */
static bool locate_heads(struct cpython *cpython, const struct gc_state *state)
{
    int32_t heads[HEADS];
    size_t count = 0;
    expect_neighbours(cpython, state);
    for (size_t offset = 0; offset + 16 <= state->size; offset += HEAD_ALIGNMENT) {
        if (!is_head(cpython, state, offset))
            continue;
        if (count == HEADS)
            return false;
        heads[count++] = (int32_t)offset;
    }
    if (count != HEADS || heads[1] != heads[0] + GENERATION_STRIDE ||
        heads[2] != heads[1] + GENERATION_STRIDE)
        return false;
    cpython->at.gc_generations = heads[0];
    cpython->at.gc_permanent_generation = heads[3];
    return true;
}

/* While a collection runs, the one list it works on has counts in place of links back. */
static bool heads_fit_while_collecting(const struct cpython *cpython, const struct gc_state *state)
{
    unsigned good = is_head(cpython, state, (size_t)cpython->at.gc_permanent_generation);
    for (size_t i = 0; i < GENERATIONS; i++)
        good += is_head(cpython, state, (size_t)cpython->at.gc_generations + i * GENERATION_STRIDE);
    return int_at(state, cpython->at.gc_collecting) == 1 && good >= HEADS - 1;
}

/* The word, outside the lists, that names the youngest generation; LAYOUT_ABSENT without one. */
static int32_t find_generation0_pointer(const struct cpython *cpython, const struct gc_state *state)
{
    int32_t first = cpython->at.gc_generations, last = first + GENERATIONS * GENERATION_STRIDE;
    for (int32_t offset = 0; fits(state, offset, sizeof(uint64_t)); offset += sizeof(uint64_t)) {
        bool in_lists = offset + (int32_t)sizeof(uint64_t) > first && offset < last;
        if (!in_lists && word_at(state, (size_t)offset) == state->address + (uint64_t)first)
            return offset;
    }
    return LAYOUT_ABSENT;
}

const char *check_gc(struct cpython *cpython, uint64_t main_interpreter)
{
    struct gc_state state;
    if (!read_state(cpython, cpython_gc_of(cpython, main_interpreter), &state))
        return "the collector's state cannot be read";
    int32_t enabled = int_at(&state, cpython->at.gc_enabled);
    int32_t collecting = int_at(&state, cpython->at.gc_collecting);
    if (enabled < 0 || enabled > 1 || collecting < 0 || collecting > 1)
        return "the collector's switches have impossible values";
    if (!locate_heads(cpython, &state) && !heads_fit_while_collecting(cpython, &state))
        return "the collector's lists are not where they should be";
    int32_t pointer = find_generation0_pointer(cpython, &state);
    if ((pointer == LAYOUT_ABSENT) != cpython->is.incremental)
        return "the collector is of the other kind (incremental or by generations)";
    cpython->at.gc_generation0_pointer = pointer;
    return NULL;
}
