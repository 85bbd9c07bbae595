/*
 * heap_rows.h: what `steth heap` lists. Part of report.h. All sizes are bytes.
 */
#ifndef STETH_FINDING_HEAP_ROWS_H
#define STETH_FINDING_HEAP_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "finding/class_rows.h"

/* The instances of one type. */
struct heap_type_row {
    char *type;
    uint64_t count;
    uint64_t bytes;          /* of the objects themselves, with the tables that they alone own */
    uint64_t retained_bytes; /* what would be freed with all of them, themselves included */
};

/* A way from a root to an object, as steps for a reader: "__main__", ".cache", "[<str>]". */
struct heap_path {
    uint64_t address;
    char *type;
    uint64_t bytes, retained_bytes;
    name_list steps;   /* root first; empty: no root reaches it */
    name_list types;   /* per step after the root, the type it leads to; as long as the steps - 1 */
    bool exact;        /* every step comes from a known layout */
    const char *group; /* "module", "frame", "thread", "interpreter", "c-data", "c-code"; static;
                          NULL: no root reaches it */
    uint64_t alike;    /* instances that the same kind of path leads to, itself included */
};

/* An object whose end would free much. */
struct heap_dominator {
    struct heap_path path;
    uint64_t objects; /* that it retains, itself included */
    /* Where the bytes gather: the last object on the way down that still keeps most of them in one
     * piece; the same object where they lie spread below it. */
    struct heap_path gathered;
    uint64_t gathered_objects;
    char *gathered_type; /* what it holds most bytes of; NULL: nothing stands out */
    uint64_t gathered_count, gathered_bytes;
};

/* An edge that, made weak, breaks a cycle. */
struct heap_cut {
    char *from, *to; /* types */
    char *step;      /* "._parent", "[0]" */
    bool breaks_all; /* alone, no cycle is left; otherwise together with the other cuts */
    bool needs_slot; /* `to` has __slots__ without '__weakref__' */
};

/* Objects that refer to one another in a ring; equal ones share a row. */
struct heap_cycle {
    uint64_t count;          /* components with the same types */
    uint64_t objects, bytes; /* of all of them */
    uint64_t retained_bytes;
    name_list types;              /* "dict", "app.Node x 2": what one component is made of */
    bool garbage;                 /* no root reaches it: it waits for the collector */
    name_list finalizers;         /* types in it that have __del__ */
    VECTOR(struct heap_cut) cuts; /* best first; empty: no single edge does */
    char *ring;            /* one cycle as text: "Node.children → list[0] → Node.parent →" */
    struct heap_path path; /* to one of them */
};

/* One kind of memory of the process. */
struct heap_region {
    const char *name; /* "python-objects", "arenas-free", "c-libraries", "stacks" …; static */
    uint64_t bytes;   /* resident */
    const char *note; /* static; NULL */
};

/* Instances of one type that gather below one object: their shortest ways part there. Each is in
 * one row, that of the nearest such object. */
struct heap_holding {
    char *type;
    uint64_t count, bytes;
    uint64_t holder;       /* its address; 0: no root reaches them */
    char *holder_type;     /* NULL: no root reaches them */
    struct heap_path path; /* to one of them */
    size_t holder_steps;   /* how many of its steps lead to the holder */
};

struct heap_section {
    uint64_t objects, bytes;                         /* in the heap, static ones left out */
    uint64_t static_objects;                         /* in the data of program and libraries */
    uint64_t unreachable_objects, unreachable_bytes; /* no root reaches them: garbage */
    uint64_t edges, conservative_edges;
    uint64_t unread; /* objects that could not be read to the end */
    uint64_t copied_bytes;
    VECTOR(struct heap_region) regions; /* their sum is the resident memory; largest first */
    VECTOR(struct heap_type_row) types; /* most bytes first */
    VECTOR(struct heap_path) paths;     /* --path: most instances first */
    uint64_t path_instances;            /* that were asked for */
    uint64_t path_behind;               /* of these: held through others of them only */
    uint64_t path_unreachable;          /* of these: no root reaches them */
    bool has_dominators, has_cycles;
    VECTOR(struct heap_dominator) dominators; /* most retained first */
    VECTOR(struct heap_cycle) cycles;         /* most bytes first */
    uint64_t cycles_left_out;
    VECTOR(struct heap_holding)
    holdings; /* for `steth diff`; a type's together, most of it first */
};

/* Steps as one text: "app.cache[0] -> frame of f.x"; NULL: no memory. The caller frees it. */
char *heap_steps_text(char *const *steps, size_t count);

void heap_path_free(struct heap_path *path);
void heap_section_free(struct heap_section *section);

#endif
