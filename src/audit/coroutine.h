/*
 * coroutine.h: the calls that a file makes inside of `async def`, each with what is known of it.
 * What is handed to an executor as a nested function or a lambda is not inside.
 */
#ifndef STETH_AUDIT_COROUTINE_H
#define STETH_AUDIT_COROUTINE_H

#include "audit/scopes.h"

struct coroutine_call {
    uint32_t scope; /* of the `async def` */
    TSNode node;
    const char *name;   /* scopes_dotted of the function; NULL: not known */
    struct slice last;  /* "result" of x.y.result; the function's own name */
    bool awaited;       /* `await` stands directly before it */
    bool passed;        /* it is an argument of another call, or an element of something */
    unsigned deadlines; /* blocks with a deadline around it */
};

/* Calls `visit` for each, in the order of the source, until it returns an error. */
struct error *coroutine_calls(const struct scopes *scopes,
                              struct error *(*visit)(void *context,
                                                     const struct coroutine_call *call),
                              void *context);

/* The positional argument of that number, or the one with that keyword (NULL: none); null node. */
TSNode call_argument(const struct scopes *scopes, TSNode call, unsigned place, const char *keyword);

#endif
