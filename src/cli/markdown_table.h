/*
 * markdown_table.h: the tables of a page of Markdown, as columns of text.
 */
#ifndef STETH_CLI_MARKDOWN_TABLE_H
#define STETH_CLI_MARKDOWN_TABLE_H

#include "base/vector.h"
#include "render/style.h"

/* The lines of one table that are still being collected. Zeroed before the first. */
struct markdown_table {
    VECTOR(char *) cells; /* row after row */
    size_t columns;       /* of the first row; 0: no table has begun */
};

/* Takes a line that starts with '|'. */
void markdown_table_add(struct markdown_table *table, const char *line);

/*
 * Prints what was collected, if anything, and forgets it. The last column wraps, so that nothing is
 * cut.
 */
void markdown_table_flush(struct markdown_table *table, FILE *out, const struct text_style *style);

#endif
