/*
 * analysis: from what the rooms below see to findings. look.h takes one look at a target (census,
 * confirmation, collector state); every other file is one family of rules that reads a look and
 * fills a report. Uses everything below; nothing here knows an offset, a version or a format.
 */
#ifndef STETH_ANALYSIS_LOOK_H
#define STETH_ANALYSIS_LOOK_H

#include "finding/report.h"
#include "heap/census.h"
#include "heap/confirm.h"
#include "heap/rings.h"
#include "heap/roots.h"

struct look_options {
    bool pause;       /* stop the target for one pass: the exact picture of one instant */
    bool consistent;  /* look at a copy-on-write child of the target: as `pause`, at leisure */
    bool generations; /* also count the objects of each generation */
    double seconds;   /* how long to observe; 0: two reads as they come */
    bool values;      /* keys of dicts may be shown in paths */
    bool native;      /* exact native stacks of threads: stops the target for a moment */
    double executor_deadline; /* seconds a call in an executor may take; 0: 30 */
    const char *explain;      /* a class whose metaclass and MRO are explained; NULL */
    bool retained;            /* zombies: what they retain, whatever memory it takes */
    const char *path;         /* heap: paths to this type or address; NULL */
    bool dominators, cycles;  /* heap: these, too */
    bool holders;             /* heap: below what the instances of types gather */
    size_t paths;             /* objects listed with their path per type; 0: all */
    bool (*checks)(const void *context, const char *rule); /* which rules are wanted; NULL: all */
    const void *context;
};

struct heap_view;
struct standstill;
struct watch;

struct look {
    struct cpython *cpython;
    interpreter_vector interpreters;
    struct census *census; /* `marked` holds confirmed objects only; NULL without `heap` */
    struct confirmation confirmation;
    VECTOR(struct collector_state) before, after; /* per interpreter; `after`: look_observe */
    VECTOR(struct rings) rings;                   /* per interpreter, when `generations` */
    struct census *index;          /* a pass with buffers, taken when first needed (look_index) */
    struct roots roots;            /* collected when first needed (look_roots) */
    struct heap_view *heap;        /* heap_view.h, taken when first needed (heap_view_of) */
    struct watch *watch;           /* of the loops, while it was observed; NULL */
    struct standstill *standstill; /* two looks at who waits, taken when first needed */
    struct target *snapshot;       /* with `consistent`: what cpython reads; else NULL */
    double paused_ms;
    bool during_collection; /* the paused instant lay inside a collection: partial */
};

/*
 * Attaches and looks; counts the heap and confirms what was finalized only if `heap`. The caller
 * frees with look_free; `target` is borrowed.
 */
struct error *look_take(struct target *target, const struct look_options *options, bool heap,
                        struct look **look);
void look_free(struct look *look);

/* Lets options->seconds pass, in which event loops are watched if `loops`, then reads the
 * collectors again. No time passes for what is not live. */
struct error *look_observe(struct look *look, const struct look_options *options, bool loops);

/* Makes look->roots available. */
struct error *look_roots(struct look *look);

/* Makes look->index and look->roots available: what the search for holders needs. */
struct error *look_index(struct look *look);

/* "steth VERB PID", or the path of the file that is looked at. The caller frees. */
char *look_command(const struct look *look, const char *verb);

/* Whether `options` want `rule`. */
bool look_wants(const struct look_options *options, const char *rule);

#endif
