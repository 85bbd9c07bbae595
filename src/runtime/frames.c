#include "runtime/internal.h"

#include <string.h>

#define FRAMES_PER_THREAD_MAX 10000
#define FRAMES_MAX            1000000
#define CODE_WORDS_MAX        (1 << 20) /* locals, or stack, of one frame */
#define SLOTS_BUFFERED        256

/* Where the first local of a frame lies. */
static int32_t locals_place(const struct cpython *cpython)
{
    return cpython->is.frames == FRAME_OBJECTS ? cpython->at.frame_object_locals
                                               : cpython->at.frame_locals;
}

/* ---- code objects ---------------------------------------------------------------------------- */

struct code_extent {
    uint32_t locals; /* words of locals, cells and free variables */
    uint32_t stack;
};

/* The length of a tuple of names, 0 when the build has no such field; false when it is unsound. */
static bool names_length(const struct cpython *cpython, uint64_t code, int32_t place,
                         uint32_t *length)
{
    uint64_t names;
    *length = 0;
    if (place == LAYOUT_ABSENT)
        return true;
    if (!target_read_word(cpython->target, field_of(code, place), &names))
        return false;
    int64_t count = sequence_length(cpython, names);
    if (count < 0 || count > CODE_WORDS_MAX)
        return false;
    *length = (uint32_t)count;
    return true;
}

/* The words a frame of `code` has; false when `code` is not a code object. */
static bool code_extent_read(const struct cpython *cpython, uint64_t code,
                             struct code_extent *extent)
{
    const struct layout_offsets *at = &cpython->at;
    uint64_t type;
    int32_t locals, stack;
    uint32_t cells, frees;
    struct read_request requests[] = {
        {.address = field_of(code, at->object_type), .buffer = &type, .size = 8},
        {.address = field_of(code, at->code_local_count), .buffer = &locals, .size = 4},
        {.address = field_of(code, at->code_stack_size), .buffer = &stack, .size = 4},
    };
    target_read_batch(cpython->target, requests, 3);
    if (!requests[0].ok || !requests[1].ok || !requests[2].ok || type != cpython->code_type ||
        locals < 0 || locals > CODE_WORDS_MAX || stack < 0 || stack > CODE_WORDS_MAX ||
        !names_length(cpython, code, at->code_cell_names, &cells) ||
        !names_length(cpython, code, at->code_free_names, &frees))
        return false;
    *extent = (struct code_extent){(uint32_t)locals + cells + frees, (uint32_t)stack};
    return true;
}

/* 1 + the words of a frame of `code`, 0 when it is not a code object; remembered. */
static uint32_t code_words(struct frame_walk *walk, uint64_t code)
{
    uint32_t known = address_map_get(&walk->codes, code);
    if (known != ADDRESS_MAP_ABSENT)
        return known;
    struct code_extent extent;
    bool sound = plausible_link(code) && code_extent_read(walk->cpython, code, &extent);
    uint32_t words = sound ? 1 + extent.locals + extent.stack : 0;
    if (code && !address_map_put(&walk->codes, code, words))
        walk->no_memory = true;
    return words;
}

/* ---- the chain ------------------------------------------------------------------------------- */

struct frame_head {
    uint64_t code, previous;
    bool shim; /* not a frame of Python code: only the chain goes through it */
};

static bool frame_head_read(const struct cpython *cpython, uint64_t frame, struct frame_head *head)
{
    const struct layout_offsets *at = &cpython->at;
    bool object = cpython->is.frames == FRAME_OBJECTS;
    int32_t code = object ? at->frame_object_code : at->frame_code;
    int32_t previous = object ? at->frame_object_back : at->frame_previous;
    uint64_t type = 0;
    int8_t owner = 0;
    struct read_request requests[] = {
        {.address = field_of(frame, code), .buffer = &head->code, .size = 8},
        {.address = field_of(frame, previous), .buffer = &head->previous, .size = 8},
        {.address = field_of(frame, object ? at->object_type : at->frame_owner),
         .buffer = object ? (void *)&type : &owner,
         .size = object ? sizeof type : sizeof owner},
    };
    target_read_batch(cpython->target, requests, 3);
    if (!requests[0].ok || !requests[1].ok || !requests[2].ok)
        return false;
    if (object && type != cpython->frame_type)
        return false;
    head->code = untagged_reference(cpython, head->code);
    head->shim = !object && owner >= cpython->is.frame_owner_shim;
    return true;
}

