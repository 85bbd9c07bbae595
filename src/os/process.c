#include "os/process.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "os/status.h"
#include "os/text.h"

#define COMMAND_LIMIT (64u << 10)

static const char deleted_suffix[] = " (deleted)";

bool process_parse_pid(const char *text, pid_t *pid)
{
    if (!*text || strspn(text, "0123456789") != strlen(text))
        return false;
    errno = 0;
    unsigned long number = strtoul(text, NULL, 10);
    if (errno || number == 0 || number > INT_MAX)
        return false;
    *pid = (pid_t)number;
    return true;
}

static char *command_line(const struct process_files *files, const char *comm)
{
    size_t size = 0;
    _cleanup_free_ char *bytes = process_files_read(files, "cmdline", COMMAND_LIMIT, &size);
    while (size && (bytes[size - 1] == '\0' || isspace((unsigned char)bytes[size - 1])))
        size--;
    if (size)
        return text_printable(bytes, size);
    char *command = NULL;
    return asprintf(&command, "[%s]", comm) < 0 ? NULL : command;
}

static bool read_executable(const struct process_files *files, struct process_facts *facts)
{
    _cleanup_free_ char *path = process_files_link(files, "exe");
    if (!path)
        return errno != ENOMEM;
    size_t length = strlen(path), suffix = sizeof deleted_suffix - 1;
    if (length > suffix && strcmp(path + length - suffix, deleted_suffix) == 0) {
        facts->executable_deleted = true;
        length -= suffix;
    }
    facts->executable = text_printable(path, length);
    return facts->executable != NULL;
}

bool process_other_namespace(const struct process_files *files, const char *name, bool otherwise)
{
    char own[32];
    snprintf(own, sizeof own, "self/%s", name);
    _cleanup_free_ char *ours = process_files_link(files, own);
    _cleanup_free_ char *theirs = process_files_link(files, name);
    return ours && theirs ? strcmp(ours, theirs) != 0 : otherwise;
}

static double seconds_since(const struct process_files *files, uint64_t start_ticks)
{
    double started = (double)start_ticks / (double)sysconf(_SC_CLK_TCK);
    double age = process_files_since_boot(files) - started;
    return age > 0 ? age : 0;
}

static void copy_status(const struct process_status *status, struct process_facts *facts)
{
    facts->state = status->state;
    facts->parent = status->parent;
    facts->uid = status->uid[STATUS_REAL];
    facts->rss_bytes = status->rss_kb * 1024;
    facts->swap_bytes = status->swap_kb * 1024;
    facts->threads = status->threads;
    facts->inner_pid = facts->pid;
    if (status->inner_pid_count)
        facts->inner_pid = status->inner_pids[status->inner_pid_count - 1];
    _cleanup_free_ char *comm = text_printable(status->name, strlen(status->name));
    snprintf(facts->comm, sizeof facts->comm, "%s", comm ? comm : "?");
}

struct error *process_facts_read(const struct process_files *files, struct process_facts *facts)
{
    pid_t pid = process_files_pid(files);
    *facts = (struct process_facts){.pid = pid};
    struct process_status status;
    struct process_times times;
    if (!process_status_of(files, "status", &status) || !process_times_of(files, &times))
        return error_new(ERROR_CANNOT_LOOK, "there is no process %d", (int)pid);
    copy_status(&status, facts);
    facts->kernel_thread = times.kernel_thread;
    facts->start_ticks = times.start_ticks;
    facts->uptime_s = seconds_since(files, times.start_ticks);
    facts->other_pid_namespace =
        process_other_namespace(files, "ns/pid", status.inner_pid_count > 1);
    facts->other_mount_namespace = process_other_namespace(files, "ns/mnt", false);
    facts->command = command_line(files, facts->comm);
    if (!facts->command || !read_executable(files, facts)) {
        process_facts_free(facts);
        return error_no_memory();
    }
    return NULL;
}

void process_facts_free(struct process_facts *facts)
{
    free(facts->command);
    free(facts->executable);
    *facts = (struct process_facts){0};
}

static int compare_pids(const void *left, const void *right)
{
    pid_t a = *(const pid_t *)left, b = *(const pid_t *)right;
    return (a > b) - (a < b);
}

struct error *process_list(pid_vector *pids)
{
    *pids = (pid_vector){0};
    _cleanup_directory_ DIR *directory = opendir("/proc");
    if (!directory)
        return error_new(ERROR_CANNOT_LOOK, "cannot read /proc: %s", strerror(errno));
    for (const struct dirent *entry; (entry = readdir(directory));) {
        pid_t pid;
        if (process_parse_pid(entry->d_name, &pid) && !vector_push(pids, pid)) {
            vector_free(pids);
            return error_no_memory();
        }
    }
    if (pids->count)
        qsort(pids->items, pids->count, sizeof *pids->items, compare_pids);
    return NULL;
}

char *process_descriptor(const struct process_files *files, int fd)
{
    char name[32];
    snprintf(name, sizeof name, "fd/%d", fd);
    _cleanup_free_ char *target = process_files_link(files, name);
    return target ? text_printable(target, strlen(target)) : NULL;
}
