#include "audit/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/address_map.h"
#include "base/cleanup.h"
#include "base/text.h"

#define DEEPEST_FOLDER 100

/* The folders that were read, so that links do not lead in circles. */
struct walk {
    audited_files *files;
    struct address_map seen;
    unsigned depth;
    bool no_memory;
};

static void add_file(struct walk *walk, char *path, char *problem)
{
    struct audited_file file = {path, problem};
    if (!path || !vector_push(walk->files, file)) {
        free(path);
        free(problem);
        walk->no_memory = true;
    }
}

/* Whether the folder is new; the key mixes device and inode. */
static bool first_time(struct walk *walk, const struct stat *facts)
{
    uint64_t key =
        ((uint64_t)facts->st_ino * UINT64_C(0x9E3779B97F4A7C15)) ^ ((uint64_t)facts->st_dev << 3);
    key = key ? key : 1;
    if (address_map_get(&walk->seen, key) != ADDRESS_MAP_ABSENT)
        return false;
    if (!address_map_put(&walk->seen, key, 1))
        walk->no_memory = true;
    return true;
}

static bool is_python(const char *name)
{
    size_t length = strlen(name);
    return length > 3 && strcmp(name + length - 3, ".py") == 0;
}

/* Whether the folder `name` in that which is open as `parent` is none of ours. */
static bool is_foreign(int parent, const char *name)
{
    struct stat facts;
    if (strcmp(name, "__pycache__") == 0 || strcmp(name, "node_modules") == 0)
        return true;
    _cleanup_free_ char *mark = text_format("%s/pyvenv.cfg", name);
    return mark && fstatat(parent, mark, &facts, 0) == 0 && S_ISREG(facts.st_mode);
}

static void walk_folder(struct walk *walk, const char *path, int parent, const char *name);

/* Whether what a folder says of an entry is enough to know that it is not wanted. */
static bool is_useless(const struct dirent *entry)
{
    return entry->d_name[0] == '.' || (entry->d_type == DT_REG && !is_python(entry->d_name));
}

static void walk_entry(struct walk *walk, const char *folder, int parent,
                       const struct dirent *entry)
{
    const char *name = entry->d_name;
    _cleanup_free_ char *path = text_format("%s/%s", folder, name);
    struct stat facts;
    if (!path) {
        walk->no_memory = true;
        return;
    }
    if (entry->d_type == DT_REG) {
        add_file(walk, take_pointer(&path), NULL);
        return;
    }
    bool there = fstatat(parent, name, &facts, 0) == 0;
    if (!there && is_python(name))
        add_file(walk, strdup(path), text_format("cannot be read: %s", strerror(errno)));
    else if (there && S_ISDIR(facts.st_mode) && !is_foreign(parent, name) &&
             first_time(walk, &facts))
        walk_folder(walk, path, parent, name);
    else if (there && !S_ISDIR(facts.st_mode) && is_python(name))
        add_file(walk, take_pointer(&path), NULL);
}

/* The folder `name` in `parent`: the kernel need not go through the whole path for each entry. */
static void walk_folder(struct walk *walk, const char *path, int parent, const char *name)
{
    if (walk->depth >= DEEPEST_FOLDER)
        return;
    int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
    _cleanup_directory_ DIR *directory = folder < 0 ? NULL : fdopendir(folder);
    if (!directory) {
        add_file(walk, strdup(path), text_format("cannot be read: %s", strerror(errno)));
        if (folder >= 0)
            close(folder);
        return;
    }
    walk->depth++;
    for (struct dirent *entry; (entry = readdir(directory)) && !walk->no_memory;) {
        if (!is_useless(entry))
            walk_entry(walk, path, folder, entry);
    }
    walk->depth--;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct audited_file *)a)->path, ((const struct audited_file *)b)->path);
}

static void drop_doubles(audited_files *files)
{
    size_t kept = 0;
    for (size_t i = 0; i < files->count; i++) {
        if (kept && strcmp(files->items[kept - 1].path, files->items[i].path) == 0) {
            free(files->items[i].path);
            free(files->items[i].problem);
        } else {
            files->items[kept++] = files->items[i];
        }
    }
    files->count = kept;
}

struct error *files_collect(const char *const *paths, size_t count, audited_files *files)
{
    struct walk walk = {.files = files};
    struct error *error = NULL;
    for (size_t i = 0; i < count && !error; i++) {
        struct stat facts;
        _cleanup_free_ char *path = strdup(paths[i]);
        size_t length = path ? strlen(path) : 0;
        while (length > 1 && path[length - 1] == '/')
            path[--length] = '\0';
        if (!path)
            walk.no_memory = true;
        else if (stat(path, &facts) != 0)
            error = error_new(errno == EACCES ? ERROR_PERMISSION : ERROR_USAGE,
                              "cannot read %s: %s", path, strerror(errno));
        else if (!S_ISDIR(facts.st_mode))
            add_file(&walk, strdup(path), NULL);
        else if (first_time(&walk, &facts))
            walk_folder(&walk, path, AT_FDCWD, path);
    }
    address_map_free(&walk.seen);
    if (!error && walk.no_memory)
        error = error_no_memory();
    if (files->count)
        qsort(files->items, files->count, sizeof *files->items, by_path);
    drop_doubles(files);
    return error;
}

void files_leave_out(audited_files *files, bool (*excludes)(const void *context, const char *path),
                     const void *context)
{
    size_t kept = 0;
    for (size_t i = 0; i < files->count; i++) {
        struct audited_file *file = &files->items[i];
        if (excludes(context, file->path)) {
            free(file->path);
            free(file->problem);
        } else {
            files->items[kept++] = *file;
        }
    }
    files->count = kept;
}

void files_free(audited_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        free(files->items[i].path);
        free(files->items[i].problem);
    }
    vector_free(files);
}
