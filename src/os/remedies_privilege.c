/* The words for a lack of privilege: whose process it is, what it holds, what is demanded. */
#include "os/remedies.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"

#define CAPABILITIES_SHOWN 3

void advise_capability(struct draft *draft)
{
    const struct access_evidence *evidence = draft->evidence;
    bool bounded = !(evidence->self.bounding & CAPABILITY_TRACE);
    bool root = evidence->self.uid[STATUS_EFFECTIVE] == 0;
    if (evidence->in_container)
        draft_advise(
            draft,
            "give the container the capability: docker run --cap-add=SYS_PTRACE (Kubernetes: "
            "securityContext.capabilities.add: [SYS_PTRACE])");
    if (evidence->self.no_new_privileges && !root) {
        draft_advise(draft,
                     "sudo and file capabilities have no effect here (no_new_privs is set on this "
                     "session): run steth from an ordinary login");
        return;
    }
    if (bounded) {
        if (!evidence->in_container)
            draft_advise(draft,
                         "CAP_SYS_PTRACE is not in this session's bounding set: run steth outside "
                         "of the service or sandbox that removed it");
        return;
    }
    if (!evidence->in_container && !root)
        draft_advise(draft,
                     "let this steth read every process, for whoever may run it: sudo setcap "
                     "cap_sys_ptrace+ep %s",
                     evidence->program);
    if (!root)
        draft_advise(draft, "sudo %s %d", evidence->command, (int)evidence->pid);
    else
        draft_advise(draft, "run steth as root with CAP_SYS_PTRACE effective (it is dropped here)");
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

void explain_other_uid(struct draft *draft)
{
    const struct access_evidence *evidence = draft->evidence;
    const struct process_status *target = &evidence->target, *self = &evidence->self;
    int pid = (int)evidence->pid;
    if (evidence->hidden) {
        draft_say(draft,
                  "pid %d belongs to another user and /proc hides it (mount option hidepid); you "
                  "are %s",
                  pid, evidence->self_name);
    } else if (target->uid[STATUS_REAL] != target->uid[STATUS_EFFECTIVE]) {
        draft_say(draft,
                  "pid %d was started by uid %u but acts as %s (set-user-id); you are %s without "
                  "CAP_SYS_PTRACE",
                  pid, (unsigned)target->uid[STATUS_REAL], evidence->target_name,
                  evidence->self_name);
    } else if (target->uid[STATUS_EFFECTIVE] == self->uid[STATUS_REAL]) {
        unsigned group = target->gid[STATUS_EFFECTIVE];
        draft_say(draft,
                  "pid %d runs as you (%s) but with group id %u, yours is %u, and you lack "
                  "CAP_SYS_PTRACE",
                  pid, evidence->self_name, group, (unsigned)self->gid[STATUS_REAL]);
        if (its_user_may_read(evidence) && !self->no_new_privileges)
            draft_advise(draft, "take its group: sudo -u %s -g '#%u' %s %d", evidence->target_user,
                         group, evidence->command, pid);
    } else {
        draft_say(draft, "pid %d runs as %s; you are %s without CAP_SYS_PTRACE", pid,
                  evidence->target_name, evidence->self_name);
        if (evidence->in_container && its_user_may_read(evidence))
            draft_advise(draft, "run steth as that user: docker exec --user %u CONTAINER %s %d",
                         (unsigned)target->uid[STATUS_EFFECTIVE], evidence->command, pid);
        else if (its_user_may_read(evidence) && !self->no_new_privileges)
            draft_advise(draft, "run steth as that user: sudo -u %s %s %d", evidence->target_user,
                         evidence->command, pid);
    }
    advise_capability(draft);
}

void explain_not_dumpable(struct draft *draft)
{
    const struct access_evidence *evidence = draft->evidence;
    if (evidence->files_owner != evidence->target.uid[STATUS_EFFECTIVE])
        draft_say(draft,
                  "pid %d runs as you (%s) but is marked not dumpable: its files in /proc belong "
                  "to uid %u, and only CAP_SYS_PTRACE may read it",
                  (int)evidence->pid, evidence->self_name, (unsigned)evidence->files_owner);
    else
        draft_say(draft,
                  "pid %d is probably marked not dumpable: user, group and capabilities match "
                  "(%s), and only CAP_SYS_PTRACE may read such a process",
                  (int)evidence->pid, evidence->self_name);
    draft_advise(draft,
                 "the program became so by prctl(PR_SET_DUMPABLE, 0), by changing its user or "
                 "capabilities, or because its file is set-user-id or not readable: remove that, "
                 "or let it call prctl(PR_SET_DUMPABLE, 1)");
    advise_capability(draft);
}

void explain_yama(struct draft *draft)
{
    const struct access_evidence *evidence = draft->evidence;
    int scope = evidence->yama;
    draft_say(draft, "pid %d runs as you, but kernel.yama.ptrace_scope is %d: %s",
              (int)evidence->pid, scope, yama_meaning(scope));
    if (scope == 3) {
        draft_advise(draft, "the value cannot be lowered while the system runs: set "
                            "kernel.yama.ptrace_scope in /etc/sysctl.d/ to 1 and reboot");
        return;
    }
    if (scope == 1)
        draft_advise(draft,
                     "let the program name its reader: prctl(PR_SET_PTRACER, pid of steth or of "
                     "a parent of steth)");
    advise_capability(draft);
    draft_advise(draft,
                 "last resort, it opens the memory of all processes of a user to each other until "
                 "the next boot: sudo sysctl kernel.yama.ptrace_scope=0");
}

void explain_user_namespace(struct draft *draft)
{
    const struct access_evidence *evidence = draft->evidence;
    int pid = (int)evidence->pid;
    draft_say(draft,
              "pid %d lives in another user namespace than steth (%s), and steth holds no "
              "CAP_SYS_PTRACE in that one",
              pid, evidence->self_name);
    if (evidence->in_user_namespace) {
        draft_advise(draft,
                     "steth itself is in a container with a user namespace: run it on the host, "
                     "or in the container of the process");
        return;
    }
    draft_advise(draft, "run steth inside its container: docker exec or podman exec");
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

void explain_missing_capability(struct draft *draft)
{
    const struct access_evidence *evidence = draft->evidence;
    uint64_t missing = evidence->target.permitted & ~evidence->self.permitted;
    _cleanup_free_ char *names = few_names(missing);
    if (!names) {
        draft->failed = true;
        return;
    }
    draft_say(draft, "pid %d runs as you (%s) but holds capabilities that steth lacks: %s",
              (int)evidence->pid, evidence->self_name, names);
    draft_advise(draft,
                 "if the program does not need them, start it without (AmbientCapabilities= of "
                 "the unit, cap_add of the container, setcap -r on its file)");
    advise_capability(draft);
}
