#include "render/table.h"

#include <stdlib.h>
#include <string.h>

#define GAP            2  /* spaces between two columns */
#define SHRUNK_MINIMUM 12 /* columns below which a cell says nothing */

void table_add(struct table *table, const char *text)
{
    char *cell = style_escape(text);
    if (cell && vector_push(&table->cells, cell))
        return;
    free(cell);
    table->incomplete = true;
}

void table_add_count(struct table *table, int64_t number)
{
    char buffer[STYLE_NUMBER];
    table_add(table, style_count(buffer, number));
}

void table_free(struct table *table)
{
    for (size_t i = 0; i < table->cells.count; i++)
        free(table->cells.items[i]);
    vector_free(&table->cells);
}

static size_t natural_widths(const struct table *table, size_t *widths)
{
    size_t total = GAP * (table->column_count - 1);
    for (size_t column = 0; column < table->column_count; column++) {
        widths[column] = style_columns(table->columns[column].title);
        for (size_t i = column; i < table->cells.count; i += table->column_count) {
            size_t columns = style_columns(table->cells.items[i]);
            if (columns > widths[column])
                widths[column] = columns;
        }
        total += widths[column];
    }
    return total;
}

/* Takes the excess from the widest columns that may shrink, one character at a time. */
static void shrink(const struct table *table, size_t *widths, size_t excess)
{
    for (; excess > 0; excess--) {
        size_t *widest = NULL;
        for (size_t column = 0; column < table->column_count; column++)
            if (table->columns[column].shrinks && widths[column] > SHRUNK_MINIMUM &&
                (!widest || widths[column] > *widest))
                widest = &widths[column];
        if (!widest)
            return;
        --*widest;
    }
}

/* The last `columns` characters of escaped text. */
static const char *tail(const char *text, size_t columns)
{
    for (size_t skip = style_columns(text) - columns; skip > 0; skip--) {
        text++;
        while (((unsigned char)*text & 0xc0) == 0x80)
            text++;
    }
    return text;
}

/* Prints one cell; *spaces are owed before it, so that no line ends in spaces. */
static void print_cell(FILE *out, const struct text_style *style, enum hue hue, const char *cell,
                       size_t width, bool right, size_t *spaces)
{
    size_t columns = style_columns(cell);
    size_t padding = columns < width ? width - columns : 0;
    if (right)
        *spaces += padding;
    if (columns > 0) {
        fprintf(out, "%*s", (int)*spaces, "");
        *spaces = 0;
    }
    if (columns > width) {
        style_put(out, style, hue, "...");
        cell = tail(cell, width - 3);
    }
    style_put(out, style, hue, cell);
    *spaces += GAP + (right ? 0 : padding);
}

static void print_row(FILE *out, const struct text_style *style, enum hue hue,
                      const struct table *table, const size_t *widths, char *const *cells)
{
    size_t spaces = 0;
    for (size_t column = 0; column < table->column_count; column++)
        print_cell(out, style, hue, cells ? cells[column] : table->columns[column].title,
                   widths[column], table->columns[column].right, &spaces);
    fputc('\n', out);
}

void table_print(FILE *out, const struct text_style *style, const struct table *table)
{
    if (table->incomplete) {
        fputs("(no memory for the table)\n", out);
        return;
    }
    size_t widths[TABLE_COLUMNS_MAX];
    size_t total = natural_widths(table, widths);
    if (style->width > 0 && total > (size_t)style->width)
        shrink(table, widths, total - (size_t)style->width);

    print_row(out, style, HUE_BOLD, table, widths, NULL);
    for (size_t i = 0; i + table->column_count <= table->cells.count; i += table->column_count)
        print_row(out, style, HUE_PLAIN, table, widths, &table->cells.items[i]);
}
