/* Bytes of code objects: tables and instructions. */
#include "runtime/code_tables.h"

#include "base/cleanup.h"

/* The tables of generated modules reach a few MiB. */
#define BYTES_MAX (16 << 20)

/* The place and the length of a bytes object; false when its end cannot be read. */
static bool bytes_find(const struct cpython *cpython, uint64_t object, uint64_t *start,
                       size_t *size)
{
    uint64_t length;
    uint8_t end;
    struct type_view type;
    if (!plausible_link(object) || !type_read(cpython, object_type(cpython, object), &type) ||
        !(type.flags & TYPE_BYTES_SUBCLASS) ||
        !target_read_word(cpython->target, field_of(object, cpython->at.var_object_size),
                          &length) ||
        length > BYTES_MAX)
        return false;
    *start = field_of(object, cpython->at.bytes_data);
    *size = (size_t)length;
    return target_read(cpython->target, *start + length, &end, sizeof end);
}

static bool bytes_in_field(const struct cpython *cpython, uint64_t code, int32_t place,
                           uint64_t *start, size_t *size)
{
    uint64_t object;
    return place != LAYOUT_ABSENT &&
           target_read_word(cpython->target, field_of(code, place), &object) &&
           bytes_find(cpython, object, start, size);
}

bool code_bytes_read(const struct cpython *cpython, uint64_t code, int32_t place,
                     struct bytes_copy *copy)
{
    uint64_t start;
    size_t size;
    if (!bytes_in_field(cpython, code, place, &start, &size))
        return false;
    _cleanup_free_ uint8_t *bytes = malloc(size + 1);
    if (!bytes || (size && !target_read(cpython->target, start, bytes, size)))
        return false;
    *copy = (struct bytes_copy){take_pointer(&bytes), size};
    return true;
}

/* Where the instructions lie: in the code object, or up to 3.10 in a bytes object. */
static bool instructions_find(const struct cpython *cpython, uint64_t code, uint64_t *start,
                              size_t *size)
{
    const struct layout_offsets *at = &cpython->at;
    if (at->code_units == LAYOUT_ABSENT)
        return bytes_in_field(cpython, code, at->code_bytes, start, size);
    uint64_t units;
    if (!target_read_word(cpython->target, field_of(code, at->var_object_size), &units) ||
        units > BYTES_MAX / 2)
        return false;
    *start = field_of(code, at->code_units);
    *size = (size_t)units * 2;
    return true;
}

bool code_instructions_read(const struct cpython *cpython, uint64_t code, uint64_t offset,
                            uint8_t *bytes, size_t size)
{
    uint64_t start;
    size_t there;
    return instructions_find(cpython, code, &start, &there) && size <= there &&
           offset <= there - size && target_read(cpython->target, start + offset, bytes, size);
}

int64_t code_instructions_size(const struct cpython *cpython, uint64_t code)
{
    uint64_t start;
    size_t size;
    return instructions_find(cpython, code, &start, &size) ? (int64_t)size : -1;
}
