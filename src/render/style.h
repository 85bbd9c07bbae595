/*
 * render: findings and sections in, bytes out. It includes finding and base only, looks at no
 * target and decides nothing.
 *
 * style.h: how text is written: colour, wrapping, and the escaping of everything that came from a
 * target. Every string of a report is hostile until it has gone through style_escape().
 */
#ifndef STETH_RENDER_STYLE_H
#define STETH_RENDER_STYLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct text_style {
    bool color;
    int width;    /* columns to wrap at; 0: never wrap, never shorten */
    bool quiet;   /* findings and totals only */
    bool verbose; /* also the layout, confidence, fingerprints … */
    size_t limit; /* objects, resources shown of a list; 0: all */
};

enum hue { HUE_PLAIN, HUE_BOLD, HUE_DIM, HUE_ERROR, HUE_WARNING, HUE_INFO, HUE_OK, HUE_GUTTER };

/*
 * A copy of `text` that is safe to print: control characters, invalid UTF-8 and the characters that
 * reorder or hide text become visible escapes ("\x1b", "\u202e"). The caller frees it; NULL when
 * there is no memory. A NULL `text`, too, is text for which there was no memory: it gives NULL here
 * and is printed as "(no memory)" below.
 */
char *style_escape(const char *text);

/* Columns that escaped text takes: its code points. */
size_t style_columns(const char *escaped);

/* Prints trusted or escaped text in a hue. */
void style_put(FILE *out, const struct text_style *style, enum hue hue, const char *text);

/* Escapes, then prints. */
void style_put_escaped(FILE *out, const struct text_style *style, enum hue hue, const char *text);

/* A line of text with a head before it; what does not fit continues below, `indent` columns in. */
struct paragraph {
    const char *margin; /* before the head and, repeated, before every continuation */
    enum hue margin_hue;
    const char *head; /* "error[RES001]" */
    enum hue head_hue;
    const char *text; /* untrusted; broken at spaces only */
    enum hue text_hue;
    unsigned indent; /* of continuations, after the margin */
    bool unbroken;   /* a command or a place, which must be copied in one piece */
};

void style_paragraph(FILE *out, const struct text_style *style, const struct paragraph *paragraph);

/* Numbers for people, in a caller's buffer of STYLE_NUMBER bytes, which they return. */
#define STYLE_NUMBER 32
const char *style_count(char *buffer, int64_t number);                /* "41,204", "-" below 0 */
const char *style_bytes(char *buffer, uint64_t bytes);                /* "900 bytes", "412.0 MiB" */
const char *style_share(char *buffer, uint64_t part, uint64_t whole); /* "82 %", "<1 %", "-" */
const char *style_duration(char *buffer, double ms); /* "0 ms", "12.3 ms", "4.2 s" */
const char *style_age(char *buffer, double seconds); /* "42s", "3d 4h" */

#endif
