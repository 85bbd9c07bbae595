/*
 * diff_rows.h: what `steth diff` lists: what changed from the first of several looks to the last.
 * Part of report.h. "Before" is the first look, "after" the last one.
 */
#ifndef STETH_FINDING_DIFF_ROWS_H
#define STETH_FINDING_DIFF_ROWS_H

#include "finding/heap_rows.h"

/*
 * When more is growth and not chance: by over so many, by over so many standard deviations of
 * chance, and by over a hundredth of what there was; or by over so many bytes and a tenth.
 */
#define DIFF_OBJECTS     100 /* of a type */
#define DIFF_HANDLES     10  /* descriptors, threads, tasks, calls in a queue */
#define DIFF_DEVIATIONS  5
#define DIFF_SHARE       100
#define DIFF_BYTES       (4u << 20)
#define DIFF_BYTES_SHARE 10

struct diff_look {
    char *name;       /* as on the command line */
    const char *kind; /* "live", "capture", "core"; static */
    int32_t pid;
    char *command;
    double seconds; /* since the first look; NAN: it is not known to be the same process */
    uint64_t objects, bytes, rss_bytes;
};

/* A type of which there is more. */
struct diff_type {
    char *type;
    const char *verdict; /* "grew"; "settled": not in the last interval any more; "garbage": what
                            is new waits for the collector; static */
    VECTOR(uint64_t) counts; /* a look each */
    unsigned rises;          /* intervals in which there was more at the end */
    uint64_t bytes_before, bytes_after;
    uint64_t retained_before, retained_after;
};

/* What is new of one type below one holder. */
struct diff_held {
    char *type;
    uint64_t before, after;
    bool at_most; /* before is: the first look does not list the holder, but others of the type */
    uint64_t bytes_before, bytes_after;
    char *way;  /* from the holder to one of them: "[3].__closure__[0]"; "": it is the holder's */
    bool exact; /* every step of it comes from a known layout */
    size_t steps;
};

/* An object below which instances of types that grew gather. */
struct diff_holder {
    char *place;                   /* "app.cache" */
    uint64_t address;              /* in the last look */
    char *type;                    /* its own */
    const char *root;              /* as heap_path.group */
    VECTOR(struct diff_held) held; /* the nearest first */
    uint64_t new_bytes;
};

struct diff_zombie {
    char *type;
    uint64_t before, after;
    uint64_t bytes_before, bytes_after;
    char *held_by;        /* NULL: no root reaches them */
    char *finalizer_file; /* NULL: built in */
    unsigned finalizer_line;
};

/* Threads or tasks of which each is where it was at the first look, and waits for the same. */
struct diff_still {
    const char *kind; /* "thread", "task"; static */
    char *name;
    char *at;              /* "app.py:40 in fetch"; NULL */
    const char *wait_kind; /* static; NULL */
    char *waits_for, *owed_by;
    uint64_t count; /* that wait at the same place for the same */
    bool idle;      /* it waits for work, as it should */
};

/* Things of a kind that are at one place or open on one target. */
struct diff_count {
    const char *kind; /* "descriptor", "thread", "task"; static */
    char *what;       /* "/var/log/x", "socket", "app.py:40 in worker", "app.fetch" */
    uint64_t before, after;
    bool grew;
};

struct diff_executor {
    char *class_name;
    uint64_t address;
    int64_t workers, max_workers;
    int64_t busy_before, busy_after, queued_before, queued_after; /* -1: not known */
    bool grew;                                                    /* its queue */
    double oldest_ms; /* the oldest call, at least; 0: unknown */
    char *oldest;     /* where it is */
};

struct diff_collector {
    uint64_t interpreter;
    unsigned generation;
    int64_t collections, collected, uncollectable; /* meanwhile; -1: not known */
    int64_t objects_before, objects_after;         /* -1: not counted */
};

struct diff_section {
    VECTOR(struct diff_look) looks;
    bool same_process;
    uint64_t findings_before, findings_gone; /* in the first look, and still there; not any more */
    bool has_heap;
    bool grew;                          /* anything did, by the criterion */
    VECTOR(struct diff_type) types;     /* most new bytes first */
    VECTOR(struct diff_holder) holders; /* most new bytes first */
    VECTOR(struct diff_zombie) zombies; /* more than before */
    VECTOR(struct diff_still) still;    /* those that do not wait for work first */
    VECTOR(struct diff_count) counts;   /* that changed; those that grew first */
    VECTOR(struct diff_executor) executors;
    VECTOR(struct diff_collector) collectors;
};

void diff_still_free(struct diff_still *still);
void diff_section_free(struct diff_section *section);

#endif
