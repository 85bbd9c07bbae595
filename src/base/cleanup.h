/*
 * cleanup.h: release a local when its scope ends, so that functions read straight down.
 * To hand ownership on, return take_pointer(&local).
 */
#ifndef STETH_BASE_CLEANUP_H
#define STETH_BASE_CLEANUP_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_free(void *pointer)
{
    free(*(void **)pointer);
}

static inline void cleanup_close(const int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
}

static inline void cleanup_file(FILE **file)
{
    if (*file)
        fclose(*file);
}

static inline void cleanup_directory(DIR **directory)
{
    if (*directory)
        closedir(*directory);
}

#define _cleanup_free_      __attribute__((cleanup(cleanup_free)))
#define _cleanup_close_     __attribute__((cleanup(cleanup_close)))
#define _cleanup_file_      __attribute__((cleanup(cleanup_file)))
#define _cleanup_directory_ __attribute__((cleanup(cleanup_directory)))

#define take_pointer(address)                                                                      \
    ({                                                                                             \
        __typeof__(*(address)) taken_ = *(address);                                                \
        *(address) = NULL;                                                                         \
        taken_;                                                                                    \
    })

#endif
