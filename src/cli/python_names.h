/*
 * python_names.h: what the names of files and programs suggest where memory may not be read.
 */
#ifndef STETH_CLI_PYTHON_NAMES_H
#define STETH_CLI_PYTHON_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* Whether a program of this name or path is an interpreter, or usually runs in one. */
bool python_named(const char *name);

/*
 * The version in a name such as "/usr/bin/python3.11" or "libpython3.13t.so.1.0" ("3.11"); ""
 * when it holds none. Never more than `size` - 1 characters.
 */
void python_version_of_name(const char *name, char *version, size_t size);

#endif
