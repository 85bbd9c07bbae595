/* exercise.h: everything steth does with a process whose layout is known, on an image. */
#ifndef STETH_FUZZ_EXERCISE_H
#define STETH_FUZZ_EXERCISE_H

#include "runtime/runtime.h"

/* The views of the object room on whatever lies at `address`. */
void exercise_object(const struct cpython *cpython, uint64_t address);
void exercise_type(const struct cpython *cpython, uint64_t address);
void exercise_resources(const struct cpython *cpython, uint64_t address);

/* Threads, and what their frames are doing. */
void exercise_threads(const struct cpython *cpython, const interpreter_vector *interpreters);

/* The rooms above: interpreters, threads, census, holders, reports, their rendering. */
void exercise_process(struct cpython *cpython);

#endif
