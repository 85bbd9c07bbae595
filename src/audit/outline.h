/*
 * outline.h: source without what can say nothing about classes: bodies of functions, docstrings,
 * comments, long tables. What is left is a tenth of it, and parsing is what takes the time. Of
 * functions that nobody asks more about, of plain imports and of a class's fields, one after the
 * other, a statement is left that stands for them: a number, in a line that is marked.
 */
#ifndef STETH_AUDIT_OUTLINE_H
#define STETH_AUDIT_OUTLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vector.h"

#define OUTLINE_FOLDED (UINT32_C(1) << 31) /* in `lines`: the statement stands for others */

enum folded_kind {
    FOLDED_IMPORT, /* its text is the whole statement; that of the others is a name */
    FOLDED_FUNCTION,
    FOLDED_FIELD, /* of a class, bound to what is hardly a class: a constant, what a call gives */
    FOLDED_ANNOTATED, /* one with a type, bound to anything or to nothing */
};

/* What a statement of an outline stands for, in order. */
struct folded {
    uint32_t row;  /* of the outline, from 0 */
    uint32_t line; /* of the whole text */
    enum folded_kind kind;
    uint32_t start, size; /* in the whole text */
};

struct outline {
    char *text; /* ends with a NUL that `size` leaves out */
    size_t size;
    VECTOR(uint32_t) lines; /* of the whole text, by line of the outline; the first is 1 */
    VECTOR(struct folded) folded;
    uint64_t whole_lines;
    bool classes;      /* it has class statements */
    bool sets;         /* … statements outside of functions and classes that set attributes */
    bool coroutines;   /* it has an async def, perhaps in what was left out */
    unsigned too_deep; /* line of the first bracket that is in too many others; 0: none */
};

enum outline_purpose {
    OUTLINE_CLASSES,    /* names and classes */
    OUTLINE_COROUTINES, /* and what coroutines call: their bodies, and what gives names to things */
    OUTLINE_FUNCTIONS,  /* and all functions */
};

/* `text` ends with a NUL that `size` leaves out. False: no memory. Release with outline_free. */
bool outline_make(const char *text, size_t size, int deepest, enum outline_purpose purpose,
                  struct outline *outline);
void outline_free(struct outline *outline);

/* What the statement in a row, from 0, stands for: *count of them; NULL: for itself. */
const struct folded *outline_folded(const struct outline *outline, uint32_t row, size_t *count);

/* Whether a function's text may matter: it has a class in it, or changes names around it. */
bool outline_matters(const char *text, size_t size);

/* Whether the body of a method of that name is read in any case. */
bool outline_keeps_name(const char *name, size_t size);

/* Whether no call in the text makes a class, and nothing is put on sys.path: a file that has no
 * class statement either needs no look unless it is imported. */
bool outline_makes_nothing(const char *text, size_t size);

#endif
