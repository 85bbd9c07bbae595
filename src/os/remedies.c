/* The words for each cause: one sentence with the current value, then what to do, the narrowest
 * first. */
#include "os/remedies.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMESAKES_SHOWN 5

void draft_say(struct draft *draft, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&draft->verdict->sentence, format, arguments) < 0) {
        draft->verdict->sentence = NULL;
        draft->failed = true;
    }
    va_end(arguments);
}

void draft_advise(struct draft *draft, const char *format, ...)
{
    va_list arguments;
    char *text;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0) {
        draft->failed = true;
    } else if (!vector_push(&draft->verdict->remedies, text)) {
        free(text);
        draft->failed = true;
    }
}

/* ---- nothing to look at ---------------------------------------------------------------------- */

static void explain_no_such_process(struct draft *draft)
{
    const struct access_evidence *evidence = draft->evidence;
    draft_say(draft, "there is no process %d%s", (int)evidence->pid,
              evidence->in_pid_namespace ? " in this container" : "");
    draft_advise(draft, "list the Python processes: %s", evidence->command);
    if (evidence->in_pid_namespace)
        draft_advise(draft,
                     "steth sees only the processes of its own pid namespace: start it with docker "
                     "run --pid=container:NAME (or --pid=host), in Kubernetes with kubectl debug "
                     "--target=CONTAINER");
}

static void explain_other_pid_namespace(struct draft *draft)
{
    const struct access_evidence *evidence = draft->evidence;
    size_t count = evidence->namesakes.count;
    if (evidence->foreign_proc) {
        draft_say(draft,
                  "/proc belongs to another pid namespace than steth: the number %d does not name "
                  "the same process in both",
                  (int)evidence->pid);
        draft_advise(draft,
                     "run steth with a /proc of its own: unshare --mount sh -c 'mount -t proc proc "
                     "/proc && %s %d'",
                     evidence->command, (int)evidence->pid);
        return;
    }
    pid_t first = evidence->namesakes.items[0];
    if (count == 1)
        draft_say(draft,
                  "there is no process %d here: inside its container that is the number of pid %d",
                  (int)evidence->pid, (int)first);
    else
        draft_say(draft,
                  "there is no process %d here: %zu processes have that number inside their "
                  "containers",
                  (int)evidence->pid, count);
    for (size_t i = 0; i < count && i < NAMESAKES_SHOWN; i++)
        draft_advise(draft, "%s %d", evidence->command, (int)evidence->namesakes.items[i]);
}

static void explain_zombie_process(struct draft *draft)
{
    const struct process_status *target = &draft->evidence->target;
    draft_say(draft,
              "pid %d (%s) has exited: its memory is gone, only its exit status waits for its "
              "parent, pid %d",
              (int)draft->evidence->pid, target->name, (int)target->parent);
    draft_advise(draft, "if the parent is the Python program, look at it: %s %d",
                 draft->evidence->command, (int)target->parent);
}

static void explain_kernel_thread(struct draft *draft)
{
    draft_say(draft,
              "pid %d (%s) is a kernel thread: it has no memory of its own and runs no Python",
              (int)draft->evidence->pid, draft->evidence->target.name);
    draft_advise(draft, "list the Python processes: %s", draft->evidence->command);
}

/* ---- the system or its sandbox refuses ------------------------------------------------------- */

static void explain_seccomp(struct draft *draft)
{
    const struct access_evidence *evidence = draft->evidence;
    draft_say(draft,
              "a seccomp filter on steth itself forbids process_vm_readv (Seccomp: %d; reading "
              "its own memory fails: %s)",
              evidence->self.seccomp, strerror(evidence->own_read_error));
    draft_advise(draft, "run steth outside of that sandbox, on the host: sudo %s PID-ON-THE-HOST",
                 evidence->command);
    draft_advise(draft,
                 "container: allow process_vm_readv in the profile (docker run --security-opt "
                 "seccomp=PROFILE.json; Docker's default profile allows it since kernel 4.8)");
    draft_advise(draft, "systemd unit: SystemCallFilter=@system-service process_vm_readv");
}

