/* signals.h: what a process does with signals. */
#ifndef STETH_OS_SIGNALS_H
#define STETH_OS_SIGNALS_H

#include <stdint.h>

#include "os/process_files.h"

/* The signals that have a handler in the process (SigCgt), signal 1 as bit 0; 0 when unknown. */
uint64_t process_caught_signals(const struct process_files *files);

#endif
