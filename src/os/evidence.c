#include "os/evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "os/process.h"
#include "os/text.h"

/* The machine's first namespaces have fixed inodes: include/linux/proc_ns.h. */
#define FIRST_PID_NAMESPACE  "pid:[4026531836]"
#define FIRST_USER_NAMESPACE "user:[4026531837]"

#define PASSWD_LIMIT (4u << 20)

/* The name of `uid` in /etc/passwd; NULL when it has none. No NSS: that may hang or be absent. */
static char *user_login(const char *root, uid_t uid)
{
    _cleanup_free_ char *text = proc_read_path(root, "/etc/passwd", PASSWD_LIMIT, NULL);
    char *rest = NULL;
    for (char *line = text ? strtok_r(text, "\n", &rest) : NULL; line;
         line = strtok_r(NULL, "\n", &rest)) {
        char *password = strchr(line, ':');
        char *number = password ? strchr(password + 1, ':') : NULL;
        if (!number || number[1] < '0' || number[1] > '9')
            continue;
        if (strtoul(number + 1, NULL, 10) == uid)
            return text_printable(line, (size_t)(password - line));
    }
    return NULL;
}

static char *user_name(const char *root, uid_t uid)
{
    _cleanup_free_ char *login = user_login(root, uid);
    char *name = NULL;
    int length = login ? asprintf(&name, "%s (uid %u)", login, (unsigned)uid)
                       : asprintf(&name, "uid %u", (unsigned)uid);
    return length < 0 ? NULL : name;
}

static char *sudo_user(const char *root, uid_t uid)
{
    char *login = user_login(root, uid);
    if (!login && asprintf(&login, "'#%u'", (unsigned)uid) < 0)
        return NULL;
    return login;
}

static int read_one_byte(pid_t pid, uint64_t address)
{
    char byte;
    struct iovec local = {&byte, 1};
    struct iovec remote = {(void *)(uintptr_t)address, 1};
    return process_vm_readv(pid, &local, 1, &remote, 1, 0) == 1 ? 0 : errno;
}

/* One line, without its end; NULL when it is not there. */
static char *read_line(const char *root, pid_t pid, const char *name)
{
    size_t size = 0;
    _cleanup_free_ char *text = name[0] == '/' ? proc_read_path(root, name, 4096, &size)
                                               : proc_read(root, pid, name, 4096, &size);
    if (text)
        size = strcspn(text, "\n");
    return size ? text_printable(text, size) : NULL;
}

static bool file_exists(const char *root, const char *path)
{
    char whole[PATH_MAX];
    snprintf(whole, sizeof whole, "%s%s", root, path);
    return access(whole, F_OK) == 0;
}

static bool in_first_namespace(const char *root, const char *name, const char *first)
{
    _cleanup_free_ char *link = proc_read_link(root, 0, name);
    return !link || strcmp(link, first) == 0;
}

static bool same_link(const char *root, const char *pid_file, pid_t pid, bool *known)
{
    _cleanup_free_ char *ours = proc_read_link(root, 0, pid_file);
    _cleanup_free_ char *theirs = proc_read_link(root, pid, pid_file);
    *known = ours && theirs;
    return *known && strcmp(ours, theirs) == 0;
}

/*
 * The link of a namespace needs the access that is in question; uid_map needs none, and the kernel
 * shows it relative to the reader's namespace, so that two namespaces seldom show the same.
 */
static bool other_user_namespace(const char *root, pid_t pid)
{
    bool known, same = same_link(root, "ns/user", pid, &known);
    if (known)
        return !same;
    _cleanup_free_ char *ours = proc_read(root, 0, "uid_map", 1 << 16, NULL);
    _cleanup_free_ char *theirs = proc_read(root, pid, "uid_map", 1 << 16, NULL);
    return ours && theirs && strcmp(ours, theirs) != 0;
}

static void find_program(struct access_evidence *evidence)
{
    static const char *const ordinary[] = {"/usr/bin/steth", "/usr/local/bin/steth", "/bin/steth"};
    evidence->program = proc_read_link("", 0, "exe");
    if (!evidence->program)
        evidence->program = strdup("/usr/bin/steth");
    const char *command = evidence->program;
    for (size_t i = 0; command && i < sizeof ordinary / sizeof *ordinary; i++) {
        if (strcmp(command, ordinary[i]) == 0)
            command = "steth";
    }
    evidence->command = command ? strdup(command) : NULL;
}

/* /proc/self is absent, or another number, when /proc belongs to another pid namespace. */
static bool is_foreign_proc(void)
{
    char number[32] = "";
    ssize_t length = readlink("/proc/self", number, sizeof number - 1);
    return length < 0 || atoi(number) != getpid();
}

