/*
 * progress.h: a bar on stderr for work that takes more than a second. Who begins one looks first
 * whether stderr is a terminal.
 */
#ifndef STETH_CLI_PROGRESS_H
#define STETH_CLI_PROGRESS_H

struct progress {
    double started, shown; /* seconds of the monotonic clock; shown 0: not yet */
};

/* From here on the second counts. */
struct progress progress_begin(void);

/* Draws "VERB [###...] NOTE", where `done` is between 0 and 1; not more than ten times a second. */
void progress_show(struct progress *progress, const char *verb, double done, const char *note);

/* Takes the bar away, if there is one. */
void progress_end(const struct progress *progress);

#endif
