/* The interface, and the live provider. */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "os/process_files_internal.h"
#include "os/processor.h"
#include "os/status.h"

static const char self[] = "self/";

static struct process_files *new_files(pid_t pid, bool live)
{
    struct process_files *files = calloc(1, sizeof *files);
    if (files) {
        files->pid = pid;
        files->live = live;
    }
    return files;
}

struct process_files *process_files_live(pid_t pid)
{
    return new_files(pid, true);
}

struct process_files *process_files_recorded(pid_t pid)
{
    return new_files(pid, false);
}

void process_files_free(struct process_files *files)
{
    if (!files)
        return;
    record_free(files);
    free(files);
}

pid_t process_files_pid(const struct process_files *files)
{
    return files->pid;
}

bool process_files_are_live(const struct process_files *files)
{
    return files->live;
}

bool process_files_change(const struct process_files *files)
{
    return files->live || files->last > 0;
}

/* ---- asking ---------------------------------------------------------------------------------- */

static bool is_own(const char *path)
{
    return strncmp(path, self, sizeof self - 1) == 0;
}

static char *read_own(const char *name, size_t limit, size_t *size)
{
    const char *at = strchr(name, '@');
    int length = at ? (int)(at - name) : (int)strlen(name);
    _cleanup_free_ char *path = text_format("/proc/thread-self/%.*s", length, name);
    cpu_set_t before;
    if (!path || (at && !processor_enter((unsigned)strtoul(at + 1, NULL, 10), &before)))
        return NULL;
    char *text = proc_read_path("", path, limit, size);
    if (at)
        processor_leave(&before);
    return text;
}

char *process_files_read(const struct process_files *files, const char *path, size_t limit,
                         size_t *size)
{
    if (!files->live)
        return record_read(files, path, limit, size);
    return is_own(path) ? read_own(path + sizeof self - 1, limit, size)
                        : proc_read("", files->pid, path, limit, size);
}

char *process_files_link(const struct process_files *files, const char *path)
{
    if (files->live)
        return is_own(path) ? proc_read_link("", 0, path + sizeof self - 1)
                            : proc_read_link("", files->pid, path);
    _cleanup_free_ char *name = text_format("@%s", path);
    return name ? record_read(files, name, SIZE_MAX, NULL) : NULL;
}

bool process_files_visit(const struct process_files *files, const char *directory,
                         bool (*visit)(void *context, const char *name), void *context)
{
    if (!files->live)
        return record_visit(files, directory, visit, context);
    _cleanup_free_ char *path = text_format("/proc/%d/%s", (int)files->pid, directory);
    _cleanup_directory_ DIR *open = path ? opendir(path) : NULL;
    if (!open)
        return false;
    bool more = true;
    for (const struct dirent *entry; more && (entry = readdir(open));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            more = visit(context, entry->d_name);
    return true;
}

void process_files_wait(struct process_files *files, double seconds)
{
    if (!files->live) {
        unsigned moment = atomic_load(&files->moment);
        if (moment < files->last)
            atomic_store(&files->moment, moment + 1);
        return;
    }
    if (seconds <= 0)
        return;
    struct timespec time = {.tv_sec = (time_t)seconds};
    time.tv_nsec = (long)((seconds - (double)time.tv_sec) * 1e9);
    nanosleep(&time, NULL);
}

unsigned process_files_moment(const struct process_files *files)
{
    return atomic_load(&files->moment);
}

static double clock_now(clockid_t clock)
{
    struct timespec now;
    if (clock_gettime(clock, &now) != 0)
        return NAN;
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double process_files_monotonic(const struct process_files *files)
{
    if (files->live)
        return clock_now(CLOCK_MONOTONIC);
    const struct recorded_clocks *clocks = record_clocks(files);
    return clocks ? clocks->monotonic : NAN;
}

double process_files_since_boot(const struct process_files *files)
{
    if (files->live)
        return clock_now(CLOCK_BOOTTIME);
    const struct recorded_clocks *clocks = record_clocks(files);
    return clocks ? clocks->since_boot : NAN;
}
