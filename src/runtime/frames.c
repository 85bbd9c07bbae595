#include "runtime/internal.h"

#define FRAMES_PER_THREAD_MAX 10000
#define FRAMES_MAX            1000000
#define CODE_WORDS_MAX        (1 << 20) /* locals, or stack, of one frame */

int32_t frame_locals_place(const struct cpython *cpython)
{
    return cpython->is.frames == FRAME_OBJECTS ? cpython->at.frame_object_locals
                                               : cpython->at.frame_locals;
}

/* ---- code objects ---------------------------------------------------------------------------- */

bool code_names_length(const struct cpython *cpython, uint64_t code, int32_t place,
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

bool code_extent_read(const struct cpython *cpython, uint64_t code, struct code_extent *extent)
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
        !code_names_length(cpython, code, at->code_cell_names, &cells) ||
        !code_names_length(cpython, code, at->code_free_names, &frees))
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
    bool sound = plausible_link(code) && code_extent_read(walk->remembered, code, &extent);
    uint32_t words = sound ? 1 + extent.locals + extent.stack : 0;
    if (code && !address_map_put(&walk->codes, code, words))
        walk->no_memory = true;
    return words;
}

/* ---- the chain ------------------------------------------------------------------------------- */

struct frame_head {
    uint64_t code, previous;
    bool shim;  /* not a frame of Python code: only the chain goes through it */
    bool entry; /* C code entered the interpreter for it */
};

static bool frame_head_read(const struct cpython *cpython, uint64_t frame, struct frame_head *head)
{
    const struct layout_offsets *at = &cpython->at;
    bool object = cpython->is.frames == FRAME_OBJECTS;
    int32_t code = object ? at->frame_object_code : at->frame_code;
    int32_t previous = object ? at->frame_object_back : at->frame_previous;
    uint64_t type = 0;
    int8_t owner = 0;
    uint8_t entry = object ? 1 : 0; /* up to 3.10 each Python frame has a C frame of its own */
    struct read_request requests[] = {
        {.address = field_of(frame, code), .buffer = &head->code, .size = 8},
        {.address = field_of(frame, previous), .buffer = &head->previous, .size = 8},
        {.address = field_of(frame, object ? at->object_type : at->frame_owner),
         .buffer = object ? (void *)&type : &owner,
         .size = object ? sizeof type : sizeof owner},
        {.address = field_of(frame, at->frame_is_entry), .buffer = &entry, .size = sizeof entry},
    };
    size_t count = at->frame_is_entry == LAYOUT_ABSENT ? 3 : 4;
    target_read_batch(cpython->target, requests, count);
    for (size_t i = 0; i < count; i++)
        if (!requests[i].ok)
            return false;
    head->entry = entry;
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
    uint64_t locals = field_of(frame.address, frame_locals_place(walk->cpython));
    frame.end = locals + (uint64_t)(words - 1) * 8;
    if (!vector_push(walk->frames, frame))
        walk->no_memory = true;
}

/* The last frame of this thread, if any, is the one that its run of the interpreter began with. */
static void mark_entry(struct frame_walk *walk, size_t start)
{
    if (walk->frames->count > start)
        walk->frames->items[walk->frames->count - 1].entry = true;
}

/* Walks the chain once; false when it broke before its end. */
static bool walk_once(struct frame_walk *walk, const struct cpython *cpython, uint64_t thread,
                      unsigned index)
{
    size_t start = walk->frames->count;
    struct frame_view frame = {.thread = index};
    walk->attempt++;
    if (!innermost_frame(cpython, thread, &frame.address))
        return false;
    for (unsigned steps = 0; frame.address; steps++) {
        if (steps >= 2 * FRAMES_PER_THREAD_MAX || frame.depth >= FRAMES_PER_THREAD_MAX ||
            walk->frames->count >= FRAMES_MAX)
            return true;
        struct frame_head head;
        if (!plausible_link(frame.address) ||
            address_map_get(&walk->seen, frame.address) == walk->attempt ||
            !frame_head_read(cpython, frame.address, &head))
            return false;
        if (!address_map_put(&walk->seen, frame.address, walk->attempt))
            walk->no_memory = true;
        frame.code = head.code;
        frame.entry = head.entry;
        uint32_t words = head.shim ? 0 : code_words(walk, head.code);
        if (words) {
            push(walk, frame, words);
            frame.depth++;
        } else if (head.shim) {
            mark_entry(walk, start);
        }
        if (walk->no_memory)
            return true;
        frame.address = head.previous;
    }
    mark_entry(walk, start);
    return true;
}

void frames_append(struct frame_walk *walk, uint64_t thread, unsigned index)
{
    size_t start = walk->frames->count;
    for (int attempt = 0; attempt < CHAIN_ATTEMPTS; attempt++) {
        struct cpython remembered; /* anew: the frames of a thread lie together */
        walk->frames->count = start;
        cpython_remember(walk->cpython, &remembered);
        bool whole = walk_once(walk, &remembered, thread, index);
        cpython_forget(walk->cpython, &remembered);
        if (whole || walk->no_memory)
            return;
    }
}

bool thread_frames_visit(const struct cpython *cpython, const struct thread_view *thread,
                         unsigned most, visit_frame visit, void *context)
{
    struct frame_view frame = {0};
    if (!innermost_frame(cpython, thread->address, &frame.address))
        return false;
    for (unsigned steps = 0; frame.address; steps++) {
        struct frame_head head;
        if (steps >= most || !plausible_link(frame.address) ||
            !frame_head_read(cpython, frame.address, &head))
            return false;
        frame.code = head.code;
        frame.entry = head.entry;
        if (!head.shim && !visit(context, &frame))
            return true;
        frame.depth += !head.shim;
        frame.address = head.previous;
    }
    return true;
}

void frame_walk_free(struct frame_walk *walk)
{
    address_map_free(&walk->seen);
    address_map_free(&walk->codes);
}

bool frame_current(const struct cpython *cpython, const struct frame_view *frame)
{
    struct frame_head head;
    return frame_head_read(cpython, frame->address, &head) && !head.shim &&
           head.code == frame->code;
}
