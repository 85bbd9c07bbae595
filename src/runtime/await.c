/* Coroutines, generators and asynchronous generators: their state, and what they await. */
#include "runtime/asyncio_internal.h"
#include "runtime/code_tables.h"

#define CODE_UNIT 2 /* bytes of an instruction with its argument, 3.8 to 3.15 */

/* Completes the view of the frame at `address`; false when it is not one of Python code. */
static bool frame_read(const struct cpython *cpython, uint64_t address, struct frame_view *frame)
{
    const struct layout_offsets *at = &cpython->at;
    bool object = cpython->is.frames == FRAME_OBJECTS;
    struct code_extent extent;
    if (!plausible_link(address))
        return false;
    uint64_t code = untagged_reference(
        cpython, pointer_at(cpython, address, object ? at->frame_object_code : at->frame_code));
    if (!plausible_link(code) || !code_extent_read(cpython, code, &extent))
        return false;
    *frame = (struct frame_view){.address = address, .code = code};
    frame->end = field_of(address, frame_locals_place(cpython)) +
                 ((uint64_t)extent.locals + extent.stack) * sizeof(uint64_t);
    return true;
}

/* ---- state ----------------------------------------------------------------------------------- */

/* Of gi_frame_state, or of f_state (3.10): every state after "executing" is some end. */
static enum coroutine_state state_of(const struct cpython *cpython, int8_t value)
{
    const struct layout_traits *is = &cpython->is;
    if (value == is->generator_created)
        return COROUTINE_CREATED;
    if (value == is->generator_executing)
        return COROUTINE_RUNNING;
    return value > is->generator_executing ? COROUTINE_FINISHED : COROUTINE_SUSPENDED;
}

/* Up to 3.9 a flag says that it runs, and the frame whether it ever did. */
static enum coroutine_state flagged_state(const struct cpython *cpython,
                                          const struct coroutine_view *view)
{
    uint8_t running;
    int64_t instruction;
    if (!target_read(cpython->target, field_of(view->address, cpython->at.generator_running),
                     &running, sizeof running))
        return COROUTINE_UNKNOWN;
    if (running)
        return COROUTINE_RUNNING;
    if (!frame_instruction_read(cpython, &view->frame, &instruction))
        return COROUTINE_UNKNOWN;
    return instruction < 0 ? COROUTINE_CREATED : COROUTINE_SUSPENDED;
}

/* Finds the frame and the state; `value` receives the number that tells the state, if one does. */
static void find_state(const struct cpython *cpython, struct coroutine_view *view, int8_t *value)
{
    const struct layout_offsets *at = &cpython->at;
    bool object = cpython->is.frames == FRAME_OBJECTS;
    uint64_t frame;
    *value = 0;
    if (!object)
        frame = field_of(view->address, at->generator_frame);
    else if (!target_read_word(cpython->target, field_of(view->address, at->generator_frame_object),
                               &frame))
        return;
    if (!frame) {
        view->state = COROUTINE_FINISHED;
        return;
    }
    uint64_t place = object ? field_of(frame, at->frame_object_state)
                            : field_of(view->address, at->generator_frame_state);
    bool stored = !object || at->frame_object_state != LAYOUT_ABSENT;
    if (stored && !target_read(cpython->target, place, value, sizeof *value))
        return;
    enum coroutine_state state = stored ? state_of(cpython, *value) : COROUTINE_UNKNOWN;
    if (state != COROUTINE_FINISHED && !frame_read(cpython, frame, &view->frame))
        return;
    view->state = stored ? state : flagged_state(cpython, view);
}

/* ---- what it awaits -------------------------------------------------------------------------- */

/*
 * Whether the instruction that follows is the one after an await or a yield from: YIELD_FROM
 * itself (up to 3.10), or RESUME with an argument of 2 or 3 (Objects/genobject.c: _PyGen_yf).
 */
static bool resumes_into_await(const struct cpython *cpython, const struct frame_view *frame)
{
    const struct layout_offsets *at = &cpython->at;
    int64_t instruction;
    uint8_t unit[CODE_UNIT];
    if (!frame_instruction_read(cpython, frame, &instruction) || instruction < 0 ||
        !code_instructions_read(cpython, frame->code, (uint64_t)instruction + CODE_UNIT, unit,
                                sizeof unit))
        return false;
    if (unit[0] == at->opcode_yield_from)
        return true;
    return unit[1] >= 2 && (unit[0] == at->opcode_resume || unit[0] == at->opcode_resume_quick ||
                            unit[0] == at->opcode_instrumented_resume);
}

/* The end of the words in use on the value stack of a suspended frame; 0 on a fault. */
static uint64_t stack_top(const struct cpython *cpython, const struct frame_view *frame)
{
    const struct layout_offsets *at = &cpython->at;
    int32_t depth;
    if (at->frame_stack_pointer != LAYOUT_ABSENT)
        return pointer_at(cpython, frame->address, at->frame_stack_pointer);
    if (at->frame_object_stack_top != LAYOUT_ABSENT)
        return pointer_at(cpython, frame->address, at->frame_object_stack_top);
    bool object = at->frame_object_stack_depth != LAYOUT_ABSENT;
    int32_t place = object ? at->frame_object_stack_depth : at->frame_stack_top;
    uint64_t base = object ? pointer_at(cpython, frame->address, at->frame_object_value_stack)
                           : field_of(frame->address, frame_locals_place(cpython));
    if (!base ||
        !target_read(cpython->target, field_of(frame->address, place), &depth, sizeof depth) ||
        depth <= 0)
        return 0;
    return base + (uint64_t)depth * sizeof(uint64_t);
}

/*
 * What lies on top of the value stack, or right below it: 3.15 pushes an empty word over what it
 * awaits, and an index, a tagged int, over a list or tuple that it yields from.
 */
static uint64_t topmost(const struct cpython *cpython, const struct frame_view *frame)
{
    uint64_t top = stack_top(cpython, frame);
    uint64_t first = field_of(frame->address, frame_locals_place(cpython));
    for (int i = 0; i < 2; i++) {
        uint64_t word;
        if (top % sizeof word || top <= first || top > frame->end ||
            !target_read_word(cpython->target, top -= sizeof word, &word))
            return 0;
        uint64_t object = untagged_reference(cpython, word);
        bool tagged_int = cpython->is.tagged_references && (word & 3) == 3;
        if (object && !tagged_int)
            return plausible_link(object) ? object : 0;
    }
    return 0;
}

bool coroutine_read(const struct cpython *cpython, uint64_t object, struct coroutine_view *view)
{
    int8_t value;
    *view = (struct coroutine_view){.address = object};
    if (!is_generator_type(cpython, object_type(cpython, object)))
        return false;
    find_state(cpython, view, &value);
    if (view->state != COROUTINE_SUSPENDED)
        return true;
    bool awaiting = cpython->is.awaiting_is_a_state ? value != cpython->is.generator_suspended
                                                    : resumes_into_await(cpython, &view->frame);
    if (awaiting)
        view->awaits = topmost(cpython, &view->frame);
    return true;
}
