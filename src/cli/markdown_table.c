#include "cli/markdown_table.h"

#include <string.h>

#include "base/cleanup.h"

#define GAP         2
#define COLUMNS_MAX 16

/* "|---|:-:|": the line between the titles and the rows. */
static bool is_rule(const char *line)
{
    return line[strspn(line, "|-: ")] == '\0';
}

/* The next cell of a row without the spaces around it; NULL at its end or without memory. */
static char *next_cell(const char **at)
{
    const char *start = *at + strspn(*at, " ");
    if (!*start)
        return NULL;
    size_t length = strcspn(start, "|");
    *at = start + length + (start[length] == '|');
    while (length && start[length - 1] == ' ')
        length--;
    return strndup(start, length);
}

void markdown_table_add(struct markdown_table *table, const char *line)
{
    if (is_rule(line))
        return;
    const char *at = line + 1;
    size_t taken = 0;
    bool first = table->columns == 0;
    for (char *cell;
         (first ? taken < COLUMNS_MAX : taken < table->columns) && (cell = next_cell(&at));
         taken++) {
        if (!vector_push(&table->cells, cell)) {
            free(cell);
            return;
        }
    }
    if (first)
        table->columns = taken;
    for (; taken < table->columns; taken++) {
        char *empty = strdup("");
        if (!empty || !vector_push(&table->cells, empty)) {
            free(empty);
            return;
        }
    }
}

static void measure(const struct markdown_table *table, size_t *widths)
{
    for (size_t i = 0; i < table->cells.count; i++) {
        size_t columns = style_columns(table->cells.items[i]), column = i % table->columns;
        if (i < table->columns || columns > widths[column])
            widths[column] = columns;
    }
}

static void print_row(FILE *out, const struct text_style *style, char *const *cells,
                      const size_t *widths, size_t columns, enum hue hue)
{
    char *head = NULL;
    size_t size = 0;
    FILE *line = open_memstream(&head, &size);
    if (!line)
        return;
    size_t spaces = 0; /* owed before the next cell, so that no line ends in them */
    for (size_t i = 0; i < columns; i++) {
        if (cells[i][0]) {
            fprintf(line, "%*s", (int)spaces, "");
            spaces = 0;
        }
        if (i + 1 < columns)
            fputs(cells[i], line);
        spaces += widths[i] + GAP - style_columns(cells[i]);
    }
    fclose(line);
    style_paragraph(out, style,
                    &(struct paragraph){.margin = "",
                                        .head = head ? head : "",
                                        .head_hue = hue,
                                        .text = cells[columns - 1],
                                        .text_hue = hue,
                                        .indent = head ? (unsigned)style_columns(head) : 0});
    free(head);
}

void markdown_table_flush(struct markdown_table *table, FILE *out, const struct text_style *style)
{
    size_t widths[COLUMNS_MAX] = {0}, columns = table->columns;
    if (columns)
        measure(table, widths);
    for (size_t i = 0; columns && i + columns <= table->cells.count; i += columns)
        print_row(out, style, &table->cells.items[i], widths, columns,
                  i == 0 ? HUE_BOLD : HUE_PLAIN);
    for (size_t i = 0; i < table->cells.count; i++)
        free(table->cells.items[i]);
    vector_free(&table->cells);
    table->columns = 0;
}
