/* The words for each cause: one sentence with the current value, then what to do, narrowest first.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "os/evidence.h"

#define NAMESAKES_SHOWN    5
#define CAPABILITIES_SHOWN 3

/* A verdict in the making: the first failed allocation is remembered, the rest is skipped. */
struct draft {
    const struct access_evidence *evidence;
    struct access_verdict *verdict;
    bool failed;
};

__attribute__((format(printf, 2, 3))) static void say(struct draft *draft, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&draft->verdict->sentence, format, arguments) < 0) {
        draft->verdict->sentence = NULL;
        draft->failed = true;
    }
    va_end(arguments);
}

__attribute__((format(printf, 2, 3))) static void advise(struct draft *draft, const char *format,
                                                         ...)
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

/* Ways to CAP_SYS_PTRACE, as far as they can work from here. */
static void advise_capability(struct draft *draft)
{
    const struct access_evidence *evidence = draft->evidence;
    bool bounded = !(evidence->self.bounding & CAPABILITY_TRACE);
    bool root = evidence->self.uid[STATUS_EFFECTIVE] == 0;
    if (evidence->in_container)
        advise(draft,
               "give the container the capability: docker run --cap-add=SYS_PTRACE (Kubernetes: "
               "securityContext.capabilities.add: [SYS_PTRACE])");
    if (evidence->self.no_new_privileges && !root) {
        advise(draft, "sudo and file capabilities have no effect here (no_new_privs is set on this "
                      "session): run steth from an ordinary login");
        return;
    }
    if (bounded) {
        if (!evidence->in_container)
            advise(draft, "CAP_SYS_PTRACE is not in this session's bounding set: run steth outside "
                          "of the service or sandbox that removed it");
        return;
    }
    if (!evidence->in_container && !root)
        advise(draft,
               "let this steth read every process, for whoever may run it: sudo setcap "
               "cap_sys_ptrace+ep %s",
               evidence->program);
    if (!root)
        advise(draft, "sudo %s %d", evidence->command, (int)evidence->pid);
    else
        advise(draft, "run steth as root with CAP_SYS_PTRACE effective (it is dropped here)");
}

static void explain_no_such_process(struct draft *draft)
{
    const struct access_evidence *evidence = draft->evidence;
    say(draft, "there is no process %d%s", (int)evidence->pid,
        evidence->in_pid_namespace ? " in this container" : "");
    advise(draft, "list the Python processes: %s", evidence->command);
    if (evidence->in_pid_namespace)
        advise(draft,
               "steth sees only the processes of its own pid namespace: start it with docker "
               "run --pid=container:NAME (or --pid=host), in Kubernetes with kubectl debug "
               "--target=CONTAINER");
}

static void explain_other_pid_namespace(struct draft *draft)
{
    const struct access_evidence *evidence = draft->evidence;
    size_t count = evidence->namesakes.count;
    if (evidence->foreign_proc) {
        say(draft,
            "/proc belongs to another pid namespace than steth: the number %d does not name "
            "the same process in both",
            (int)evidence->pid);
        advise(draft,
               "run steth with a /proc of its own: unshare --mount sh -c 'mount -t proc proc "
               "/proc && %s %d'",
               evidence->command, (int)evidence->pid);
        return;
    }
    pid_t first = evidence->namesakes.items[0];
    if (count == 1)
        say(draft, "there is no process %d here: inside its container that is the number of pid %d",
            (int)evidence->pid, (int)first);
    else
        say(draft,
            "there is no process %d here: %zu processes have that number inside their "
            "containers",
            (int)evidence->pid, count);
    for (size_t i = 0; i < count && i < NAMESAKES_SHOWN; i++)
        advise(draft, "%s %d", evidence->command, (int)evidence->namesakes.items[i]);
}

static void explain_zombie_process(struct draft *draft)
{
    const struct process_status *target = &draft->evidence->target;
    say(draft,
        "pid %d (%s) has exited: its memory is gone, only its exit status waits for its "
        "parent, pid %d",
        (int)draft->evidence->pid, target->name, (int)target->parent);
    advise(draft, "if the parent is the Python program, look at it: %s %d",
           draft->evidence->command, (int)target->parent);
}

static void explain_kernel_thread(struct draft *draft)
{
    say(draft, "pid %d (%s) is a kernel thread: it has no memory of its own and runs no Python",
        (int)draft->evidence->pid, draft->evidence->target.name);
    advise(draft, "list the Python processes: %s", draft->evidence->command);
}

