/* The files of /proc that the notes of a core can stand for. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "target/core_internal.h"

static bool add(struct process_files *files, const char *path, char *text)
{
    _cleanup_free_ char *owned = text;
    return owned && process_files_add(files, 0, path, owned, strlen(owned));
}

static uint64_t ticks(const struct timeval *time)
{
    int64_t second = sysconf(_SC_CLK_TCK);
    bool sane = time->tv_sec >= 0 && time->tv_sec < INT64_MAX / 1000000 && time->tv_usec >= 0 &&
                time->tv_usec < 1000000;
    return sane ? (uint64_t)(time->tv_sec * second + time->tv_usec * second / 1000000) : 0;
}

/* Fields as in proc_pid_stat(5): those that a core does not tell are 0. */
static char *stat_text(const struct core *core, const struct core_thread *thread, bool asleep)
{
    const prstatus_t *status = &thread->status;
    return text_format(
        "%d (%s) %c %d %d %d 0 -1 0 0 0 0 0 %" PRIu64 " %" PRIu64 " 0 0 20 0 %zu 0 0 0 0\n",
        (int)thread->tid, core->process.pr_fname, asleep ? 'S' : 'R', (int)status->pr_ppid,
        (int)status->pr_pgrp, (int)status->pr_sid, ticks((const struct timeval *)&status->pr_utime),
        ticks((const struct timeval *)&status->pr_stime), core->threads.count);
}

/* As in proc_pid_syscall(5). */
static char *call_text(const struct native_call *call)
{
    const uint64_t *arguments = call->arguments;
    return text_format("%" PRId64 " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64
                       " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 "\n",
                       call->number, arguments[0], arguments[1], arguments[2], arguments[3],
                       arguments[4], arguments[5], call->stack_pointer, call->program_counter);
}

static bool add_thread(struct target *target, const struct core_thread *thread)
{
    struct native_call call;
    bool in_call = native_system_call(target, thread->status.pr_reg, &call);
    char path[64];
    snprintf(path, sizeof path, "task/%d/stat", (int)thread->tid);
    bool ok = add(target->files, path, stat_text(target->core, thread, in_call));
    if (ok && thread->tid == target->pid)
        ok = add(target->files, "stat", stat_text(target->core, thread, in_call));
    snprintf(path, sizeof path, "task/%d/syscall", (int)thread->tid);
    return ok && add(target->files, path, in_call ? call_text(&call) : strdup("running\n"));
}

static bool add_command(struct target *target)
{
    size_t size;
    _cleanup_free_ char *arguments = core_arguments(target, &size);
    return arguments ? process_files_add(target->files, 0, "cmdline", arguments, size)
                     : add(target->files, "cmdline", strdup(target->core->process.pr_psargs));
}

static bool add_process(struct target *target)
{
    const struct core *core = target->core;
    const prpsinfo_t *process = &core->process;
    return add(target->files, "status",
               text_format("Name:\t%s\nState:\tS (recorded)\nPPid:\t%d\nUid:\t%u\t%u\t%u\t%u\n"
                           "Threads:\t%zu\n",
                           process->pr_fname, (int)process->pr_ppid, process->pr_uid,
                           process->pr_uid, process->pr_uid, process->pr_uid,
                           core->threads.count)) &&
           add_command(target) &&
           add(target->files, "comm", text_format("%s\n", process->pr_fname));
}

/* The program's headers lie in the file that it is. */
static bool add_executable(struct target *target)
{
    uint64_t headers = core_auxiliary(target->core, AT_PHDR);
    const struct core_piece *piece = headers ? core_piece_at(target->core, headers) : NULL;
    if (!piece || piece->file == NO_FILE)
        return true;
    return add(target->files, "@exe", strdup(target->core->files.items[piece->file].path));
}

struct error *core_make_files(struct target *target)
{
    const struct core *core = target->core;
    target->pid = core->has_process     ? core->process.pr_pid
                  : core->threads.count ? core->threads.items[0].tid
                                        : 0;
    target->files = process_files_recorded(target->pid);
    bool ok = target->files && add_process(target) && add_executable(target);
    bool main_seen = false;
    for (size_t i = 0; ok && i < core->threads.count; i++) {
        ok = add_thread(target, &core->threads.items[i]);
        main_seen |= core->threads.items[i].tid == target->pid;
    }
    if (ok && !main_seen) {
        const struct core_thread none = {.tid = target->pid};
        ok = add(target->files, "stat", stat_text(core, &none, true));
    }
    return ok ? NULL : error_no_memory();
}
