#include "os/asleep.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "os/thread_state_text.h"

#define SCHED_LIMIT     (1 << 14)
#define FIELD_PROCESSOR 39

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

/* The processor that the thread last ran on: proc_pid_stat(5), field 39; the state is the third. */
static int last_processor(const char *stat)
{
    const char *field = strrchr(stat, ')');
    for (int number = 2; field && number < FIELD_PROCESSOR; number++)
        field = strchr(field + 1, ' ');
    return field && isdigit((unsigned char)field[1]) ? (int)strtol(field + 1, NULL, 10) : -1;
}

char *thread_processor_clock(const char *stat, int *processor)
{
    *processor = last_processor(stat);
    return *processor < 0 ? NULL : text_format("self/sched@%d", *processor);
}

double thread_asleep_ms(const struct process_files *files, pid_t tid)
{
    char path[64];
    int processor;
    snprintf(path, sizeof path, "task/%d/sched", (int)tid);
    double then = last_ran(files, path);
    snprintf(path, sizeof path, "task/%d/stat", (int)tid);
    _cleanup_free_ char *stat = process_files_read(files, path, SCHED_LIMIT, NULL);
    _cleanup_free_ char *clock = stat ? thread_processor_clock(stat, &processor) : NULL;
    double now = clock ? last_ran(files, clock) : -1;
    return then >= 0 && now > then ? now - then : 0;
}
