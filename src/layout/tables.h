/*
 * tables.h: the generated layout tables, one row per distinct layout that was measured from the
 * headers of a CPython version (tools/layout/regenerate.py).
 */
#ifndef STETH_LAYOUT_TABLES_H
#define STETH_LAYOUT_TABLES_H

#include <stddef.h>

#include "layout/cpython.h"

struct layout_table {
    char name[48];    /* the versions it was measured from: "3.13.5 to 3.13.7 (debian)"; no pointer:
                         the loader would have to touch every table */
    uint16_t machine; /* ELF e_machine */
    bool free_threaded;
    uint32_t first_hex, last_hex; /* PY_VERSION_HEX of the oldest and newest of them */
    struct layout_offsets at;
    struct layout_offsets reported; /* where in _Py_DebugOffsets the build repeats the field */
    struct layout_traits is;
};

const struct layout_table *layout_tables(size_t *count);

/* A struct layout_offsets as an array, in the order of fields.def. */
enum { LAYOUT_FIELDS = sizeof(struct layout_offsets) / sizeof(int32_t) };

#endif
