/* The recorded provider: files in memory, found by a hash of their path. */
#include <errno.h>
#include <string.h>

#include "os/process_files_internal.h"

/* FNV-1a; never 0, which the map does not take. */
static uint64_t hash_of(const char *path, size_t length)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)path[i]) * UINT64_C(0x100000001B3);
    return hash ? hash : 1;
}

/* "task" of "task/12/stat", "fd" of "@fd/3". */
static size_t group_length(const char **path)
{
    *path += **path == '@';
    return strcspn(*path, "/");
}

static bool in_group(const struct recorded_group *group, const char *name, size_t length)
{
    return strncmp(group->name, name, length) == 0 && !group->name[length];
}

/* ---- adding ---------------------------------------------------------------------------------- */

static bool note_group(struct process_files *files, unsigned moment, const char *path)
{
    size_t length = group_length(&path);
    for (size_t i = files->groups.count; i-- > 0;)
        if (files->groups.items[i].moment == moment &&
            in_group(&files->groups.items[i], path, length))
            return true;
    struct recorded_group group = {strndup(path, length), moment};
    if (group.name && vector_push(&files->groups, group))
        return true;
    free(group.name);
    return false;
}

static char *copy_bytes(const void *bytes, size_t size)
{
    char *copy = malloc(size + 1);
    if (copy) {
        if (size)
            memcpy(copy, bytes, size);
        copy[size] = '\0';
    }
    return copy;
}

bool process_files_add(struct process_files *files, unsigned moment, const char *path,
                       const void *bytes, size_t size)
{
    uint64_t hash = hash_of(path, strlen(path));
    struct recorded_file file = {
        .path = strdup(path),
        .bytes = copy_bytes(bytes, size),
        .size = size,
        .moment = moment,
        .before = address_map_get(&files->by_hash, hash),
    };
    uint32_t number = (uint32_t)files->files.count;
    if (!file.path || !file.bytes || number == ADDRESS_MAP_ABSENT ||
        !note_group(files, moment, path) || !vector_push(&files->files, file)) {
        free(file.path);
        free(file.bytes);
        return false;
    }
    files->last = moment > files->last ? moment : files->last;
    return address_map_put(&files->by_hash, hash, number);
}

bool process_files_add_clocks(struct process_files *files, unsigned moment, double monotonic,
                              double since_boot)
{
    struct recorded_clocks clocks = {moment, monotonic, since_boot};
    files->last = moment > files->last ? moment : files->last;
    return vector_push(&files->clocks, clocks);
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* The newest moment up to now at which what `path` belongs to was recorded; false: never. */
static bool moment_of(const struct process_files *files, const char *path, unsigned *moment)
{
    unsigned now = atomic_load(&files->moment);
    size_t length = group_length(&path);
    bool found = false;
    for (size_t i = 0; i < files->groups.count; i++) {
        const struct recorded_group *group = &files->groups.items[i];
        if (group->moment <= now && in_group(group, path, length) &&
            (!found || group->moment > *moment)) {
            *moment = group->moment;
            found = true;
        }
    }
    return found;
}

static const struct recorded_file *find(const struct process_files *files, const char *path)
{
    unsigned moment;
    if (!moment_of(files, path, &moment))
        return NULL;
    uint32_t number = address_map_get(&files->by_hash, hash_of(path, strlen(path)));
    while (number != ADDRESS_MAP_ABSENT) {
        const struct recorded_file *file = &files->files.items[number];
        if (file->moment == moment && strcmp(file->path, path) == 0)
            return file;
        number = file->before;
    }
    return NULL;
}

char *record_read(const struct process_files *files, const char *path, size_t limit, size_t *size)
{
    const struct recorded_file *file = find(files, path);
    if (!file) {
        errno = ENOENT;
        return NULL;
    }
    size_t length = file->size < limit ? file->size : limit;
    char *copy = copy_bytes(file->bytes, length);
    if (copy && size)
        *size = length;
    return copy;
}

/* The name of the entry of `directory` that a path leads through; NULL. */
static const char *entry_of(const char *path, const char *directory, size_t *length)
{
    size_t prefix = strlen(directory);
    path += *path == '@';
    if (strncmp(path, directory, prefix) != 0 || path[prefix] != '/')
        return NULL;
    path += prefix + 1;
    *length = strcspn(path, "/");
    return *length ? path : NULL;
}

bool record_visit(const struct process_files *files, const char *directory,
                  bool (*visit)(void *context, const char *name), void *context)
{
    struct address_map shown = {0};
    unsigned moment;
    bool more = moment_of(files, directory, &moment), any = more;
    for (size_t i = 0; i < files->files.count && more; i++) {
        const struct recorded_file *file = &files->files.items[i];
        size_t length;
        const char *entry =
            file->moment == moment ? entry_of(file->path, directory, &length) : NULL;
        if (!entry || address_map_get(&shown, hash_of(entry, length)) != ADDRESS_MAP_ABSENT)
            continue;
        char *name = strndup(entry, length);
        more = name && address_map_put(&shown, hash_of(entry, length), 0) && visit(context, name);
        free(name);
    }
    address_map_free(&shown);
    return any;
}

const struct recorded_clocks *record_clocks(const struct process_files *files)
{
    unsigned now = atomic_load(&files->moment);
    const struct recorded_clocks *newest = NULL;
    for (size_t i = 0; i < files->clocks.count; i++) {
        const struct recorded_clocks *clocks = &files->clocks.items[i];
        if (clocks->moment <= now && (!newest || clocks->moment > newest->moment))
            newest = clocks;
    }
    return newest;
}

void record_free(struct process_files *files)
{
    for (size_t i = 0; i < files->files.count; i++) {
        free(files->files.items[i].path);
        free(files->files.items[i].bytes);
    }
    for (size_t i = 0; i < files->groups.count; i++)
        free(files->groups.items[i].name);
    vector_free(&files->files);
    vector_free(&files->groups);
    vector_free(&files->clocks);
    address_map_free(&files->by_hash);
}
