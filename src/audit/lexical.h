/* lexical.h: strings and comments told from code, without a parse. */
#ifndef STETH_AUDIT_LEXICAL_H
#define STETH_AUDIT_LEXICAL_H

#include <stddef.h>

/* The index behind the string or comment that begins at `at`, or `at` where none begins. */
size_t lexical_after_opaque(const char *text, size_t size, size_t at);

/* The line of the first bracket that `depth` others enclose; 0: none. */
unsigned lexical_too_deep(const char *text, size_t size, int depth);

#endif
