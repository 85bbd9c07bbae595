#include "os/access.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "os/capability.h"
#include "os/evidence.h"

static const struct {
    const char *name, *brief;
} causes[] = {
    [ACCESS_GRANTED] = {"granted", "yes"},
    [ACCESS_NO_SUCH_PROCESS] = {"no-such-process", "gone"},
    [ACCESS_OTHER_PID_NAMESPACE] = {"other-pid-namespace", "other pid"},
    [ACCESS_ZOMBIE_PROCESS] = {"zombie-process", "exited"},
    [ACCESS_KERNEL_THREAD] = {"kernel-thread", "kernel"},
    [ACCESS_OTHER_UID] = {"other-uid", "other user"},
    [ACCESS_NOT_DUMPABLE] = {"not-dumpable", "no dump"},
    [ACCESS_YAMA] = {"yama", "yama"},
    [ACCESS_USER_NAMESPACE] = {"user-namespace", "user ns"},
    [ACCESS_MISSING_CAPABILITY] = {"missing-capability", "capability"},
    [ACCESS_SECCOMP] = {"seccomp", "seccomp"},
    [ACCESS_NOT_SUPPORTED] = {"not-supported", "no syscall"},
    [ACCESS_SECURITY_MODULE] = {"security-module", "lsm"},
    [ACCESS_UNKNOWN] = {"unknown", "unknown"},
};

const char *access_brief(enum access_cause cause)
{
    return causes[cause].brief;
}

const char *yama_meaning(int scope)
{
    switch (scope) {
    case -1:
        return "Yama is not active";
    case 0:
        return "a user may read all of their own processes";
    case 1:
        return "a user may read only their own descendants and who names them with PR_SET_PTRACER";
    case 2:
        return "only CAP_SYS_PTRACE may read other processes";
    case 3:
        return "nobody may read other processes until the next boot";
    default:
        return "a value that steth does not know";
    }
}

bool evidence_ids_differ(const struct access_evidence *evidence)
{
    /* The kernel compares with the file-system ids for /proc, the real ones for memory, and wants
     * all of the target's to be the same: __ptrace_may_access, kernel/ptrace.c. */
    const struct process_status *self = &evidence->self, *target = &evidence->target;
    for (size_t i = STATUS_REAL; i <= STATUS_SAVED; i++) {
        if (target->uid[i] != self->uid[STATUS_REAL] || target->gid[i] != self->gid[STATUS_REAL] ||
            target->uid[i] != self->uid[STATUS_FILE_SYSTEM] ||
            target->gid[i] != self->gid[STATUS_FILE_SYSTEM])
            return true;
    }
    return false;
}

static bool is_confined(const char *label)
{
    return label && strncmp(label, "unconfined", 10) != 0 && !strstr(label, ":unconfined_t:");
}

/* Why there is nothing that could be read; ACCESS_GRANTED when there is. */
static enum access_cause conclude_existence(const struct access_evidence *evidence)
{
    if (evidence->foreign_proc)
        return ACCESS_OTHER_PID_NAMESPACE;
    if (evidence->hidden)
        return ACCESS_OTHER_UID;
    if (!evidence->exists)
        return evidence->namesakes.count ? ACCESS_OTHER_PID_NAMESPACE : ACCESS_NO_SUCH_PROCESS;
    if (evidence->kernel_thread)
        return ACCESS_KERNEL_THREAD;
    if (evidence->target.state == 'Z' || evidence->target.state == 'X')
        return ACCESS_ZOMBIE_PROCESS;
    if (evidence->read_error == ESRCH || evidence->maps_error == ESRCH)
        return ACCESS_NO_SUCH_PROCESS; /* it ended while it was looked at */
    return ACCESS_GRANTED;
}

/* The kernel's checks in its own order, for a caller without CAP_SYS_PTRACE over the target. */
static enum access_cause conclude_without_capability(const struct access_evidence *evidence)
{
    if (evidence_ids_differ(evidence))
        return ACCESS_OTHER_UID;
    if (evidence->files_owner != evidence->target.uid[STATUS_EFFECTIVE])
        return ACCESS_NOT_DUMPABLE;
    if (evidence->other_user_namespace)
        return ACCESS_USER_NAMESPACE;
    if (evidence->target.permitted & ~evidence->self.permitted)
        return ACCESS_MISSING_CAPABILITY;
    if (evidence->yama > 0 && !evidence->maps_error)
        return ACCESS_YAMA; /* it forbids memory, not the list of mappings */
    if (is_confined(evidence->self_label) || is_confined(evidence->target_label))
        return ACCESS_SECURITY_MODULE;
    /* Root's processes do not show it by the owner of their files: only this is left. */
    bool root = evidence->target.uid[STATUS_EFFECTIVE] == 0;
    return root && evidence->maps_error ? ACCESS_NOT_DUMPABLE : ACCESS_UNKNOWN;
}