bool evidence_of_self(const char *root, struct access_evidence *evidence)
{
    *evidence = (struct access_evidence){.yama = -1};
    evidence->foreign_proc = is_foreign_proc();
    bool mounted = file_exists(root, "/proc/uptime");
    if (!process_status_read(root, 0, &evidence->self) && !mounted)
        return false;
    char *number = read_line(root, 0, "/proc/sys/kernel/yama/ptrace_scope");
    if (number)
        evidence->yama = atoi(number);
    free(number);
    char probe = 1;
    evidence->own_read_error = read_one_byte(getpid(), (uintptr_t)&probe);
    evidence->in_container =
        file_exists(root, "/.dockerenv") || file_exists(root, "/run/.containerenv") ||
        file_exists(root, "/var/run/secrets/kubernetes.io") || getenv("container");
    evidence->in_user_namespace = !in_first_namespace(root, "ns/user", FIRST_USER_NAMESPACE);
    evidence->in_pid_namespace = !in_first_namespace(root, "ns/pid", FIRST_PID_NAMESPACE);
    evidence->self_label = read_line(root, 0, "attr/current");
    evidence->modules = read_line(root, 0, "/sys/kernel/security/lsm");
    evidence->self_name = user_name(root, evidence->self.uid[STATUS_REAL]);
    find_program(evidence);
    return evidence->self_name && evidence->command && evidence->program;
}

/* Tries to read the process: its list of mappings, and one byte of the first readable one. */
static void probe(const char *root, struct access_evidence *evidence)
{
    uint64_t address = 4096;
    _cleanup_free_ char *maps = proc_read(root, evidence->pid, "maps", 4096, NULL);
    evidence->maps_error = maps ? 0 : errno;
    char *rest = NULL;
    for (char *line = maps ? strtok_r(maps, "\n", &rest) : NULL; line;
         line = strtok_r(NULL, "\n", &rest)) {
        char *end, *space = strchr(line, ' ');
        uint64_t start = strtoull(line, &end, 16);
        if (*end == '-' && space && space[1] == 'r') {
            address = start;
            break;
        }
    }
    evidence->read_error = read_one_byte(evidence->pid, address);
    /* The permission is checked before the address: a bad address is an allowed one. */
    if (evidence->read_error == EFAULT)
        evidence->read_error = 0;
}

static bool find_namesakes(const char *root, struct access_evidence *evidence)
{
    pid_vector pids;
    struct error *error = process_list(&pids);
    if (error) {
        error_free(error);
        return true;
    }
    bool enough = true;
    for (size_t i = 0; i < pids.count && enough; i++) {
        struct process_status status;
        if (process_status_read(root, pids.items[i], &status) && status.inner_pid_count > 1 &&
            status.inner_pids[status.inner_pid_count - 1] == evidence->pid)
            enough = vector_push(&evidence->namesakes, pids.items[i]);
    }
    vector_free(&pids);
    return enough;
}

/* The owner of a file, not of the directory: that one keeps the user even when not dumpable. */
static uid_t owner_of_files(const char *root, pid_t pid, uid_t otherwise)
{
    char path[PATH_MAX];
    struct stat facts;
    snprintf(path, sizeof path, "%s/proc/%d/stat", root, (int)pid);
    return stat(path, &facts) == 0 ? facts.st_uid : otherwise;
}

bool evidence_of_process(const char *root, pid_t pid, struct access_evidence *evidence)
{
    evidence->pid = pid;
    evidence->exists = process_status_read(root, pid, &evidence->target);
    if (!evidence->exists) {
        evidence->hidden = kill(pid, 0) != 0 && errno == EPERM;
        return evidence->hidden || find_namesakes(root, evidence);
    }
    struct process_times times;
    evidence->kernel_thread = process_times_read(root, pid, &times) && times.kernel_thread;
    probe(root, evidence);
    uid_t user = evidence->target.uid[STATUS_EFFECTIVE];
    evidence->files_owner = owner_of_files(root, pid, user);
    evidence->other_user_namespace = other_user_namespace(root, pid);
    evidence->target_label = read_line(root, pid, "attr/current");
    evidence->target_name = user_name(root, user);
    evidence->target_user = sudo_user(root, user);
    return evidence->target_name && evidence->target_user;
}

void evidence_free(struct access_evidence *evidence)
{
    free(evidence->self_name);
    free(evidence->self_label);
    free(evidence->modules);
    free(evidence->command);
    free(evidence->program);
    free(evidence->target_name);
    free(evidence->target_user);
    free(evidence->target_label);
    vector_free(&evidence->namesakes);
    *evidence = (struct access_evidence){0};
}
