/* Chooses a layout table for a build, and proves it or refuses. */
#include "layout/internal.h"

#include <string.h>

#include "base/cleanup.h"

struct candidate {
    const struct layout_table *table;
    unsigned disagreement; /* with the build's debug offsets */
    uint32_t distance;     /* from the versions it was measured from */
};

static uint32_t distance_of(const struct layout_table *table, uint32_t hex)
{
    return hex < table->first_hex  ? table->first_hex - hex
           : hex > table->last_hex ? hex - table->last_hex
                                   : 0;
}

static int compare_candidates(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;
    if (a->disagreement != b->disagreement)
        return a->disagreement < b->disagreement ? -1 : 1;
    return (a->distance > b->distance) - (a->distance < b->distance);
}

/* The tables of this minor version, architecture and threading, the most likely first. */
static size_t rank_tables(const struct cpython *cpython, const struct debug_offsets *offsets,
                          struct candidate *candidates)
{
    size_t total, count = 0;
    const struct layout_table *tables = layout_tables(&total);
    for (size_t i = 0; i < total; i++) {
        const struct layout_table *table = &tables[i];
        bool version_fits =
            !cpython->version.hex || table->first_hex >> 16 == cpython->version.hex >> 16;
        bool machine_fits = !cpython->machine || table->machine == cpython->machine;
        if (!version_fits || !machine_fits || table->free_threaded != cpython->free_threaded)
            continue;
        candidates[count++] = (struct candidate){
            .table = table,
            .disagreement = debug_offsets_disagreement(offsets, table),
            .distance = distance_of(table, cpython->version.hex),
        };
    }
    qsort(candidates, count, sizeof *candidates, compare_candidates);
    return count;
}

/* What of `table` does not fit, or NULL: then `cpython` has the layout. */
static const char *try_table(struct cpython *cpython, const struct layout_table *table,
                             const struct debug_offsets *offsets)
{
    struct cpython trial = *cpython;
    trial.at = table->at;
    trial.is = table->is;
    if (!trial.version.hex)
        trial.version = version_from_hex(table->first_hex & 0xFFFF0000);
    uint64_t main_interpreter;
    const char *misfit = debug_offsets_apply(offsets, table, &trial.at);
    if (!misfit)
        misfit = check_interpreters(&trial, &main_interpreter);
    if (!misfit)
        misfit = check_types(&trial);
    if (!misfit)
        misfit = check_namespaces(&trial, main_interpreter);
    if (!misfit)
        misfit = check_gc(&trial, main_interpreter);
    if (misfit)
        return misfit;
    trial.table = strdup(table->name);
    *cpython = trial;
    return NULL;
}

/* What does not fit of the most likely table, or NULL when one of them was proved. */
static const char *try_tables(struct cpython *cpython, const struct candidate *candidates,
                              size_t count, const struct debug_offsets *offsets)
{
    const char *first_misfit = NULL;
    struct cpython trial;
    cpython_remember(cpython, &trial); /* it is many small reads, of few pages */
    for (size_t i = 0; i < count; i++) {
        const char *misfit = try_table(&trial, candidates[i].table, offsets);
        if (!misfit) {
            first_misfit = NULL;
            string_hash_find(&trial);
            break;
        }
        if (!first_misfit)
            first_misfit = misfit;
    }
    cpython_forget(cpython, &trial);
    *cpython = trial;
    return first_misfit;
}

static struct error *no_table(const struct cpython *cpython)
{
    return error_new(ERROR_CANNOT_LOOK, "there is no layout of CPython %s for this architecture",
                     cpython->version.text);
}

static struct error *refuse(const struct cpython *cpython, const char *misfit)
{
    const char *version = cpython->version.text;
    if (!target_alive(cpython->target))
        return error_new(ERROR_CANNOT_LOOK, "process %d ended while it was looked at",
                         (int)target_pid(cpython->target));
    if (misfit == misfit_no_interpreter)
        return error_hint(error_new(ERROR_CANNOT_LOOK, "CPython %s %s", version, misfit),
                          "try again in a moment");
    return error_new(ERROR_CANNOT_LOOK, "no known layout of CPython %s fits this process: %s",
                     version, misfit);
}

struct error *cpython_prove_layout(struct cpython *cpython)
{
    _cleanup_free_ struct debug_offsets *offsets = malloc(sizeof *offsets);
    size_t total;
    layout_tables(&total);
    _cleanup_free_ struct candidate *candidates = calloc(total, sizeof *candidates);
    if (!offsets || !candidates)
        return error_no_memory();
    debug_offsets_read(cpython->target, cpython->runtime, offsets);
    if (offsets->present) {
        cpython->version = version_from_hex(offsets->version);
        cpython->free_threaded = offsets->free_threaded;
    }
    struct error *error =
        version_check_support(cpython->version, cpython->free_threaded, cpython->debug_build);
    if (error)
        return error;
    size_t count = rank_tables(cpython, offsets, candidates);
    if (!count)
        return no_table(cpython);
    bool live = target_is_live(cpython->target);
    const char *misfit = try_tables(cpython, candidates, count, offsets);
    for (unsigned i = 0; misfit && live && i < PATIENCE && target_alive(cpython->target); i++) {
        layout_pause();
        error_free(target_refresh_mappings(cpython->target));
        misfit = try_tables(cpython, candidates, count, offsets);
    }
    if (misfit)
        return refuse(cpython, misfit);
    return cpython->table ? NULL : error_no_memory();
}
