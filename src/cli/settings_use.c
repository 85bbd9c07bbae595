/* settings_use.c: what the settings say about files and findings. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cli/settings.h"
#include "render/uri.h"

/* `path` as the patterns see it; NULL: not below the folder of the settings. */
static char *below_root(const struct settings *settings, const char *path)
{
    if (!settings->root)
        return NULL;
    _cleanup_free_ char *here = realpath(".", NULL);
    _cleanup_free_ char *whole =
        *path == '/' || !here ? strdup(path) : text_format("%s/%s", here, path);
    return whole ? path_below(whole, settings->root) : NULL;
}

bool settings_exclude(const struct settings *settings, const char *path)
{
    if (!settings->exclude.count)
        return false;
    _cleanup_free_ char *below = below_root(settings, path);
    for (size_t i = 0; below && i < settings->exclude.count; i++)
        if (pattern_matches(settings->exclude.items[i], below))
            return true;
    return false;
}

static bool has_rule(const rule_codes *codes, const char *rule)
{
    for (size_t i = 0; i < codes->count; i++)
        if (strcmp(codes->items[i], rule) == 0)
            return true;
    return false;
}

bool settings_ignore(const struct settings *settings, const char *rule)
{
    return has_rule(&settings->ignore, rule);
}

bool settings_only(const struct settings *settings, const char *rule)
{
    return has_rule(&settings->only, rule);
}

static const struct path_rules *find_rules(const struct settings *settings,
                                           const struct finding *finding)
{
    _cleanup_free_ char *below =
        finding->location.file ? below_root(settings, finding->location.file) : NULL;
    for (size_t i = 0; below && i < settings->per_path.count; i++)
        if (has_rule(&settings->per_path.items[i].rules, finding->rule) &&
            pattern_matches(settings->per_path.items[i].pattern, below))
            return &settings->per_path.items[i];
    return NULL;
}

void settings_suppress(const struct settings *settings, struct report *report)
{
    for (size_t i = 0; settings->per_path.count && i < report->findings.count; i++) {
        struct finding *finding = &report->findings.items[i];
        const struct path_rules *rules =
            finding->suppressed.kind ? NULL : find_rules(settings, finding);
        if (!rules)
            continue;
        finding->suppressed.kind = "configuration";
        finding->suppressed.reason = text_format("per-path-ignores \"%s\"", rules->pattern);
        finding->suppressed.at.file = strdup(settings->file);
        finding->suppressed.at.line = rules->line;
    }
}
