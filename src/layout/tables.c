#include "layout/tables.h"

static const struct layout_table tables[] = {
#include "layout/tables/all.inc"
};

/* A field without a measured value would read as 0. */
_Static_assert(LAYOUT_TABLES_FIELDS == LAYOUT_FIELDS,
               "fields.def has changed: run tools/layout/regenerate.py");

const struct layout_table *layout_tables(size_t *count)
{
    *count = sizeof tables / sizeof *tables;
    return tables;
}
