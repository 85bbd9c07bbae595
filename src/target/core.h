/*
 * core.h: an ELF core file as a target: one instant of a process, written by the kernel or by gdb's
 * gcore. Memory that the core leaves out because a file has it (code, constants: the kernel's
 * default) is read from that file, if it is here and is the very build that was mapped. What the
 * notes of the core tell of threads is offered as the files of /proc that it would have been
 * (os/process_files.h). The core may be hostile: it is read, never mapped, and bounded everywhere.
 */
#ifndef STETH_TARGET_CORE_H
#define STETH_TARGET_CORE_H

#include "target/target.h"

struct core_options {
    const char *executable; /* stands for the mapped file whose build it is; NULL */
    const char *root;       /* below which mapped files are looked for; NULL: "/" */
};

/* Whether a file that begins with these bytes is for target_open_core to judge: any ELF file. */
bool core_recognise(const void *bytes, size_t size);

/* Fails with ERROR_CANNOT_LOOK and a sentence about the file. Closed with target_close. */
struct error *target_open_core(const char *path, const struct core_options *options,
                               struct target **target);

#endif
