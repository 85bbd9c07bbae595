#include "render/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "finding/rules.h"
#include "render/json_parts.h"
#include "render/order.h"
#include "render/utf8.h"

static json_t *build_process(const struct target_section *target)
{
    json_t *process = json_pack(
        "{s:o, s:o, s:o, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "kind",
        value_text(target->kind), "pid", target->pid > 0 ? json_integer(target->pid) : json_null(),
        "python", value_text(target->python), "free_threaded", target->free_threaded, "debug_build",
        target->debug_build, "executable", value_text(target->executable), "command",
        value_text(target->command), "layout", value_text(target->layout), "rss_bytes",
        value_number(target->rss_bytes), "uptime_ms", value_milliseconds(target->uptime_s * 1000),
        "paused_ms", value_milliseconds(target->paused_ms), "objects",
        value_number(target->objects), "read_bytes", value_number(target->read_bytes), "read_ms",
        value_milliseconds(target->read_ms), "torn_reads", value_number(target->torn_reads));
    if (process && target->file)
        json_object_set_new(process, "file", value_text(target->file));
    return process;
}

static json_t *build_source(const struct target_section *target)
{
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "kind", target->kind, "python",
                     value_text(target->python), "executable", value_text(target->executable),
                     "files", value_number(target->files), "lines", value_number(target->lines),
                     "read_bytes", value_number(target->read_bytes), "read_ms",
                     value_milliseconds(target->read_ms));
}

static json_t *build_target(const struct target_section *target)
{
    bool source = target->kind && strcmp(target->kind, "source") == 0;
    return source ? build_source(target) : build_process(target);
}

static json_t *build_summary(const struct report *report)
{
    struct totals totals = findings_count(report);
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "error", value_number(totals.error),
                     "warning", value_number(totals.warning), "info", value_number(totals.info),
                     "suppressed", value_number(totals.suppressed), "ok",
                     value_number(report->ok.count), "not_checked",
                     value_number(report->not_checked.count));
}

/* The unit "bytes" or "ms" belongs to a key's end; most names carry it already. */
static char *fact_key(const struct fact *fact)
{
    const char *unit = fact->unit ? fact->unit : "";
    size_t length = strlen(fact->name), unit_length = strlen(unit);
    bool carries = length >= unit_length && strcmp(fact->name + length - unit_length, unit) == 0;
    if (carries || fact->text || (strcmp(unit, "bytes") != 0 && strcmp(unit, "ms") != 0))
        return utf8_valid(fact->name);
    char *key = NULL;
    return asprintf(&key, "%s_%s", fact->name, unit) < 0 ? NULL : key;
}

static json_t *build_facts(const struct finding *finding)
{
    json_t *facts = json_object();
    for (size_t i = 0; facts && i < finding->facts.count; i++) {
        const struct fact *fact = &finding->facts.items[i];
        _cleanup_free_ char *key = fact_key(fact);
        json_t *value = fact->is_list ? value_texts(fact->list.items, fact->list.count)
                        : fact->text  ? value_text(fact->text)
                                      : json_integer(fact->number);
        if (json_object_set_new(facts, key, value) != 0) {
            json_decref(facts);
            facts = NULL;
        }
    }
    return facts;
}

static json_t *build_suppression(const struct suppression *suppressed)
{
    if (!suppressed->kind)
        return json_null();
    return json_pack("{s:s, s:o, s:o, s:o}", "by", suppressed->kind, "reason",
                     value_text(suppressed->reason), "until", value_text(suppressed->until),
                     "location", value_location(&suppressed->at));
}

static json_t *build_finding(const struct finding *finding)
{
    const struct rule *rule = rule_find(finding->rule);
    return json_pack(
        "{s:o, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:s, s:o}", "rule",
        value_text(finding->rule), "name", value_text(rule ? rule->name : NULL), "severity",
        severity_name(finding->severity), "confidence", confidence_name(finding->confidence),
        "summary", value_text(finding->summary), "facts", build_facts(finding), "location",
        value_place(finding->location.file, finding->location.line, finding->location.function),
        "evidence", value_texts(finding->evidence.items, finding->evidence.count), "cycle",
        value_chain(&finding->chain), "cycle_closes", finding->chain_closes, "fix",
        value_texts(finding->fix.items, finding->fix.count), "confirm",
        value_text(finding->confirm), "fingerprint", finding->fingerprint, "suppressed",
        build_suppression(&finding->suppressed));
}

static json_t *build_findings(const struct report *report)
{
    _cleanup_free_ const struct finding **order = findings_in_order(report);
    if (!order && report->findings.count > 0)
        return NULL;
    json_t *findings = json_array();
    for (size_t i = 0; i < report->findings.count; i++)
        value_append(&findings, build_finding(order[i]));
    return findings;
}

static json_t *build_ok(const struct report *report)
{
    _cleanup_free_ const char **order = ok_in_order(report);
    if (!order && report->ok.count > 0)
        return NULL;
    json_t *ok = json_array();
    for (size_t i = 0; i < report->ok.count; i++)
        value_append(&ok, value_text(order[i]));
    return ok;
}

static json_t *build_not_checked(const struct report *report)
{
    json_t *array = json_array();
    for (size_t i = 0; i < report->not_checked.count; i++) {
        const struct not_checked *entry = &report->not_checked.items[i];
        value_append(&array, json_pack("{s:o, s:o}", "rule", value_text(entry->rule), "reason",
                                       value_text(entry->reason)));
    }
    return array;
}

static bool add_section(json_t *json, const char *key, json_t *section)
{
    return json_object_set_new(json, key, section) == 0;
}

static bool add_classes(json_t *json, const struct report *report)
{
    if (!report->has_classes)
        return true;
    if (!add_section(json, "classes", section_classes(report)) ||
        !add_section(json, "explanations", section_explanations(report)))
        return false;
    return !report->classes.live ||
           (add_section(json, "class_summary", section_class_summary(report)) &&
            add_section(json, "combined_metaclasses", section_combined(report)) &&
            add_section(json, "class_collisions", section_collisions(report)));
}

static bool add_sections(json_t *json, const struct report *report)
{
    if (report->has_zombies && (!add_section(json, "zombies", section_zombies(report)) ||
                                !add_section(json, "exempt", section_exempt(report))))
        return false;
    if (report->has_loops && (!add_section(json, "loops", section_loops(report)) ||
                              !add_section(json, "executors", section_executors(report))))
        return false;
    if (report->has_tasks && !add_section(json, "tasks", section_tasks(report)))
        return false;
    if (report->has_threads && !add_section(json, "threads", section_threads(report)))
        return false;
    if (!add_classes(json, report))
        return false;
    if (report->has_diff && !add_section(json, "diff", section_diff(report)))
        return false;
    if (report->has_heap && !add_section(json, "heap", section_heap(report)))
        return false;
    return !report->has_gc || add_section(json, "gc", section_gc(report));
}

json_t *render_json(const struct report *report)
{
    json_t *json = json_pack("{s:s, s:{s:s, s:s}, s:o, s:o, s:o, s:o, s:o}", "schema", "steth/1",
                             "tool", "name", "steth", "version", STETH_VERSION, "target",
                             build_target(&report->target), "summary", build_summary(report),
                             "findings", build_findings(report), "ok", build_ok(report),
                             "not_checked", build_not_checked(report));
    if (json && !add_sections(json, report)) {
        json_decref(json);
        return NULL;
    }
    return json;
}
