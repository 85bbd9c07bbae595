#include "audit/encoding.h"

#include <ctype.h>
#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/text.h"

#define LONGEST_NAME 40

/* A name that an encoding declaration may have, and what iconv calls it. */
static const char *const other_names[][2] = {
    {"latin-1", "ISO-8859-1"}, {"latin1", "ISO-8859-1"},   {"latin_1", "ISO-8859-1"},
    {"utf8", "UTF-8"},         {"utf_8", "UTF-8"},         {"utf-8-sig", "UTF-8"},
    {"us-ascii", "UTF-8"},     {"ascii", "UTF-8"},         {"cp949", "CP949"},
    {"iso8859-15", "LATIN-9"}, {"iso-8859-15", "LATIN-9"}, {"iso_8859_15", "LATIN-9"},
};

static unsigned line_at(const char *bytes, size_t end)
{
    unsigned line = 1;
    for (size_t i = 0; i < end; i++)
        line += bytes[i] == '\n';
    return line;
}

/* PEP 263: "coding", ":" or "=", spaces, a name. */
static bool name_in_comment(const char *line, const char *end, char *name)
{
    for (const char *p = line; p + 7 < end; p++) {
        if (memcmp(p, "coding", 6) != 0 || (p[6] != ':' && p[6] != '='))
            continue;
        p += 7;
        while (p < end && (*p == ' ' || *p == '\t'))
            p++;
        size_t length = 0;
        while (p < end && length + 1 < LONGEST_NAME &&
               (isalnum((unsigned char)*p) || *p == '-' || *p == '_' || *p == '.'))
            name[length++] = *p++;
        name[length] = '\0';
        return length > 0;
    }
    return false;
}

/* The declaration stands in a comment of the first two lines. */
static bool declared_name(const char *bytes, size_t size, char *name)
{
    const char *line = bytes, *end = bytes + size;
    for (int i = 0; i < 2 && line < end; i++) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        if (!stop)
            stop = end;
        const char *p = line;
        while (p < stop && (*p == ' ' || *p == '\t' || *p == '\f' || *p == '\r'))
            p++;
        if (p < stop && *p != '#')
            return false;
        if (name_in_comment(p, stop, name))
            return true;
        line = stop + 1;
    }
    return false;
}

static const char *name_for_iconv(const char *name)
{
    for (size_t i = 0; i < sizeof other_names / sizeof *other_names; i++) {
        if (strcasecmp(name, other_names[i][0]) == 0)
            return other_names[i][1];
    }
    return name;
}

/* The first byte that is not part of well-formed UTF-8, or `size`. */
static size_t first_wrong_byte(const char *bytes, size_t size)
{
    const unsigned char *p = (const unsigned char *)bytes;
    size_t i = 0;
    while (i < size) {
        uint64_t eight;
        while (i + sizeof eight <= size) {
            memcpy(&eight, p + i, sizeof eight);
            if (eight & UINT64_C(0x8080808080808080))
                break;
            i += sizeof eight;
        }
        if (i < size && p[i] < 0x80) {
            i++;
            continue;
        }
        if (i >= size)
            break;
        unsigned more = p[i] >= 0xF0 ? 3 : p[i] >= 0xE0 ? 2 : 1;
        unsigned least = p[i] == 0xE0 ? 0xA0 : p[i] == 0xF0 ? 0x90 : 0x80;
        unsigned most = p[i] == 0xED ? 0x9F : p[i] == 0xF4 ? 0x8F : 0xBF;
        if (p[i] < 0xC2 || p[i] > 0xF4 || i + more >= size || p[i + 1] < least || p[i + 1] > most)
            return i;
        for (unsigned k = 2; k <= more; k++) {
            if ((p[i + k] & 0xC0) != 0x80)
                return i;
        }
        i += more + 1;
    }
    return size;
}

static char *copy(const char *bytes, size_t size, size_t *length)
{
    char *text = malloc(size + 1);
    if (!text)
        return NULL;
    memcpy(text, bytes, size);
    text[size] = '\0';
    *length = size;
    return text;
}

static char *convert(const char *name, const char *bytes, size_t size, size_t *length,
                     char **problem)
{
    iconv_t converter = iconv_open("UTF-8", name);
    if (converter == (iconv_t)-1) {
        *problem = text_format("its encoding %s is not known here", name);
        return NULL;
    }
    size_t room = size * 4 + 4, left = size, space = room;
    _cleanup_free_ char *text = malloc(room + 1);
    char *in = (char *)bytes, *out = text;
    size_t done = text ? iconv(converter, &in, &left, &out, &space) : (size_t)-1;
    iconv_close(converter);
    if (!text)
        return NULL;
    if (done == (size_t)-1 || left) {
        *problem = text_format("line %u: bytes that are not %s", line_at(bytes, size - left), name);
        return NULL;
    }
    *length = room - space;
    text[*length] = '\0';
    return take_pointer(&text);
}

bool encoding_is_plain(const char *bytes, size_t size)
{
    char name[LONGEST_NAME];
    return !memchr(bytes, '\0', size) && (size < 3 || memcmp(bytes, "\xEF\xBB\xBF", 3) != 0) &&
           (!declared_name(bytes, size, name) || strcasecmp(name_for_iconv(name), "UTF-8") == 0) &&
           first_wrong_byte(bytes, size) == size;
}

char *encoding_to_utf8(const char *bytes, size_t size, size_t *length, char **problem)
{
    *problem = NULL;
    const char *zero = size ? memchr(bytes, '\0', size) : NULL;
    if (zero) {
        *problem = text_format("line %u: a null byte", line_at(bytes, (size_t)(zero - bytes)));
        return NULL;
    }
    if (size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
        bytes += 3;
        size -= 3;
    }
    char name[LONGEST_NAME];
    const char *wanted = "UTF-8";
    if (declared_name(bytes, size, name))
        wanted = name_for_iconv(name);
    if (strcasecmp(wanted, "UTF-8") != 0)
        return convert(wanted, bytes, size, length, problem);
    size_t wrong = first_wrong_byte(bytes, size);
    if (wrong == size)
        return copy(bytes, size, length);
    *problem = text_format("line %u: bytes that are not UTF-8, and no encoding is declared",
                           line_at(bytes, wrong));
    return NULL;
}
