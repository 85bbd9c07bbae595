/* What keepers leave when they are killed together with steth (fork_keeper.h). */
#include "target/fork_keeper_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "os/process_files.h"

#define FILE_MAX 16384

struct search {
    const struct process_files *files;
    pid_t *leftovers;
    size_t count;
};

/* Ended, and nobody was to be told so: proc_pid_stat(5), fields 3 and 38. */
static bool is_leftover(const char *stat)
{
    const char *field = strrchr(stat, ')');
    if (!field || strncmp(field, ") Z ", 4) != 0)
        return false;
    field += 2;
    for (int number = 3; number < 38 && field; number++) {
        field = strchr(field, ' ');
        field = field ? field + 1 : NULL;
    }
    return field && strncmp(field, "0 ", 2) == 0;
}

/* The last of the numbers that it has in the pid namespaces. */
static pid_t innermost_pid(const char *status)
{
    const char *line = strstr(status, "\nNSpid:");
    long pid = 0;
    char *end;
    for (line = line ? line + 7 : ""; *line && *line != '\n'; line = end) {
        long number = strtol(line, &end, 10);
        if (end == line)
            break;
        pid = number;
    }
    return (pid_t)pid;
}

static void look_at(struct search *search, pid_t child)
{
    struct process_files *files = process_files_live(child);
    _cleanup_free_ char *stat = files ? process_files_read(files, "stat", FILE_MAX, NULL) : NULL;
    _cleanup_free_ char *status =
        files ? process_files_read(files, "status", FILE_MAX, NULL) : NULL;
    process_files_free(files);
    pid_t pid = stat && status && is_leftover(stat) ? innermost_pid(status) : 0;
    if (pid && search->count < LEFTOVERS_MAX)
        search->leftovers[search->count++] = pid;
}

static bool look_at_thread(void *context, const char *thread)
{
    struct search *search = context;
    char path[64];
    snprintf(path, sizeof path, "task/%.20s/children", thread);
    _cleanup_free_ char *children = process_files_read(search->files, path, FILE_MAX, NULL);
    char *end;
    for (const char *at = children ? children : ""; *at; at = end) {
        pid_t child = (pid_t)strtol(at, &end, 10);
        if (end == at || child <= 0)
            break;
        look_at(search, child);
    }
    return search->count < LEFTOVERS_MAX;
}

size_t fork_leftovers(pid_t target, pid_t leftovers[LEFTOVERS_MAX])
{
    struct process_files *files = process_files_live(target);
    struct search search = {.files = files, .leftovers = leftovers};
    if (files)
        process_files_visit(files, "task", look_at_thread, &search);
    process_files_free(files);
    return search.count;
}
