/* str objects (PEP 393) as UTF-8. */
#include "object/internal.h"

#include <stdio.h>

#include "base/cleanup.h"

#define STATE_BYTES_MAX 256
#define LIMIT_MAX       ((size_t)1 << 24)

/* Bits of PyASCIIObject.state on builds with a GIL (Include/cpython/unicodeobject.h, 3.8-3.15). */
enum str_state {
    STATE_KIND_SHIFT = 2,
    STATE_KIND_MASK = 7,
    STATE_COMPACT = 1 << 5,
    STATE_ASCII = 1 << 6,
};

struct text {
    uint64_t data;
    uint64_t length; /* in characters */
    unsigned kind;   /* bytes of one */
    bool compact;    /* the characters are part of the object */
};

bool str_state_is_ascii(uint32_t state)
{
    return (state & (STATE_COMPACT | STATE_ASCII)) == (STATE_COMPACT | STATE_ASCII);
}

/* The characters of the str object that begins with `bytes`. */
static bool text_from(const struct cpython *cpython, uint64_t object, const uint8_t *bytes,
                      struct text *text)
{
    const struct layout_offsets *at = &cpython->at;
    uint32_t state = load_half(bytes, at->str_state);
    text->length = load_word(bytes, at->str_length);
    text->kind = state >> STATE_KIND_SHIFT & STATE_KIND_MASK;
    text->compact = state & STATE_COMPACT;
    if (text->compact)
        text->data =
            object + (uint64_t)(state & STATE_ASCII ? at->str_ascii_data : at->str_compact_data);
    else
        text->data = field_pointer(cpython, object, at->str_legacy_data);
    return text->data && (text->kind == 1 || text->kind == 2 || text->kind == 4) &&
           text->length <= INT64_MAX / 4;
}

static bool text_find(const struct cpython *cpython, uint64_t object, struct text *text)
{
    const struct layout_offsets *at = &cpython->at;
    uint8_t bytes[STATE_BYTES_MAX];
    size_t size = (size_t)at->str_state + sizeof(uint32_t);
    if (!object || at->str_state < 0 || size > sizeof bytes ||
        !target_read(cpython->target, object, bytes, size))
        return false;
    uint64_t type = load_word(bytes, at->object_type);
    if (type != cpython->str_type &&
        !(field_pointer(cpython, type, at->type_flags) & TYPE_UNICODE_SUBCLASS))
        return false;
    return text_from(cpython, object, bytes, text);
}

static uint64_t text_bytes(const struct text *text, uint64_t object, const struct type_view *type)
{
    uint64_t characters = (text->length + 1) * text->kind;
    return characters + (text->compact ? text->data - object : (uint64_t)type->basicsize);
}

uint64_t str_bytes(const struct cpython *cpython, uint64_t object, const struct type_view *type)
{
    struct text text;
    return text_find(cpython, object, &text) ? text_bytes(&text, object, type) : 0;
}

uint64_t str_lent_bytes(const struct cpython *cpython, const struct lent_object *object,
                        const struct type_view *type)
{
    const struct layout_offsets *at = &cpython->at;
    struct text text;
    if (at->str_state < 0 || (uint64_t)at->str_state + sizeof(uint32_t) > object->size ||
        at->str_length < 0 || (uint64_t)at->str_length + sizeof(uint64_t) > object->size)
        return 0;
    return text_from(cpython, object->address, object->bytes, &text)
               ? text_bytes(&text, object->address, type)
               : 0;
}

static uint32_t character_at(const uint8_t *data, size_t index, unsigned kind)
{
    uint32_t character = 0;
    memcpy(&character, data + index * kind, kind);
    return character;
}

/* Appends one character, escaped where UTF-8 or a C string has no place for it. */
static char *put_character(char *out, uint32_t character)
{
    if (character == 0)
        return out + sprintf(out, "\\x00");
    if (character >= 0xD800 && character < 0xE000)
        return out + sprintf(out, "\\u%04x", character);
    if (character > 0x10FFFF)
        return out + sprintf(out, "\\?");
    if (character < 0x80) {
        *out++ = (char)character;
    } else if (character < 0x800) {
        *out++ = (char)(0xC0 | character >> 6);
        *out++ = (char)(0x80 | (character & 0x3F));
    } else if (character < 0x10000) {
        *out++ = (char)(0xE0 | character >> 12);
        *out++ = (char)(0x80 | (character >> 6 & 0x3F));
        *out++ = (char)(0x80 | (character & 0x3F));
    } else {
        *out++ = (char)(0xF0 | character >> 18);
        *out++ = (char)(0x80 | (character >> 12 & 0x3F));
        *out++ = (char)(0x80 | (character >> 6 & 0x3F));
        *out++ = (char)(0x80 | (character & 0x3F));
    }
    return out;
}

#define PUT_MAX 7 /* an escape and its NUL */

char *str_value(const struct cpython *cpython, uint64_t object, size_t limit)
{
    struct text text;
    if (!text_find(cpython, object, &text))
        return NULL;
    if (limit > LIMIT_MAX)
        limit = LIMIT_MAX;
    size_t count = text.length < limit ? (size_t)text.length : limit;
    uint8_t last;
    if (count && !target_read(cpython->target, text.data + count * text.kind - 1, &last, 1))
        return NULL;
    _cleanup_free_ uint8_t *data = malloc(count * text.kind + 1);
    char *value = malloc(count * (PUT_MAX - 1) + sizeof "…");
    if (!data || !value || !target_read(cpython->target, text.data, data, count * text.kind)) {
        free(value);
        return NULL;
    }
    char *end = value;
    for (size_t i = 0; i < count; i++)
        end = put_character(end, character_at(data, i, text.kind));
    strcpy(end, text.length > count ? "…" : "");
    return value;
}
