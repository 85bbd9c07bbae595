/*
 * text.h: bytes that another program chose (its command line, its file names) as text that is safe
 * to print and to put into JSON.
 */
#ifndef STETH_OS_TEXT_H
#define STETH_OS_TEXT_H

#include <stddef.h>

/*
 * A copy of `bytes` as valid UTF-8 on one line: white space and NUL become a space, control
 * characters and invalid bytes become '?'. NULL when there is no memory; the caller frees.
 */
char *text_printable(const char *bytes, size_t size);

/* The length of the valid UTF-8 sequence at `bytes`, 0 when it is not one. */
size_t text_sequence(const char *bytes, size_t size);

#endif
