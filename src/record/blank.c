/* Objects: the characters of str, the bytes of bytes and bytearray, and what is none of these. */
#include "record/blank_internal.h"

#define INTERNED_MAX     100 /* characters of an interned text that may be a name */
#define TEXT_MAX         ((uint64_t)1 << 40)
#define SMALL_BLOCK      512
#define DIGITS_MAX       64
#define OBJECT_ALIGNMENT 16 /* of what is allocated */

/* Bits of PyASCIIObject.state (Include/cpython/unicodeobject.h, 3.8-3.15). */
#define STATE_INTERNED 3u
#define STATE_COMPACT  (1u << 5)
#define STATE_ASCII    (1u << 6)

static unsigned kind_of(uint32_t state)
{
    return state >> 2 & 7;
}

/* Where the characters of the str at `object` lie in the run; false: there is no str. */
static bool text_range(const struct blanking *blanking, const struct run_bytes *run, size_t object,
                       uint64_t *length, size_t *data, unsigned *kind, uint32_t *state)
{
    const struct layout_offsets *at = &blanking->cpython->at;
    if (object + (size_t)at->str_compact_data > run->size)
        return false;
    *state = half_at(run->bytes + object + at->str_state);
    *length = word_at(run->bytes + object + at->str_length);
    *kind = kind_of(*state);
    if (!(*state & STATE_COMPACT) || (*kind != 1 && *kind != 2 && *kind != 4) ||
        *length > TEXT_MAX || (*state & STATE_ASCII && *kind != 1))
        return false;
    *data = object + (size_t)(*state & STATE_ASCII ? at->str_ascii_data : at->str_compact_data);
    return true;
}

static bool is_identifier(const uint8_t *text, uint64_t length)
{
    for (uint64_t i = 0; i < length; i++) {
        uint8_t byte = text[i];
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
        if (!letter && (i == 0 || ((byte < '0' || byte > '9') && byte != '.')))
            return false;
    }
    return length > 0;
}

/* What is larger than the interpreter's own small blocks has the size of its block in front of it:
 * the C library's. Without that it is what a resized object left behind, or no object at all. */
static bool fills_block(const struct run_bytes *run, size_t object, uint64_t size)
{
    if (size <= SMALL_BLOCK)
        return true;
    uint64_t block = object >= 8 ? word_at(run->bytes + object - 8) & ~UINT64_C(7) : 0;
    return block >= size && block - size < 2 * CAPTURE_PAGE;
}

/* An object, by what it says of itself: its bytes [object, end) in the run, and which of them are
 * its value. What it begins in this run may end in another. */
struct claim {
    size_t end; /* 0: there is no object */
    size_t value, value_end;
    unsigned character; /* bytes of each, of a str; 0: they are no characters */
};

static const struct claim no_object;

static struct claim claim_text(const struct blanking *blanking, const struct run_bytes *run,
                               size_t object)
{
    uint64_t length;
    size_t data;
    unsigned kind;
    uint32_t state;
    if (!text_range(blanking, run, object, &length, &data, &kind, &state))
        return no_object;
    uint64_t size = length * kind;
    bool whole = data <= run->size && size + kind <= run->size - data;
    if (size > run->end - run->address - data || !fills_block(run, object, data - object + size))
        return no_object;
    /* A NUL stands behind the characters: what has none is no str. */
    for (unsigned i = 0; whole && i < kind; i++)
        if (run->bytes[data + size + i])
            return no_object;
    bool kept = is_in(&blanking->kept, run->address + object) ||
                (state & STATE_INTERNED && state & STATE_ASCII && whole && length <= INTERNED_MAX &&
                 is_identifier(run->bytes + data, length));
    size_t text_end = whole ? data + (size_t)size : run->size;
    return (struct claim){.end = text_end + (whole ? kind : 0),
                          .value = data,
                          .value_end = kept ? data : text_end,
                          .character = kind};
}

