/* import_line.h: import statements of the plain kinds, read without a parse: most of them are. */
#ifndef STETH_AUDIT_IMPORT_LINE_H
#define STETH_AUDIT_IMPORT_LINE_H

#include "audit/syntax.h"

struct import_line {
    const char *at, *end;
    bool from;           /* from … import, else import */
    unsigned level;      /* dots in front of the module */
    struct slice module; /* of from; empty: only dots */
    bool brackets, first;
};

/* Whether all of `text`, a logical line, is such a statement. */
bool import_line_is_plain(struct slice text);

/* Begins to read a statement that is plain. */
void import_line_open(struct import_line *line, struct slice text);
/* The next name, "*" also, and what it is bound to (empty: itself). False: there are no more. */
bool import_line_next(struct import_line *line, struct slice *name, struct slice *alias);

#endif
