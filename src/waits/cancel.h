/*
 * cancel.h: who may end the wait of a stuck task from outside. To cancel it takes a reference to
 * it; a weak one, as loops have of all their tasks, is only used when everything ends.
 */
#ifndef STETH_WAITS_CANCEL_H
#define STETH_WAITS_CANCEL_H

#include "waits/build.h"

enum cancel_hope {
    CANCEL_BY_NOBODY,
    CANCEL_POSSIBLE, /* a global leads to it, or what a connection of the loop refers to */
    CANCEL_AT_HAND,  /* a task or thread that gets on has it in a variable, or a timer has */
};

/*
 * Sets `hopes[i]` for the task `tasks[i]` of the picture's snapshot. `index` and `roots` as for
 * completers_find.
 */
struct error *cancel_hopes_find(const struct wait_picture *picture, const struct census *index,
                                struct roots *roots, const size_t *tasks, size_t count,
                                enum cancel_hope *hopes);

#endif