/* The innermost frame of a thread, 0 when it runs no Python code; false on a fault. */
static bool innermost_frame(const struct cpython *cpython, uint64_t thread, uint64_t *frame)
{
    const struct layout_offsets *at = &cpython->at;
    switch (cpython->is.frames) {
    case FRAME_OBJECTS:
        return target_read_word(cpython->target, field_of(thread, at->thread_frame), frame);
    case FRAME_CURRENT:
        return target_read_word(cpython->target, field_of(thread, at->thread_current_frame), frame);
    case FRAME_CFRAME:
        if (!target_read_word(cpython->target, field_of(thread, at->thread_cframe), frame))
            return false;
        return !*frame ||
               target_read_word(cpython->target, field_of(*frame, at->cframe_current_frame), frame);
    }
    return false;
}

static void push(struct frame_walk *walk, struct frame_view frame, uint32_t words)
{
    uint64_t locals = field_of(frame.address, locals_place(walk->cpython));
    frame.end = locals + (uint64_t)(words - 1) * 8;
    if (!vector_push(walk->frames, frame))
        walk->no_memory = true;
}

/* Walks the chain once; false when it broke before its end. */
static bool walk_once(struct frame_walk *walk, uint64_t thread, unsigned index)
{
    struct frame_view frame = {.thread = index};
    walk->attempt++;
    if (!innermost_frame(walk->cpython, thread, &frame.address))
        return false;
    for (unsigned steps = 0; frame.address; steps++) {
        if (steps >= 2 * FRAMES_PER_THREAD_MAX || frame.depth >= FRAMES_PER_THREAD_MAX ||
            walk->frames->count >= FRAMES_MAX)
            return true;
        struct frame_head head;
        if (!plausible_link(frame.address) ||
            address_map_get(&walk->seen, frame.address) == walk->attempt ||
            !frame_head_read(walk->cpython, frame.address, &head))
            return false;
        if (!address_map_put(&walk->seen, frame.address, walk->attempt))
            walk->no_memory = true;
        frame.code = head.code;
        uint32_t words = head.shim ? 0 : code_words(walk, head.code);
        if (words) {
            push(walk, frame, words);
            frame.depth++;
        }
        if (walk->no_memory)
            return true;
        frame.address = head.previous;
    }
    return true;
}

void frames_append(struct frame_walk *walk, uint64_t thread, unsigned index)
{
    size_t start = walk->frames->count;
    for (int attempt = 0; attempt < CHAIN_ATTEMPTS; attempt++) {
        walk->frames->count = start;
        if (walk_once(walk, thread, index) || walk->no_memory)
            return;
    }
}

void frame_walk_free(struct frame_walk *walk)
{
    address_map_free(&walk->seen);
    address_map_free(&walk->codes);
}

/* ---- locals ---------------------------------------------------------------------------------- */

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

/* The str at `index` of the tuple in the field at `place` of `code`. */
static char *name_at(const struct cpython *cpython, uint64_t code, int32_t place, uint32_t index)
{
    uint64_t names, name;
    if (!target_read_word(cpython->target, field_of(code, place), &names) ||
        (int64_t)index >= sequence_length(cpython, names) ||
        !target_read_word(cpython->target,
                          field_of(names, cpython->at.tuple_items) + (uint64_t)index * 8, &name))
        return NULL;
    return str_value(cpython, name, STR_LIMIT);
}

/* The name of the local at `index`: up to 3.10 locals, cells and free variables are named apart. */
static char *local_name(const struct cpython *cpython, uint64_t code, uint32_t index)
{
    const int32_t places[] = {
        cpython->at.code_local_names,
        cpython->at.code_cell_names,
        cpython->at.code_free_names,
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        uint32_t length;
        if (!names_length(cpython, code, places[i], &length))
            return NULL;
        if (index < length)
            return name_at(cpython, code, places[i], index);
        index -= length;
    }
    return NULL;
}

/* Whether `frame` still is a frame of the code it had. */
static bool frame_current(const struct cpython *cpython, const struct frame_view *frame)
{
    struct frame_head head;
    return frame_head_read(cpython, frame->address, &head) && !head.shim &&
           head.code == frame->code;
}

char *frame_local_of(const struct cpython *cpython, const struct frame_view *frame, uint64_t object)
{
    struct code_extent extent;
    if (!frame_current(cpython, frame) || !code_extent_read(cpython, frame->code, &extent))
        return NULL;
    uint64_t slots = field_of(frame->address, locals_place(cpython));
    uint32_t locals = extent.locals;
    uint32_t slot = find_slot(cpython, slots, 0, locals, object, slot_is);
    if (slot == locals)
        slot = find_slot(cpython, slots, 0, locals, object, slot_is_cell_of);
    if (slot < locals)
        return local_name(cpython, frame->code, slot);
    /* How much of the stack is in use is not stored while the frame runs: all of it may be. */
    uint32_t end = locals + extent.stack;
    return find_slot(cpython, slots, locals, end, object, slot_is) < end ? strdup("<value stack>")
                                                                         : NULL;
}
