#include "os/asleep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* The scheduler's clock when a thread last ran, in milliseconds; negative when it is not told. */
static double last_ran(const char *path)
{
    _cleanup_file_ FILE *file = fopen(path, "re");
    char line[256];
    while (file && fgets(line, sizeof line, file)) {
        const char *value = strchr(line, ':');
        if (value && strncmp(line, "se.exec_start", strlen("se.exec_start")) == 0)
            return strtod(value + 1, NULL);
    }
    return -1;
}

double thread_asleep_ms(pid_t pid, pid_t tid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/sched", (int)pid, (int)tid);
    double then = last_ran(path), now = last_ran("/proc/thread-self/sched");
    return then >= 0 && now > then ? now - then : 0;
}
