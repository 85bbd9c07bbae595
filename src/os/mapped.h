/*
 * mapped.h: a cheap first look at what files a process maps, for a listing of all processes.
 */
#ifndef STETH_OS_MAPPED_H
#define STETH_OS_MAPPED_H

#include <sys/types.h>

enum mapped { MAPPED_NO, MAPPED_YES, MAPPED_UNREADABLE };

/*
 * Whether `pid` maps a file with `word` in its path. *path receives the first such path as
 * printable text (NULL when there is none or no memory); the caller frees it.
 */
enum mapped process_maps_word(pid_t pid, const char *word, char **path);

#endif
