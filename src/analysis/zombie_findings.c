#include "analysis/zombie_findings.h"

#include <string.h>

#include "base/text.h"

static const char *short_name(const char *qualified)
{
    const char *dot = strchr(qualified, '.');
    return dot ? dot + 1 : qualified;
}

static void set_place(struct finding *finding, const struct zombie_group *group)
{
    if (!group->finalizer.file)
        return;
    finding->location.file = strdup(group->finalizer.file);
    finding->location.line = group->finalizer.line;
    finding->location.function = strdup(group->finalizer.function ? group->finalizer.function : "");
}

static void describe_holders(struct finding *finding, const struct zombie_group *group)
{
    for (size_t i = 0; i < group->held_by.count && i < 3; i++)
        finding_add_evidence(finding, "held by %s (%llu object%s)", group->held_by.items[i],
                             (unsigned long long)group->held_count.items[i],
                             group->held_count.items[i] == 1 ? "" : "s");
    if (group->held_by.count > 3)
        finding_add_evidence(finding, "and by %zu other holders", group->held_by.count - 3);
    if (group->unreachable)
        finding_add_evidence(finding,
                             "%llu not reached from any root: garbage that waits for a collection, "
                             "or held by C code",
                             (unsigned long long)group->unreachable);
}

static void add_fixes(struct finding *finding, const struct zombie_group *group)
{
    if (!group->finalizer.function) {
        finding_add_fix(finding, "its finalizer is built in and stores nothing: an object that was "
                                 "finalized with it brought it back; look at the other findings");
        return;
    }
    finding_add_fix(finding, "stop %s from storing or passing on self; it runs once only",
                    group->finalizer.function);
    finding_add_fix(finding, "release what the object owns in close() or a context manager, or "
                             "with weakref.finalize");
}

void zombie_report_resurrected(const struct look *look, const struct zombie_group *group,
                               struct report *report)
{
    struct finding *finding = report_add_finding(report, "RES001", SEVERITY_ERROR, CONFIDENCE_HIGH);
    if (!finding)
        return;
    const char *name = short_name(group->type);
    finding->summary = group->count == 1
                           ? text_format("1 %s object is alive after its finalizer ran", name)
                           : text_format("%llu %s objects are alive after their finalizer ran",
                                         (unsigned long long)group->count, name);
    set_place(finding, group);
    finding_add_text(finding, "type", group->type);
    finding_add_number(finding, "count", (int64_t)group->count, "");
    finding_add_number(finding, "bytes", (int64_t)group->bytes, "bytes");
    describe_holders(finding, group);
    add_fixes(finding, group);
    if (group->held_by.count)
        finding_add_fix(finding, "until then: empty %s, which lets the objects be freed",
                        group->held_by.items[0]);
    finding->confirm = look_command(look, "zombies");
    finding_identify(finding, group->type);
}

void zombie_report_resources(const struct look *look, const struct zombie_group *group,
                             struct report *report)
{
    if (!group->resources.count)
        return;
    struct finding *finding =
        report_add_finding(report, "RES004", SEVERITY_WARNING, CONFIDENCE_HIGH);
    if (!finding)
        return;
    finding->summary =
        text_format("resurrected %s objects keep %zu resource%s open", short_name(group->type),
                    group->resources.count, group->resources.count == 1 ? "" : "s");
    set_place(finding, group);
    finding_add_text(finding, "type", group->type);
    finding_add_number(finding, "resources", (int64_t)group->resources.count, "");
    for (size_t i = 0; i < group->resources.count && i < 8; i++) {
        const struct zombie_resource *resource = &group->resources.items[i];
        char *number = resource->number >= 0 ? text_format(" %d", resource->number) : NULL;
        finding_add_evidence(finding, "%s%s (%s)%s%s", resource->kind, number ? number : "",
                             resource->type, resource->target ? " on " : "",
                             resource->target ? resource->target : "");
        free(number);
    }
    finding_add_fix(finding, "close them where the work ends (with, try/finally), not in __del__");
    finding->confirm = look_command(look, "zombies");
    finding_identify(finding, group->type);
}
