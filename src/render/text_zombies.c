#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "render/table.h"
#include "render/text.h"
#include "render/text_parts.h"

/* ---- by type --------------------------------------------------------------------------------- */

static char *finalizer_place(const struct zombie_group *group)
{
    if (!group->finalizer.file)
        return strdup("built in");
    return text_format("%s:%u", group->finalizer.file, group->finalizer.line);
}

static char *holders(const struct zombie_group *group)
{
    if (group->held_by.count == 0)
        return strdup("(no path found)");
    if (group->held_by.count == 1)
        return strdup(group->held_by.items[0]);
    char more[STYLE_NUMBER];
    return text_format("%s and %s more", group->held_by.items[0],
                       style_count(more, (int64_t)group->held_by.count - 1));
}

static void print_types(FILE *out, const struct report *report, const struct text_style *style)
{
    static const struct table_column columns[] = {{"TYPE", false, true},
                                                  {"COUNT", true, false},
                                                  {"BYTES", true, false},
                                                  {"FINALIZER", false, true},
                                                  {"HELD BY", false, true}};
    struct table table = {.columns = columns, .column_count = sizeof columns / sizeof *columns};
    uint64_t count = 0, bytes = 0;
    for (size_t i = 0; i < report->zombies.count; i++) {
        const struct zombie_group *group = &report->zombies.items[i];
        _cleanup_free_ char *place = finalizer_place(group);
        _cleanup_free_ char *held_by = holders(group);
        table_add(&table, group->type);
        table_add_count(&table, (int64_t)group->count);
        table_add_count(&table, (int64_t)group->bytes);
        table_add(&table, place);
        table_add(&table, held_by);
        count += group->count;
        bytes += group->bytes;
    }
    table_add(&table, "total");
    table_add_count(&table, (int64_t)count);
    table_add_count(&table, (int64_t)bytes);
    table_add(&table, "");
    table_add(&table, "");
    table_print(out, style, &table);
    table_free(&table);
}

/* ---- one type -------------------------------------------------------------------------------- */

static void print_object(FILE *out, const struct zombie_path *path, const struct text_style *style)
{
    _cleanup_free_ char *joined =
        path->reachable ? heap_steps_text(path->steps.items, path->steps.count) : NULL;
    _cleanup_free_ char *head = text_format("  0x%" PRIx64 "  ", path->address);
    _cleanup_free_ char *text =
        path->reachable ? text_format("%s%s", joined ? joined : "(no memory)",
                                      path->exact ? "" : "  (a step is a conservative guess)")
                        : strdup("(no path from a root was found)");
    style_paragraph(
        out, style,
        &(struct paragraph){.margin = "", .head = head ? head : "", .text = text, .indent = 6});
}

static void print_resource(FILE *out, const struct zombie_resource *resource,
                           const struct text_style *style)
{
    _cleanup_free_ char *number =
        resource->number >= 0 ? text_format(" %d", resource->number) : strdup("");
    _cleanup_free_ char *text = text_format(
        "holds %s%s%s%s, through %s at 0x%" PRIx64, resource->kind, number ? number : "",
        resource->target ? ": " : "", resource->target ? resource->target : "",
        resource->type ? resource->type : "an object", resource->address);
    text_indented(out, style, text);
}

static void print_holders(FILE *out, const struct zombie_group *group,
                          const struct text_style *style)
{
    size_t shown = text_limited(style, group->held_by.count);
    for (size_t i = 0; i < shown; i++) {
        uint64_t count = i < group->held_count.count ? group->held_count.items[i] : 0;
        char number[STYLE_NUMBER];
        _cleanup_free_ char *text =
            count ? text_format("held by %s (%s object%s)", group->held_by.items[i],
                                style_count(number, (int64_t)count), plural(count))
                  : text_format("held by %s", group->held_by.items[i]);
        text_indented(out, style, text);
    }
    text_shown(out, style, shown, group->held_by.count, "holders");
    if (group->unreachable > 0) {
        char number[STYLE_NUMBER];
        _cleanup_free_ char *text = text_format("no path from a root to %s object%s",
                                                style_count(number, (int64_t)group->unreachable),
                                                plural(group->unreachable));
        text_indented(out, style, text);
    }
}

static void print_group(FILE *out, const struct zombie_group *group, const struct text_style *style)
{
    style_put_escaped(out, style, HUE_BOLD, group->type);
    fputc('\n', out);
    if (group->finalizer.file) {
        _cleanup_free_ char *text =
            text_format("finalizer %s:%u%s%s", group->finalizer.file, group->finalizer.line,
                        group->finalizer.function ? " in " : "",
                        group->finalizer.function ? group->finalizer.function : "");
        text_indented(out, style, text);
    }
    if (group->retained_bytes) {
        char bytes[STYLE_NUMBER];
        _cleanup_free_ char *text =
            text_format("retains %s", style_bytes(bytes, group->retained_bytes));
        text_indented(out, style, text);
    }
    print_holders(out, group, style);
    size_t objects = text_limited(style, group->objects.count);
    for (size_t i = 0; i < objects; i++)
        print_object(out, &group->objects.items[i], style);
    text_shown(out, style, objects, group->count, "objects");
    size_t resources = text_limited(style, group->resources.count);
    for (size_t i = 0; i < resources; i++)
        print_resource(out, &group->resources.items[i], style);
    text_shown(out, style, resources, group->resources.count, "resources");
    fputc('\n', out);
}

static void print_exempt(FILE *out, const struct report *report, const struct text_style *style)
{
    if (report->exempt.count == 0)
        return;
    style_put(out, style, HUE_BOLD, "exempt, finalized and alive for a known reason:");
    fputc('\n', out);
    for (size_t i = 0; i < report->exempt.count; i++) {
        const struct exempt_group *group = &report->exempt.items[i];
        char number[STYLE_NUMBER];
        _cleanup_free_ char *text = text_format(
            "%s %s: %s", style_count(number, (int64_t)group->count), group->type, group->reason);
        text_indented(out, style, text);
    }
    fputc('\n', out);
}

static bool is_ok(const struct report *report, const char *rule)
{
    for (size_t i = 0; i < report->ok.count; i++)
        if (strcmp(report->ok.items[i], rule) == 0)
            return true;
    return false;
}

void render_text_zombies(FILE *out, const struct report *report, const struct text_style *style)
{
    text_header(out, report, style);
    if (report->zombies.count > 0) {
        print_types(out, report, style);
        fputc('\n', out);
    } else if (is_ok(report, "RES001")) {
        fputs("no object is alive after its finalizer ran\n\n", out);
    }
    for (size_t i = 0; i < report->zombies.count; i++)
        print_group(out, &report->zombies.items[i], style);
    print_exempt(out, report, style);
    text_footer(out, report, style);
}
