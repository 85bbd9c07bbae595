/*
 * whole_file.h: a large file that appears under its name whole or not at all, written piece by
 * piece. While it is written it has no name, so that nothing is left of it when steth is killed;
 * where a file system cannot do that, its name is ".NAME.PID.tmp", which the next such writing
 * removes.
 */
#ifndef STETH_CLI_WHOLE_FILE_H
#define STETH_CLI_WHOLE_FILE_H

#include <stdint.h>

#include "base/error.h"

struct whole_file {
    int file;        /* to write to */
    char *path;      /* NULL: standard output */
    char *temporary; /* its name so far; NULL: none */
};

/* `path` NULL: standard output, which must not be a terminal. Ended by whole_file_finish or
 * whole_file_abandon. */
struct error *whole_file_begin(struct whole_file *whole, const char *path);

/* Bytes that there is room for where the file will be; UINT64_MAX: not known. */
uint64_t whole_file_room(const char *path);

/* Brings the bytes to the disk and gives the file its name, in place of what had it. */
struct error *whole_file_finish(struct whole_file *whole);
void whole_file_abandon(struct whole_file *whole);

#endif
