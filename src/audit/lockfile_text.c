/* The text of a lock file: a word, a name, and for classes the distribution; a line each. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/lockfile.h"
#include "base/cleanup.h"
#include "base/text.h"

#define SIZE_MAX_READ ((size_t)64 << 20)
#define FIRST_LINE    "steth-lock 1"

/* ---- writing --------------------------------------------------------------------------------- */

static void print_links(const char *word, const lockfile_links *links, FILE *out)
{
    for (size_t i = 0; i < links->count; i++) {
        const struct lockfile_link *link = &links->items[i];
        fprintf(out, "  %s %s%s%s\n", word, link->name, link->distribution ? " " : "",
                link->distribution ? link->distribution : "");
    }
}

void lockfile_print(const struct lockfile *lockfile, FILE *out)
{
    fprintf(out, "%s\n", FIRST_LINE);
    fprintf(out, "# Classes that combine frameworks, and what they rest on.\n");
    fprintf(out, "# Written by `steth audit --lock`; compared by `steth audit --verify`.\n");
    if (lockfile->distributions.count)
        fprintf(out, "\n");
    for (size_t i = 0; i < lockfile->distributions.count; i++)
        fprintf(out, "distribution %s %s\n", lockfile->distributions.items[i].name,
                lockfile->distributions.items[i].version);
    for (size_t i = 0; i < lockfile->classes.count; i++) {
        const struct lockfile_class *one = &lockfile->classes.items[i];
        fprintf(out, "\nclass %s\n", one->name);
        if (one->file)
            fprintf(out, "  file %s\n", one->file);
        print_links("metaclass", &one->metaclasses, out);
        print_links("mro", &one->mro, out);
    }
}

static struct error *cannot(const char *what, const char *path)
{
    return error_hint(error_new(ERROR_USAGE, "cannot %s %s: %s", what, path, strerror(errno)),
                      "name another file: --lock FILE");
}

struct error *lockfile_save(const struct lockfile *lockfile, const char *path)
{
    _cleanup_free_ char *name = text_format("%s.XXXXXX", path);
    if (!name)
        return error_no_memory();
    int descriptor = mkstemp(name);
    FILE *out = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    if (!out) {
        struct error *error = cannot("write", path);
        if (descriptor >= 0) {
            close(descriptor);
            unlink(name);
        }
        return error;
    }
    lockfile_print(lockfile, out);
    bool whole = fflush(out) == 0 && fchmod(descriptor, 0644) == 0 && fsync(descriptor) == 0;
    whole = fclose(out) == 0 && whole && rename(name, path) == 0;
    if (whole)
        return NULL;
    struct error *error = cannot("write", path);
    unlink(name);
    return error;
}

/* ---- reading --------------------------------------------------------------------------------- */

struct reading {
    const char *path;
    size_t line;
    struct lockfile *lockfile;
};

static struct error *bad_line(const struct reading *reading, const char *what)
{
    return error_hint(
        error_new(ERROR_USAGE, "%s:%zu: %s", reading->path, reading->line, what),
        "restore the file from version control, or write it anew: steth audit --lock");
}

static struct error *add_class(struct reading *reading, const char *name)
{
    struct lockfile_class one = {.name = strdup(name)};
    if (one.name && vector_push(&reading->lockfile->classes, one))
        return NULL;
    free(one.name);
    return error_no_memory();
}

static struct error *read_distribution(struct reading *reading, const char *name,
                                       const char *version)
{
    struct distribution one = {strdup(name), strdup(version)};
    if (one.name && one.version && vector_push(&reading->lockfile->distributions, one))
        return NULL;
    free(one.name);
    free(one.version);
    return error_no_memory();
}

static struct error *add_link(lockfile_links *links, const char *name, const char *distribution)
{
    struct lockfile_link link = {strdup(name), distribution ? strdup(distribution) : NULL};
    if (link.name && (link.distribution || !distribution) && vector_push(links, link))
        return NULL;
    free(link.name);
    free(link.distribution);
    return error_no_memory();
}

