/* What the places of many frames take to read, with few calls. */
#include "base/cleanup.h"
#include "runtime/frame_detail.h"
#include "runtime/internal.h"

#define HEAD_BYTES 128 /* of a frame, a str, a bytes object: a short one is whole */
#define CODE_BYTES 256
#define PARTS      4

void codes_expect(const struct cpython *cpython, const uint64_t *codes, size_t count)
{
    target_expect(cpython->target, codes, count, CODE_BYTES);
}

static size_t expect_parts(const struct cpython *cpython, uint64_t code, uint64_t *parts)
{
    const struct layout_offsets *at = &cpython->at;
    const int32_t fields[PARTS] = {
        at->code_filename,
        at->code_qualname == LAYOUT_ABSENT ? at->code_name : at->code_qualname,
        at->code_line_table,
        at->code_bytes,
    };
    size_t count = 0;
    for (size_t i = 0; i < PARTS; i++)
        if (fields[i] != LAYOUT_ABSENT &&
            target_read_word(cpython->target, field_of(code, fields[i]), &parts[count]))
            count++;
    return count;
}

void frames_expect(const struct cpython *cpython, const struct frame_view *frames, size_t count)
{
    _cleanup_free_ uint64_t *addresses = calloc(PARTS * count + 1, sizeof *addresses);
    if (!addresses)
        return;
    for (size_t i = 0; i < count; i++)
        addresses[i] = frames[i].address;
    target_expect(cpython->target, addresses, count, HEAD_BYTES);
    for (size_t i = 0; i < count; i++)
        addresses[i] = frames[i].code;
    codes_expect(cpython, addresses, count);
    size_t parts = 0;
    for (size_t i = 0; i < count; i++)
        parts += expect_parts(cpython, frames[i].code, addresses + parts);
    target_expect(cpython->target, addresses, parts, HEAD_BYTES);
}