static void explain_not_supported(struct draft *draft)
{
    const struct access_evidence *evidence = draft->evidence;
    draft_say(draft,
              "this kernel has no process_vm_readv (%s): a sandbox such as gVisor, or built "
              "without CONFIG_CROSS_MEMORY_ATTACH",
              strerror(evidence->own_read_error));
    draft_advise(draft,
                 "no privilege changes that: run the program under another runtime (runc) to "
                 "look at it");
}

static void explain_security_module(struct draft *draft)
{
    const struct access_evidence *evidence = draft->evidence;
    const char *ours = evidence->self_label ? evidence->self_label : "unlabelled";
    const char *theirs = evidence->target_label ? evidence->target_label : "unlabelled";
    draft_say(draft, "a security module refuses: steth runs as '%s' and pid %d as '%s'", ours,
              (int)evidence->pid, theirs);
    if (strchr(ours, ':')) {
        draft_advise(draft,
                     "SELinux: see the refusal with ausearch -m avc -c steth, and allow it in the "
                     "policy");
        draft_advise(draft,
                     "SELinux: sudo setsebool deny_ptrace off (until the next boot, for the whole "
                     "system)");
        return;
    }
    draft_advise(draft, "AppArmor: allow it in the profile of steth: ptrace (read) peer=\"%s\"",
                 theirs);
    draft_advise(draft, "AppArmor: run steth outside of a profile: aa-exec -p unconfined -- %s %d",
                 evidence->command, (int)evidence->pid);
}

static void explain_unknown(struct draft *draft)
{
    const struct access_evidence *evidence = draft->evidence;
    int number = evidence->read_error ? evidence->read_error : evidence->maps_error;
    char yama[32] = "not active";
    if (evidence->yama >= 0)
        snprintf(yama, sizeof yama, "%d", evidence->yama);
    draft_say(draft,
              "reading pid %d (%s) fails with \"%s\" and no known cause applies (you are %s; Yama: "
              "%s; security modules: %s)",
              (int)evidence->pid, evidence->target_name, strerror(number), evidence->self_name,
              yama, evidence->modules ? evidence->modules : "not told");
    draft_advise(draft,
                 "look for a refusal in the kernel's log: sudo journalctl -k | grep -i denied");
    if (!evidence_may_trace(evidence))
        advise_capability(draft);
}

/* ---- by cause ----------------------------------------------------------------------------------
 */

bool access_explain(const struct access_evidence *evidence, struct access_verdict *verdict)
{
    static void (*const explain[])(struct draft *) = {
        [ACCESS_NO_SUCH_PROCESS] = explain_no_such_process,
        [ACCESS_OTHER_PID_NAMESPACE] = explain_other_pid_namespace,
        [ACCESS_ZOMBIE_PROCESS] = explain_zombie_process,
        [ACCESS_KERNEL_THREAD] = explain_kernel_thread,
        [ACCESS_OTHER_UID] = explain_other_uid,
        [ACCESS_NOT_DUMPABLE] = explain_not_dumpable,
        [ACCESS_YAMA] = explain_yama,
        [ACCESS_USER_NAMESPACE] = explain_user_namespace,
        [ACCESS_MISSING_CAPABILITY] = explain_missing_capability,
        [ACCESS_SECCOMP] = explain_seccomp,
        [ACCESS_NOT_SUPPORTED] = explain_not_supported,
        [ACCESS_SECURITY_MODULE] = explain_security_module,
        [ACCESS_UNKNOWN] = explain_unknown,
    };
    struct draft draft = {.evidence = evidence, .verdict = verdict};
    if (verdict->cause == ACCESS_GRANTED)
        draft_say(&draft, "you may read pid %d, which runs as %s; you are %s", (int)evidence->pid,
                  evidence->target_name, evidence->self_name);
    else
        explain[verdict->cause](&draft);
    return !draft.failed && verdict->sentence;
}
