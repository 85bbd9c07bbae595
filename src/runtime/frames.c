#include "base/cleanup.h"
#include "runtime/internal.h"

#define FRAMES_PER_THREAD_MAX 10000
#define FRAMES_MAX            1000000
#define LINKS_MAX             (2 * FRAMES_PER_THREAD_MAX)
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

static bool frame_link_read(const struct cpython *cpython, uint64_t frame, struct frame_link *link)
{
    const struct layout_offsets *at = &cpython->at;
    bool object = cpython->is.frames == FRAME_OBJECTS;
    int32_t code = object ? at->frame_object_code : at->frame_code;
    int32_t previous = object ? at->frame_object_back : at->frame_previous;
    uint64_t type = 0;
    int8_t owner = 0;
    uint8_t entry = object ? 1 : 0; /* up to 3.10 each Python frame has a C frame of its own */
    struct read_request requests[] = {
        {.address = field_of(frame, code), .buffer = &link->code, .size = 8},
        {.address = field_of(frame, previous), .buffer = &link->previous, .size = 8},
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
    link->address = frame;
    link->entry = entry;
    if (object && type != cpython->frame_type)
        return false;
    link->code = untagged_reference(cpython, link->code);
    link->shim = !object && owner >= cpython->is.frame_owner_shim;
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

/* Follows the chain once; false when it broke before its end. */
static bool follow(struct frame_walk *walk, const struct cpython *cpython, uint64_t thread)
{
    uint64_t address;
    walk->chain.count = 0;
    walk->attempt++;
    if (!innermost_frame(cpython, thread, &address))
        return false;
    while (address && walk->chain.count < LINKS_MAX) {
        struct frame_link link;
        if (!plausible_link(address) || address_map_get(&walk->seen, address) == walk->attempt ||
            !frame_link_read(cpython, address, &link))
            return false;
        if (!address_map_put(&walk->seen, address, walk->attempt) ||
            !vector_push(&walk->chain, link)) {
            walk->no_memory = true;
            return true;
        }
        address = link.previous;
    }
    return true;
}

/* The code of the chain's frames is read together. */
static void expect_codes(struct frame_walk *walk)
{
    _cleanup_free_ uint64_t *codes = calloc(walk->chain.count + 1, sizeof *codes);
    size_t count = 0;
    for (size_t i = 0; codes && i < walk->chain.count; i++) {
        uint64_t code = walk->chain.items[i].code;
        if (plausible_link(code) && address_map_get(&walk->codes, code) == ADDRESS_MAP_ABSENT)
            codes[count++] = code;
    }
    if (count)
        codes_expect(walk->remembered, codes, count);
}

static void push_chain(struct frame_walk *walk, unsigned index)
{
    size_t start = walk->frames->count;
    struct frame_view frame = {.thread = index};
    expect_codes(walk);
    for (size_t i = 0; i < walk->chain.count && !walk->no_memory; i++) {
        const struct frame_link *link = &walk->chain.items[i];
        if (frame.depth >= FRAMES_PER_THREAD_MAX || walk->frames->count >= FRAMES_MAX)
            break;
        frame.address = link->address;
        frame.code = link->code;
        frame.entry = link->entry;
        uint32_t words = link->shim ? 0 : code_words(walk, link->code);
        if (words) {
            push(walk, frame, words);
            frame.depth++;
        } else if (link->shim) {
            mark_entry(walk, start);
        }
    }
    mark_entry(walk, start);
}

void frames_append(struct frame_walk *walk, uint64_t thread, unsigned index)
{
    size_t start = walk->frames->count;
    for (int attempt = 0; attempt < CHAIN_ATTEMPTS; attempt++) {
        struct cpython remembered; /* anew: the frames of a thread lie together */
        walk->frames->count = start;
        cpython_remember(walk->cpython, &remembered);
        bool whole = follow(walk, &remembered, thread);
        cpython_forget(walk->cpython, &remembered);
        push_chain(walk, index);
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
        struct frame_link link;
        if (steps >= most || !plausible_link(frame.address) ||
            !frame_link_read(cpython, frame.address, &link))
            return false;
        frame.code = link.code;
        frame.entry = link.entry;
        if (!link.shim && !visit(context, &frame))
            return true;
        frame.depth += !link.shim;
        frame.address = link.previous;
    }
    return true;
}

void frame_walk_free(struct frame_walk *walk)
{
    address_map_free(&walk->seen);
    address_map_free(&walk->codes);
    vector_free(&walk->chain);
}

bool frame_current(const struct cpython *cpython, const struct frame_view *frame)
{
    struct frame_link link;
    return frame_link_read(cpython, frame->address, &link) && !link.shim &&
           link.code == frame->code;
}
