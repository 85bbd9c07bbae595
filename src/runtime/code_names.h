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

bool code_has_name(const struct cpython *cpython, uint64_t code, const char *name);

/*
 * The number of the name that an instruction with this argument takes as an attribute. From 3.12
 * on, the first version with instrumented instructions, the lowest bit of LOAD_ATTR's argument
 * tells a method (Python/bytecodes.c).
 */
unsigned name_of_argument(const struct cpython *cpython, uint8_t argument);

/*
 * Whether `code` calls a method by its name number `name` behind the instruction at byte
 * `instruction` (-1: anywhere). True for numbers that take more than one instruction.
 */
bool code_calls_behind(const struct cpython *cpython, uint64_t code, int64_t instruction,
                       size_t name);

/* Whether the instruction at byte `instruction` takes the method of that name. */
bool code_calls_at(const struct cpython *cpython, uint64_t code, int64_t instruction, size_t name);

/* The code object of a function of Python; 0 for other objects. */
uint64_t function_code_of(const struct cpython *cpython, uint64_t function);

#endif
