#include "render/sarif_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "render/json_parts.h"
#include "render/uri.h"

json_t *sarif_message(const char *text, const char *markdown)
{
    json_t *message = json_pack("{s:o}", "text", value_text(text));
    if (message && markdown)
        json_object_set_new(message, "markdown", value_text(markdown));
    return message;
}

static bool speaks_of(const struct report *report, const char *code)
{
    for (size_t i = 0; i < report->findings.count; i++)
        if (strcmp(report->findings.items[i].rule, code) == 0)
            return true;
    for (size_t i = 0; i < report->ok.count; i++)
        if (strcmp(report->ok.items[i], code) == 0)
            return true;
    for (size_t i = 0; i < report->not_checked.count; i++)
        if (report->not_checked.items[i].rule &&
            strcmp(report->not_checked.items[i].rule, code) == 0)
            return true;
    return false;
}

const struct rule **sarif_rules(const struct report *report, size_t *count)
{
    size_t all;
    const struct rule *rules = rules_all(&all);
    const struct rule **chosen = calloc(all + 1, sizeof *chosen);
    *count = 0;
    for (size_t i = 0; chosen && i < all; i++)
        if (speaks_of(report, rules[i].code))
            chosen[(*count)++] = &rules[i];
    return chosen;
}

int sarif_rule_index(const struct rule *const *rules, size_t count, const char *code)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(rules[i]->code, code) == 0)
            return (int)i;
    return -1;
}

/* "RES" of "RES001": what a reader filters by. */
static json_t *build_tags(const struct rule *rule)
{
    _cleanup_free_ char *family = strndup(rule->code, strcspn(rule->code, "0123456789"));
    return family ? json_pack("[s, s, s]", "python", "correctness", family) : NULL;
}

static json_t *build_descriptor(const struct rule *rule)
{
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:{s:o}}", "id", rule->code, "name", rule->name,
                     "shortDescription", sarif_message(rule->summary, NULL), "fullDescription",
                     sarif_message(rule->summary, NULL), "help",
                     sarif_message(rule->markdown, rule->markdown), "properties", "tags",
                     build_tags(rule));
}

json_t *sarif_descriptors(const struct rule *const *rules, size_t count)
{
    json_t *descriptors = json_array();
    for (size_t i = 0; i < count; i++)
        value_append(&descriptors, build_descriptor(rules[i]));
    return descriptors;
}

static json_t *build_artifact(const char *file, const char *root)
{
    _cleanup_free_ char *below = path_below(file, root);
    _cleanup_free_ char *uri = below          ? uri_escape(below)
                               : *file == '/' ? uri_of_file(file)
                                              : uri_escape(file);
    if (!uri)
        return NULL;
    return below ? json_pack("{s:s, s:s}", "uri", uri, "uriBaseId", "SRCROOT")
                 : json_pack("{s:s}", "uri", uri);
}

json_t *sarif_location(const char *file, unsigned line, const char *function, const char *root)
{
    if (!file)
        return NULL;
    json_t *physical = json_pack("{s:o}", "artifactLocation", build_artifact(file, root));
    if (physical && line)
        json_object_set_new(physical, "region", json_pack("{s:i}", "startLine", (int)line));
    json_t *location = json_pack("{s:o}", "physicalLocation", physical);
    if (location && function && *function)
        json_object_set_new(location, "logicalLocations",
                            json_pack("[{s:o}]", "fullyQualifiedName", value_text(function)));
    return location;
}
