#include "cli/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cli/nearest.h"
#include "cli/toml.h"
#include "finding/rules.h"
#include "render/uri.h"

#define LARGEST      (4 << 20)
#define FOLDERS_MOST 64

struct reading {
    struct settings *settings;
    const char *file;
    bool ours; /* there is something of [tool.steth] in it */
};

static struct error *wrong(const struct reading *reading, unsigned line, const char *what)
{
    return error_new(ERROR_USAGE, "%s:%u: %s", reading->file, line, what);
}

/* ---- values ---------------------------------------------------------------------------------- */

static struct error *expect(const struct reading *reading, const struct toml_item *item,
                            enum toml_kind kind)
{
    if (item->kind == kind)
        return NULL;
    _cleanup_free_ char *what =
        text_format("%s must be %s, not %s", item->keys[item->key_count - 1],
                    kind == TOML_STRING ? "a string" : "a list of strings", item->word);
    return what ? wrong(reading, item->line, what) : error_no_memory();
}

static struct error *unknown_rule(const struct reading *reading, const struct toml_text *text)
{
    struct nearest nearest = nearest_to(text->text);
    size_t count;
    const struct rule *rules = rules_all(&count);
    for (size_t i = 0; i < count; i++) {
        nearest_offer(&nearest, rules[i].code);
        nearest_offer(&nearest, rules[i].name);
    }
    _cleanup_free_ char *what = text_format("there is no rule '%s'", text->text);
    if (!what)
        return error_no_memory();
    struct error *error = wrong(reading, text->line, what);
    return nearest.name
               ? error_hint(error, "did you mean %s? all rules: steth explain", nearest.name)
               : error_hint(error, "all rules: steth explain");
}

static struct error *read_rules(const struct reading *reading, const struct toml_item *item,
                                rule_codes *codes)
{
    struct error *error = expect(reading, item, TOML_STRINGS);
    for (size_t i = 0; !error && i < item->texts.count; i++) {
        const struct rule *rule = rule_find(item->texts.items[i].text);
        if (!rule || rule->kind != RULE_KIND_RULE)
            error = unknown_rule(reading, &item->texts.items[i]);
        else if (!vector_push(codes, rule->code))
            error = error_no_memory();
    }
    return error;
}

static struct error *read_fail_on(const struct reading *reading, const struct toml_item *item)
{
    static const enum severity severities[] = {SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ERROR};
    struct error *error = expect(reading, item, TOML_STRING);
    if (error)
        return error;
    for (size_t i = 0; i < sizeof severities / sizeof *severities; i++) {
        if (strcmp(item->texts.items[0].text, severity_name(severities[i])) != 0)
            continue;
        reading->settings->has_fail_on = true;
        reading->settings->fail_on = severities[i];
        return NULL;
    }
    return wrong(reading, item->line, "fail-on must be \"error\", \"warning\" or \"info\"");
}

static struct error *read_exclude(const struct reading *reading, const struct toml_item *item)
{
    struct error *error = expect(reading, item, TOML_STRINGS);
    for (size_t i = 0; !error && i < item->texts.count; i++) {
        char *copy = strdup(item->texts.items[i].text);
        if (!copy || !vector_push(&reading->settings->exclude, copy)) {
            free(copy);
            error = error_no_memory();
        }
    }
    return error;
}

static struct error *read_python(const struct reading *reading, const struct toml_item *item)
{
    struct error *error = expect(reading, item, TOML_STRING);
    if (error)
        return error;
    const char *path = item->texts.items[0].text;
    if (!*path)
        return wrong(reading, item->line, "python must not be empty");
    free(reading->settings->python);
    reading->settings->python = *path == '/' || !strchr(path, '/')
                                    ? strdup(path)
                                    : text_format("%s/%s", reading->settings->root, path);
    return reading->settings->python ? NULL : error_no_memory();
}

static struct error *read_path_rules(const struct reading *reading, const struct toml_item *item)
{
    struct path_rules one = {.pattern = strdup(item->keys[3]), .line = item->line};
    struct error *error = one.pattern ? read_rules(reading, item, &one.rules) : error_no_memory();
    if (!error && vector_push(&reading->settings->per_path, one))
        return NULL;
    free(one.pattern);
    vector_free(&one.rules);
    return error ? error : error_no_memory();
}

/* ---- keys ------------------------------------------------------------------------------------ */

static struct error *unknown_key(const struct reading *reading, const struct toml_item *item)
{
    static const char *const keys[] = {"only",    "ignore", "fail-on",
                                       "exclude", "python", "per-path-ignores"};
    struct nearest nearest = nearest_to(item->keys[2]);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        nearest_offer(&nearest, keys[i]);
    _cleanup_free_ char *what = text_format("[tool.steth] has no key '%s'", item->keys[2]);
    if (!what)
        return error_no_memory();
    struct error *error = wrong(reading, item->line, what);
    if (nearest.name)
        return error_hint(error, "did you mean %s?", nearest.name);
    return error_hint(error, "it has only, ignore, fail-on, exclude, python, per-path-ignores");
}

