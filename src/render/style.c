#include "render/style.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "render/utf8.h"

/* ---- escaping -------------------------------------------------------------------------------- */

/* Characters that move the cursor, reorder what follows, or cannot be seen. */
static bool is_treacherous(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0xad || point == 0x61c ||
           (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2060 && point <= 0x206f) || point == 0xfeff ||
           (point >= 0xfff9 && point <= 0xfffb) || (point >= 0xe0000 && point <= 0xe007f);
}

static char *put_escape(char *end, uint32_t point, unsigned char byte)
{
    switch (point) {
    case '\n':
        return stpcpy(end, "\\n");
    case '\r':
        return stpcpy(end, "\\r");
    case '\t':
        return stpcpy(end, "\\t");
    case UTF8_INVALID:
        return end + sprintf(end, "\\x%02x", byte);
    default:
        if (point < 0x100)
            return end + sprintf(end, "\\x%02" PRIx32, point);
        if (point < 0x10000)
            return end + sprintf(end, "\\u%04" PRIx32, point);
        return end + sprintf(end, "\\U%08" PRIx32, point);
    }
}

char *style_escape(const char *text)
{
    /* The longest escapes: 4 characters of 1 byte, 4 of 2, 6 of 3, 10 of 4. */
    char *escaped = text ? malloc(strlen(text) * 4 + 1) : NULL;
    if (!escaped)
        return NULL;
    char *end = escaped;
    for (size_t size; *text; text += size) {
        uint32_t point = utf8_next(text, &size);
        if (point == UTF8_INVALID || is_treacherous(point))
            end = put_escape(end, point, (unsigned char)*text);
        else
            end = mempcpy(end, text, size);
    }
    *end = '\0';
    return escaped;
}

size_t style_columns(const char *escaped)
{
    size_t columns = 0;
    for (; *escaped; escaped++)
        columns += ((unsigned char)*escaped & 0xc0) != 0x80;
    return columns;
}

/* ---- colour ---------------------------------------------------------------------------------- */

static const char *hue_code(enum hue hue)
{
    switch (hue) {
    case HUE_BOLD:
        return "1";
    case HUE_DIM:
        return "2";
    case HUE_ERROR:
        return "1;31";
    case HUE_WARNING:
        return "1;33";
    case HUE_INFO:
        return "1;36";
    case HUE_OK:
        return "32";
    case HUE_GUTTER:
        return "1;34";
    case HUE_PLAIN:
        break;
    }
    return NULL;
}

static void put_bytes(FILE *out, const struct text_style *style, enum hue hue, const char *text,
                      size_t size)
{
    const char *code = style->color && size > 0 ? hue_code(hue) : NULL;
    if (code)
        fprintf(out, "\033[%sm", code);
    fwrite(text, 1, size, out);
    if (code)
        fputs("\033[0m", out);
}

void style_put(FILE *out, const struct text_style *style, enum hue hue, const char *text)
{
    put_bytes(out, style, hue, text, strlen(text));
}

void style_put_escaped(FILE *out, const struct text_style *style, enum hue hue, const char *text)
{
    _cleanup_free_ char *escaped = style_escape(text);
    style_put(out, style, hue, escaped ? escaped : "(no memory)");
}

/* ---- paragraphs ------------------------------------------------------------------------------ */

static void start_continuation(FILE *out, const struct text_style *style,
                               const struct paragraph *paragraph)
{
    fputc('\n', out);
    style_put(out, style, paragraph->margin_hue, paragraph->margin);
    fprintf(out, "%*s", (int)paragraph->indent, "");
}

/* Bytes of `text` up to the last space at which `columns` are not exceeded, at least one word. */
static size_t line_length(const char *text, size_t columns)
{
    size_t fits = 0;
    size_t used = 0;
    for (size_t i = 0;; i++) {
        if (text[i] == ' ' || text[i] == '\0') {
            if (fits > 0 && used > columns)
                return fits;
            fits = i;
            if (used > columns || text[i] == '\0')
                return fits;
        }
        used += ((unsigned char)text[i] & 0xc0) != 0x80;
    }
}

