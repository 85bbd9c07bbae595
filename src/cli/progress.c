#include "cli/progress.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#define BAR_WIDTH   40
#define NOTE_WIDTH  40
#define BAR_AFTER_S 1.0
#define BAR_EVERY_S 0.1

struct progress progress_begin(void)
{
    return (struct progress){.started = monotonic_seconds()};
}

void progress_show(struct progress *progress, const char *verb, double done, const char *note)
{
    double now = monotonic_seconds();
    if (now - progress->started < BAR_AFTER_S || now - progress->shown < BAR_EVERY_S)
        return;
    progress->shown = now;
    size_t filled = done >= 1 ? BAR_WIDTH : (size_t)(done * BAR_WIDTH);
    char bar[BAR_WIDTH + 1];
    memset(bar, '.', BAR_WIDTH);
    memset(bar, '#', filled);
    bar[BAR_WIDTH] = '\0';
    fprintf(stderr, "\r%s [%s] %s", verb, bar, note);
    fflush(stderr);
}

void progress_end(const struct progress *progress)
{
    if (progress->shown > 0)
        fprintf(stderr, "\r%*s\r", BAR_WIDTH + NOTE_WIDTH, "");
}
