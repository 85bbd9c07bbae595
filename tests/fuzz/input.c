#include "input.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

uint64_t *input_anchor(struct cpython *cpython, size_t number)
{
    uint64_t *const anchors[INPUT_ANCHORS] = {
        &cpython->type_type,      &cpython->none,           &cpython->dict_type,
        &cpython->list_type,      &cpython->tuple_type,     &cpython->str_type,
        &cpython->module_type,    &cpython->function_type,  &cpython->set_type,
        &cpython->frozenset_type, &cpython->cell_type,      &cpython->code_type,
        &cpython->frame_type,     &cpython->method_type,    &cpython->builtin_type,
        &cpython->generator_type, &cpython->coroutine_type, &cpython->async_generator_type,
    };
    return anchors[number];
}

size_t input_bytes_at(const uint8_t *data, size_t size)
{
    struct input_header header;
    if (size < sizeof header)
        return size;
    memcpy(&header, data, sizeof header);
    size_t at = sizeof header + header.segments * sizeof(struct input_segment);
    return at < size ? at : size;
}

/* The last segments may be cut: the input ends where it ends. */
static size_t take_segments(const uint8_t *data, size_t size, size_t count,
                            struct image_segment *segments)
{
    size_t at = input_bytes_at(data, size), taken = 0;
    for (size_t i = 0; i < count && at < size; i++) {
        struct input_segment segment;
        memcpy(&segment, data + sizeof(struct input_header) + i * sizeof segment, sizeof segment);
        size_t left = size - at;
        size_t bytes = segment.size < left ? (size_t)segment.size : left;
        if (!bytes || segment.address + bytes < segment.address)
            continue;
        segments[taken++] = (struct image_segment){segment.address, data + at, bytes};
        at += bytes;
    }
    return taken;
}

bool input_open(const uint8_t *data, size_t size, struct cpython *cpython, uint16_t *table)
{
    struct input_header header;
    if (size < sizeof header)
        return false;
    memcpy(&header, data, sizeof header);
    *table = header.table;
    *cpython = (struct cpython){.runtime = header.runtime, .version.hex = header.version};
    for (size_t i = 0; i < INPUT_ANCHORS; i++)
        *input_anchor(cpython, i) = header.anchors[i];
    _cleanup_free_ struct image_segment *segments =
        calloc(header.segments + (size_t)1, sizeof *segments);
    size_t count = segments ? take_segments(data, size, header.segments, segments) : 0;
    struct error *error = target_open_image(segments, count, &cpython->target);
    error_free(error);
    return !error;
}
