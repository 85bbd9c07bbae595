#include "cli/markdown.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/markdown_table.h"

#define CODE_INDENT 4

/* A paragraph or a list item whose lines are still being collected. */
struct block {
    FILE *out;
    const struct text_style *style;
    char head[64]; /* the indent and the mark of a list item */
    char *text;
    size_t size;
    struct markdown_table table; /* or of a table */
};

static void block_flush(struct block *block)
{
    markdown_table_flush(&block->table, block->out, block->style);
    if (block->size) {
        struct paragraph paragraph = {.margin = "",
                                      .head = block->head,
                                      .text = block->text,
                                      .indent = (unsigned)strlen(block->head)};
        style_paragraph(block->out, block->style, &paragraph);
    }
    block->size = 0;
    block->head[0] = '\0';
}

static void block_add(struct block *block, const char *text, size_t size)
{
    char *grown = realloc(block->text, block->size + size + 2);
    if (!grown)
        return;
    block->text = grown;
    if (block->size)
        grown[block->size++] = ' ';
    memcpy(grown + block->size, text, size);
    block->size += size;
    grown[block->size] = '\0';
}

/* The columns of "- ", "* " or "12. " with what is before it; 0 when the line is no list item. */
static size_t item_mark(const char *line)
{
    size_t indent = strspn(line, " ");
    const char *mark = line + indent;
    if ((*mark == '-' || *mark == '*') && mark[1] == ' ')
        return indent + 2;
    size_t digits = strspn(mark, "0123456789");
    return digits && mark[digits] == '.' && mark[digits + 1] == ' ' ? indent + digits + 2 : 0;
}

static void print_heading(struct block *block, const char *line)
{
    const char *title = line + strspn(line, "#");
    style_put(block->out, block->style, HUE_BOLD, title + strspn(title, " "));
    fputc('\n', block->out);
}

/* A line outside of code. */
static void take_line(struct block *block, const char *line)
{
    size_t mark = item_mark(line), length = strlen(line), indent = strspn(line, " ");
    if (*line == '\0' || *line == '#' || (*line == '|') != (block->table.columns > 0))
        block_flush(block);
    if (*line == '#') {
        print_heading(block, line);
    } else if (*line == '\0') {
        fputc('\n', block->out);
    } else if (*line == '|') {
        markdown_table_add(&block->table, line);
    } else if (mark && mark < sizeof block->head) {
        block_flush(block);
        memcpy(block->head, line, mark);
        block->head[mark] = '\0';
        block_add(block, line + mark, length - mark);
    } else if (indent >= CODE_INDENT && !block->size) {
        fprintf(block->out, "%s\n", line);
    } else {
        block_add(block, line + indent, length - indent);
        if (!block->style->width && !block->head[0])
            block_flush(block); /* nothing wraps: keep the lines as they are */
    }
}

void markdown_print(FILE *out, const struct text_style *style, const char *markdown)
{
    struct block block = {.out = out, .style = style};
    bool code = false;
    for (const char *at = markdown; *at;) {
        size_t length = strcspn(at, "\n");
        _cleanup_free_ char *line = strndup(at, length);
        at += length + (at[length] == '\n');
        if (!line)
            break;
        if (strncmp(line, "```", 3) == 0) {
            block_flush(&block);
            code = !code;
        } else if (code) {
            fprintf(out, "%s%s\n", *line ? "    " : "", line);
        } else {
            take_line(&block, line);
        }
    }
    block_flush(&block);
    free(block.text);
}
