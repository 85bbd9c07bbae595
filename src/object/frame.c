/* Frames, as objects and inside generators: where their variables and value stacks lie. */
#include "object/internal.h"

#include "base/cleanup.h"

/* _PyStackRef (3.14+): the low two bits are tags, both set mark a small int. */
#define REFERENCE_TAGS UINT64_C(3)

#define VARIABLES_MAX (1 << 16)
#define STACK_MAX     (1 << 20)

uint64_t frame_reference(const struct cpython *cpython, uint64_t word)
{
    if (!cpython->is.tagged_references)
        return word;
    return (word & REFERENCE_TAGS) == REFERENCE_TAGS ? 0 : word & ~REFERENCE_TAGS;
}

/* Up to 3.10 cells and free variables are counted in tuples of their own. */
static bool count_variables(const struct cpython *cpython, uint64_t code, uint64_t *count)
{
    const struct layout_offsets *at = &cpython->at;
    int32_t locals;
    if (!field_int(cpython, code, at->code_local_count, &locals) || locals < 0)
        return false;
    *count = (uint64_t)locals;
    const int32_t more[] = {at->code_cell_names, at->code_free_names};
    for (size_t i = 0; i < 2; i++) {
        if (more[i] < 0)
            continue;
        int64_t length = sequence_length(cpython, field_pointer(cpython, code, more[i]));
        if (length < 0 || length > VARIABLES_MAX)
            return false;
        *count += (uint64_t)length;
    }
    return *count <= VARIABLES_MAX;
}

/* Without a stack pointer: all variables, none of the stack. */
static bool lay_out(const struct cpython *cpython, uint64_t code, uint64_t first,
                    struct frame_slots *slots)
{
    int32_t stack_size;
    if (object_type(cpython, code) != cpython->code_type ||
        !count_variables(cpython, code, &slots->locals) ||
        !field_int(cpython, code, cpython->at.code_stack_size, &stack_size) || stack_size < 0 ||
        stack_size > STACK_MAX)
        return false;
    slots->code = code;
    slots->first = first;
    slots->stack_size = (uint64_t)stack_size;
    slots->live = slots->locals;
    return true;
}

/* A cleared frame has fewer live words than variables; what a running one left is out of range. */
static void set_live(struct frame_slots *slots, uint64_t live)
{
    if (live <= slots->locals + slots->stack_size)
        slots->live = live;
}

static void set_top(struct frame_slots *slots, uint64_t top)
{
    if (top >= slots->first && !((top - slots->first) % sizeof(uint64_t)))
        set_live(slots, (top - slots->first) / sizeof(uint64_t));
}

bool frame_slots_read(const struct cpython *cpython, uint64_t frame, struct frame_slots *slots)
{
    const struct layout_offsets *at = &cpython->at;
    uint64_t code = frame_reference(cpython, field_pointer(cpython, frame, at->frame_code));
    if (at->frame_locals < 0 || !lay_out(cpython, code, frame + (uint64_t)at->frame_locals, slots))
        return false;
    int32_t top;
    if (at->frame_stack_pointer >= 0)
        set_top(slots, field_pointer(cpython, frame, at->frame_stack_pointer));
    else if (field_int(cpython, frame, at->frame_stack_top, &top) && top >= 0)
        set_live(slots, (uint64_t)top);
    return true;
}

bool frame_object_slots_read(const struct cpython *cpython, uint64_t object,
                             struct frame_slots *slots)
{
    const struct layout_offsets *at = &cpython->at;
    uint64_t code = field_pointer(cpython, object, at->frame_object_code);
    if (at->frame_object_locals < 0 ||
        !lay_out(cpython, code, object + (uint64_t)at->frame_object_locals, slots))
        return false;
    int32_t depth;
    if (at->frame_object_stack_top >= 0)
        set_top(slots, field_pointer(cpython, object, at->frame_object_stack_top));
    else if (field_int(cpython, object, at->frame_object_stack_depth, &depth) && depth >= 0)
        set_live(slots, slots->locals + (uint64_t)depth);
    return true;
}

uint64_t frame_inside(const struct cpython *cpython, uint64_t object, const struct shape *shape)
{
    const struct layout_offsets *at = &cpython->at;
    if (shape->kind == SHAPE_GENERATOR && at->generator_frame >= 0) {
        uint8_t state;
        return field_byte(cpython, object, at->generator_frame_state, &state) &&
                       (int8_t)state < cpython->is.generator_finished
                   ? object + (uint64_t)at->generator_frame
                   : 0;
    }
    /* Until its function returns, the frame lies on the thread's stack or in a generator. */
    uint64_t frame = field_pointer(cpython, object, at->frame_object_frame);
    return frame > object && frame - object < (uint64_t)shape->type.basicsize ? frame : 0;
}

char *code_local_name(const struct cpython *cpython, uint64_t code, uint64_t index)
{
    const struct layout_offsets *at = &cpython->at;
    const int32_t tuples[] = {at->code_local_names, at->code_cell_names, at->code_free_names};
    for (size_t i = 0; i < sizeof tuples / sizeof *tuples; i++) {
        uint64_t names = field_pointer(cpython, code, tuples[i]);
        int64_t length = names ? sequence_length(cpython, names) : 0;
        if (length < 0)
            return NULL;
        if (index < (uint64_t)length) {
            uint64_t item = names + (uint64_t)at->tuple_items + index * sizeof item;
            return str_value(cpython, field_pointer(cpython, item, 0), STR_LIMIT);
        }
        index -= (uint64_t)length;
    }
    return NULL;
}
