#include "audit/environment.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/text.h"

#define LONGEST_PTH_LINE 4096

bool path_is_file(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISREG(facts.st_mode);
}

bool path_is_folder(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

/* The folder that a path lies in, `levels` up; the caller frees. */
static char *above(const char *path, unsigned levels)
{
    char *result = strdup(path);
    for (; result && levels; levels--) {
        char *slash = strrchr(result, '/');
        if (!slash || slash == result)
            break;
        *slash = '\0';
    }
    return result;
}

static void add_folder(struct environment *environment, char *path)
{
    bool new = path &&path_is_folder(path);
    for (size_t i = 0; new &&i < environment->sites.count; i++)
        new = strcmp(environment->sites.items[i], path) != 0;
    if (!new || !vector_push(&environment->sites, path))
        free(path);
}

/* Editable installs and the like: the lines of NAME.pth that are paths. */
static void read_pth(struct environment *environment, const char *folder, const char *name)
{
    _cleanup_free_ char *path = text_format("%s/%s", folder, name);
    _cleanup_file_ FILE *file = path ? fopen(path, "re") : NULL;
    char line[LONGEST_PTH_LINE];
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\r\n")] = '\0';
        if (!*line || *line == '#' || strncmp(line, "import", 6) == 0)
            continue;
        add_folder(environment, *line == '/' ? strdup(line) : text_format("%s/%s", folder, line));
    }
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A site folder, and what its .pth files add. */
static void add_site(struct environment *environment, char *path)
{
    if (!path || !path_is_folder(path)) {
        free(path);
        return;
    }
    _cleanup_free_ char *folder = strdup(path);
    add_folder(environment, path);
    DIR *directory = folder ? opendir(folder) : NULL;
    VECTOR(char *) names = {0};
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        size_t length = strlen(entry->d_name);
        char *name = length > 4 && strcmp(entry->d_name + length - 4, ".pth") == 0
                         ? strdup(entry->d_name)
                         : NULL;
        if (name && !vector_push(&names, name))
            free(name);
    }
    if (directory)
        closedir(directory);
    if (names.count)
        qsort(names.items, names.count, sizeof *names.items, by_text);
    for (size_t i = 0; i < names.count; i++) {
        read_pth(environment, folder, names.items[i]);
        free(names.items[i]);
    }
    vector_free(&names);
}

static bool take_library(struct environment *environment, const char *prefix, const char *lib,
                         unsigned minor)
{
    _cleanup_free_ char *folder = text_format("%s/%s/python3.%u", prefix, lib, minor);
    _cleanup_free_ char *mark = folder ? text_format("%s/os.py", folder) : NULL;
    if (!mark || !path_is_file(mark))
        return false;
    environment->minor = minor;
    environment->standard_library = take_pointer(&folder);
    return true;
}

/* The standard library under a prefix; `minor` 0: the newest one that is there. */
static bool find_library(struct environment *environment, const char *prefix, unsigned minor)
{
    static const char *const names[] = {"lib", "lib64"};
    unsigned last = minor ? minor : ENVIRONMENT_NEWEST_MINOR;
    for (unsigned m = last; m >= (minor ? minor : 6); m--) {
        for (size_t i = 0; i < 2; i++) {
            if (take_library(environment, prefix, names[i], m))
                return true;
        }
    }
    return false;
}

static void add_sites_of(struct environment *environment, const char *prefix)
{
    add_site(environment,
             text_format("%s/lib/python3.%u/site-packages", prefix, environment->minor));
    add_site(environment,
             text_format("%s/lib64/python3.%u/site-packages", prefix, environment->minor));
    if (strlen(prefix) < 4 || strcmp(prefix + strlen(prefix) - 4, "/usr") != 0)
        return;
    /* Debian's own folders. */
    add_site(environment,
             text_format("%s/local/lib/python3.%u/dist-packages", prefix, environment->minor));
    add_site(environment, text_format("%s/lib/python3/dist-packages", prefix));
}

/* "3.11" of ".../python3.11"; 0: the name does not say. */
static unsigned minor_of(const char *path)
{
    const char *name = strrchr(path, '/');
    unsigned minor = 0;
    return sscanf(name ? name + 1 : path, "python3.%u", &minor) == 1 ? minor : 0;
}

