#include "cli/whole_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cli/output.h"

#define OWN_ONLY 0600 /* it may hold whatever the program had in memory */

static const char suffix[] = ".tmp";

/* Where the file will be; the caller frees. */
static char *folder_of(const char *path)
{
    _cleanup_free_ char *copy = strdup(path);
    return copy ? strdup(dirname(copy)) : NULL;
}

static char *temporary_name(const char *path, pid_t pid)
{
    _cleanup_free_ char *copy = strdup(path), *folder = folder_of(path);
    return copy && folder ? text_format("%s/.%s.%d%s", folder, basename(copy), (int)pid, suffix)
                          : NULL;
}

/* What a writing of the same file that was killed has left. */
static void remove_left(const char *path)
{
    _cleanup_free_ char *copy = strdup(path), *folder = folder_of(path);
    _cleanup_directory_ DIR *directory = folder ? opendir(folder) : NULL;
    if (!copy || !directory)
        return;
    const char *name = basename(copy);
    size_t length = strlen(name);
    for (const struct dirent *entry; (entry = readdir(directory));) {
        const char *left = entry->d_name;
        if (left[0] != '.' || strncmp(left + 1, name, length) != 0 || left[1 + length] != '.')
            continue;
        char *end;
        long pid = strtol(left + length + 2, &end, 10);
        if (pid > 0 && strcmp(end, suffix) == 0 && kill((pid_t)pid, 0) != 0 && errno == ESRCH)
            (void)unlinkat(dirfd(directory), left, 0);
    }
}

static struct error *open_file(struct whole_file *whole)
{
    _cleanup_free_ char *folder = folder_of(whole->path);
    struct stat facts;
    if (!folder)
        return error_no_memory();
    if (stat(whole->path, &facts) == 0 && S_ISDIR(facts.st_mode))
        return output_cannot_write(whole->path, EISDIR);
    if (stat(whole->path, &facts) == 0 && !S_ISREG(facts.st_mode))
        return error_hint(error_new(ERROR_USAGE, "%s is not an ordinary file", whole->path),
                          "-o - writes to standard output, which may be a pipe");
    remove_left(whole->path);
    whole->file = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, OWN_ONLY);
    if (whole->file >= 0)
        return NULL;
    whole->temporary = temporary_name(whole->path, getpid());
    if (!whole->temporary)
        return error_no_memory();
    whole->file =
        open(whole->temporary, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, OWN_ONLY);
    if (whole->file >= 0)
        return NULL;
    struct error *error = output_cannot_write(whole->path, errno);
    free(take_pointer(&whole->temporary));
    return error;
}

struct error *whole_file_begin(struct whole_file *whole, const char *path)
{
    *whole = (struct whole_file){.file = -1};
    if (!path && isatty(STDOUT_FILENO))
        return error_hint(error_new(ERROR_USAGE, "a capture is not for a terminal"),
                          "give -o FILE, or redirect the output");
    if (!path) {
        whole->file = STDOUT_FILENO;
        return NULL;
    }
    whole->path = output_resolve(path);
    struct error *error = whole->path ? open_file(whole) : error_no_memory();
    if (error)
        whole_file_abandon(whole);
    return error;
}

uint64_t whole_file_room(const char *path)
{
    struct statvfs facts;
    _cleanup_free_ char *folder = path ? folder_of(path) : NULL;
    if (!folder || statvfs(folder, &facts) != 0)
        return UINT64_MAX;
    return (uint64_t)facts.f_bavail * facts.f_frsize;
}

/* A file without a name gets one, which it then changes for the final one: to replace a file in
 * one step, a name is needed. */
static int name_it(struct whole_file *whole)
{
    char self[64];
    if (!whole->temporary) {
        whole->temporary = temporary_name(whole->path, getpid());
        snprintf(self, sizeof self, "/proc/self/fd/%d", whole->file);
        if (!whole->temporary)
            return ENOMEM;
        (void)unlink(whole->temporary);
        if (linkat(AT_FDCWD, self, AT_FDCWD, whole->temporary, AT_SYMLINK_FOLLOW) != 0)
            return errno;
    }
    if (rename(whole->temporary, whole->path) != 0)
        return errno;
    free(take_pointer(&whole->temporary));
    return 0;
}

struct error *whole_file_finish(struct whole_file *whole)
{
    struct error *error = NULL;
    if (whole->path) {
        int number = fsync(whole->file) != 0 ? errno : name_it(whole);
        if (number)
            error = output_cannot_write(whole->path, number);
    }
    whole_file_abandon(whole);
    return error;
}

void whole_file_abandon(struct whole_file *whole)
{
    if (whole->temporary)
        (void)unlink(whole->temporary);
    if (whole->file >= 0 && whole->path)
        close(whole->file);
    free(whole->temporary);
    free(whole->path);
    *whole = (struct whole_file){.file = -1};
}
