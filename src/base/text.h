/* text.h: new strings from a format. */
#ifndef STETH_BASE_TEXT_H
#define STETH_BASE_TEXT_H

/* asprintf that returns its result: NULL when there is no memory. The caller frees it. */
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
