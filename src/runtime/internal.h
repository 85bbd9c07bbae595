/* internal.h: what the files of this room share. */
#ifndef STETH_RUNTIME_INTERNAL_H
#define STETH_RUNTIME_INTERNAL_H

#include "base/address_map.h"
#include "runtime/runtime.h"

/* How often a chain that changes under our eyes is walked again before its readable part is kept.
 */
#define CHAIN_ATTEMPTS 5

/* How a walk along a chain ended. */
enum chain { CHAIN_WHOLE, CHAIN_BROKEN, CHAIN_NO_MEMORY };

/* The address of the field at `offset` of the struct at `base`. */
static inline uint64_t field_of(uint64_t base, int32_t offset)
{
    return base + (uint64_t)(int64_t)offset;
}

/* CPython's structs are at least 8-byte aligned; a link that is not is wild. */
static inline bool plausible_link(uint64_t address)
{
    return address && !(address & 7);
}

/* A reference on a frame without its tag bits. */
static inline uint64_t untagged_reference(const struct cpython *cpython, uint64_t word)
{
    return cpython->is.tagged_references ? word & ~UINT64_C(3) : word;
}

/* ---- names.c: what the threading module knows of an interpreter's threads -------------------- */

struct thread_object {
    uint64_t ident;
    uint64_t object; /* a threading.Thread */
};
typedef VECTOR(struct thread_object) thread_object_vector;

/* The entries of threading._active; none where the module is not imported. False: no memory. */
bool thread_objects_read(const struct cpython *cpython, const struct interpreter *interpreter,
                         thread_object_vector *objects);

/* The Thread of `ident`, 0 when threading has none. */
uint64_t thread_objects_find(const thread_object_vector *objects, uint64_t ident);

/* Thread._name, owned, or NULL; Thread._native_id, or 0. */
char *thread_object_name(const struct cpython *cpython, uint64_t object);
int32_t thread_object_native_id(const struct cpython *cpython, uint64_t object);

/* ---- native_ids.c ---------------------------------------------------------------------------- */

/*
 * Settles native_id of every thread. On entry it holds what the thread state says (0: nothing);
 * `fallback`, parallel to `threads`, what the threading module says. False: no memory.
 */
bool native_ids_settle(const struct cpython *cpython, thread_vector *threads,
                       const int32_t *fallback);

/* ---- frames.c -------------------------------------------------------------------------------- */

/* What one walk over many threads' frames remembers. */
struct frame_link {
    uint64_t address, code, previous;
    bool shim;  /* not a frame of Python code: only the chain goes through it */
    bool entry; /* C code entered the interpreter for it */
};

struct frame_walk {
    const struct cpython *cpython;
    const struct cpython *remembered; /* for code, which does not change */
    frame_vector *frames;
    struct address_map seen;  /* frame -> the attempt that saw it */
    struct address_map codes; /* code -> 1 + words of locals and stack; 0: not a code object */
    VECTOR(struct frame_link) chain; /* of the thread under way */
    uint32_t attempt;
    bool no_memory;
};

/* Appends the frames of the thread state at `thread`, index `index`, innermost first. */
void frames_append(struct frame_walk *walk, uint64_t thread, unsigned index);
void frame_walk_free(struct frame_walk *walk);

/* Where the first local of a frame lies. */
int32_t frame_locals_place(const struct cpython *cpython);

/* Whether `frame` still is a frame of the code it had. */
bool frame_current(const struct cpython *cpython, const struct frame_view *frame);

struct code_extent {
    uint32_t locals; /* words of locals, cells and free variables */
    uint32_t stack;
};

/* Code objects of which much will be read. */
void codes_expect(const struct cpython *cpython, const uint64_t *codes, size_t count);

/* The words a frame of `code` has; false when `code` is not a code object. */
bool code_extent_read(const struct cpython *cpython, uint64_t code, struct code_extent *extent);

/* The length of a tuple of names, 0 when the build has no such field; false when it is unsound. */
bool code_names_length(const struct cpython *cpython, uint64_t code, int32_t place,
                       uint32_t *length);

#endif
