/* text.h: new strings from a format, and the ends of strings. */
#ifndef STETH_BASE_TEXT_H
#define STETH_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>

/* asprintf that returns its result: NULL when there is no memory. The caller frees it. */
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *text_format_list(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

bool text_ends_with(const char *text, const char *end);

#endif
