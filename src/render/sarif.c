#include "render/sarif.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "render/json_parts.h"
#include "render/order.h"
#include "render/sarif_parts.h"
#include "render/uri.h"

#define SCHEMA "https://json.schemastore.org/sarif-2.1.0.json"

struct sarif {
    const struct rule **rules;
    size_t count;
    const char *root;
};

static const char *level(enum severity severity)
{
    return severity == SEVERITY_INFO ? "note" : severity_name(severity);
}

/* The sentence, what supports it, what to do: all that a reader of the result alone should see. */
static char *message_text(const struct finding *finding)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    fputs(finding->summary ? finding->summary : finding->rule, out);
    for (size_t i = 0; i < finding->evidence.count; i++)
        fprintf(out, "\n%s", finding->evidence.items[i]);
    for (size_t i = 0; i < finding->fix.count; i++)
        fprintf(out, "\nfix: %s", finding->fix.items[i]);
    fclose(out);
    return text;
}

static json_t *build_suppressions(const struct suppression *suppressed, const char *root)
{
    bool in_source = strcmp(suppressed->kind, "comment") == 0;
    json_t *suppression =
        json_pack("{s:s, s:s}", "kind", in_source ? "inSource" : "external", "status", "accepted");
    if (suppression && suppressed->reason)
        json_object_set_new(suppression, "justification", value_text(suppressed->reason));
    if (suppression && suppressed->until)
        json_object_set_new(suppression, "properties",
                            json_pack("{s:o}", "until", value_text(suppressed->until)));
    if (suppression && suppressed->at.file)
        json_object_set_new(suppression, "location",
                            sarif_location(suppressed->at.file, suppressed->at.line, NULL, root));
    return json_pack("[o]", suppression);
}

static json_t *build_locations(const struct finding *finding, const char *root)
{
    json_t *location = sarif_location(finding->location.file, finding->location.line,
                                      finding->location.function, root);
    return location ? json_pack("[o]", location) : json_array();
}

/* The places along a chain of waits. */
static json_t *build_related(const struct finding *finding, const char *root)
{
    json_t *related = json_array();
    for (size_t i = 0; i < finding->chain.count; i++) {
        const struct wait_node *node = &finding->chain.items[i];
        if (!node->at.file)
            continue;
        json_t *location = sarif_location(node->at.file, node->at.line, node->at.function, root);
        if (location)
            json_object_set_new(location, "message",
                                sarif_message(node->name ? node->name : node->kind, NULL));
        value_append(&related, location);
    }
    return related;
}

static json_t *build_result(const struct finding *finding, const struct sarif *sarif)
{
    _cleanup_free_ char *text = message_text(finding);
    if (!text)
        return NULL;
    int index = sarif_rule_index(sarif->rules, sarif->count, finding->rule);
    json_t *result = json_pack(
        "{s:o, s:s, s:o, s:o, s:o, s:{s:s}, s:{s:s}}", "ruleId", value_text(finding->rule), "level",
        level(finding->severity), "message", sarif_message(text, NULL), "locations",
        build_locations(finding, sarif->root), "relatedLocations",
        build_related(finding, sarif->root), "partialFingerprints", "steth/v1",
        finding->fingerprint, "properties", "confidence", confidence_name(finding->confidence));
    if (result && index >= 0)
        json_object_set_new(result, "ruleIndex", json_integer(index));
    if (result && finding->suppressed.kind)
        json_object_set_new(result, "suppressions",
                            build_suppressions(&finding->suppressed, sarif->root));
    return result;
}

static json_t *build_results(const struct report *report, const struct sarif *sarif)
{
    _cleanup_free_ const struct finding **order = findings_in_order(report);
    if (!order && report->findings.count > 0)
        return NULL;
    json_t *results = json_array();
    for (size_t i = 0; i < report->findings.count; i++)
        value_append(&results, build_result(order[i], sarif));
    return results;
}

/* What was not checked is part of the truth about a run that found nothing. */
static json_t *build_notifications(const struct report *report, const struct sarif *sarif)
{
    json_t *notifications = json_array();
    for (size_t i = 0; i < report->not_checked.count; i++) {
        const struct not_checked *entry = &report->not_checked.items[i];
        json_t *one =
            json_pack("{s:s, s:o}", "level", "note", "message", sarif_message(entry->reason, NULL));
        int index = entry->rule ? sarif_rule_index(sarif->rules, sarif->count, entry->rule) : -1;
        if (one && index >= 0)
            json_object_set_new(one, "associatedRule",
                                json_pack("{s:s, s:i}", "id", entry->rule, "index", index));
        value_append(&notifications, one);
    }
    return notifications;
}

static json_t *build_run(const struct report *report, const struct sarif *sarif)
{
    json_t *run = json_pack("{s:{s:{s:s, s:s, s:s, s:o}}, s:[{s:b, s:o}], s:o, s:s}", "tool",
                            "driver", "name", "steth", "version", STETH_VERSION, "semanticVersion",
                            STETH_VERSION, "rules", sarif_descriptors(sarif->rules, sarif->count),
                            "invocations", "executionSuccessful", 1, "toolExecutionNotifications",
                            build_notifications(report, sarif), "results",
                            build_results(report, sarif), "columnKind", "unicodeCodePoints");
    _cleanup_free_ char *base = sarif->root ? uri_of_directory(sarif->root) : NULL;
    if (run && base)
        json_object_set_new(run, "originalUriBaseIds",
                            json_pack("{s:{s:s}}", "SRCROOT", "uri", base));
    return run;
}

json_t *render_sarif(const struct report *report, const char *root)
{
    struct sarif sarif = {.root = root};
    _cleanup_free_ const struct rule **rules = sarif_rules(report, &sarif.count);
    sarif.rules = rules;
    return json_pack("{s:s, s:s, s:[o]}", "$schema", SCHEMA, "version", "2.1.0", "runs",
                     build_run(report, &sarif));
}
