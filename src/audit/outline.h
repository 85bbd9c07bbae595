/*
 * outline.h: source without the bodies of functions that can say nothing about classes: what is
 * left is a third of it, and parsing is what takes the time. Lines stay where they are.
 */
#ifndef STETH_AUDIT_OUTLINE_H
#define STETH_AUDIT_OUTLINE_H

#include <stdbool.h>
#include <stddef.h>

/* Whether only names and classes matter in a file: no finalizer, no coroutine, no comment for us.
 */
bool outline_is_enough(const char *text, size_t size);

/* Whether a function's text may matter: it has a class in it, or changes names around it. */
bool outline_matters(const char *text, size_t size);

/* Whether the body of a method of that name is read in any case. */
bool outline_keeps_name(const char *name, size_t size);

/* Whether a file makes no class and puts nothing on sys.path: it needs no look unless imported. */
bool outline_is_empty(const char *text, size_t size);

/* Shortens `text` in place; returns its new size. */
size_t outline_functions(char *text, size_t size);

#endif
