#include "target/internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define READ_BYTES 4096

void mappings_free(mapping_vector *mappings)
{
    for (size_t i = 0; i < mappings->count; i++)
        free((void *)mappings->items[i].path);
    vector_free(mappings);
}

/* A number with `behind` after it; *at goes on behind that. */
static bool take_number(char **at, int base, char behind, uint64_t *number)
{
    char *end;
    *number = strtoull(*at, &end, base);
    if (end == *at || *end != behind)
        return false;
    *at = end + 1;
    return true;
}

/* "rwxp " */
static bool take_flags(char **at, struct mapping *mapping)
{
    const char *flags = *at;
    if (strnlen(flags, 5) < 5 || flags[4] != ' ')
        return false;
    mapping->readable = flags[0] == 'r';
    mapping->writable = flags[1] == 'w';
    mapping->executable = flags[2] == 'x';
    mapping->shared = flags[3] == 's';
    *at += 5;
    return true;
}

/* One line: "start-end rwxp offset major:minor inode   path" (proc_pid_maps(5)). Not by sscanf():
 * that takes as long as the kernel does to write it. */
static bool parse_line(char *line, struct mapping *mapping)
{
    uint64_t device;
    char *path;
    line[strcspn(line, "\n")] = '\0';
    if (!take_number(&line, 16, '-', &mapping->start) ||
        !take_number(&line, 16, ' ', &mapping->end) || !take_flags(&line, mapping) ||
        !take_number(&line, 16, ' ', &mapping->offset) || !take_number(&line, 16, ':', &device) ||
        !take_number(&line, 16, ' ', &device))
        return false;
    mapping->inode = strtoull(line, &path, 10);
    if (path == line)
        return false;
    mapping->path = strdup(path + strspn(path, " "));
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
    /* As much as the kernel gives at once: the C library would ask for a quarter of it. */
    setvbuf(file, NULL, _IOFBF, READ_BYTES);
    return read_lines(file, mappings);
}

struct error *mappings_parse(const char *text, size_t size, mapping_vector *mappings)
{
    if (!size)
        return NULL;
    _cleanup_file_ FILE *file = fmemopen((void *)text, size, "r");
    return file ? read_lines(file, mappings) : error_no_memory();
}
