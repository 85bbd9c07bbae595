#include "target/internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

void mappings_free(mapping_vector *mappings)
{
    for (size_t i = 0; i < mappings->count; i++)
        free((void *)mappings->items[i].path);
    vector_free(mappings);
}

/* One line: "start-end rwxp offset major:minor inode   path" (proc_pid_maps(5)). */
static bool parse_line(char *line, struct mapping *mapping)
{
    char flags[5] = "";
    int path_at = 0;
    if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %*x:%*x %" SCNu64 " %n",
               &mapping->start, &mapping->end, flags, &mapping->offset, &mapping->inode,
               &path_at) < 5)
        return false;
    line[strcspn(line, "\n")] = '\0';
    mapping->readable = flags[0] == 'r';
    mapping->writable = flags[1] == 'w';
    mapping->executable = flags[2] == 'x';
    mapping->shared = flags[3] == 's';
    mapping->path = strdup(path_at ? line + path_at : "");
    return mapping->path && mapping->start < mapping->end;
}

static struct error *read_lines(FILE *file, mapping_vector *mappings)
{
    _cleanup_free_ char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, file) > 0) {
        struct mapping mapping = {0};
        if (!parse_line(line, &mapping)) {
            free((void *)mapping.path);
            continue;
        }
        if (!vector_push(mappings, mapping)) {
            free((void *)mapping.path);
            return error_no_memory();
        }
    }
    return NULL;
}

struct error *mappings_read(pid_t pid, mapping_vector *mappings)
{
    char name[64];
    snprintf(name, sizeof name, "/proc/%d/maps", (int)pid);
    _cleanup_file_ FILE *file = fopen(name, "re");
    if (!file)
        return error_new(errno == ENOENT || errno == ESRCH ? ERROR_CANNOT_LOOK : ERROR_PERMISSION,
                         "cannot read the memory map of process %d: %s", (int)pid, strerror(errno));
    return read_lines(file, mappings);
}

struct error *mappings_parse(const char *text, size_t size, mapping_vector *mappings)
{
    if (!size)
        return NULL;
    _cleanup_file_ FILE *file = fmemopen((void *)text, size, "r");
    return file ? read_lines(file, mappings) : error_no_memory();
}
