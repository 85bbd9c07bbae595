#include "runtime/evaluators.h"

#include "runtime/internal.h"

#define LINKS_MAX 10000

/* The innermost link of the chain. */
static uint64_t first_link(const struct cpython *cpython, uint64_t thread)
{
    const struct layout_offsets *at = &cpython->at;
    uint64_t frame = 0, address = field_of(thread, at->thread_current_frame);
    if (cpython->is.frames == FRAME_CFRAME) {
        if (!target_read_word(cpython->target, field_of(thread, at->thread_cframe), &address) ||
            !plausible_link(address))
            return 0;
        address = field_of(address, at->cframe_current_frame);
    }
    return target_read_word(cpython->target, address, &frame) ? frame : 0;
}

static void mark(struct native_stack *stack, uint64_t stack_pointer, uint64_t address)
{
    uint64_t begin = stack_pointer;
    for (size_t i = 0; i < stack->frames.count && stack->frames.items[i].end; i++) {
        struct native_frame *frame = &stack->frames.items[i];
        if (address >= begin && address < frame->end)
            frame->evaluates = true;
        begin = frame->end;
    }
}

void evaluators_mark(const struct cpython *cpython, uint64_t thread, uint64_t stack_pointer,
                     struct native_stack *stack)
{
    if (cpython->is.frame_owner_shim == FRAME_OWNER_NONE)
        return;
    uint64_t frame = first_link(cpython, thread);
    for (int i = 0; i < LINKS_MAX && plausible_link(frame); i++) {
        mark(stack, stack_pointer, frame);
        if (!target_read_word(cpython->target, field_of(frame, cpython->at.frame_previous), &frame))
            break;
    }
}
