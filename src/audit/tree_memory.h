/*
 * tree_memory.h: where tree-sitter takes its memory from. It is built with the functions below in
 * place of malloc and the like, which they are until a thread begins to parse one file after the
 * other: then pieces are cut off a block that is taken back as a whole. To free the nodes of a tree
 * one by one takes half as long as to scan it.
 */
#ifndef STETH_AUDIT_TREE_MEMORY_H
#define STETH_AUDIT_TREE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* What this thread's parsers and trees take from now on is taken back by the functions below, and
 * need not be deleted. False: there is no memory for that, and nothing has changed. */
bool tree_memory_begin(void);
/* Whether it has begun in this thread. */
bool tree_memory_has_begun(void);
/* No parser and no tree that was made since the beginning is valid any more. */
void tree_memory_take_back(void);
/* The same, and it is malloc again. */
void tree_memory_end(void);

/* Like malloc and its kin, but that they end the program when there is no memory: tree-sitter does
 * not expect that. A piece is freed in the thread that took it. */
void *tree_memory_malloc(size_t size);
void *tree_memory_calloc(size_t count, size_t size);
void *tree_memory_realloc(void *piece, size_t size);
void tree_memory_free(void *piece);

#endif
