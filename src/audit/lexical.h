/* lexical.h: strings, comments and logical lines told from one another, without a parse. */
#ifndef STETH_AUDIT_LEXICAL_H
#define STETH_AUDIT_LEXICAL_H

#include <stdbool.h>
#include <stddef.h>

/* The index behind the string or comment that begins at `at`, or `at` where none begins. */
size_t lexical_after_opaque(const char *text, size_t size, size_t at);

/* The line of the first bracket that `depth` others enclose; 0: none. */
unsigned lexical_too_deep(const char *text, size_t size, int depth);

/* Words that a statement begins with, as far as they matter to an outline. */
enum lexical_word {
    WORD_CLASS = 1,
    WORD_DEF = 2,
    WORD_ASYNC = 4,
    WORD_OUTER = 8, /* global, nonlocal, globals() */
    WORD_RETURN = 16,
    WORD_YIELD = 32,
};

#define LEXICAL_NOWHERE ((size_t)-1)

/* A line of code with what continues it in brackets, strings and behind backslashes. */
struct logical_line {
    size_t begin, start, end; /* its first byte; the first that is no blank; behind its newline */
    unsigned indent;          /* columns, a tab up to the next eighth */
    unsigned line;            /* number of its first line */
    unsigned word;            /* enum lexical_word; 0: another */
    unsigned inner;           /* those behind a colon or a semicolon, or-ed */
    size_t colon;             /* the first outside of brackets; LEXICAL_NOWHERE */
    size_t string_end;        /* behind the string that it begins with; LEXICAL_NOWHERE */
    size_t open, close;       /* its first bracket, behind the last one; LEXICAL_NOWHERE */
    unsigned groups;          /* of brackets that are not in others */
    bool several;             /* a semicolon may separate statements */
};

struct lexical_reader {
    const char *text; /* ends with a NUL that `size` leaves out, and has no other */
    size_t size, at;
    unsigned line;     /* number of the line at `at` */
    int deepest;       /* brackets within one another that are fine */
    unsigned too_deep; /* line of the first that is deeper; 0: none so far */
};

/* The next line of code; blank lines and comments are skipped. False: there are no more. */
bool lexical_next(struct lexical_reader *reader, struct logical_line *line);

#endif
