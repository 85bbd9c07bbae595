/*
 * code_names.h: the names of globals and attributes that a code object uses, in the order in which
 * it first does so.
 */
#ifndef STETH_RUNTIME_CODE_NAMES_H
#define STETH_RUNTIME_CODE_NAMES_H

#include "base/vector.h"
#include "object/object.h"

/* Owned; "" for one that cannot be read. */
typedef VECTOR(char *) name_vector;

/* Appends co_names of `code`: nothing when it is no code object. False when there is no memory. */
bool code_names_read(const struct cpython *cpython, uint64_t code, name_vector *names);
void code_names_free(name_vector *names);

/* The code object of a function of Python; 0 for other objects. */
uint64_t function_code_of(const struct cpython *cpython, uint64_t function);

#endif
