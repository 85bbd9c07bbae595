/*
 * layout: where the fields of CPython's structs are in one particular build, and nothing else.
 * The tables are generated from each version's headers by tools/layout/; from 3.13 on
 * the interpreter's own _Py_DebugOffsets are laid over them. attach.c finds the interpreter in a
 * target, chooses a table and proves it (self-check) or refuses. Rooms above use the names of
 * fields.def and the traits below; none of them knows a version number.
 */
#ifndef STETH_LAYOUT_CPYTHON_H
#define STETH_LAYOUT_CPYTHON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "target/target.h"

struct layout_offsets {
#define OFFSET(name) int32_t name;
#include "layout/fields.def"
#undef OFFSET
};

#define LAYOUT_ABSENT (-1)

/* What a build does differently in kind, not only in place. */
enum refcount_kind {
    REFCOUNT_WORD,          /* 64 bits, no immortals (up to 3.11) */
    REFCOUNT_IMMORTAL_MAX,  /* low 32 bits, immortal when all ones (3.12, 3.13) */
    REFCOUNT_IMMORTAL_SIGN, /* low 32 bits, immortal when bit 31 is set (3.14+) */
};
enum managed_dict_kind {
    MANAGED_DICT_NONE,      /* tp_dictoffset only (up to 3.10) */
    MANAGED_DICT_TWO_WORDS, /* values at -32, dict at -24 (3.11) */
    MANAGED_DICT_TAGGED,    /* one word at -24, bit 0 set: values + 1 (3.12) */
    MANAGED_DICT_INLINE,    /* dict at -24, values at the object's end (3.13+) */
};
enum dict_keys_kind {
    DICT_KEYS_SIZE_WORD, /* dk_size, entries always {hash, key, value} (up to 3.10) */
    DICT_KEYS_LOG2,      /* dk_log2_size, dk_kind (3.11+) */
};
enum gc_stats_kind {
    GC_STATS_INLINE, /* {collections, collected, uncollectable} x 3 */
    GC_STATS_RINGS,  /* a pointer to rings of entries (3.15) */
};
enum frame_kind {
    FRAME_OBJECTS, /* tstate.frame is a PyFrameObject (up to 3.10) */
    FRAME_CFRAME,  /* tstate.cframe -> current frame (3.11, 3.12) */
    FRAME_CURRENT, /* tstate.current_frame (3.13+) */
};

#define FRAME_OWNER_NONE INT32_MAX /* frame_owner_shim where there are no shims */

enum line_table_kind {
    LINE_TABLE_DELTAS,    /* co_lnotab: bytes to step, lines to step (up to 3.9) */
    LINE_TABLE_RANGES,    /* bytes of the range, line relative to the one before (3.10) */
    LINE_TABLE_LOCATIONS, /* lines and columns, by code units (3.11+) */
};

struct layout_traits {
    enum refcount_kind refcount;
    enum managed_dict_kind managed_dict;
    enum dict_keys_kind dict_keys;
    enum gc_stats_kind gc_stats;
    enum frame_kind frames;
    enum line_table_kind line_table;
    int32_t frame_object_unit;  /* bytes that f_lasti and b_handler count in (up to 3.10) */
    bool exit_in_two_slots;     /* of a with block: function and self, not a method (3.14+) */
    bool tagged_references;     /* frame slots are _PyStackRef: low two bits are tags (3.14+) */
    bool tagged_ints;           /* int has lv_tag instead of ob_size (3.12+) */
    int32_t frame_owner_shim;   /* owner values >= this are shims without Python code, on the C
                                   stack (3.12+) */
    int32_t generator_finished; /* gi_frame_state values >= this: no frame is left (3.11+) */
    int32_t generator_created;  /* more of its values, or of f_state's (3.10) */
    int32_t generator_suspended;
    int32_t generator_executing;
    bool awaiting_is_a_state; /* one awaiting is suspended with another value (3.13+) */
    bool incremental;         /* young, old[0], old[1] instead of three generations (3.14.0-4) */
    bool full_needs_quarter;  /* a full collection waits until pending > total / 4 */
    bool garbage_outlives_resurrection; /* bpo-38379: finalized garbage stays for one more
                                           collection when another object resurrected (3.8) */
};

struct cpython_version {
    uint32_t hex; /* PY_VERSION_HEX */
    unsigned major, minor, micro;
    char text[32]; /* "3.14.0rc2" */
};

/* hash(str) in this process, which is random in each (string_hash.c). */
struct string_hash {
    unsigned rounds; /* of SipHash, for a word; 0: not known */
    uint64_t key[2];
};

/* One CPython runtime in a target. Owned by the caller of cpython_attach. */
struct cpython {
    struct target *target; /* borrowed */
    struct layout_offsets at;
    struct layout_traits is;
    struct cpython_version version;
    uint16_t machine; /* ELF e_machine; 0 when unknown (an image) */
    bool free_threaded;
    bool debug_build;
    uint64_t runtime;   /* &_PyRuntime */
    uint64_t type_type; /* &PyType_Type */
    uint64_t none;      /* &_Py_NoneStruct */
    uint64_t dict_type, list_type, tuple_type, str_type, module_type, function_type;
    /* The exported PyXxx_Type symbols by role; 0 when not exported. */
    uint64_t set_type, frozenset_type, cell_type, code_type, frame_type, method_type, builtin_type;
    uint64_t generator_type, coroutine_type, async_generator_type;
    uint64_t hash_secret; /* &_Py_HashSecret; 0 when not exported */
    struct string_hash string_hash;
    char *library; /* the file that defines the runtime, as the target sees it */
    char *table;   /* which layout table was proved, e.g. "3.13.5 (debian)" */
};

/* What is known of a process before, or without, a full attach. */
struct cpython_identity {
    bool found;    /* a CPython runtime is mapped */
    bool embedded; /* libpython inside another program */
    bool free_threaded;
    bool debug_build;
    struct cpython_version version;
    char *library; /* owned; NULL when not found */
};

/*
 * Looks for a CPython runtime and its version without proving a layout: cheap enough for a
 * listing of all processes. `found` is false (and no error) for a program without CPython.
 */
struct error *cpython_identify(struct target *target, struct cpython_identity *identity);
void cpython_identity_free(struct cpython_identity *identity);

/*
 * Attaches: finds the runtime, chooses a layout table, lays the debug offsets over it, proves it.
 * Refuses with ERROR_CANNOT_LOOK and one clear sentence: not CPython, PyPy, a version out of
 * range, a debug or free-threaded build, a layout that fits no table.
 */
struct error *cpython_attach(struct target *target, struct cpython **cpython);
void cpython_detach(struct cpython *cpython);

/*
 * The part of cpython_attach that needs no ELF file: the caller says where the runtime and the
 * anchors are (`cpython->runtime`, `type_type`, …, `version`); this chooses and proves a table.
 * For images (tests, fuzzing).
 */
struct error *cpython_prove_layout(struct cpython *cpython);

/*
 * A copy of `cpython` that reads through a target which remembers (target/memo.h): for many small
 * reads of what does not move meanwhile, by one thread. Without memory it is a plain copy. Ended
 * with cpython_forget; everything else in it is borrowed.
 */
void cpython_remember(const struct cpython *cpython, struct cpython *remembered);
void cpython_forget(const struct cpython *cpython, struct cpython *remembered);

/* The hash of a string of ASCII characters; `hash` is known. */
uint64_t string_hash(const struct string_hash *hash, const char *text, size_t size);

/* One interpreter's gc structure: its address, 0 when the chain is broken. */
uint64_t cpython_gc_of(const struct cpython *cpython, uint64_t interpreter);

#endif
