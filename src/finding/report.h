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
#include "finding/class_rows.h"
#include "finding/diff_rows.h"
#include "finding/gc_rows.h"
#include "finding/heap_rows.h"
#include "finding/zombie_rows.h"

enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ERROR };
enum confidence { CONFIDENCE_LOW, CONFIDENCE_MEDIUM, CONFIDENCE_HIGH };

const char *severity_name(enum severity severity);       /* "error" … */
const char *confidence_name(enum confidence confidence); /* "high" … */

/* One fact of a finding: a number with a unit ("bytes", "ms", "" …), a text, or several texts. */
struct fact {
    char *name;
    char *text; /* NULL: `number` counts */
    bool is_list;
    name_list list; /* when `is_list`; `text` has them with commas */
    int64_t number;
    const char *unit;  /* static */
    bool for_programs; /* says again what the evidence says: text shows it if verbose only */
};

/* A place in source, as shown to a reader. */
struct place {
    char *file; /* NULL: unknown */
    unsigned line;
    char *function;
};

/* One node of a wait cycle, or of the chain that ends in what everything waits for. */
struct wait_node {
    const char *kind; /* "thread", "task", "future", "lock", "executor", "loop" …; static */
    char *name;
    char *waits_for; /* why the next node is the next one: "blocked in Future.result() for" */
    struct place at; /* where it waits */
    uint64_t address;
};
typedef VECTOR(struct wait_node) wait_chain;

/* What asks to overlook a finding: a comment in the source, or the settings. */
struct suppression {
    const char *kind; /* "comment", "configuration", static; NULL: the finding counts */
    char *reason;     /* as written; NULL: none was given */
    char *until;      /* "2027-03-01", the last day; NULL: for ever */
    struct place at;  /* where it is written */
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
    wait_chain chain;        /* who waits for whom; empty: nothing to draw */
    bool chain_closes;       /* the last node waits for the first: a cycle */
    VECTOR(char *) fix;      /* one action a line */
    char *confirm;           /* a command */
    char fingerprint[17];    /* stable across runs and processes: rule + what, no address, no pid */
    struct suppression suppressed; /* shown and counted apart; never fails a run */
};

struct not_checked {
    const char *rule; /* a rule's code, or NULL for a limit of the whole look */
    char *reason;
};

/* ---- loops, tasks, threads ------------------------------------------------------------------- */

/* What was measured while a loop was watched (--for). Durations in milliseconds. */
struct loop_watch {
    double seconds;     /* 0: it was not watched */
    double utilisation; /* share of the time in which the loop was not in its selector, 0 to 1 */
    /* How long ago the turn under way began, seen at random moments; 0 while the loop waits in its
     * selector. What becomes ready at such a moment waits as long. NAN: cannot be told. */
    double delay_p50, delay_p95, delay_p99, delay_max;
    uint64_t samples;
    int64_t ready_first, ready_last, ready_max; /* -1: not told */
    int64_t added, taken;                       /* callbacks, meanwhile; -1: not told */
    struct slow_call {
        struct place at;     /* the innermost frame of the program's own */
        double milliseconds; /* that callbacks were in it, together */
        double longest;      /* milliseconds that one of them had run, at least; 0: not told */
        uint64_t samples;
    } * slow; /* most time first */
    size_t slow_count;
};

struct loop_row {
    uint64_t address;
    char *class_name; /* "_UnixSelectorEventLoop" */
    char *thread;     /* name; NULL when it runs in none */
    int32_t tid;      /* 0 when it runs in none */
    bool running;
    const char *verdict; /* "healthy", "blocked-in-call" …; static; NULL: not checked */
    enum confidence confidence;
    char *reason;             /* one sentence behind the verdict */
    struct place at;          /* the frame to look at; file NULL when healthy */
    const char *blocked_in;   /* system call the thread sits in, "cpu" when it computes; or NULL */
    char *native;             /* C function the Python frame called, NULL when unknown */
    int64_t ready, scheduled; /* -1: cannot be read */
    double next_timer_ms;     /* from now on, negative when overdue; NAN: none */
    double stalled_ms;        /* at least so long it has not turned; 0 when it turns */
    uint64_t tasks;           /* pending */
    wait_chain cycle;
    bool cycle_closes; /* the last node waits for the first */
    struct loop_watch watch;
};

