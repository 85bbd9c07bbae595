/*
 * audit: Python source to a table of classes, without importing or running anything. It uses base,
 * finding and mro, and tree-sitter for the grammar; it never looks at a process.
 *
 * source.h: one file: its bytes as UTF-8, and the tree of its syntax. What cannot be read or
 * understood is a sentence for "not checked", never a failure of the whole run.
 */
#ifndef STETH_AUDIT_SOURCE_H
#define STETH_AUDIT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <tree_sitter.h>

#include "audit/outline.h"

/* Larger files are not read: generated tables; their trees would take gigabytes. */
#define SOURCE_LARGEST ((size_t)8 << 20)
/* CPython refuses more (MAXSTACK and MAXLEVEL of Parser/): what is deeper is not parsed. */
#define SOURCE_DEEPEST 200

struct source {
    char *text; /* UTF-8 without a byte order mark, ends with a NUL that `size` leaves out */
    size_t size;
    TSTree *tree;
    size_t whole_size; /* before an outline was made of it */
    uint64_t whole_lines;
    char *whole;            /* what `outline` was made of; NULL: `text` is all */
    struct outline outline; /* without its text, which is `text` */
    unsigned syntax_error;  /* line of the first place that the grammar does not know; 0: none */
    bool has_rules;         /* the rules of one file may have something to look for in it */
    bool is_empty;          /* nothing in it is of interest by itself: it was not parsed */
    char *problem;          /* why there is no tree; NULL: there is one */
};

/* A parser of Python for one thread; NULL: no memory, and nothing is parsed with it. */
TSParser *source_parser(void);
/* Releases it, unless that is left to tree_memory_take_back, as it is for trees. */
void source_parser_free(TSParser *parser);

/* Reads and parses a file; false with a problem set. Release with source_free in either case. */
bool source_read(struct source *source, TSParser *parser, const char *path);
/* The same for bytes that are there already. */
bool source_parse(struct source *source, TSParser *parser, const char *bytes, size_t size);
/* Reads a file of which only names and classes matter: its outline is parsed (outline.h). With
 * `rules`, that is one in which the rules of one file find what they find in the whole; and a file
 * in which they find nothing, and that makes no class, is not parsed at all (is_empty). */
bool source_read_outline(struct source *source, TSParser *parser, const char *path, bool rules);
bool source_parse_outline(struct source *source, TSParser *parser, const char *bytes, size_t size,
                          bool rules);
void source_free(struct source *source);

/* The text of a node: not NUL-terminated, *size bytes. */
static inline const char *source_text(const struct source *source, TSNode node, size_t *size)
{
    uint32_t start = ts_node_start_byte(node);
    *size = ts_node_end_byte(node) - start;
    return source->text + start;
}

static inline unsigned source_line(const struct source *source, TSNode node)
{
    uint32_t row = ts_node_start_point(node).row;
    bool mapped = row < source->outline.lines.count;
    return mapped ? source->outline.lines.items[row] & ~OUTLINE_FOLDED : row + 1;
}

/* What a statement of an outline stands for: *count of them; NULL: for itself. */
static inline const struct folded *source_folded(const struct source *source, TSNode node,
                                                 size_t *count)
{
    return outline_folded(&source->outline, ts_node_start_point(node).row, count);
}

#endif
