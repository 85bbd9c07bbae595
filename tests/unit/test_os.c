/* What /proc says of processes, and why one may not be read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "os/access.h"
#include "os/evidence.h"
#include "os/mapped.h"
#include "os/process.h"
#include "os/text.h"

#define NOBODY   65534
#define SOMEBODY 4321

/* ---- processes ------------------------------------------------------------------------------- */

static void a_pid_is_a_positive_decimal_number(void **state)
{
    (void)state;
    pid_t pid = 0;
    assert_true(process_parse_pid("4242", &pid));
    assert_int_equal(pid, 4242);
    static const char *const wrong[] = {
        "", "0", "-1", "+1", "12x", " 1", "0x10", "2147483648", "99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(process_parse_pid(wrong[i], &pid));
}

static void text_of_other_programs_is_made_printable(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *text;
    } cases[] = {
        {"a\0b\nc", 5, "a b c"},
        {"\x1b[31m", 5, "?[31m"},
        {"gr\xc3\xbc\xc3\x9f", 6, "gr\xc3\xbc\xc3\x9f"},
        {"\xff\xc3", 2, "??"},
        {"\xc0\x80", 2, "??"},           /* overlong */
        {"\xed\xa0\x80", 3, "???"},      /* surrogate */
        {"\xf4\x90\x80\x80", 4, "????"}, /* beyond U+10FFFF */
        {"\xc2\x9b", 2, "?"},            /* C1 control */
        {"\xf0\x9f\x90\x8d", 4, "\xf0\x9f\x90\x8d"},
        {"", 0, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = text_printable(cases[i].bytes, cases[i].size);
        assert_string_equal(text, cases[i].text);
        free(text);
    }
}

static struct error *facts_of(pid_t pid, struct process_facts *facts)
{
    struct process_files *files = process_files_live(pid);
    struct error *error = process_facts_read(files, facts);
    process_files_free(files);
    return error;
}

static void the_facts_of_this_process_are_its_own(void **state)
{
    (void)state;
    struct process_facts facts;
    assert_null(facts_of(getpid(), &facts));
    assert_int_equal(facts.pid, getpid());
    assert_int_equal(facts.parent, getppid());
    assert_int_equal(facts.uid, getuid());
    assert_true(facts.rss_bytes > 0 && facts.threads >= 1 && facts.start_ticks > 0);
    assert_true(facts.uptime_s >= 0 && facts.uptime_s < 3600);
    assert_false(facts.kernel_thread || facts.executable_deleted);
    assert_false(facts.other_pid_namespace || facts.other_mount_namespace);
    assert_non_null(strstr(facts.command, "test_os"));
    assert_non_null(strstr(facts.executable, "test_os"));
    process_facts_free(&facts);
}

static void a_process_that_is_not_there_has_no_facts(void **state)
{
    (void)state;
    struct process_facts facts;
    struct error *error = facts_of(2000000000, &facts);
    assert_non_null(error);
    assert_int_equal(error->code, ERROR_CANNOT_LOOK);
    error_free(error);
}

static void the_list_of_processes_is_ascending_and_holds_this_one(void **state)
{
    (void)state;
    pid_vector pids;
    assert_null(process_list(&pids));
    bool found = false;
    for (size_t i = 0; i < pids.count; i++) {
        assert_true(i == 0 || pids.items[i - 1] < pids.items[i]);
        found |= pids.items[i] == getpid();
    }
    assert_true(found);
    vector_free(&pids);
}

static void a_descriptor_says_what_it_is_open_on(void **state)
{
    (void)state;
    int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    struct process_files *files = process_files_live(getpid());
    char *target = process_descriptor(files, file);
    assert_string_equal(target, "/dev/null");
    free(target);
    close(file);
    assert_null(process_descriptor(files, file));
    process_files_free(files);
}

static void a_mapped_file_is_found_by_a_word_of_its_path(void **state)
{
    (void)state;
    char *path;
    assert_int_equal(process_maps_word(getpid(), "libcmocka", &path), MAPPED_YES);
    assert_non_null(strstr(path, "libcmocka"));
    free(path);
    assert_int_equal(process_maps_word(getpid(), "no-such-library", &path), MAPPED_NO);
    assert_null(path);
    assert_int_equal(process_maps_word(2000000000, "libc", &path), MAPPED_NO);
}

/* ---- conclusions from made-up evidence ------------------------------------------------------- */

/* An ordinary user's process, refused to the same user for no reason. */
static struct access_evidence refused(void)
{
    struct access_evidence evidence = {
        .pid = 4242,
        .yama = -1,
        .exists = true,
        .read_error = EPERM,
        .maps_error = EACCES,
        .files_owner = 1000,
        .self_name = (char *)"dev (uid 1000)",
        .target_name = (char *)"dev (uid 1000)",
        .target_user = (char *)"dev",
        .command = (char *)"steth",
        .program = (char *)"/usr/bin/steth",
    };
    evidence.self.bounding = UINT64_MAX;
    evidence.target.state = 'S';
    for (size_t i = 0; i < STATUS_IDS; i++)
        evidence.self.uid[i] = evidence.self.gid[i] = evidence.target.uid[i] =
            evidence.target.gid[i] = 1000;
    return evidence;
}

static void become(struct process_status *status, uid_t user)
{
    for (size_t i = 0; i < STATUS_IDS; i++)
        status->uid[i] = status->gid[i] = user;
}

/* Explains `evidence` and checks the cause, a part of the sentence, and the first and the last
 * remedy. */
static void expect(const struct access_evidence *evidence, enum access_cause cause,
                   const char *sentence, const char *first, const char *last)
{
    struct access_verdict verdict = {.cause = access_conclude(evidence)};
    assert_int_equal(verdict.cause, cause);
    assert_true(access_explain(evidence, &verdict));
    assert_non_null(strstr(verdict.sentence, sentence));
    assert_true(verdict.remedies.count > 0);
    assert_non_null(strstr(verdict.remedies.items[0], first));
    assert_non_null(strstr(verdict.remedies.items[verdict.remedies.count - 1], last));
    struct error *error = access_error(&verdict);
    assert_string_equal(error->message, verdict.sentence);
    error_free(error);
    access_verdict_free(&verdict);
}

static void another_users_process_is_read_as_that_user_before_root(void **state)
{
    (void)state;
    struct access_evidence evidence = refused();
    become(&evidence.target, 33);
    evidence.files_owner = 33;
    evidence.target_name = (char *)"www-data (uid 33)";
    evidence.target_user = (char *)"www-data";
    expect(&evidence, ACCESS_OTHER_UID, "runs as www-data (uid 33); you are dev (uid 1000)",
           "sudo -u www-data steth 4242", "sudo steth 4242");
    /* Where Yama would refuse that user too, becoming that user is no remedy. */
    evidence.yama = 1;
    expect(&evidence, ACCESS_OTHER_UID, "www-data", "setcap cap_sys_ptrace", "sudo steth 4242");
    evidence.self.no_new_privileges = true;
    expect(&evidence, ACCESS_OTHER_UID, "www-data", "no_new_privs", "no_new_privs");
}

static void another_group_is_enough_to_refuse(void **state)
{
    (void)state;
    struct access_evidence evidence = refused();
    for (size_t i = 0; i < STATUS_IDS; i++)
        evidence.target.gid[i] = 50;
    expect(&evidence, ACCESS_OTHER_UID, "group id 50, yours is 1000", "-g '#50'", "sudo steth");
}

static void a_hidden_process_belongs_to_another_user(void **state)
{
    (void)state;
    struct access_evidence evidence = refused();
    evidence.exists = false;
    evidence.hidden = true;
    expect(&evidence, ACCESS_OTHER_UID, "hidepid", "setcap", "sudo steth");
}

static void a_process_that_is_not_dumpable_shows_by_its_files(void **state)
{
    (void)state;
    struct access_evidence evidence = refused();
    evidence.files_owner = 0;
    expect(&evidence, ACCESS_NOT_DUMPABLE, "belong to uid 0", "PR_SET_DUMPABLE", "sudo steth");
    evidence = refused();
    become(&evidence.self, 0);
    become(&evidence.target, 0);
    evidence.files_owner = 0;
    expect(&evidence, ACCESS_NOT_DUMPABLE, "probably", "PR_SET_DUMPABLE", "CAP_SYS_PTRACE");
}

static void yama_is_named_with_its_value_and_sysctl_comes_last(void **state)
{
    (void)state;
    struct access_evidence evidence = refused();
    evidence.maps_error = 0; /* Yama leaves /proc alone */
    evidence.yama = 1;
    expect(&evidence, ACCESS_YAMA, "ptrace_scope is 1: a user may read only their own descendants",
           "PR_SET_PTRACER", "sudo sysctl kernel.yama.ptrace_scope=0");
    evidence.yama = 2;
    expect(&evidence, ACCESS_YAMA, "ptrace_scope is 2: only CAP_SYS_PTRACE", "setcap", "sysctl");
    evidence.yama = 3;
    evidence.self.effective = evidence.self.permitted = UINT64_MAX;
    expect(&evidence, ACCESS_YAMA, "ptrace_scope is 3: nobody", "reboot", "reboot");
}

static void a_user_namespace_limits_even_a_capability(void **state)
{
    (void)state;
    struct access_evidence evidence = refused();
    evidence.other_user_namespace = true;
    evidence.self.effective = evidence.self.permitted = UINT64_MAX;
    evidence.in_user_namespace = true;
    expect(&evidence, ACCESS_USER_NAMESPACE, "another user namespace", "on the host",
           "on the host");
}

static void a_capability_that_steth_lacks_is_named(void **state)
{
    (void)state;
    struct access_evidence evidence = refused();
    evidence.target.permitted = UINT64_C(1) << 10;
    expect(&evidence, ACCESS_MISSING_CAPABILITY, "lacks: cap_net_bind_service", "AmbientCapabilit",
           "sudo steth");
    evidence.target.permitted = UINT64_MAX >> 23;
    expect(&evidence, ACCESS_MISSING_CAPABILITY, "cap_dac_read_search … (41 in all)", "Ambient",
           "sudo steth");
}

static void a_filter_on_steth_itself_comes_before_the_process(void **state)
{
    (void)state;
    struct access_evidence evidence = refused();
    become(&evidence.target, 33);
    evidence.own_read_error = ENOSYS;
    expect(&evidence, ACCESS_NOT_SUPPORTED, "no process_vm_readv", "runtime", "runtime");
    evidence.self.seccomp = 2;
    expect(&evidence, ACCESS_SECCOMP, "Seccomp: 2", "on the host", "SystemCallFilter");
}

static void a_security_module_is_named_with_both_labels(void **state)
{
    (void)state;
    struct access_evidence evidence = refused();
    evidence.self_label = (char *)"docker-default (enforce)";
    evidence.target_label = (char *)"unconfined";
    expect(&evidence, ACCESS_SECURITY_MODULE, "'docker-default (enforce)'", "ptrace (read)",
           "aa-exec");
    evidence.self_label = (char *)"system_u:system_r:container_t:s0";
    expect(&evidence, ACCESS_SECURITY_MODULE, "container_t", "ausearch", "deny_ptrace");
}

static void numbers_of_other_pid_namespaces_are_translated(void **state)
{
    (void)state;
    struct access_evidence evidence = refused();
    evidence.exists = false;
    expect(&evidence, ACCESS_NO_SUCH_PROCESS, "there is no process 4242", "list", "list");
    pid_t namesakes[] = {91817, 91900};
    evidence.namesakes.items = namesakes;
    evidence.namesakes.count = 1;
    expect(&evidence, ACCESS_OTHER_PID_NAMESPACE, "the number of pid 91817", "steth 91817",
           "91817");
    evidence.namesakes.count = 2;
    expect(&evidence, ACCESS_OTHER_PID_NAMESPACE, "2 processes", "steth 91817", "steth 91900");
    evidence.foreign_proc = true;
    expect(&evidence, ACCESS_OTHER_PID_NAMESPACE, "/proc belongs", "mount -t proc", "steth 4242");
}

static void what_cannot_be_explained_is_said_to_be_unknown(void **state)
{
    (void)state;
    struct access_evidence evidence = refused();
    expect(&evidence, ACCESS_UNKNOWN, "no known cause", "journalctl", "sudo steth");
}

/* ---- the real thing -------------------------------------------------------------------------- */

static enum access_cause cause_of(pid_t pid)
{
    struct access_verdict verdict;
    struct error *error = access_examine(pid, &verdict);
    if (error) {
        error_free(error);
        return ACCESS_UNKNOWN;
    }
    enum access_cause cause = verdict.cause;
    access_verdict_free(&verdict);
    return cause;
}

static void drop_to(uid_t user)
{
    if (setgroups(0, NULL) != 0 || setresgid(user, user, user) != 0 ||
        setresuid(user, user, user) != 0)
        _exit(99);
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

/* A child that has become `user` and then waits to be killed. */
static pid_t start_as(uid_t user, bool dumpable)
{
    int ready[2];
    char byte;
    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        if (user != getuid())
            drop_to(user);
        prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0);
        if (write(ready[1], "x", 1) != 1)
            _exit(99);
        pause();
        _exit(0);
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return child;
}

static void stop(pid_t child)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

/* What `user` is told of `pid`. */
static enum access_cause cause_for(uid_t user, pid_t pid)
{
    pid_t child = fork();
    if (child == 0) {
        drop_to(user);
        _exit((int)cause_of(pid));
    }
    int status = 0;
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status));
    return (enum access_cause)WEXITSTATUS(status);
}