/* The word at `offset` of the object; 0: there is none, or it is not in the run. */
static uint64_t object_word(const struct run_bytes *run, size_t object, int32_t offset)
{
    size_t place = object + (size_t)offset;
    return offset >= 0 && place + sizeof(uint64_t) <= run->size ? word_at(run->bytes + place) : 0;
}

static struct claim claim_bytes(const struct blanking *blanking, const struct run_bytes *run,
                                size_t object)
{
    size_t data = object + (size_t)blanking->cpython->at.bytes_data;
    if (data > run->size)
        return no_object;
    uint64_t size = object_word(run, object, blanking->cpython->at.var_object_size);
    if (size > run->end - run->address - data || !fills_block(run, object, data - object + size))
        return no_object;
    bool whole = size < run->size - data;
    if (whole && run->bytes[data + size])
        return no_object;
    size_t end = whole ? data + (size_t)size + 1 : run->size;
    bool kept = is_in(&blanking->kept, run->address + object);
    return (struct claim){.end = end, .value = data, .value_end = kept ? data : end};
}

/* Digits of an int; 0: none that one may have. */
static uint64_t int_digits(const struct blanking *blanking, const struct run_bytes *run,
                           size_t object)
{
    bool tagged = blanking->cpython->is.tagged_ints;
    const struct layout_offsets *at = &blanking->cpython->at;
    uint64_t size = object_word(run, object, tagged ? at->int_tag : at->var_object_size);
    if (tagged)
        size >>= 3;
    else if (size > INT64_MAX)
        size = -size;
    return size > DIGITS_MAX ? 0 : size ? size : 1;
}

/* Objects whose words mean something else than text; the end of what is theirs; 0: no such. */
static size_t shape_end(const struct blanking *blanking, const struct run_bytes *run, size_t object,
                        uint64_t type)
{
    const struct layout_offsets *at = &blanking->cpython->at;
    uint64_t size = 0, digits;
    if (type == blanking->float_type)
        size = (uint64_t)at->float_value + sizeof(double);
    else if (type == blanking->int_type && (digits = int_digits(blanking, run, object)))
        size = (uint64_t)at->int_digits + digits * sizeof(uint32_t);
    else if (type == blanking->cpython->code_type && blank_is_code(blanking, run, object))
        size = blanking->code_basic +
               object_word(run, object, at->var_object_size) * blanking->code_item;
    else if (type == blanking->cpython->type_type)
        size = blanking->type_bytes;
    if (!size || size > run->end - run->address - object)
        return 0;
    return size < run->size - object ? object + (size_t)size : run->size;
}

/* Whether a name that stays begins in the middle of [object, end): then there is no such object,
 * but what a freed one left behind, or the length of a tuple and its item, a class. */
static bool covers_name(const struct blanking *blanking, const struct run_bytes *run, size_t object,
                        size_t end)
{
    for (size_t at = object + OBJECT_ALIGNMENT; at < end; at += OBJECT_ALIGNMENT)
        if (is_in(&blanking->kept, run->address + at))
            return true;
    return false;
}

static struct claim claim_of(const struct blanking *blanking, const struct run_bytes *run,
                             size_t object)
{
    size_t place = (size_t)blanking->cpython->at.object_type;
    if (object + place + 8 > run->size || (run->address + object) & (OBJECT_ALIGNMENT - 1))
        return no_object;
    uint64_t type = word_at(run->bytes + object + place);
    if (!type || !blank_is_count(blanking, word_at(run->bytes + object)))
        return no_object;
    if (type == blanking->cpython->str_type)
        return claim_text(blanking, run, object);
    if (type == blanking->bytes_type)
        return claim_bytes(blanking, run, object);
    if (is_in(&blanking->metatypes, type) &&
        is_in(&blanking->classes.numbers, run->address + object))
        type = blanking->cpython->type_type;
    return (struct claim){.end = shape_end(blanking, run, object, type)};
}

