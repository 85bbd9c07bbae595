/* blocking_calls.h: calls that are known to wait, or to compute, in the thread that makes them. */
#ifndef STETH_AUDIT_BLOCKING_CALLS_H
#define STETH_AUDIT_BLOCKING_CALLS_H

#include <stdbool.h>
#include <stddef.h>

enum blocking_effect {
    BLOCKS,
    BLOCKS_UNLESS_ZERO,   /* … the argument is 0 */
    BLOCKS_UNLESS_FALSE,  /* … the argument is False, or the time-out 0 */
    BLOCKS_UNLESS_TOLD,   /* … the file makes sockets that do not block */
    BLOCKS_WITH_ARGUMENT, /* only with an argument */
    BLOCKS_BRIEFLY,       /* mostly: on a local disk, for a thread that is about to end */
    BLOCKS_FOR_NAMES,     /* unless it is told that addresses are numbers */
};

struct blocking_call {
    const char *name; /* as scopes_dotted says it; ends with "*": any name with this beginning */
    enum blocking_effect effect;
    const char *why;
    const char *instead; /* NULL: nothing better than a thread */
    const char *waits;   /* keyword of the argument that the effect is about */
    unsigned place;      /* … or its place */
};

extern const struct blocking_call blocking_table[];
extern const size_t blocking_table_size;

/* NULL: not known to block. */
const struct blocking_call *blocking_call_find(const char *name);

/* "queue.Queue.get()" of "queue.Queue().get". The caller frees. */
char *blocking_call_display(const char *name);

/* Whether all words of one of these names, or of a way into a thread, occur in the text: without
 * them nothing in it can be found to block. */
bool blocking_calls_may_occur(const char *text, size_t size);

#endif
