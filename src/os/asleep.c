#include "os/asleep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "os/thread_state_text.h"

double sched_line_last_ran(const char *line)
{
    static const char name[] = "se.exec_start";
    const char *value = strchr(line, ':');
    double then = value && strncmp(line, name, sizeof name - 1) == 0 ? strtod(value + 1, NULL) : -1;
    return then > 0 ? then : -1;
}

/* The scheduler's clock when a thread last ran, in milliseconds; negative when it is not told. */
static double last_ran(const char *path)
{
    _cleanup_file_ FILE *file = fopen(path, "re");
    char line[256];
    double then = -1;
    while (file && then < 0 && fgets(line, sizeof line, file))
        then = sched_line_last_ran(line);
    return then;
}

double thread_asleep_ms(pid_t pid, pid_t tid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/sched", (int)pid, (int)tid);
    double then = last_ran(path), now = last_ran("/proc/thread-self/sched");
    return then >= 0 && now > then ? now - then : 0;
}
