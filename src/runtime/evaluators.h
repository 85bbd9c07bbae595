/*
 * evaluators.h: which frames of a C stack run Python code, where their names do not say it: in a
 * stripped file, the parts that the compiler split the interpreter's loop into have no names.
 */
#ifndef STETH_RUNTIME_EVALUATORS_H
#define STETH_RUNTIME_EVALUATORS_H

#include "runtime/runtime.h"
#include "target/native_stack.h"

/*
 * Sets `evaluates` of the frames of `stack` that hold a link of the chain of Python frames of the
 * thread state `thread`. `stack_pointer` is where the stack begins. Up to 3.11 no such link lies on
 * the C stack, and names have to do.
 */
void evaluators_mark(const struct cpython *cpython, uint64_t thread, uint64_t stack_pointer,
                     struct native_stack *stack);

#endif