static struct error *read_plain(const struct reading *reading, const struct toml_item *item)
{
    const char *key = item->keys[2];
    if (strcmp(key, "only") == 0)
        return read_rules(reading, item, &reading->settings->only);
    if (strcmp(key, "ignore") == 0)
        return read_rules(reading, item, &reading->settings->ignore);
    if (strcmp(key, "fail-on") == 0)
        return read_fail_on(reading, item);
    if (strcmp(key, "exclude") == 0)
        return read_exclude(reading, item);
    if (strcmp(key, "python") == 0)
        return read_python(reading, item);
    return unknown_key(reading, item);
}

static struct error *read_item(void *context, const struct toml_item *item)
{
    struct reading *reading = context;
    if (item->key_count < 2 || strcmp(item->keys[0], "tool") != 0 ||
        strcmp(item->keys[1], "steth") != 0)
        return NULL;
    reading->ours = true;
    if (item->key_count == 2)
        return item->kind == TOML_TABLE ? NULL
                                        : wrong(reading, item->line, "tool.steth must be a table");
    bool per_path = strcmp(item->keys[2], "per-path-ignores") == 0;
    if (per_path && item->key_count == 4)
        return read_path_rules(reading, item);
    if (per_path && item->key_count == 3)
        return item->kind == TOML_TABLE
                   ? NULL
                   : wrong(reading, item->line,
                           "per-path-ignores must be a table: \"tests/**\" = [\"RES002\"]");
    if (per_path)
        return wrong(reading, item->line, "a pattern with dots must stand in quotes");
    return item->key_count == 3 ? read_plain(reading, item) : unknown_key(reading, item);
}

/* ---- the file -------------------------------------------------------------------------------- */

static char *read_file(const char *path, size_t *size)
{
    _cleanup_file_ FILE *file = fopen(path, "re");
    char *text = file ? malloc(LARGEST + 1) : NULL;
    if (!text)
        return NULL;
    *size = fread(text, 1, LARGEST, file);
    text[*size] = '\0';
    return text;
}

static char *folder_of(const char *file)
{
    const char *slash = strrchr(file, '/');
    if (!slash)
        return strdup(".");
    return strndup(file, slash == file ? 1 : (size_t)(slash - file));
}

struct error *settings_read(const char *file, struct settings *settings)
{
    *settings = (struct settings){.file = strdup(file), .root = folder_of(file)};
    size_t size = 0;
    unsigned broken = 0;
    _cleanup_free_ char *text = read_file(file, &size);
    struct reading reading = {.settings = settings, .file = file};
    if (!settings->file || !settings->root)
        return error_no_memory();
    if (!text)
        return error_new(ERROR_USAGE, "cannot read %s: %s", file, strerror(errno));
    /* Most projects say nothing to us: what their file looks like is not our affair. */
    if (!memmem(text, size, "steth", strlen("steth")))
        return NULL;
    struct error *error = toml_read(text, size, &broken, read_item, &reading);
    if (!broken || !reading.ours)
        return error;
    if (error) /* what was made of the rest need not be what was meant */
        error_free(error);
    return wrong(&reading, broken, "this is no TOML");
}

static bool is_folder(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

struct error *settings_find(const char *path, struct settings *settings)
{
    *settings = (struct settings){0};
    _cleanup_free_ char *folder = realpath(path, NULL);
    if (!folder)
        return NULL; /* the audit says so */
    if (!is_folder(folder))
        *strrchr(folder, '/') = '\0';
    for (unsigned i = 0; i < FOLDERS_MOST; i++) {
        _cleanup_free_ char *file = text_format("%s/pyproject.toml", folder);
        struct stat facts;
        if (!file)
            return error_no_memory();
        if (stat(file, &facts) == 0 && S_ISREG(facts.st_mode))
            return settings_read(file, settings);
        char *slash = strrchr(folder, '/');
        if (!slash)
            break;
        *slash = '\0';
    }
    return NULL;
}

void settings_free(struct settings *settings)
{
    for (size_t i = 0; i < settings->exclude.count; i++)
        free(settings->exclude.items[i]);
    for (size_t i = 0; i < settings->per_path.count; i++) {
        free(settings->per_path.items[i].pattern);
        vector_free(&settings->per_path.items[i].rules);
    }
    vector_free(&settings->exclude);
    vector_free(&settings->per_path);
    vector_free(&settings->only);
    vector_free(&settings->ignore);
    free(settings->file);
    free(settings->root);
    free(settings->python);
    *settings = (struct settings){0};
}