void style_paragraph(FILE *out, const struct text_style *style, const struct paragraph *paragraph)
{
    _cleanup_free_ char *escaped = style_escape(paragraph->text);
    const char *rest = escaped ? escaped : "(no memory)";
    size_t margin = style_columns(paragraph->margin);
    size_t column = margin + style_columns(paragraph->head);
    bool wraps = style->width > 0 && !paragraph->unbroken;

    style_put(out, style, paragraph->margin_hue, paragraph->margin);
    style_put(out, style, paragraph->head_hue, paragraph->head);
    for (;;) {
        size_t room = (size_t)style->width > column ? (size_t)style->width - column : 1;
        size_t length = wraps ? line_length(rest, room) : strlen(rest);
        const char *line = rest;
        rest += length;
        while (*rest == ' ')
            rest++;
        while (*rest && length > 0 && line[length - 1] == ' ')
            length--; /* a gap of two spaces was broken between them */
        put_bytes(out, style, paragraph->text_hue, line, length);
        if (!*rest)
            break;
        start_continuation(out, style, paragraph);
        column = margin + paragraph->indent;
    }
    fputc('\n', out);
}

/* ---- numbers --------------------------------------------------------------------------------- */

const char *style_count(char *buffer, int64_t number)
{
    if (number < 0)
        return strcpy(buffer, "-");
    char digits[STYLE_NUMBER];
    int length = snprintf(digits, sizeof digits, "%" PRId64, number);
    char *end = buffer;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            *end++ = ',';
        *end++ = digits[i];
    }
    *end = '\0';
    return buffer;
}

const char *style_bytes(char *buffer, uint64_t bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < 10240) {
        snprintf(buffer, STYLE_NUMBER, "%u byte%s", (unsigned)bytes, bytes == 1 ? "" : "s");
        return buffer;
    }
    double value = (double)bytes / 1024;
    size_t unit = 0;
    while (value >= 1024 && unit < sizeof units / sizeof *units - 1) {
        value /= 1024;
        unit++;
    }
    snprintf(buffer, STYLE_NUMBER, "%.1f %s", value, units[unit]);
    return buffer;
}

const char *style_share(char *buffer, uint64_t part, uint64_t whole)
{
    if (whole == 0)
        return strcpy(buffer, "-");
    double share = (double)part / (double)whole * 100;
    if (part > 0 && share < 1)
        return strcpy(buffer, "<1 %");
    snprintf(buffer, STYLE_NUMBER, "%.0f %%", share < 1e6 ? share : 1e6);
    return buffer;
}

const char *style_duration(char *buffer, double ms)
{
    if (!(ms > 0))
        return strcpy(buffer, "0 ms");
    if (ms < 1000)
        snprintf(buffer, STYLE_NUMBER, ms < 0.1 ? "%.3f ms" : "%.1f ms", ms);
    else
        snprintf(buffer, STYLE_NUMBER, "%.1f s", ms / 1000);
    return buffer;
}

const char *style_age(char *buffer, double seconds)
{
    if (!(seconds >= 0 && seconds < 1e12))
        return strcpy(buffer, "-");
    int64_t total = (int64_t)seconds;
    int64_t days = total / 86400, hours = total / 3600 % 24, minutes = total / 60 % 60;
    if (days > 0)
        snprintf(buffer, STYLE_NUMBER, "%" PRId64 "d %" PRId64 "h", days, hours);
    else if (hours > 0)
        snprintf(buffer, STYLE_NUMBER, "%" PRId64 "h %" PRId64 "m", hours, minutes);
    else if (minutes > 0)
        snprintf(buffer, STYLE_NUMBER, "%" PRId64 "m %" PRId64 "s", minutes, total % 60);
    else
        snprintf(buffer, STYLE_NUMBER, "%" PRId64 "s", total);
    return buffer;
}
