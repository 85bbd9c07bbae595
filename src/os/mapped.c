#include "os/mapped.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "os/text.h"

enum mapped process_maps_word(pid_t pid, const char *word, char **path)
{
    char name[32];
    snprintf(name, sizeof name, "/proc/%d/maps", (int)pid);
    *path = NULL;
    _cleanup_file_ FILE *maps = fopen(name, "re");
    if (!maps)
        return errno == EACCES || errno == EPERM ? MAPPED_UNREADABLE : MAPPED_NO;
    _cleanup_free_ char *line = NULL;
    size_t room = 0;
    for (ssize_t length; (length = getline(&line, &room, maps)) > 0;) {
        if (!strstr(line, word))
            continue;
        const char *start = strchr(line, '/');
        if (!start)
            continue;
        *path = text_printable(start, strcspn(start, "\n"));
        return MAPPED_YES;
    }
    return MAPPED_NO;
}
