#include "os/memory_group.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "os/status.h"

#define FILE_BYTES_MAX (64u << 10)

/* Where the two versions have what. */
struct group_version {
    const char *line; /* in /proc/PID/cgroup: what stands before the path */
    const char *root;
    const char *limit, *used, *reclaimable;
};

static const struct group_version versions[] = {
    {"0::", "/sys/fs/cgroup", "memory.max", "memory.current", "\ninactive_file "},
    {":memory:", "/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes",
     "\ntotal_inactive_file "},
};

static char *read_in(const char *folder, const char *name)
{
    _cleanup_free_ char *path = text_format("%s/%s", folder, name);
    return path ? proc_read_path("", path, FILE_BYTES_MAX, NULL) : NULL;
}

static bool number_in(const char *folder, const char *name, uint64_t *number)
{
    _cleanup_free_ char *text = read_in(folder, name);
    return text && sscanf(text, "%" SCNu64, number) == 1;
}

static uint64_t left_in(const struct group_version *version, const char *folder)
{
    uint64_t limit, used, files = 0;
    if (!number_in(folder, version->limit, &limit) || !number_in(folder, version->used, &used))
        return UINT64_MAX;
    _cleanup_free_ char *text = read_in(folder, "memory.stat");
    const char *line = text ? strstr(text, version->reclaimable) : NULL;
    if (line && sscanf(line + strlen(version->reclaimable), "%" SCNu64, &files) != 1)
        files = 0;
    used -= files < used ? files : used;
    return used < limit ? limit - used : 0;
}

/* The group at `path` and those around it. */
static uint64_t left_up_from(const struct group_version *version, char *path)
{
    uint64_t least = UINT64_MAX;
    for (char *slash = path + strlen(path); slash; slash = strrchr(path, '/')) {
        *slash = '\0';
        _cleanup_free_ char *folder = text_format("%s%s", version->root, path);
        uint64_t left = folder ? left_in(version, folder) : UINT64_MAX;
        least = left < least ? left : least;
    }
    return least;
}

uint64_t memory_group_left(const struct process_files *files)
{
    uint64_t least = UINT64_MAX;
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        _cleanup_free_ char *groups = process_files_read(files, "cgroup", FILE_BYTES_MAX, NULL);
        char *path = groups ? strstr(groups, versions[i].line) : NULL;
        if (!path)
            continue;
        path += strlen(versions[i].line);
        path[strcspn(path, "\n")] = '\0';
        uint64_t left = left_up_from(&versions[i], path);
        least = left < least ? left : least;
    }
    return least;
}
