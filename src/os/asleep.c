#include "os/asleep.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "os/thread_state_text.h"

#define SCHED_LIMIT    (1 << 14)
#define STAT_LIMIT     (1 << 12)
#define STAT_PROCESSOR 39 /* man 5 proc_pid_stat, counted from 1 */

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

/* The processor that a thread runs or last ran on, by its stat file; negative when not told. */
static int processor_of(const struct process_files *files, const char *path)
{
    _cleanup_free_ char *text = process_files_read(files, path, STAT_LIMIT, NULL);
    char *rest = text ? strrchr(text, ')') : NULL, *more = NULL;
    char *word = rest ? strtok_r(rest + 1, " ", &more) : NULL;
    for (int field = 3; word && field < STAT_PROCESSOR; field++)
        word = strtok_r(NULL, " ", &more);
    return word ? (int)strtol(word, NULL, 10) : -1;
}

/* The time now by the clock of `processor`; negative when it is not told. */
static double time_on(const struct process_files *files, int processor)
{
    cpu_set_t before, wanted;
    bool live = process_files_are_live(files);
    if (processor < 0 || processor >= CPU_SETSIZE)
        return -1;
    CPU_ZERO(&wanted);
    CPU_SET(processor, &wanted);
    if (live && (sched_getaffinity(0, sizeof before, &before) ||
                 sched_setaffinity(0, sizeof wanted, &wanted)))
        return -1;
    bool there = processor_of(files, "self/stat") == processor;
    double now = there ? last_ran(files, "self/sched") : -1;
    if (live)
        (void)sched_setaffinity(0, sizeof before, &before);
    return now;
}

double thread_asleep_ms(const struct process_files *files, pid_t tid)
{
    char path[64];
    snprintf(path, sizeof path, "task/%d/stat", (int)tid);
    int processor = processor_of(files, path);
    snprintf(path, sizeof path, "task/%d/sched", (int)tid);
    double then = last_ran(files, path);
    double now = then >= 0 ? time_on(files, processor) : -1;
    return now > then ? now - then : 0;
}
