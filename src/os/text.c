#include "os/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool is_continuation(unsigned char byte)
{
    return (byte & 0xC0) == 0x80;
}

size_t text_sequence(const char *bytes, size_t size)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = size ? (unsigned char)bytes[0] : 0x80;
    if (first < 0x80)
        return 1;
    size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || length > size)
        return 0;
    uint32_t point = first & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if (!is_continuation((unsigned char)bytes[i]))
            return 0;
        point = point << 6 | ((unsigned char)bytes[i] & 0x3F);
    }
    bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    return point < smallest[length] || point > 0x10FFFF || surrogate ? 0 : length;
}

static bool is_control(const char *bytes, size_t length)
{
    unsigned char first = (unsigned char)bytes[0];
    if (length == 1)
        return first < 0x20 || first == 0x7F;
    return length == 2 && first == 0xC2 && (unsigned char)bytes[1] < 0xA0; /* U+0080 to U+009F */
}

char *text_printable(const char *bytes, size_t size)
{
    char *text = malloc(size + 1);
    if (!text)
        return NULL;
    size_t used = 0;
    for (size_t at = 0; at < size;) {
        size_t length = text_sequence(bytes + at, size - at);
        if (bytes[at] == '\0' || strchr("\t\n\v\f\r", bytes[at])) {
            text[used++] = ' ';
        } else if (!length || is_control(bytes + at, length)) {
            text[used++] = '?';
        } else {
            memcpy(text + used, bytes + at, length);
            used += length;
        }
        at += length ? length : 1;
    }
    text[used] = '\0';
    return text;
}
