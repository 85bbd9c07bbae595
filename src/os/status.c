#include "os/status.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

#define KERNEL_THREAD_FLAG 0x00200000 /* PF_KTHREAD, include/linux/sched.h */
#define STATUS_LIMIT       (1 << 16)
#define STAT_LIMIT         (1 << 12)

static void proc_path(char *path, size_t size, const char *root, pid_t pid, const char *name)
{
    if (pid)
        snprintf(path, size, "%s/proc/%d/%s", root, (int)pid, name);
    else
        snprintf(path, size, "%s/proc/self/%s", root, name);
}

static char *read_whole(const char *path, size_t limit, size_t *size)
{
    _cleanup_close_ int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (file < 0)
        return NULL;
    _cleanup_free_ char *bytes = NULL;
    size_t used = 0, room = 0;
    while (used < limit) {
        if (used == room) {
            room = room ? room * 2 : 4096;
            room = room < limit ? room : limit;
            char *moved = realloc(bytes, room + 1);
            if (!moved)
                return NULL;
            bytes = moved;
        }
        ssize_t got = read(file, bytes + used, room - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return NULL;
        if (got == 0)
            break;
        used += (size_t)got;
    }
    if (!bytes)
        return NULL;
    bytes[used] = '\0';
    if (size)
        *size = used;
    return take_pointer(&bytes);
}

char *proc_read(const char *root, pid_t pid, const char *name, size_t limit, size_t *size)
{
    char path[PATH_MAX];
    proc_path(path, sizeof path, root, pid, name);
    return read_whole(path, limit, size);
}

char *proc_read_path(const char *root, const char *path, size_t limit, size_t *size)
{
    char whole[PATH_MAX];
    snprintf(whole, sizeof whole, "%s%s", root, path);
    return read_whole(whole, limit, size);
}

char *proc_read_link(const char *root, pid_t pid, const char *name)
{
    char path[PATH_MAX], target[PATH_MAX];
    proc_path(path, sizeof path, root, pid, name);
    ssize_t length = readlink(path, target, sizeof target);
    return length < 0 ? NULL : strndup(target, (size_t)length);
}

static void parse_ids(const char *text, uint32_t ids[STATUS_IDS])
{
    for (size_t i = 0; i < STATUS_IDS; i++) {
        char *end;
        ids[i] = (uint32_t)strtoul(text, &end, 10);
        text = end;
    }
}

static void parse_inner_pids(const char *text, struct process_status *status)
{
    while (status->inner_pid_count < STATUS_PID_LEVELS) {
        char *end;
        long pid = strtol(text, &end, 10);
        if (end == text)
            break;
        status->inner_pids[status->inner_pid_count++] = (pid_t)pid;
        text = end;
    }
}

static void parse_line(const char *line, const char *value, struct process_status *status)
{
    static const struct {
        const char *key;
        size_t offset;
        int base;
    } numbers[] = {
        {"VmRSS", offsetof(struct process_status, rss_kb), 10},
        {"VmSwap", offsetof(struct process_status, swap_kb), 10},
        {"CapPrm", offsetof(struct process_status, permitted), 16},
        {"CapEff", offsetof(struct process_status, effective), 16},
        {"CapBnd", offsetof(struct process_status, bounding), 16},
        {"SigCgt", offsetof(struct process_status, signals_caught), 16},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (strcmp(line, numbers[i].key) == 0) {
            uint64_t number = strtoull(value, NULL, numbers[i].base);
            memcpy((char *)status + numbers[i].offset, &number, sizeof number);
            return;
        }
    }
    if (strcmp(line, "Name") == 0)
        snprintf(status->name, sizeof status->name, "%s", value);
    else if (strcmp(line, "State") == 0)
        status->state = *value;
    else if (strcmp(line, "PPid") == 0)
        status->parent = (pid_t)strtol(value, NULL, 10);
    else if (strcmp(line, "Uid") == 0)
        parse_ids(value, status->uid);
    else if (strcmp(line, "Gid") == 0)
        parse_ids(value, status->gid);
    else if (strcmp(line, "Threads") == 0)
        status->threads = (unsigned)strtoul(value, NULL, 10);
    else if (strcmp(line, "NoNewPrivs") == 0)
        status->no_new_privileges = *value == '1';
    else if (strcmp(line, "Seccomp") == 0)
        status->seccomp = (int)strtol(value, NULL, 10);
    else if (strcmp(line, "Seccomp_filters") == 0)
        status->seccomp_filters = (int)strtol(value, NULL, 10);
    else if (strcmp(line, "NSpid") == 0)
        parse_inner_pids(value, status);
}

/* Cuts `text` (NULL: nothing was read) into its lines. */
static bool parse_status(char *text, struct process_status *status)
{
    *status = (struct process_status){.seccomp = -1, .seccomp_filters = -1};
    if (!text)
        return false;
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char *colon = strchr(line, ':');
        if (!colon)
            continue;
        *colon = '\0';
        parse_line(line, colon + 1 + strspn(colon + 1, " \t"), status);
    }
    return status->state != '\0';
}

bool process_status_read(const char *root, pid_t pid, struct process_status *status)
{
    _cleanup_free_ char *text = proc_read(root, pid, "status", STATUS_LIMIT, NULL);
    return parse_status(text, status);
}

bool process_status_of(const struct process_files *files, const char *path,
                       struct process_status *status)
{
    _cleanup_free_ char *text = process_files_read(files, path, STATUS_LIMIT, NULL);
    return parse_status(text, status);
}

static bool parse_times(const char *text, struct process_times *times)
{
    *times = (struct process_times){0};
    /* The name in field 2 may hold spaces and parentheses: fields count from the last one. */
    const char *fields = text ? strrchr(text, ')') : NULL;
    unsigned long flags;
    unsigned long long start;
    if (!fields ||
        sscanf(fields,
               ") %*c %*d %*d %*d %*d %*d %lu %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
               &flags, &start) != 2)
        return false;
    times->kernel_thread = flags & KERNEL_THREAD_FLAG;
    times->start_ticks = start;
    return true;
}

bool process_times_read(const char *root, pid_t pid, struct process_times *times)
{
    _cleanup_free_ char *text = proc_read(root, pid, "stat", STAT_LIMIT, NULL);
    return parse_times(text, times);
}

bool process_times_of(const struct process_files *files, struct process_times *times)
{
    _cleanup_free_ char *text = process_files_read(files, "stat", STAT_LIMIT, NULL);
    return parse_times(text, times);
}
