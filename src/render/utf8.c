#include "render/utf8.h"

#include <stdlib.h>
#include <string.h>

static uint32_t lead(unsigned char byte, size_t *size, uint32_t *smallest)
{
    if (byte < 0x80) {
        *size = 1;
        *smallest = 0;
        return byte;
    }
    if (byte >= 0xc0 && byte < 0xe0) {
        *size = 2;
        *smallest = 0x80;
        return byte & 0x1f;
    }
    if (byte >= 0xe0 && byte < 0xf0) {
        *size = 3;
        *smallest = 0x800;
        return byte & 0x0f;
    }
    if (byte >= 0xf0 && byte < 0xf8) {
        *size = 4;
        *smallest = 0x10000;
        return byte & 0x07;
    }
    return UTF8_INVALID;
}

uint32_t utf8_next(const char *text, size_t *size)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t length = 1;
    uint32_t smallest = 0;
    uint32_t point = lead(bytes[0], &length, &smallest);
    *size = 1;
    if (point == UTF8_INVALID)
        return UTF8_INVALID;
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80) /* the NUL stops here, too */
            return UTF8_INVALID;
        point = point << 6 | (bytes[i] & 0x3f);
    }
    if (point < smallest || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
        return UTF8_INVALID;
    *size = length;
    return point;
}

char *utf8_valid(const char *text)
{
    char *valid = malloc(strlen(text) * 3 + 1);
    if (!valid)
        return NULL;
    char *end = valid;
    for (size_t size; *text; text += size) {
        if (utf8_next(text, &size) == UTF8_INVALID)
            end = stpcpy(end, "\xef\xbf\xbd");
        else
            end = mempcpy(end, text, size);
    }
    *end = '\0';
    return valid;
}
