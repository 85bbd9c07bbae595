/*
 * finding: the record that analyses fill and renderers print. A leaf: it includes only base. All
 * strings are UTF-8 and owned by the report; report_free releases everything.
 */
#ifndef STETH_FINDING_REPORT_H
#define STETH_FINDING_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/vector.h"

enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ERROR };
enum confidence { CONFIDENCE_LOW, CONFIDENCE_MEDIUM, CONFIDENCE_HIGH };

const char *severity_name(enum severity severity);       /* "error" … */
const char *confidence_name(enum confidence confidence); /* "high" … */

/* One measured fact of a finding: a number with a unit ("bytes", "ms", "" …), or a text. */
struct fact {
    char *name;
    char *text; /* NULL: `number` counts */
    int64_t number;
    const char *unit; /* static */
};

struct finding {
    const char *rule; /* "RES001", static */
    enum severity severity;
    enum confidence confidence;
    char *summary; /* one sentence that stands alone */
    struct {
        char *file; /* NULL: no place */
        unsigned line;
        char *function;
    } location;
    VECTOR(struct fact) facts;
    VECTOR(char *) evidence; /* lines for the reader: holders, paths, counts */
    VECTOR(char *) fix;      /* one action a line */
    char *confirm;           /* a command */
    char fingerprint[17];    /* stable across runs and processes: rule + what, no address, no pid */
};

struct not_checked {
    const char *rule; /* a rule's code, or NULL for a limit of the whole look */
    char *reason;
};

/* ---- sections -------------------------------------------------------------------------------- */

struct zombie_path {
    uint64_t address;     /* of the zombie */
    VECTOR(char *) steps; /* root first: "__main__", ".graveyard", "[0]" */
    bool exact;           /* false: an edge was found by a conservative scan */
    bool reachable;       /* false: no path from a root was found; `steps` is empty */
};

struct zombie_resource {
    const char *kind; /* "fd", "socket", "cursor", "mmap", "lock", "thread", "executor", … static */
    int number;       /* descriptor, or -1 */
    char *target;     /* what it is open on, or NULL */
    char *type;       /* the Python type that holds it */
    uint64_t address; /* of that object */
};

typedef VECTOR(struct zombie_resource) resource_vector;

struct zombie_group {
    char *type; /* "__main__.LeakyNode" */
    uint64_t count;
    uint64_t bytes;
    struct {
        char *file; /* NULL: the finalizer is not a Python function */
        unsigned line;
        char *function;
    } finalizer;
    VECTOR(char *) held_by;             /* distinct holders, most objects first */
    VECTOR(uint64_t) held_count;        /* objects per holder */
    VECTOR(struct zombie_path) objects; /* a sample, see `objects_shown` of the options */
    resource_vector resources;
    uint64_t unreachable; /* of `count`: no root reaches them */
};

struct exempt_group {
    char *type;
    uint64_t count;
    char *reason;
};

#define GENERATIONS 3

struct gc_generation {
    int64_t count, threshold; /* as gc.get_count() and gc.get_threshold() say */
    int64_t objects;          /* tracked objects in it, -1 when not counted */
    int64_t collections, collected, uncollectable; /* since start; -1 when unknown */
};

struct gc_section {
    uint64_t interpreter; /* id */
    bool enabled;
    bool collecting;
    bool incremental;
    int64_t debug_flags;
    int64_t frozen;                               /* gc.get_freeze_count(), -1 when not counted */
    int64_t garbage;                              /* len(gc.garbage), -1 when not read */
    int64_t long_lived_total, long_lived_pending; /* -1 when this build has none */
    struct gc_generation generations[GENERATIONS];
};

struct target_section {
    const char *kind; /* "live" */
    pid_t pid;
    char *python; /* "3.11.2" */
    bool free_threaded, debug_build;
    char *executable;
    char *command; /* the command line, cut */
    char *layout;  /* the layout table that was proved */
    uint64_t rss_bytes;
    double uptime_s;
    double paused_ms;
    uint64_t objects;
    uint64_t read_bytes;
    double read_ms;
    uint64_t torn_reads;
};

struct report {
    struct target_section target;
    VECTOR(struct finding) findings;
    VECTOR(const char *) ok; /* rules that were checked and found nothing */
    VECTOR(struct not_checked) not_checked;
    bool has_zombies;
    VECTOR(struct zombie_group) zombies; /* most objects first */
    VECTOR(struct exempt_group) exempt;
    bool has_gc;
    VECTOR(struct gc_section) gc; /* one an interpreter */
};

void report_free(struct report *report);

/* Appends an empty finding of `rule`; NULL when there is no memory. */
struct finding *report_add_finding(struct report *report, const char *rule, enum severity severity,
                                   enum confidence confidence);
void finding_add_number(struct finding *finding, const char *name, int64_t number,
                        const char *unit);
void finding_add_text(struct finding *finding, const char *name, const char *text);
void finding_add_evidence(struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void finding_add_fix(struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Sets the fingerprint from the rule and `what` (a type name, a file:line …). */
void finding_identify(struct finding *finding, const char *what);

void report_add_ok(struct report *report, const char *rule);
void report_add_not_checked(struct report *report, const char *rule, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Whether a finding of at least `severity` is there (exit status 1). */
bool report_fails(const struct report *report, enum severity severity);

#endif