/* A setting of pyvenv.cfg; the caller frees. */
static char *venv_setting(const char *prefix, const char *key)
{
    _cleanup_free_ char *path = text_format("%s/pyvenv.cfg", prefix);
    _cleanup_file_ FILE *file = path ? fopen(path, "re") : NULL;
    char line[LONGEST_PTH_LINE];
    while (file && fgets(line, sizeof line, file)) {
        char *equals = strchr(line, '=');
        if (!equals || strncmp(line, key, strlen(key)) != 0)
            continue;
        char after = line[strlen(key)];
        if (after != ' ' && after != '=' && after != '\t')
            continue;
        char *value = equals + 1 + strspn(equals + 1, " \t");
        value[strcspn(value, "\r\n")] = '\0';
        return strdup(value);
    }
    return NULL;
}

static struct error *not_found(const char *python)
{
    return error_hint(
        error_new(ERROR_USAGE, "there is no standard library of Python 3 beside %s", python),
        "name an interpreter itself, not a script that starts one, with --python");
}

/* An interpreter that is not one of a virtual environment. */
static struct error *take_interpreter(struct environment *environment, const char *python)
{
    char real[PATH_MAX];
    if (!realpath(python, real))
        return error_new(ERROR_USAGE, "cannot read %s: %s", python, strerror(errno));
    _cleanup_free_ char *prefix = above(real, 2), *given = above(python, 2);
    if (!prefix || !given)
        return error_no_memory();
    unsigned minor = minor_of(real);
    if (!find_library(environment, prefix, minor) && !find_library(environment, given, minor))
        return not_found(python);
    add_sites_of(environment, prefix);
    return NULL;
}

static struct error *take_venv(struct environment *environment, const char *python,
                               const char *prefix)
{
    _cleanup_free_ char *home = venv_setting(prefix, "home");
    _cleanup_free_ char *version = venv_setting(prefix, "version");
    if (!version)
        version = venv_setting(prefix, "version_info");
    _cleanup_free_ char *global = venv_setting(prefix, "include-system-site-packages");
    _cleanup_free_ char *base = home ? above(home, 1) : NULL;
    unsigned minor = 0;
    if (!base || !version || sscanf(version, "3.%u", &minor) != 1 ||
        !find_library(environment, base, minor))
        return not_found(python);
    add_sites_of(environment, prefix);
    if (global && strcmp(global, "true") == 0)
        add_sites_of(environment, base);
    return NULL;
}

static struct error *take_python(struct environment *environment, const char *python)
{
    if (!path_is_file(python))
        return error_new(ERROR_USAGE, "there is no interpreter %s", python);
    char folder[PATH_MAX];
    _cleanup_free_ char *bin = above(python, 1);
    environment->executable = strdup(python);
    if (!bin || !environment->executable)
        return error_no_memory();
    if (realpath(strchr(python, '/') ? bin : ".", folder)) {
        _cleanup_free_ char *prefix = above(folder, 1);
        _cleanup_free_ char *mark = prefix ? text_format("%s/pyvenv.cfg", prefix) : NULL;
        if (mark && path_is_file(mark))
            return take_venv(environment, python, prefix);
    }
    return take_interpreter(environment, python);
}

/* Whether there is an interpreter; what goes wrong with one that nobody named is no failure. */
static bool try_python(struct environment *environment, char *python)
{
    _cleanup_free_ char *path = python;
    if (!path || !path_is_file(path))
        return false;
    struct error *error = take_python(environment, path);
    if (!error)
        return true;
    error_free(error);
    free(take_pointer(&environment->executable));
    return false;
}

static void take_default(struct environment *environment, const char *project)
{
    const char *active = getenv("VIRTUAL_ENV");
    if (project && (try_python(environment, text_format("%s/.venv/bin/python", project)) ||
                    try_python(environment, text_format("%s/venv/bin/python", project))))
        return;
    if (active && *active && try_python(environment, text_format("%s/bin/python", active)))
        return;
    if (try_python(environment, strdup("/usr/bin/python3")) ||
        try_python(environment, strdup("/usr/local/bin/python3")))
        return;
    environment->minor = ENVIRONMENT_NEWEST_MINOR;
}

struct error *environment_find(struct environment *environment, const char *python,
                               const char *site, const char *project)
{
    *environment = (struct environment){0};
    if (site && !path_is_folder(site))
        return error_new(ERROR_USAGE, "--site %s is not a folder", site);
    if (site)
        add_site(environment, strdup(site));
    if (python)
        return take_python(environment, python);
    take_default(environment, project);
    return NULL;
}

void environment_free(struct environment *environment)
{
    free(environment->executable);
    free(environment->standard_library);
    for (size_t i = 0; i < environment->sites.count; i++)
        free(environment->sites.items[i]);
    vector_free(&environment->sites);
    *environment = (struct environment){0};
}
