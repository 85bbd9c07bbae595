#include "cli/open.h"

#include <unistd.h>

#include "os/access.h"
#include "os/process.h"
#include "target/capture.h"

struct error *parse_target_pid(const char *word, pid_t *pid)
{
    if (process_parse_pid(word, pid))
        return NULL;
    if (access(word, F_OK) == 0)
        return error_hint(
            error_new(ERROR_CANNOT_LOOK, "'%s' is neither a running process nor a capture", word),
            "give the pid of a running process; steth alone lists them");
    return error_hint(error_new(ERROR_USAGE, "'%s' is not a pid", word),
                      "steth alone lists the Python processes and their pids");
}

/* The access verdict as an error; NULL when the process may be read. */
static struct error *examine(pid_t pid)
{
    struct access_verdict verdict;
    struct error *error = access_examine(pid, &verdict);
    if (error)
        return error;
    error = access_error(&verdict);
    access_verdict_free(&verdict);
    return error;
}

struct error *open_target(const struct options *options, const char *word, struct target **target)
{
    (void)options;
    pid_t pid;
    *target = NULL;
    if (capture_recognise(word))
        return target_open_capture(word, target);
    struct error *error = parse_target_pid(word, &pid);
    if (!error)
        error = examine(pid);
    return error ? error : target_open_live(pid, target);
}
