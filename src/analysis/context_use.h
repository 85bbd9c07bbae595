/*
 * context_use.h: which context variables running code reads, told by the names that it uses:
 * private to the rule about contexts.
 */
#ifndef STETH_ANALYSIS_CONTEXT_USE_H
#define STETH_ANALYSIS_CONTEXT_USE_H

#include "runtime/frame_detail.h"

struct variable_use {
    uint64_t variable; /* a ContextVar */
    uint64_t reader;   /* the code object that refers to it and to a get(); 0: none was found */
    bool direct;       /* that code runs; else running code refers to the function by name */
    bool changed;      /* such code refers to set() or reset() too: it may be about to fill it */
};
typedef VECTOR(struct variable_use) variable_uses;

/*
 * Notes in `uses` what the code of `frame` does with these variables: itself, in functions and
 * methods of the program's own that it refers to by name, and in filters and formatters of the
 * loggers that it refers to. A variable is referred to by a global name, by a name in a module or
 * class that a global names, as an attribute of self, or by a local or free variable. `standard` is
 * where the standard library lies, may be NULL. False when there is no memory.
 */
bool frame_uses_note(const struct cpython *cpython, const struct frame_view *frame,
                     const char *standard, variable_uses *uses);

#endif
