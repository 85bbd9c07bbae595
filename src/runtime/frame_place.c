/* Where a frame is: its current instruction, and the line of that. */
#include "runtime/frame_detail.h"

#include <string.h>

#include "base/cleanup.h"
#include "runtime/code_tables.h"

#define NOT_STARTED (-1)
#define PATH_LIMIT  4096

/* ---- the instruction ------------------------------------------------------------------------- */

static bool instruction_of_object(const struct cpython *cpython, const struct frame_view *frame,
                                  int64_t *instruction)
{
    int32_t last;
    if (!target_read(cpython->target,
                     field_of(frame->address, cpython->at.frame_object_instruction), &last,
                     sizeof last))
        return false;
    *instruction = last < 0 ? NOT_STARTED : (int64_t)last * cpython->is.frame_object_unit;
    return *instruction < code_instructions_size(cpython, frame->code);
}

/*
 * _PyInterpreterFrame_LASTI: the pointer is to the instruction that runs (to the code unit before
 * the first one when none ran yet, up to 3.12); from 3.13 on, a suspended frame's to the next one.
 */
bool frame_instruction_of(const struct cpython *cpython, uint64_t code, uint64_t pointer,
                          int64_t *instruction)
{
    *instruction = (int64_t)(pointer - field_of(code, cpython->at.code_units));
    if (*instruction == -2)
        *instruction = NOT_STARTED;
    return *instruction >= NOT_STARTED && *instruction < code_instructions_size(cpython, code);
}

static bool instruction_of_frame(const struct cpython *cpython, const struct frame_view *frame,
                                 int64_t *instruction)
{
    uint64_t pointer;
    return target_read_word(cpython->target,
                            field_of(frame->address, cpython->at.frame_instruction), &pointer) &&
           frame_instruction_of(cpython, frame->code, pointer, instruction);
}

bool frame_instruction_read(const struct cpython *cpython, const struct frame_view *frame,
                            int64_t *instruction)
{
    bool objects = cpython->is.frames == FRAME_OBJECTS;
    return (objects ? instruction_of_object(cpython, frame, instruction)
                    : instruction_of_frame(cpython, frame, instruction)) &&
           frame_current(cpython, frame);
}

int64_t frame_instruction(const struct cpython *cpython, const struct frame_view *frame)
{
    int64_t instruction;
    return frame_instruction_read(cpython, frame, &instruction) ? instruction : -1;
}

/* ---- the line -------------------------------------------------------------------------------- */

/* 0 when it is unknown, or when the compiler gave the instruction none. */
static unsigned current_line(const struct cpython *cpython, const struct frame_view *frame)
{
    int64_t instruction;
    int32_t first_line;
    struct bytes_copy table;
    if (!frame_instruction_read(cpython, frame, &instruction) ||
        !target_read(cpython->target, field_of(frame->code, cpython->at.code_first_line),
                     &first_line, sizeof first_line) ||
        !code_bytes_read(cpython, frame->code, cpython->at.code_line_table, &table))
        return 0;
    unsigned line =
        line_table_find(cpython->is.line_table, table.bytes, table.size, first_line, instruction);
    free(table.bytes);
    return line;
}

bool frame_place(const struct cpython *cpython, const struct frame_view *frame,
                 struct source_place *place)
{
    if (!code_place(cpython, frame->code, place))
        return false;
    place->line = current_line(cpython, frame);
    return true;
}

/* ---- which function -------------------------------------------------------------------------- */

static bool text_is(const struct cpython *cpython, uint64_t code, int32_t field, const char *wanted)
{
    uint64_t text;
    if (!target_read_word(cpython->target, field_of(code, field), &text))
        return false;
    _cleanup_free_ char *value = str_value(cpython, text, STR_LIMIT);
    return value && strcmp(value, wanted) == 0;
}

/* Up to 3.10 code does not know its qualified name: the last part has to do. */
static bool function_is(const struct cpython *cpython, uint64_t code, const char *function)
{
    if (cpython->at.code_qualname != LAYOUT_ABSENT)
        return text_is(cpython, code, cpython->at.code_qualname, function);
    const char *dot = strrchr(function, '.');
    return text_is(cpython, code, cpython->at.code_name, dot ? dot + 1 : function);
}

/* Whether `path` ends in the whole components `file`. */
static bool path_ends_in(const char *path, const char *file)
{
    size_t length = strlen(path), wanted = strlen(file);
    return length >= wanted && strcmp(path + length - wanted, file) == 0 &&
           (length == wanted || file[0] == '/' || path[length - wanted - 1] == '/');
}

bool frame_runs(const struct cpython *cpython, const struct frame_view *frame, const char *file,
                const char *function)
{
    uint64_t name;
    if (!function_is(cpython, frame->code, function) ||
        !target_read_word(cpython->target, field_of(frame->code, cpython->at.code_filename), &name))
        return false;
    _cleanup_free_ char *path = str_value(cpython, name, PATH_LIMIT);
    return path && path_ends_in(path, file);
}
