#include "os/asleep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "os/thread_state_text.h"

#define SCHED_LIMIT (1 << 14)

double sched_line_last_ran(const char *line)
{
    static const char name[] = "se.exec_start";
    const char *value = strchr(line, ':');
    double then = value && strncmp(line, name, sizeof name - 1) == 0 ? strtod(value + 1, NULL) : -1;
    return then > 0 ? then : -1;
}

/* The scheduler's clock when a thread last ran, in milliseconds; negative when it is not told. */
static double last_ran(const struct process_files *files, const char *path)
{
    _cleanup_free_ char *text = process_files_read(files, path, SCHED_LIMIT, NULL);
    char *rest = NULL;
    double then = -1;
    for (char *line = text ? strtok_r(text, "\n", &rest) : NULL; line && then < 0;
         line = strtok_r(NULL, "\n", &rest))
        then = sched_line_last_ran(line);
    return then;
}

double thread_asleep_ms(const struct process_files *files, pid_t tid)
{
    char path[64];
    snprintf(path, sizeof path, "task/%d/sched", (int)tid);
    double then = last_ran(files, path), now = last_ran(files, "self/sched");
    return then >= 0 && now > then ? now - then : 0;
}
