/*
 * capability.h: private to this room: names of the kernel's capabilities.
 */
#ifndef STETH_OS_CAPABILITY_H
#define STETH_OS_CAPABILITY_H

#include <stdint.h>

#define CAPABILITY_TRACE (UINT64_C(1) << 19) /* CAP_SYS_PTRACE */

/* "cap_kill cap_sys_ptrace"; "" for none. NULL when there is no memory; the caller frees. */
char *capability_names(uint64_t set);

#endif