/* Blanks the value of the object; its end, 0 when there is none. */
static size_t blank_object(const struct blanking *blanking, const struct run_bytes *run,
                           size_t object)
{
    struct claim claim = claim_of(blanking, run, object);
    if (covers_name(blanking, run, object, claim.end))
        return 0;
    for (size_t at = claim.value; at < claim.value_end; at++) {
        bool starts = claim.character && (at - claim.value) % claim.character == 0;
        run->bytes[at] = starts ? '?' : 0;
    }
    return claim.end;
}

/* The end of the C string at `at` that a class is named by. */
static size_t c_name_end(const struct run_bytes *run, size_t at)
{
    while (at < run->size && !run->bytes[at])
        at++; /* it may begin within its first word */
    while (at < run->size && run->bytes[at])
        at++;
    return (at + 8) & ~(size_t)7;
}

static void blank_run(const struct blanking *blanking, const struct run_bytes *run)
{
    size_t loose = 0; /* not blanked yet */
    for (size_t at = 0; at + 8 <= run->size;) {
        size_t end = blank_object(blanking, run, at);
        if (!end && is_in(&blanking->c_names, run->address + at))
            end = c_name_end(run, at);
        if (!end)
            end = blank_table_end(blanking, run, at);
        if (!end || end <= at) {
            at += 8;
            continue;
        }
        blank_loose(blanking, run, loose, at);
        at = loose = end < run->size ? (end + 7) & ~(size_t)7 : run->size;
        for (at = at < run->size ? at : run->size; end < at; end++)
            run->bytes[end] = 0; /* nobody's */
    }
    blank_loose(blanking, run, loose, run->size);
}

static void blank_range(const struct run_bytes *run, uint64_t from, uint64_t to)
{
    uint64_t end = run->address + run->size;
    from = from > run->address ? from : run->address;
    to = to < end ? to : end;
    if (from < to)
        memset(run->bytes + (from - run->address), 0, to - from);
}

/* Of bytearray objects. */
static void blank_buffers(const struct blanking *blanking, const struct run_bytes *run)
{
    for (size_t i = 0; i < blanking->buffers.count; i++)
        blank_range(run, blanking->buffers.items[i].address,
                    blanking->buffers.items[i].address + blanking->buffers.items[i].size);
}

/* What the program writes to. The data of a mapped file are its constants: of the interpreter, of
 * extension modules. */
static bool is_blanked(const struct mapping *mapping)
{
    return mapping && mapping->writable && mapping->path[0] != '/';
}

/* The end of the neighbouring mappings that are all blanked, or all not. */
static uint64_t alike_until(const struct blanking *blanking, uint64_t address, bool *blanked)
{
    const struct mapping *mapping = target_mapping_at(blanking->cpython->target, address);
    *blanked = is_blanked(mapping);
    while (mapping) {
        address = mapping->end;
        mapping = target_mapping_at(blanking->cpython->target, address);
        if (!mapping || is_blanked(mapping) != *blanked)
            return address;
    }
    return UINT64_MAX;
}

void blanking_apply(const struct blanking *blanking, struct copied_memory memory)
{
    uint8_t *bytes = memory.bytes;
    for (size_t i = 0; i < memory.runs->count; i++) {
        const struct capture_run *run = &memory.runs->items[i];
        for (uint64_t at = run->address, end = at + run->size; at < end;) {
            bool blanked;
            uint64_t until = alike_until(blanking, at, &blanked);
            uint64_t stop = until < end ? until : end;
            struct run_bytes part = {at, bytes + (at - run->address), (size_t)(stop - at), until};
            if (blanked) {
                blank_range(&part, blanking->arguments, blanking->arguments_end);
                blank_buffers(blanking, &part);
                blank_run(blanking, &part);
            }
            at = stop;
        }
        bytes += run->size;
    }
}