/* What was measured while an executor was watched. */
struct executor_watch {
    double seconds; /* 0: it was not watched */
    uint64_t samples;
    double busy_mean; /* workers */
    int64_t busy_max;
    int64_t queued_first, queued_last, queued_max; /* -1: cannot be read */
    double oldest_ms;                              /* of one call, at least; 0: unknown */
    struct place oldest;                           /* where that call was */
};

struct executor_row {
    uint64_t address;
    char *class_name;
    int64_t workers, max_workers, busy, queued; /* -1: cannot be read */
    double oldest_ms;    /* the oldest call, at least, as observed; 0: unknown */
    struct place oldest; /* where that call is now */
    struct executor_watch watch;
};

/* A task; `count` equal ones (same coroutine, same places, same kind of wait) share a row. */
struct task_row {
    uint64_t address;
    uint64_t count;
    char *name;
    char *coroutine;   /* qualified name */
    const char *state; /* "pending", "running", "ready", "done", "cancelled"; static */
    uint64_t loop;
    VECTOR(struct place) stack; /* outermost first */
    const char *wait_kind;      /* "task", "sleep", "lock", "queue", "event", "future", "io",
                                   "executor", "children" … NULL when it does not wait; static */
    char *waits_for;            /* "sleep for 3.2 s more", "lock held by Task-2" */
    VECTOR(uint64_t) awaits;    /* tasks it waits for, among the rows */
    bool in_cycle;
};

struct thread_frame {
    struct place at;
    bool native; /* a C function: at.function, and the file is the library */
};

struct thread_row {
    int32_t tid;   /* 0 unknown */
    char *name;    /* of threading.Thread; NULL */
    char *comm;    /* the kernel's name; NULL */
    bool python;   /* has a PyThreadState */
    char state;    /* R S D … */
    double cpu_ms; /* used while it was observed */
    double observed_ms;
    const char *gil;                   /* "holds", "waits", NULL */
    const char *blocked_in;            /* system call; NULL: none */
    VECTOR(struct thread_frame) stack; /* innermost first */
    char *stack_note;                  /* why native frames are missing or incomplete; NULL */
    const char *wait_kind; /* "lock", "condition", "queue", "future", "join", "io", "sleep",
                              "selector", "gil", "import", "process" …; NULL: none known; static */
    char *waits_for;
    char *owed_by; /* who holds it or will deliver it; NULL unknown */
};

/* What the process has open. */
struct descriptor_row {
    const char *kind; /* "file", "socket", "pipe", "other"; static */
    char *target;
    uint64_t count;
};

struct target_section {
    const char *kind; /* "live", "core", "source" */
    char *file;       /* of a core: its path; NULL */
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
    uint64_t files, lines; /* kind "source" */
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
    bool has_loops;
    VECTOR(struct loop_row) loops;
    VECTOR(struct executor_row) executors;
    bool has_tasks;
    VECTOR(struct task_row) tasks;
    bool has_threads;
    VECTOR(struct thread_row) threads;
    bool has_classes;
    struct class_section classes;
    bool has_heap;
    struct heap_section heap;
    bool has_descriptors;
    VECTOR(struct descriptor_row) descriptors; /* by kind and target */
    bool has_diff;
    struct diff_section diff;
};

void report_free(struct report *report);

void place_free(struct place *place);
/* Copies `chain`; false, with *copy empty, when there is no memory. */
bool wait_chain_copy(const wait_chain *chain, wait_chain *copy);
void wait_chain_free(wait_chain *chain);
void task_row_free(struct task_row *task);

/* Appends an empty finding of `rule`; NULL when there is no memory. */
struct finding *report_add_finding(struct report *report, const char *rule, enum severity severity,
                                   enum confidence confidence);
void finding_add_number(struct finding *finding, const char *name, int64_t number,
                        const char *unit);
void finding_add_text(struct finding *finding, const char *name, const char *text);
/* Copies the list. */
void finding_add_list(struct finding *finding, const char *name, const name_list *list);
void finding_add_evidence(struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void finding_add_fix(struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Copies `chain` into the finding, in place of what it had; nothing when there is no memory. */
void finding_set_chain(struct finding *finding, const wait_chain *chain, bool closes);
/* Sets the fingerprint from the rule and `what` (a type name, a file:line …). */
void finding_identify(struct finding *finding, const char *what);

void report_add_ok(struct report *report, const char *rule);
void report_add_not_checked(struct report *report, const char *rule, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Takes the finding at `index` out. */
void report_drop_finding(struct report *report, size_t index);

/* Whether a finding of at least `severity` is there that is not suppressed (exit status 1). */
bool report_fails(const struct report *report, enum severity severity);

#endif
