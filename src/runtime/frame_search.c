/* Which variable of a frame refers to an object. */
#include "runtime/internal.h"

#include <string.h>

#define SLOTS_BUFFERED 256

static bool slot_is(const struct cpython *cpython, uint64_t slot, uint64_t object)
{
    (void)cpython;
    return slot == object;
}

/* Whether `slot` is a cell that contains `object`. */
static bool slot_is_cell_of(const struct cpython *cpython, uint64_t slot, uint64_t object)
{
    uint64_t content;
    return plausible_link(slot) && cpython->cell_type &&
           object_type(cpython, slot) == cpython->cell_type &&
           target_read_word(cpython->target, field_of(slot, cpython->at.cell_reference),
                            &content) &&
           content == object;
}

/* The index of the first of the slots [first, end) that matches, or `end`. */
static uint32_t find_slot(const struct cpython *cpython, uint64_t slots, uint32_t first,
                          uint32_t end, uint64_t object,
                          bool (*matches)(const struct cpython *cpython, uint64_t slot,
                                          uint64_t object))
{
    uint64_t words[SLOTS_BUFFERED];
    while (first < end) {
        uint32_t wanted = end - first < SLOTS_BUFFERED ? end - first : SLOTS_BUFFERED;
        size_t bytes = target_read_some(cpython->target, slots + (uint64_t)first * 8, words,
                                        wanted * sizeof *words);
        for (uint32_t i = 0; i < bytes / sizeof *words; i++)
            if (matches(cpython, untagged_reference(cpython, words[i]), object))
                return first + i;
        if (bytes < wanted * sizeof *words)
            break;
        first += wanted;
    }
    return end;
}

char *frame_local_of(const struct cpython *cpython, const struct frame_view *frame, uint64_t object)
{
    struct code_extent extent;
    if (!frame_current(cpython, frame) || !code_extent_read(cpython, frame->code, &extent))
        return NULL;
    uint64_t slots = field_of(frame->address, frame_locals_place(cpython));
    uint32_t locals = extent.locals;
    uint32_t slot = find_slot(cpython, slots, 0, locals, object, slot_is);
    if (slot == locals)
        slot = find_slot(cpython, slots, 0, locals, object, slot_is_cell_of);
    if (slot < locals)
        return code_local_name(cpython, frame->code, slot);
    /* How much of the stack is in use is not stored while the frame runs: all of it may be. */
    uint32_t end = locals + extent.stack;
    return find_slot(cpython, slots, locals, end, object, slot_is) < end ? strdup("<value stack>")
                                                                         : NULL;
}
