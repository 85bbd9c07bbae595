/* inject_internal.h: what the files of injected calls share. */
#ifndef STETH_TARGET_INJECT_INTERNAL_H
#define STETH_TARGET_INJECT_INTERNAL_H

#include "target/inject.h"

/* How an interrupted call is to be repeated, seen by a tracer only (Linux: include/linux/errno.h).
 */
#define ERESTARTSYS           512
#define ERESTARTNOINTR        513
#define ERESTARTNOHAND        514
#define ERESTART_RESTARTBLOCK 516

/* inject_frame.c: writes the chain to the stack of the stopped thread. */
struct error *injection_write_chain(struct injection *injection);

/* inject_frame.c: the registers that make a call with `stack` as the stack pointer. */
struct user_regs_struct injection_registers(const struct injection *injection, uint64_t stack,
                                            long number, const uint64_t arguments[4]);

#endif