enum access_cause access_conclude(const struct access_evidence *evidence)
{
    enum access_cause cause = conclude_existence(evidence);
    if (cause != ACCESS_GRANTED || (!evidence->read_error && !evidence->maps_error))
        return cause;
    if (evidence->own_read_error && evidence->self.seccomp > 0)
        return ACCESS_SECCOMP;
    if (evidence->own_read_error == ENOSYS)
        return ACCESS_NOT_SUPPORTED;
    if (!evidence_may_trace(evidence))
        return conclude_without_capability(evidence);
    if (evidence->other_user_namespace)
        return ACCESS_USER_NAMESPACE;
    if (evidence->yama == 3)
        return ACCESS_YAMA;
    if (is_confined(evidence->self_label) || is_confined(evidence->target_label))
        return ACCESS_SECURITY_MODULE;
    return ACCESS_UNKNOWN;
}

static struct error *gather_self(struct access_evidence *evidence)
{
    if (evidence_of_self("", evidence))
        return NULL;
    int number = errno;
    evidence_free(evidence);
    if (number == ENOMEM)
        return error_no_memory();
    return error_hint(error_new(ERROR_CANNOT_LOOK, "cannot read /proc: %s", strerror(number)),
                      "mount it: mount -t proc proc /proc");
}

struct error *access_examine(pid_t pid, struct access_verdict *verdict)
{
    *verdict = (struct access_verdict){0};
    struct access_evidence evidence;
    struct error *error = gather_self(&evidence);
    if (error)
        return error;
    bool gathered = evidence_of_process("", pid, &evidence);
    if (gathered)
        verdict->cause = access_conclude(&evidence);
    verdict->name = causes[verdict->cause].name;
    bool explained = gathered && access_explain(&evidence, verdict);
    evidence_free(&evidence);
    if (explained)
        return NULL;
    access_verdict_free(verdict);
    return error_no_memory();
}

void access_verdict_free(struct access_verdict *verdict)
{
    free(verdict->sentence);
    for (size_t i = 0; i < verdict->remedies.count; i++)
        free(verdict->remedies.items[i]);
    vector_free(&verdict->remedies);
    *verdict = (struct access_verdict){0};
}

struct error *access_error(const struct access_verdict *verdict)
{
    enum error_code code = ERROR_PERMISSION;
    switch (verdict->cause) {
    case ACCESS_GRANTED:
        return NULL;
    case ACCESS_NO_SUCH_PROCESS:
    case ACCESS_OTHER_PID_NAMESPACE:
    case ACCESS_ZOMBIE_PROCESS:
    case ACCESS_KERNEL_THREAD:
    case ACCESS_NOT_SUPPORTED:
        code = ERROR_CANNOT_LOOK;
        break;
    default:
        break;
    }
    struct error *error = error_new(code, "%s", verdict->sentence);
    char *hint = NULL;
    size_t size;
    FILE *out = open_memstream(&hint, &size);
    for (size_t i = 0; out && i < verdict->remedies.count; i++)
        fprintf(out, "%s%s", i ? "\n" : "", verdict->remedies.items[i]);
    if (out && fclose(out) == 0 && *hint)
        error_hint(error, "%s", hint);
    free(hint);
    return error;
}

struct error *access_self_read(struct access_self *self)
{
    *self = (struct access_self){0};
    struct access_evidence evidence;
    struct error *error = gather_self(&evidence);
    if (error)
        return error;
    const struct process_status *status = &evidence.self;
    *self = (struct access_self){
        .uid = status->uid[STATUS_REAL],
        .effective_uid = status->uid[STATUS_EFFECTIVE],
        .trace_capability = evidence_may_trace(&evidence),
        .capabilities = capability_names(status->effective),
        .yama = evidence.yama,
        .yama_meaning = yama_meaning(evidence.yama),
        .seccomp = status->seccomp,
        .own_read_error = evidence.own_read_error,
        .no_new_privileges = status->no_new_privileges,
        .in_container = evidence.in_container,
        .in_user_namespace = evidence.in_user_namespace,
        .label = take_pointer(&evidence.self_label),
    };
    evidence_free(&evidence);
    return self->capabilities ? NULL : error_no_memory();
}

void access_self_free(struct access_self *self)
{
    free(self->capabilities);
    free(self->label);
    *self = (struct access_self){0};
}
