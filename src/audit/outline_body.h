/* outline_body.h: between the files of the outline: what a function's body may be of use for. */
#ifndef STETH_AUDIT_OUTLINE_BODY_H
#define STETH_AUDIT_OUTLINE_BODY_H

#include "audit/lexical.h"

/* Lines that are read one ahead. */
struct line_cursor {
    struct lexical_reader reader;
    struct logical_line next;
    bool has_next;
};

void line_cursor_advance(struct line_cursor *cursor);

struct function_body {
    struct line_cursor behind; /* at the first line behind it */
    size_t begin, end;
    bool matters;    /* it has a class in it, or changes names around it */
    bool coroutines; /* it has an async def in it */
    bool attributes; /* it may set some */
    bool gives;      /* what it returns may be a class, or say what a decorator does */
};

/* The body of the function whose head is `head`; `cursor` stands behind it. */
void function_body_read(const struct line_cursor *cursor, const struct logical_line *head,
                        bool decorated, struct function_body *body);

/* Whether a function outside of classes may be of use to others: as a decorator, or a factory. */
bool function_body_is_of_use(const char *text, const struct logical_line *head,
                             const struct function_body *body);

#endif
