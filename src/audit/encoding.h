/* encoding.h: the bytes of a Python file as UTF-8, by the rules of PEP 263. */
#ifndef STETH_AUDIT_ENCODING_H
#define STETH_AUDIT_ENCODING_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Returns the text (NUL-terminated, *length bytes; the caller frees), or NULL with *problem: a
 * sentence that the caller frees, NULL when there is no memory.
 */
char *encoding_to_utf8(const char *bytes, size_t size, size_t *length, char **problem);

/* Whether they are UTF-8 as they stand, without a null byte, a mark in front or another encoding
 * declared. */
bool encoding_is_plain(const char *bytes, size_t size);

#endif