/* Whether becoming the target's user would be enough. */
static bool its_user_may_read(const struct access_evidence *evidence)
{
    const struct process_status *target = &evidence->target;
    bool one_id = target->uid[STATUS_REAL] == target->uid[STATUS_EFFECTIVE] &&
                  target->uid[STATUS_SAVED] == target->uid[STATUS_EFFECTIVE];
    bool root = target->uid[STATUS_EFFECTIVE] == 0;
    bool dumpable = evidence->files_owner == target->uid[STATUS_EFFECTIVE];
    return one_id && !root && dumpable && !target->permitted && evidence->yama <= 0 &&
           !evidence->other_user_namespace;
}

static void explain_other_uid(struct draft *draft)
{
    const struct access_evidence *evidence = draft->evidence;
    const struct process_status *target = &evidence->target, *self = &evidence->self;
    int pid = (int)evidence->pid;
    if (evidence->hidden) {
        say(draft,
            "pid %d belongs to another user and /proc hides it (mount option hidepid); you "
            "are %s",
            pid, evidence->self_name);
    } else if (target->uid[STATUS_REAL] != target->uid[STATUS_EFFECTIVE]) {
        say(draft,
            "pid %d was started by uid %u but acts as %s (set-user-id); you are %s without "
            "CAP_SYS_PTRACE",
            pid, (unsigned)target->uid[STATUS_REAL], evidence->target_name, evidence->self_name);
    } else if (target->uid[STATUS_EFFECTIVE] == self->uid[STATUS_REAL]) {
        unsigned group = target->gid[STATUS_EFFECTIVE];
        say(draft,
            "pid %d runs as you (%s) but with group id %u, yours is %u, and you lack "
            "CAP_SYS_PTRACE",
            pid, evidence->self_name, group, (unsigned)self->gid[STATUS_REAL]);
        if (its_user_may_read(evidence) && !self->no_new_privileges)
            advise(draft, "take its group: sudo -u %s -g '#%u' %s %d", evidence->target_user, group,
                   evidence->command, pid);
    } else {
        say(draft, "pid %d runs as %s; you are %s without CAP_SYS_PTRACE", pid,
            evidence->target_name, evidence->self_name);
        if (evidence->in_container && its_user_may_read(evidence))
            advise(draft, "run steth as that user: docker exec --user %u CONTAINER %s %d",
                   (unsigned)target->uid[STATUS_EFFECTIVE], evidence->command, pid);
        else if (its_user_may_read(evidence) && !self->no_new_privileges)
            advise(draft, "run steth as that user: sudo -u %s %s %d", evidence->target_user,
                   evidence->command, pid);
    }
    advise_capability(draft);
}

static void explain_not_dumpable(struct draft *draft)
{
    const struct access_evidence *evidence = draft->evidence;
    if (evidence->files_owner != evidence->target.uid[STATUS_EFFECTIVE])
        say(draft,
            "pid %d runs as you (%s) but is marked not dumpable: its files in /proc belong "
            "to uid %u, and only CAP_SYS_PTRACE may read it",
            (int)evidence->pid, evidence->self_name, (unsigned)evidence->files_owner);
    else
        say(draft,
            "pid %d is probably marked not dumpable: user, group and capabilities match "
            "(%s), and only CAP_SYS_PTRACE may read such a process",
            (int)evidence->pid, evidence->self_name);
    advise(draft, "the program became so by prctl(PR_SET_DUMPABLE, 0), by changing its user or "
                  "capabilities, or because its file is set-user-id or not readable: remove that, "
                  "or let it call prctl(PR_SET_DUMPABLE, 1)");
    advise_capability(draft);
}

static void explain_yama(struct draft *draft)
{
    const struct access_evidence *evidence = draft->evidence;
    int scope = evidence->yama;
    say(draft, "pid %d runs as you, but kernel.yama.ptrace_scope is %d: %s", (int)evidence->pid,
        scope, yama_meaning(scope));
    if (scope == 3) {
        advise(draft, "the value cannot be lowered while the system runs: set "
                      "kernel.yama.ptrace_scope in /etc/sysctl.d/ to 1 and reboot");
        return;
    }
    if (scope == 1)
        advise(draft, "let the program name its reader: prctl(PR_SET_PTRACER, pid of steth or of "
                      "a parent of steth)");
    advise_capability(draft);
    advise(draft, "last resort, it opens the memory of all processes of a user to each other until "
                  "the next boot: sudo sysctl kernel.yama.ptrace_scope=0");
}