static void a_child_of_this_user_may_be_read(void **state)
{
    (void)state;
    pid_t child = start_as(getuid(), true);
    assert_int_equal(cause_of(child), ACCESS_GRANTED);
    stop(child);
    assert_int_equal(cause_of(child), ACCESS_NO_SUCH_PROCESS);
}

static void an_exited_child_is_a_zombie_process(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(cause_of(child), ACCESS_ZOMBIE_PROCESS);
    waitpid(child, NULL, 0);
}

static void a_kernel_thread_is_told_apart(void **state)
{
    (void)state;
    struct process_facts facts;
    struct error *error = facts_of(2, &facts);
    bool kernel_thread = !error && facts.kernel_thread;
    error_free(error);
    if (!error)
        process_facts_free(&facts);
    if (!kernel_thread)
        skip(); /* a container */
    assert_int_equal(cause_of(2), ACCESS_KERNEL_THREAD);
}

static void users_are_kept_apart(void **state)
{
    (void)state;
    if (getuid() != 0)
        skip();
    pid_t child = start_as(NOBODY, true);
    assert_int_equal(cause_for(SOMEBODY, child), ACCESS_OTHER_UID);
    stop(child);
    child = start_as(0, true);
    assert_int_equal(cause_for(SOMEBODY, child), ACCESS_OTHER_UID);
    stop(child);
}

