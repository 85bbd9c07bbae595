/*
 * pause.h: stops every thread of a live process for a bounded time, on explicit request only
 * (--pause). It uses PTRACE_SEIZE, so that the kernel itself resumes the process when steth dies.
 */
#ifndef STETH_TARGET_PAUSE_H
#define STETH_TARGET_PAUSE_H

#include "target/target.h"

struct pause;

/* Stops all threads; refuses what is not live. On failure nothing is left stopped. */
struct error *pause_begin(struct target *target, struct pause **pause);

/* Resumes all threads, frees `pause`, returns the milliseconds the process was stopped. */
double pause_end(struct pause *pause);

#endif
