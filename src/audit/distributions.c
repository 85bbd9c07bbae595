#include "audit/distributions.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

#define LINE_BYTES_MAX 4096

/* One line without its end; false at the end of the file. */
static bool next_line(FILE *file, char line[LINE_BYTES_MAX])
{
    if (!fgets(line, LINE_BYTES_MAX, file))
        return false;
    line[strcspn(line, "\r\n")] = '\0';
    return true;
}

/* ---- one distribution ------------------------------------------------------------------------ */

/* "Name: x" and "Version: y" of METADATA or PKG-INFO; the header ends with an empty line. */
static bool read_header(const char *path, struct distribution *one)
{
    _cleanup_file_ FILE *file = fopen(path, "re");
    char line[LINE_BYTES_MAX];
    while (file && next_line(file, line) && *line && !(one->name && one->version)) {
        char **field = strncmp(line, "Name: ", 6) == 0      ? &one->name
                       : strncmp(line, "Version: ", 9) == 0 ? &one->version
                                                            : NULL;
        if (field && !*field)
            *field = strdup(strchr(line, ' ') + 1);
    }
    if (one->name && one->version && !strpbrk(one->name, " \t") && !strpbrk(one->version, " \t"))
        return true;
    free(one->name);
    free(one->version);
    return false;
}

struct reading {
    struct distributions *distributions;
    const char *site;
    uint32_t number;
    bool any, no_memory;
};

static void claim(struct reading *reading, const char *relative)
{
    _cleanup_free_ char *path = text_format("%s/%s", reading->site, relative);
    if (!path || !text_map_put(&reading->distributions->by_path, path, reading->number))
        reading->no_memory = true;
    reading->any = true;
}

/* RECORD: "path,hash,size", a path with a comma in quotes. */
static void claim_record(struct reading *reading, const char *metadata)
{
    _cleanup_free_ char *path = text_format("%s/RECORD", metadata);
    _cleanup_file_ FILE *file = path ? fopen(path, "re") : NULL;
    char line[LINE_BYTES_MAX];
    while (file && !reading->no_memory && next_line(file, line)) {
        char *name = *line == '"' ? line + 1 : line;
        name[strcspn(name, *line == '"' ? "\"" : ",")] = '\0';
        if (text_ends_with(name, ".py") || text_ends_with(name, ".pyi") ||
            text_ends_with(name, ".so"))
            claim(reading, name);
    }
}

static void claim_top(struct reading *reading, const char *name)
{
    _cleanup_free_ char *file = text_format("%s.py", name);
    claim(reading, name);
    if (file)
        claim(reading, file);
}

static void claim_top_levels(struct reading *reading, const char *metadata)
{
    _cleanup_free_ char *path = text_format("%s/top_level.txt", metadata);
    _cleanup_file_ FILE *file = path ? fopen(path, "re") : NULL;
    char line[LINE_BYTES_MAX];
    while (file && !reading->no_memory && next_line(file, line))
        if (*line)
            claim_top(reading, line);
}

/* What a project "Some-Name" would call its package when nothing says it. */
static void claim_by_name(struct reading *reading, const char *name)
{
    _cleanup_free_ char *package = strdup(name);
    for (char *p = package; p && *p; p++) {
        if (*p == '-' || *p == '.')
            *p = '_';
        else if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p - 'A' + 'a');
    }
    if (package)
        claim_top(reading, package);
}

static bool add_one(struct distributions *distributions, const char *site, const char *entry)
{
    bool wheel = text_ends_with(entry, ".dist-info");
    _cleanup_free_ char *metadata = text_format("%s/%s", site, entry);
    _cleanup_free_ char *header =
        text_format("%s/%s/%s", site, entry, wheel ? "METADATA" : "PKG-INFO");
    struct distribution one = {0};
    if (!metadata || !header)
        return false;
    /* An egg-info of distutils is a file itself. */
    if (!read_header(header, &one) && (wheel || !read_header(metadata, &one)))
        return true;
    struct reading reading = {distributions, site, (uint32_t)distributions->items.count, false,
                              false};
    if (!vector_push(&distributions->items, one)) {
        free(one.name);
        free(one.version);
        return false;
    }
    claim_record(&reading, metadata);
    if (!reading.any)
        claim_top_levels(&reading, metadata);
    if (!reading.any)
        claim_by_name(&reading, one.name);
    return !reading.no_memory;
}

/* ---- all ------------------------------------------------------------------------------------- */

bool distributions_add(struct distributions *distributions, const char *site)
{
    _cleanup_directory_ DIR *folder = opendir(site);
    bool ok = true;
    for (struct dirent *entry; ok && folder && (entry = readdir(folder));)
        if (text_ends_with(entry->d_name, ".dist-info") ||
            text_ends_with(entry->d_name, ".egg-info"))
            ok = add_one(distributions, site, entry->d_name);
    return ok;
}

void distributions_free(struct distributions *distributions)
{
    for (size_t i = 0; i < distributions->items.count; i++) {
        free(distributions->items.items[i].name);
        free(distributions->items.items[i].version);
    }
    vector_free(&distributions->items);
    text_map_free(&distributions->by_path);
}

const struct distribution *distributions_of_file(const struct distributions *distributions,
                                                 const char *path)
{
    _cleanup_free_ char *part = strdup(path);
    while (part && *part) {
        uint32_t number = text_map_get(&distributions->by_path, part);
        if (number != TEXT_MAP_ABSENT)
            return &distributions->items.items[number];
        char *slash = strrchr(part, '/');
        if (!slash)
            break;
        *slash = '\0';
    }
    return NULL;
}

const struct distribution *distributions_named(const struct distributions *distributions,
                                               const char *name)
{
    for (size_t i = 0; i < distributions->items.count; i++)
        if (strcmp(distributions->items.items[i].name, name) == 0)
            return &distributions->items.items[i];
    return NULL;
}