static void explain_user_namespace(struct draft *draft)
{
    const struct access_evidence *evidence = draft->evidence;
    int pid = (int)evidence->pid;
    say(draft,
        "pid %d lives in another user namespace than steth (%s), and steth holds no "
        "CAP_SYS_PTRACE in that one",
        pid, evidence->self_name);
    if (evidence->in_user_namespace) {
        advise(draft, "steth itself is in a container with a user namespace: run it on the host, "
                      "or in the container of the process");
        return;
    }
    advise(draft, "run steth inside its container: docker exec or podman exec");
    advise_capability(draft);
}

/* The first few names of a set; the caller frees. */
static char *few_names(uint64_t set)
{
    uint64_t few = 0;
    for (unsigned bit = 0; bit < 64 && __builtin_popcountll(few) < CAPABILITIES_SHOWN; bit++)
        few |= set & UINT64_C(1) << bit;
    char *names = capability_names(few), *text = NULL;
    if (!names || few == set)
        return names;
    int length = asprintf(&text, "%s … (%d in all)", names, __builtin_popcountll(set));
    free(names);
    return length < 0 ? NULL : text;
}

static void explain_missing_capability(struct draft *draft)
{
    const struct access_evidence *evidence = draft->evidence;
    uint64_t missing = evidence->target.permitted & ~evidence->self.permitted;
    _cleanup_free_ char *names = few_names(missing);
    if (!names) {
        draft->failed = true;
        return;
    }
    say(draft, "pid %d runs as you (%s) but holds capabilities that steth lacks: %s",
        (int)evidence->pid, evidence->self_name, names);
    advise(draft, "if the program does not need them, start it without (AmbientCapabilities= of "
                  "the unit, cap_add of the container, setcap -r on its file)");
    advise_capability(draft);
}

static void explain_seccomp(struct draft *draft)
{
    const struct access_evidence *evidence = draft->evidence;
    say(draft,
        "a seccomp filter on steth itself forbids process_vm_readv (Seccomp: %d; reading "
        "its own memory fails: %s)",
        evidence->self.seccomp, strerror(evidence->own_read_error));
    advise(draft, "run steth outside of that sandbox, on the host: sudo %s PID-ON-THE-HOST",
           evidence->command);
    advise(draft, "container: allow process_vm_readv in the profile (docker run --security-opt "
                  "seccomp=PROFILE.json; Docker's default profile allows it since kernel 4.8)");
    advise(draft, "systemd unit: SystemCallFilter=@system-service process_vm_readv");
}

static void explain_not_supported(struct draft *draft)
{
    const struct access_evidence *evidence = draft->evidence;
    say(draft,
        "this kernel has no process_vm_readv (%s): a sandbox such as gVisor, or built "
        "without CONFIG_CROSS_MEMORY_ATTACH",
        strerror(evidence->own_read_error));
    advise(draft, "no privilege changes that: run the program under another runtime (runc) to "
                  "look at it");
}

static void explain_security_module(struct draft *draft)
{
    const struct access_evidence *evidence = draft->evidence;
    const char *ours = evidence->self_label ? evidence->self_label : "unlabelled";
    const char *theirs = evidence->target_label ? evidence->target_label : "unlabelled";
    say(draft, "a security module refuses: steth runs as '%s' and pid %d as '%s'", ours,
        (int)evidence->pid, theirs);
    if (strchr(ours, ':')) {
        advise(draft, "SELinux: see the refusal with ausearch -m avc -c steth, and allow it in the "
                      "policy");
        advise(draft, "SELinux: sudo setsebool deny_ptrace off (until the next boot, for the whole "
                      "system)");
        return;
    }
    advise(draft, "AppArmor: allow it in the profile of steth: ptrace (read) peer=\"%s\"", theirs);
    advise(draft, "AppArmor: run steth outside of a profile: aa-exec -p unconfined -- %s %d",
           evidence->command, (int)evidence->pid);
}

static void explain_unknown(struct draft *draft)
{
    const struct access_evidence *evidence = draft->evidence;
    int number = evidence->read_error ? evidence->read_error : evidence->maps_error;
    say(draft,
        "reading pid %d (%s) fails with \"%s\" and no known cause applies (you are %s; Yama "
        "%d; security modules: %s)",
        (int)evidence->pid, evidence->target_name, strerror(number), evidence->self_name,
        evidence->yama, evidence->modules ? evidence->modules : "not told");
    advise(draft, "look for a refusal in the kernel's log: sudo journalctl -k | grep -i denied");
    if (!evidence_may_trace(evidence))
        advise_capability(draft);
}

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
        say(&draft, "you may read pid %d, which runs as %s; you are %s", (int)evidence->pid,
            evidence->target_name, evidence->self_name);
    else
        explain[verdict->cause](&draft);
    return !draft.failed && verdict->sentence;
}
