/* Which with blocks a frame is inside of, and where on the value stack they keep their __exit__. */
#include "runtime/code_tables.h"

#include <string.h>

#define UNIT 2 /* bytes of a code unit: opcode, argument */

/* ---- what a handler does --------------------------------------------------------------------- */

/*
 * The opcode at `offset`, -1 when there is none. A tracer of single instructions puts it aside
 * (Python/instrumentation.c); a tracer of lines does so too, but not within one.
 */
static int32_t opcode_at(const struct cpython *cpython, uint64_t code, uint64_t offset)
{
    const struct layout_offsets *at = &cpython->at;
    uint8_t unit[UNIT];
    uint64_t monitoring, opcodes;
    if (!code_instructions_read(cpython, code, offset, unit, sizeof unit))
        return -1;
    if (at->opcode_instrumented == LAYOUT_ABSENT || unit[0] != at->opcode_instrumented)
        return unit[0];
    return target_read_word(cpython->target, field_of(code, at->code_monitoring), &monitoring) &&
                   target_read_word(cpython->target, field_of(monitoring, at->monitoring_opcodes),
                                    &opcodes) &&
                   target_read(cpython->target, opcodes + offset / UNIT, unit, 1)
               ? unit[0]
               : -1;
}

static void add_other(struct with_blocks *blocks, uint32_t offset)
{
    if (blocks->other_count < WITH_BLOCKS_MAX)
        blocks->others[blocks->other_count++] = offset;
}

/*
 * The code behind a with block calls __exit__, and awaits what that returns if it is async. False
 * when the handler cannot be read, or is one too many.
 */
static bool add_handler(const struct cpython *cpython, uint64_t code, uint32_t offset,
                        uint32_t depth, struct with_blocks *blocks)
{
    /* In 3.11 and later PUSH_EXC_INFO precedes; what it may be replaced with does not matter. */
    uint64_t exit = cpython->at.code_exception_table == LAYOUT_ABSENT ? offset : offset + UNIT;
    int32_t opcode = opcode_at(cpython, code, exit);
    if (opcode != cpython->at.opcode_with_exit) {
        add_other(blocks, offset);
        return opcode >= 0;
    }
    int32_t next = opcode_at(cpython, code, exit + UNIT);
    if (next < 0 || blocks->count == WITH_BLOCKS_MAX)
        return false;
    blocks->items[blocks->count++] =
        (struct with_block){offset, depth, next == cpython->at.opcode_get_awaitable};
    return true;
}

/* ---- up to 3.10: the frame's block stack ----------------------------------------------------- */

static int32_t number_at(const struct frame_position *position, int32_t place)
{
    int32_t number;
    memcpy(&number, position->bytes + place, sizeof number);
    return number;
}

static bool add_block(const struct cpython *cpython, uint64_t code,
                      const struct frame_position *position, int32_t place,
                      struct with_blocks *blocks)
{
    const struct layout_offsets *at = &cpython->at;
    /* Others mark that an exception is being handled. */
    if (number_at(position, place + at->block_type) != at->opcode_setup_finally)
        return true;
    int32_t level = number_at(position, place + at->block_level);
    int64_t handler = number_at(position, place + at->block_handler);
    handler *= cpython->is.frame_object_unit;
    return handler >= 0 && handler <= INT32_MAX && level >= 0 &&
           add_handler(cpython, code, (uint32_t)handler, (uint32_t)level, blocks);
}

static bool find_in_block_stack(const struct cpython *cpython, uint64_t code,
                                const struct frame_position *position, struct with_blocks *blocks)
{
    const struct layout_offsets *at = &cpython->at;
    int32_t count = number_at(position, 0);
    if (count < 0 ||
        count > (at->frame_object_locals - at->frame_object_blocks) / at->size_of_block)
        return false;
    int32_t first = at->frame_object_blocks - at->frame_object_block_count;
    for (int32_t i = 0; i < count; i++)
        if (!add_block(cpython, code, position, first + i * at->size_of_block, blocks))
            return false;
    return true;
}

/* ---- 3.11 and later: the code's exception table ---------------------------------------------- */

/* Every block has a handler, and that another one, for what goes wrong in it. */
#define HANDLERS_MAX (4 * WITH_BLOCKS_MAX)

static void reverse(struct with_blocks *blocks)
{
    for (size_t i = 0, j = blocks->count; i + 1 < j; i++) {
        struct with_block first = blocks->items[i];
        blocks->items[i] = blocks->items[--j];
        blocks->items[j] = first;
    }
}

/*
 * An exception raised now goes to the innermost handler; raised there again, to the next one: so on
 * until none is left.
 */
static bool follow_handlers(const struct cpython *cpython, uint64_t code, uint32_t unit,
                            const struct bytes_copy *table, struct with_blocks *blocks)
{
    struct exception_handler handler;
    for (unsigned step = 0; exception_table_find(table->bytes, table->size, unit, &handler);
         step++) {
        if (step == HANDLERS_MAX || handler.unit > INT32_MAX / UNIT)
            return false;
        if (handler.unit == unit) /* it ends where it would begin */
            break;
        if (!add_handler(cpython, code, handler.unit * UNIT, handler.depth, blocks))
            return false;
        unit = handler.unit;
    }
    reverse(blocks);
    return true;
}

static bool find_in_exception_table(const struct cpython *cpython, uint64_t code,
                                    const struct frame_position *position,
                                    struct with_blocks *blocks)
{
    int64_t instruction;
    uint64_t pointer;
    struct bytes_copy table;
    memcpy(&pointer, position->bytes, sizeof pointer);
    if (!frame_instruction_of(cpython, code, pointer, &instruction))
        return false;
    if (instruction < 0)
        return true;
    if (!code_bytes_read(cpython, code, cpython->at.code_exception_table, &table))
        return false;
    bool sound = follow_handlers(cpython, code, (uint32_t)(instruction / UNIT), &table, blocks);
    free(table.bytes);
    return sound;
}

/* ---- both ------------------------------------------------------------------------------------ */

bool frame_position_request(const struct cpython *cpython, const struct frame_view *frame,
                            struct frame_position *position, struct read_request *request)
{
    const struct layout_offsets *at = &cpython->at;
    bool objects = cpython->is.frames == FRAME_OBJECTS;
    int32_t place = objects ? at->frame_object_block_count : at->frame_instruction;
    /* The block stack lies between its count and the variables. */
    int32_t size = objects ? at->frame_object_locals - place : (int32_t)sizeof(uint64_t);
    if (place < 0 || size < (int32_t)sizeof(int32_t) || size > POSITION_MAX ||
        (objects && (at->size_of_block <= 0 || at->frame_object_blocks < place)))
        return false;
    *request = (struct read_request){
        .address = field_of(frame->address, place),
        .buffer = position->bytes,
        .size = (size_t)size,
    };
    return true;
}

bool with_blocks_find(const struct cpython *cpython, uint64_t code,
                      const struct frame_position *position, struct with_blocks *blocks)
{
    blocks->count = blocks->other_count = 0;
    return cpython->is.frames == FRAME_OBJECTS
               ? find_in_block_stack(cpython, code, position, blocks)
               : find_in_exception_table(cpython, code, position, blocks);
}
