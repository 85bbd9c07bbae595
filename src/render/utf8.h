/*
 * utf8.h: one code point after the other out of bytes that may not be UTF-8.
 */
#ifndef STETH_RENDER_UTF8_H
#define STETH_RENDER_UTF8_H

#include <stddef.h>
#include <stdint.h>

#define UTF8_INVALID UINT32_MAX

/*
 * Decodes the code point at `text` (not at its end) and sets *size to the bytes it takes. Bytes
 * that are no well-formed UTF-8 give UTF8_INVALID, one byte at a time. Never reads past the NUL.
 */
uint32_t utf8_next(const char *text, size_t *size);

/*
 * A copy of `text` in which each invalid byte is U+FFFD. The caller frees it; NULL when there is no
 * memory.
 */
char *utf8_valid(const char *text);

#endif
