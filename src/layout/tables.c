#include "layout/tables.h"

static const struct layout_table tables[] = {
#include "layout/tables/all.inc"
};

const struct layout_table *layout_tables(size_t *count)
{
    *count = sizeof tables / sizeof *tables;
    return tables;
}