/* A line of a class: what it says of the one begun last. */
static struct error *read_detail(struct reading *reading, const char *word, const char *rest,
                                 const char *name, const char *distribution)
{
    if (!reading->lockfile->classes.count)
        return bad_line(reading, "it belongs to no class");
    struct lockfile_class *one =
        &reading->lockfile->classes.items[reading->lockfile->classes.count - 1];
    if (strcmp(word, "metaclass") == 0)
        return add_link(&one->metaclasses, name, distribution);
    if (strcmp(word, "mro") == 0)
        return add_link(&one->mro, name, distribution);
    if (strcmp(word, "file") != 0)
        return bad_line(reading, "not a line of a lock file of this version");
    free(one->file);
    one->file = strdup(rest);
    return one->file ? NULL : error_no_memory();
}

/* `line` is a copy that may be cut up. */
static struct error *read_line(struct reading *reading, char *line)
{
    line[strcspn(line, "\r\n")] = '\0';
    char *text = line + strspn(line, " \t"), *rest = NULL;
    if (!*text || *text == '#')
        return NULL;
    char *word = strtok_r(text, " \t", &rest);
    rest += strspn(rest, " \t");
    _cleanup_free_ char *whole = strdup(rest);
    char *name = strtok_r(NULL, " \t", &rest), *more = name ? strtok_r(NULL, " \t", &rest) : NULL;
    if (!whole)
        return error_no_memory();
    if (!name)
        return bad_line(reading, "a name is missing");
    if (strcmp(word, "class") == 0)
        return add_class(reading, name);
    if (strcmp(word, "distribution") == 0)
        return more ? read_distribution(reading, name, more)
                    : bad_line(reading, "a version is missing");
    return read_detail(reading, word, whole, name, more);
}

/* The text is no string: it may end without a NUL. */
static char *copy_line(const char *line, size_t length)
{
    char *copy = malloc(length + 1);
    if (!copy)
        return NULL;
    memcpy(copy, line, length);
    copy[length] = '\0';
    return copy;
}

struct error *lockfile_parse(const char *path, const char *text, size_t size,
                             struct lockfile *lockfile)
{
    struct reading reading = {.path = path, .line = 1, .lockfile = lockfile};
    struct error *error = NULL;
    *lockfile = (struct lockfile){0};
    const size_t first = strlen(FIRST_LINE);
    if (size < first || memcmp(text, FIRST_LINE, first) != 0 || memchr(text, '\0', size))
        return bad_line(&reading, "not a lock file of steth, or of a newer one: it does not begin "
                                  "with \"" FIRST_LINE "\"");
    for (const char *at = text, *end = text + size; at < end && !error; reading.line++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((stop ? stop : end) - at);
        _cleanup_free_ char *line = copy_line(at, length);
        if (!line)
            error = error_no_memory();
        else if (reading.line > 1)
            error = read_line(&reading, line);
        at += length + 1;
    }
    if (error)
        lockfile_free(lockfile);
    return error;
}

struct error *lockfile_load(const char *path, struct lockfile *lockfile)
{
    _cleanup_file_ FILE *file = fopen(path, "re");
    _cleanup_free_ char *text = NULL;
    size_t size = 0, capacity = 0;
    *lockfile = (struct lockfile){0};
    if (!file)
        return error_hint(error_new(ERROR_USAGE, "cannot read %s: %s", path, strerror(errno)),
                          "write one first: steth audit --lock %s PATH", path);
    for (size_t got = 1; got && size < SIZE_MAX_READ; size += got) {
        if (!vector_reserve_bytes((void **)&text, &capacity, size + 65536, 1))
            return error_no_memory();
        got = fread(text + size, 1, 65536, file);
    }
    if (ferror(file))
        return cannot("read", path);
    return lockfile_parse(path, text ? text : "", size, lockfile);
}
