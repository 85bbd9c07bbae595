/*
 * newer_syntax.h: syntax that is younger than the grammar, written in the way that it knows, at the
 * same length, so that places stay what they are.
 */
#ifndef STETH_AUDIT_NEWER_SYNTAX_H
#define STETH_AUDIT_NEWER_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Rewrites `text` in place; true when something changed.
 *   PEP 810   lazy import a           -> import      a
 *   PEP 696   class A[T = int]        -> class A[T      ]
 *   PEP 798   {**m for m in ms}       -> {  m for m in ms}
 */
bool newer_syntax_rewrite(char *text, size_t size);

#endif
