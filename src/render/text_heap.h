/*
 * text_heap.h: the page of `steth heap`, in its parts; only the text_heap*.c files of this room use
 * it.
 */
#ifndef STETH_RENDER_TEXT_HEAP_H
#define STETH_RENDER_TEXT_HEAP_H

#include "render/text_parts.h"

void text_heap_dominators(FILE *out, const struct heap_section *heap,
                          const struct text_style *style);
void text_heap_cycles(FILE *out, const struct heap_section *heap, const struct text_style *style);
void text_heap_paths(FILE *out, const struct heap_section *heap, const struct text_style *style);

/* "app.cache -> list[0]" with a word on what is uncertain; the caller frees it, NULL: no memory. */
char *text_heap_path(const struct heap_path *path);

#endif
