/* internal.h: what the files of this room share: finding a runtime, reading a little, proving. */
#ifndef STETH_LAYOUT_INTERNAL_H
#define STETH_LAYOUT_INTERNAL_H

#include "layout/tables.h"
#include "target/symbols.h"

/* A process that starts, a thread that comes or goes, a collection: so often is it worth another
 * look after a short pause. */
#define PATIENCE 20
void layout_pause(void);

/* ---- find.c: which file brings the runtime --------------------------------------------------- */

struct found_runtime {
    struct elf_modules modules;
    struct elf_module *program; /* the program itself; NULL when it is not mapped */
    struct elf_module *library; /* what defines the runtime; NULL when there is none */
    uint64_t runtime;           /* &_PyRuntime; 0 up to 3.6, which have no such thing */
};

/* A program named python that has no runtime is given time to load it. */
struct error *runtime_find_patiently(struct target *target, struct found_runtime *found);
struct error *runtime_find(struct target *target, struct found_runtime *found);
void runtime_found_free(struct found_runtime *found);

/* A symbol as the program sees it: its own copy of a library's variable, if it has one. */
uint64_t runtime_symbol(struct target *target, const struct found_runtime *found, const char *name);

/* Why a file of the program's own, the library's or Python's that the target does not hold cannot
 * be used; NULL: nothing is missing. */
struct error *runtime_missing_file(const struct target *target, const struct found_runtime *found);

/* The program is called python…, as opposed to one that embeds it. */
bool runtime_is_python_program(const struct found_runtime *found);

/* "python3.13" of a path; the last component only. */
const char *path_file_name(const char *path);

/* ---- version.c ------------------------------------------------------------------------------- */

/* From a PY_VERSION_HEX; one without a release level (low byte 0) stands for the whole minor. */
struct cpython_version version_from_hex(uint32_t hex);
bool version_is_exact(struct cpython_version version);

/* What a path like "…/libpython3.13t.so.1.0" says; false when it says nothing. */
bool version_from_path(const char *path, struct cpython_version *version, char *abi_flag);

/* Refuses a version or kind of build that no table is for; the tables say which there are. */
struct error *version_check_support(struct cpython_version version, bool free_threaded,
                                    bool debug_build);

/* ---- identify.c ------------------------------------------------------------------------------ */

/* Fills `identity` of a runtime that was found; the caller frees it. */
void identify_found(struct target *target, const struct found_runtime *found,
                    struct cpython_identity *identity);

/* ---- debug_offsets.c: _Py_DebugOffsets, at the start of the runtime from 3.13 on ------------- */

#define DEBUG_OFFSETS_MAX 4096

struct debug_offsets {
    bool present;
    bool free_threaded;
    uint32_t version; /* PY_VERSION_HEX */
    size_t size;      /* how many bytes of it were read */
    uint8_t bytes[DEBUG_OFFSETS_MAX];
};

void debug_offsets_read(struct target *target, uint64_t runtime, struct debug_offsets *offsets);

/* How many fields of `table` the target contradicts. */
unsigned debug_offsets_disagreement(const struct debug_offsets *offsets,
                                    const struct layout_table *table);

/* Lays what the target says over `at`; what does not fit, or NULL. */
const char *debug_offsets_apply(const struct debug_offsets *offsets,
                                const struct layout_table *table, struct layout_offsets *at);

/* ---- peek.c: just enough of objects to prove a layout ---------------------------------------- */

/* The value under a str key of a combined dict; 0 when absent or unreadable. */
uint64_t peek_dict(const struct cpython *cpython, uint64_t dict, const char *key);
/* A positive int of one digit. */
bool peek_int(const struct cpython *cpython, uint64_t object, uint32_t *value);

/* Keys of a combined dict, at most `limit`; how many. */
size_t peek_keys(const struct cpython *cpython, uint64_t dict, uint64_t *keys, size_t limit);

/* ---- string_hash.c --------------------------------------------------------------------------- */

/* Sets cpython->string_hash, of a layout that is proved. */
void string_hash_find(struct cpython *cpython);

/* ---- check.c, check_gc.c: does the layout in `cpython` fit what is in memory? ------------------
 * Each returns what does not fit, as the end of a sentence, or NULL. */

extern const char misfit_no_interpreter[];

const char *check_types(const struct cpython *cpython);
const char *check_interpreters(const struct cpython *cpython, uint64_t *main_interpreter);
const char *check_namespaces(struct cpython *cpython, uint64_t main_interpreter);
/* Also corrects the places of the list heads by what is seen. */
const char *check_gc(struct cpython *cpython, uint64_t main_interpreter);

#endif