static void a_process_that_is_not_dumpable_is_refused_to_its_user(void **state)
{
    (void)state;
    if (getuid() != 0)
        skip();
    pid_t child = start_as(SOMEBODY, false);
    assert_int_equal(cause_for(SOMEBODY, child), ACCESS_NOT_DUMPABLE);
    stop(child);
}

static bool refuse_remote_reads(int number)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_process_vm_readv, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)number),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static void a_seccomp_filter_is_found_by_reading_ourselves(void **state)
{
    (void)state;
    static const int numbers[] = {EPERM, ENOSYS};
    pid_t target = start_as(getuid(), true);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(refuse_remote_reads(numbers[i]) ? (int)cause_of(target) : 99);
        int status = 0;
        waitpid(child, &status, 0);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), ACCESS_SECCOMP);
    }
    stop(target);
}

static void put_file(const char *root, const char *path, const char *text)
{
    char whole[256];
    snprintf(whole, sizeof whole, "%s%s", root, path);
    for (char *slash = whole + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        mkdir(whole, 0700);
        *slash = '/';
    }
    FILE *file = fopen(whole, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void yama_users_and_labels_are_read_below_a_root(void **state)
{
    (void)state;
    char root[] = "/tmp/test_os.XXXXXX";
    assert_non_null(mkdtemp(root));
    put_file(root, "/proc/uptime", "1 1\n");
    put_file(root, "/proc/self/status",
             "Name:\tsteth\nState:\tR (running)\nUid:\t7\t7\t7\t7\nGid:\t7\t7\t7\t7\n"
             "CapEff:\t0000000000080000\nCapBnd:\t0\nSeccomp:\t2\nNoNewPrivs:\t1\n");
    put_file(root, "/proc/self/attr/current", "docker-default (enforce)\n");
    put_file(root, "/proc/sys/kernel/yama/ptrace_scope", "2\n");
    put_file(root, "/etc/passwd", "root:x:0:0::/:\nbroken\ndev:x:7:7::/home/dev:/bin/sh\n");
    struct access_evidence evidence;
    assert_true(evidence_of_self(root, &evidence));
    assert_int_equal(evidence.yama, 2);
    assert_string_equal(evidence.self_name, "dev (uid 7)");
    assert_string_equal(evidence.self_label, "docker-default (enforce)");
    assert_int_equal(evidence.self.seccomp, 2);
    assert_true(evidence.self.no_new_privileges);
    assert_true(evidence_may_trace(&evidence));
    assert_false(evidence.in_user_namespace);
    evidence_free(&evidence);

    char command[64];
    snprintf(command, sizeof command, "rm -r %s", root);
    assert_int_equal(system(command), 0);
}

static void what_steth_may_do_is_told_without_a_process(void **state)
{
    (void)state;
    struct access_self self;
    assert_null(access_self_read(&self));
    assert_int_equal(self.uid, getuid());
    assert_int_equal(self.own_read_error, 0);
    assert_non_null(self.yama_meaning);
    assert_int_equal(self.trace_capability, strstr(self.capabilities, "cap_sys_ptrace") != NULL);
    access_self_free(&self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pid_is_a_positive_decimal_number),
        cmocka_unit_test(text_of_other_programs_is_made_printable),
        cmocka_unit_test(the_facts_of_this_process_are_its_own),
        cmocka_unit_test(a_process_that_is_not_there_has_no_facts),
        cmocka_unit_test(the_list_of_processes_is_ascending_and_holds_this_one),
        cmocka_unit_test(a_descriptor_says_what_it_is_open_on),
        cmocka_unit_test(a_mapped_file_is_found_by_a_word_of_its_path),
        cmocka_unit_test(another_users_process_is_read_as_that_user_before_root),
        cmocka_unit_test(another_group_is_enough_to_refuse),
        cmocka_unit_test(a_hidden_process_belongs_to_another_user),
        cmocka_unit_test(a_process_that_is_not_dumpable_shows_by_its_files),
        cmocka_unit_test(yama_is_named_with_its_value_and_sysctl_comes_last),
        cmocka_unit_test(a_user_namespace_limits_even_a_capability),
        cmocka_unit_test(a_capability_that_steth_lacks_is_named),
        cmocka_unit_test(a_filter_on_steth_itself_comes_before_the_process),
        cmocka_unit_test(a_security_module_is_named_with_both_labels),
        cmocka_unit_test(numbers_of_other_pid_namespaces_are_translated),
        cmocka_unit_test(what_cannot_be_explained_is_said_to_be_unknown),
        cmocka_unit_test(a_child_of_this_user_may_be_read),
        cmocka_unit_test(an_exited_child_is_a_zombie_process),
        cmocka_unit_test(a_kernel_thread_is_told_apart),
        cmocka_unit_test(users_are_kept_apart),
        cmocka_unit_test(a_process_that_is_not_dumpable_is_refused_to_its_user),
        cmocka_unit_test(a_seccomp_filter_is_found_by_reading_ourselves),
        cmocka_unit_test(yama_users_and_labels_are_read_below_a_root),
        cmocka_unit_test(what_steth_may_do_is_told_without_a_process),
    };
    return cmocka_run_group_tests_name("os", tests, NULL, NULL);
}
