/* internal.h: what the files of this room share. */
#ifndef STETH_MRO_INTERNAL_H
#define STETH_MRO_INTERNAL_H

#include "mro/arena.h"
#include "mro/hierarchy.h"

/* Bounds: source may have any number of bases, and a linearisation costs their product. */
#define CLASSES_MAX     (1u << 22)
#define BASES_MAX       (1u << 16)
#define MRO_LENGTH_MAX  (1u << 18)
#define MRO_STORED_MAX  (1u << 26)          /* numbers in all stored orders together */
#define MERGE_STEPS_MAX (UINT64_C(1) << 26) /* of one merge */
#define ALL_STEPS_MAX   (UINT64_C(1) << 31)

/* How instances lie in memory. */
struct shape {
    bool known;
    bool heap_type;
    int64_t basicsize, itemsize, dictoffset, weaklistoffset;
};

enum class_state { CLASS_DECLARED, CLASS_WAITING, CLASS_ANSWERED };

struct class_entry {
    const char *name;
    struct class_facts facts;
    struct class_answer answer;
    struct shape shape;
    const class_number *mro; /* NULL: itself, then the MRO of `chain` */
    class_number chain;
    class_number best_base;
    class_number solid_base; /* CLASS_UNKNOWN: not worked out yet */
    enum class_state state;
    bool defined;
    bool inherits_reason; /* its reason is that of a base */
    bool is_metaclass;
};

struct hierarchy {
    VECTOR(struct class_entry) entries;
    struct class_rules rules;
    struct arena arena;
    class_numbers metaclasses;
    size_t mro_stored;
    uint64_t steps; /* that merging may still take */
};

static inline const struct class_entry *entry_at(const struct hierarchy *hierarchy,
                                                 class_number number)
{
    return &hierarchy->entries.items[number];
}

/* A number for each class, zero between uses; and the steps that merging may still take. */
struct scratch {
    uint32_t *counts;
    uint64_t steps; /* of all merges */
    uint64_t floor; /* of `steps`: where the present merge has to stop */
};
bool scratch_new(const struct hierarchy *hierarchy, struct scratch *scratch);
void scratch_free(struct scratch *scratch);

/* ---- merge.c --------------------------------------------------------------------------------- */

enum merge_result { MERGE_DONE, MERGE_FAILED, MERGE_TOO_LONG, MERGE_NO_MEMORY };

struct merge_cursor {
    struct mro_walk walk;
    class_number head; /* CLASS_UNKNOWN: at its end */
};
typedef VECTOR(struct merge_cursor) merge_cursors;

/*
 * C3 over the MROs of `bases` and, last, the bases themselves. Fills `order`; after a failure
 * `cursors` (not NULL) stand where it failed.
 */
enum merge_result merge_run(const struct hierarchy *hierarchy, const class_number *bases,
                            size_t count, struct scratch *scratch, class_numbers *order,
                            merge_cursors *cursors);

/* ---- judge.c --------------------------------------------------------------------------------- */

struct judgement {
    struct class_answer answer; /* its reason is NULL: see below */
    char *reason;               /* owned */
    bool inherits_reason;
    struct shape shape;
    class_number best_base;
    class_numbers mro; /* of several bases, without the class itself */
};

/* What a class statement with these facts does. All that it refers to has been answered. */
struct error *judge(const struct hierarchy *hierarchy, const struct class_facts *facts,
                    struct scratch *scratch, struct judgement *judgement);
void judgement_free(struct judgement *judgement);

/* ---- shape.c --------------------------------------------------------------------------------- */

/* The base that decides the layout; sets the fault and where, if there is one. */
class_number shape_best_base(const struct hierarchy *hierarchy, const struct class_facts *facts,
                             struct class_answer *answer);
/* The shape of the class's instances on `best`; false when its __slots__ are refused. */
bool shape_of_statement(const struct hierarchy *hierarchy, const struct class_facts *facts,
                        class_number best, struct shape *shape);
/* The shape that the facts tell, for other classes than those of statements. */
struct shape shape_of_facts(const struct hierarchy *hierarchy, const struct class_facts *facts,
                            class_number best);
/* Works out the solid base of an answered class, and those it depends on. */
bool shape_settle(struct hierarchy *hierarchy, class_number number);

#endif
