#include "cli/open.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/option_rows.h"
#include "os/access.h"
#include "os/process.h"
#include "target/capture.h"
#include "target/core.h"

#define HEAD_BYTES 64 /* enough to tell what a file is */

/* Why the process could not be opened, in more words than `refused` has, if there are any. Takes
 * `refused`. */
static struct error *explain_refusal(pid_t pid, struct error *refused)
{
    struct access_verdict verdict;
    struct error *error = access_examine(pid, &verdict);
    if (!error) {
        error = access_error(&verdict);
        access_verdict_free(&verdict);
    }
    if (!error)
        return refused;
    error_free(refused);
    return error;
}

static struct error *open_process(pid_t pid, struct target **target)
{
    struct error *error = target_open_live(pid, target);
    return error ? explain_refusal(pid, error) : NULL;
}

/* ---- files ----------------------------------------------------------------------------------- */

/* How a file begins. */
struct head {
    unsigned char bytes[HEAD_BYTES];
    size_t size;
};

static struct error *read_head(const char *path, struct head *head)
{
    struct stat status;
    _cleanup_close_ int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0 || fstat(file, &status) < 0)
        return error_new(errno == EACCES ? ERROR_PERMISSION : ERROR_CANNOT_LOOK,
                         "cannot open '%s': %s", path, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return error_new(ERROR_CANNOT_LOOK, "'%s' is not a file", path);
    ssize_t size = pread(file, head->bytes, sizeof head->bytes, 0);
    if (size < 0)
        return error_new(ERROR_CANNOT_LOOK, "cannot read '%s': %s", path, strerror(errno));
    head->size = (size_t)size;
    return NULL;
}

static bool begins_with(const struct head *head, const char *magic, size_t size)
{
    return head->size >= size && memcmp(head->bytes, magic, size) == 0;
}

static struct error *refuse_file(const char *path, const struct head *head)
{
    static const struct {
        const char *magic;
        size_t size;
        const char *tool;
    } packers[] = {
        {"\x28\xB5\x2F\xFD", 4, "unzstd"},
        {"\x04\x22\x4D\x18", 4, "unlz4"},
        {"\xFD"
         "7zXZ",
         5, "unxz"},
        {"\x1F\x8B", 2, "gunzip"},
    };
    for (size_t i = 0; i < sizeof packers / sizeof *packers; i++)
        if (begins_with(head, packers[i].magic, packers[i].size))
            return error_hint(error_new(ERROR_CANNOT_LOOK, "'%s' is compressed", path),
                              "unpack it first (%s; coredumpctl dump -o FILE)", packers[i].tool);
    if (!head->size)
        return error_new(ERROR_CANNOT_LOOK, "'%s' is empty", path);
    return error_hint(
        error_new(ERROR_CANNOT_LOOK, "'%s' is neither a capture nor a core file", path),
        "give the pid of a running process, or a file of one: steth record, gcore");
}

/* What only a process that runs can be asked. */
static struct error *refuse_to_move(const struct options *options, const char *path)
{
    static const enum option_id moving[] = {OPTION_PAUSE, OPTION_CONSISTENT, OPTION_FOR,
                                            OPTION_NATIVE};
    for (size_t i = 0; i < sizeof moving / sizeof *moving; i++)
        if (options->given & OPTION_BIT(moving[i]))
            return error_hint(
                error_new(ERROR_USAGE, "--%s needs a running process", option_rows[moving[i]].name),
                "'%s' is what was recorded of one: leave it out", path);
    return NULL;
}

static struct error *refuse_files(const struct options *options, const char *why)
{
    if (options->words.count > 1 || options->executable || options->sysroot)
        return error_hint(error_new(ERROR_USAGE, "files are named for a core only"), "%s", why);
    return NULL;
}

/* By what is in the file, not by its name. */
static struct error *open_file(const struct options *options, const char *path,
                               struct target **target)
{
    struct head head;
    struct error *error = read_head(path, &head);
    if (error)
        return error;
    const char *second = options->words.count > 1 ? options->words.items[1] : NULL;
    const struct core_options files = {
        .executable = options->executable ? options->executable : second,
        .root = options->sysroot,
    };
    bool capture = capture_recognise(path);
    if (!capture && !core_recognise(head.bytes, head.size))
        return refuse_file(path, &head);
    error = refuse_to_move(options, path);
    if (!error && capture)
        error = refuse_files(options, "a capture has what it needs in it");
    if (error)
        return error;
    return capture ? target_open_capture(path, target) : target_open_core(path, &files, target);
}

/* ---- either ---------------------------------------------------------------------------------- */

struct error *open_target(const struct options *options, const char *word, struct target **target)
{
    pid_t pid;
    *target = NULL;
    if (!process_parse_pid(word, &pid) && access(word, F_OK) == 0)
        return open_file(options, word, target);
    if (!process_parse_pid(word, &pid))
        return error_hint(error_new(ERROR_USAGE, "'%s' is neither a pid nor a file", word),
                          "steth alone lists the Python processes and their pids");
    struct error *error = refuse_files(options, "a process that runs has its own");
    return error ? error : open_process(pid, target);
}
