#include "os/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "os/status.h"

#define FILE_BYTES_MAX (64u << 10)

/* Of a line "NAME: 123 kB". */
static bool read_kilobytes(const char *text, const char *name, uint64_t *bytes)
{
    uint64_t kilobytes;
    const char *line = strstr(text, name);
    if (!line || sscanf(line + strlen(name), "%" SCNu64, &kilobytes) != 1 ||
        kilobytes > UINT64_MAX / 1024)
        return false;
    *bytes = kilobytes * 1024;
    return true;
}

bool process_residence_read(const struct process_files *files, struct process_residence *resident)
{
    _cleanup_free_ char *text = process_files_read(files, "status", FILE_BYTES_MAX, NULL);
    return text && read_kilobytes(text, "\nRssAnon:", &resident->anonymous_bytes) &&
           read_kilobytes(text, "\nRssFile:", &resident->file_bytes) &&
           read_kilobytes(text, "\nRssShmem:", &resident->shared_bytes);
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* A file with one number; UINT64_MAX for "max" and where there is none. */
static uint64_t number_in(const char *folder, const char *name)
{
    uint64_t number;
    _cleanup_free_ char *path = text_format("%s/%s", folder, name);
    _cleanup_free_ char *text = path ? proc_read_path("", path, FILE_BYTES_MAX, NULL) : NULL;
    return text && sscanf(text, "%" SCNu64, &number) == 1 ? number : UINT64_MAX;
}

/* What is left in a control group; UINT64_MAX without a limit. */
static uint64_t left_in(const char *folder, const char *limit_name, const char *used_name)
{
    uint64_t limit = number_in(folder, limit_name), used = number_in(folder, used_name);
    if (limit == UINT64_MAX || used == UINT64_MAX)
        return UINT64_MAX;
    return used < limit ? limit - used : 0;
}

/* Our group and those around it: the tightest one counts. */
static uint64_t left_in_groups(void)
{
    uint64_t left =
        left_in("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes");
    _cleanup_free_ char *groups = proc_read_path("", "/proc/self/cgroup", FILE_BYTES_MAX, NULL);
    char *own = groups ? strstr(groups, "0::/") : NULL;
    if (!own)
        return left;
    own += strlen("0::");
    own[strcspn(own, "\n")] = '\0';
    for (char *slash; own[0]; *slash = '\0') {
        _cleanup_free_ char *folder = text_format("/sys/fs/cgroup%s", own);
        if (folder)
            left = least(left, left_in(folder, "memory.max", "memory.current"));
        slash = strrchr(own, '/');
    }
    return left;
}

uint64_t memory_available(void)
{
    uint64_t machine;
    _cleanup_free_ char *text = proc_read_path("", "/proc/meminfo", FILE_BYTES_MAX, NULL);
    if (!text || !read_kilobytes(text, "\nMemAvailable:", &machine))
        machine = UINT64_MAX;
    return least(machine, left_in_groups());
}
