/*
 * table.h: columns of text. Where the width is limited, long cells lose their beginning, since the
 * end of a path or of a dotted name says more.
 */
#ifndef STETH_RENDER_TABLE_H
#define STETH_RENDER_TABLE_H

#include "base/vector.h"
#include "render/style.h"

#define TABLE_COLUMNS_MAX 8

struct table_column {
    const char *title;
    bool right;   /* aligned to the right: numbers */
    bool shrinks; /* may be shortened to make the table fit */
};

struct table {
    const struct table_column *columns;
    size_t column_count;  /* at most TABLE_COLUMNS_MAX */
    VECTOR(char *) cells; /* escaped, row after row */
    bool incomplete;      /* there was no memory for a cell */
};

/* Adds the next cell; `text` is untrusted. */
void table_add(struct table *table, const char *text);
void table_add_count(struct table *table, int64_t number);

void table_print(FILE *out, const struct text_style *style, const struct table *table);

void table_free(struct table *table);

#endif
