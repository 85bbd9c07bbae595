/*
 * libsteth: look at a running CPython from outside, from your own program. This header is the
 * whole public interface and a promise: it grows, it does not change.
 *
 * Nothing is written to the process that is examined, and nothing is stopped unless STETH_PAUSE is
 * given. Every function may be called from any thread; one steth_target from one at a time.
 */
#ifndef STETH_STETH_H
#define STETH_STETH_H

#include <stddef.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct steth_target steth_target; /* a process that may be read */
typedef struct steth_report steth_report; /* what one look found */

/* The results of the functions below; also the exit statuses of the command line. */
enum steth_status {
    STETH_OK = 0,
    STETH_USAGE = 2,       /* an argument makes no sense */
    STETH_PERMISSION = 3,  /* the system refuses the look */
    STETH_CANNOT_LOOK = 4, /* no such process, not CPython, a build that is not supported */
    STETH_INTERNAL = 70,   /* a defect of steth, or no memory */
};

/* Why a function failed; the caller's, filled on failure only. Both are UTF-8, cut to fit. */
struct steth_failure {
    char message[512]; /* one sentence */
    char hint[512];    /* what to do next, or "" */
};

enum steth_severity { STETH_INFO, STETH_WARNING, STETH_ERROR };

enum steth_flags {
    STETH_PAUSE = 1 << 0,  /* stop the process for one exact look */
    STETH_VALUES = 1 << 1, /* keys of dicts may be shown in paths */
};

/* "0.1.0" */
const char *steth_version(void);

/* Opens process `pid` for reading. The caller closes *target. `failure` may be NULL. */
enum steth_status steth_open(pid_t pid, steth_target **target, struct steth_failure *failure);
void steth_close(steth_target *target);

/*
 * One look with every rule. `flags`: of enum steth_flags. The caller frees *report with
 * steth_report_free; it does not depend on `target` any more. `failure` may be NULL.
 */
enum steth_status steth_check(steth_target *target, unsigned flags, steth_report **report,
                              struct steth_failure *failure);
void steth_report_free(steth_report *report);

/* How many findings of at least `severity` there are. */
size_t steth_report_count(const steth_report *report, enum steth_severity severity);

/*
 * The report as JSON, schema "steth/1", NUL-terminated UTF-8. The caller releases it with free();
 * NULL when there is no memory.
 */
char *steth_report_json(const steth_report *report);

#ifdef __cplusplus
}
#endif

#endif
