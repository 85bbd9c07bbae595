#include "render/text_parts.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "render/order.h"

const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

void text_indented(FILE *out, const struct text_style *style, const char *text)
{
    style_paragraph(out, style,
                    &(struct paragraph){.margin = "  ", .head = "", .text = text, .indent = 2});
}

/* ---- header ---------------------------------------------------------------------------------- */

/* "  python 3.11.2  python3 -m shop.worker  up 3d 4h  rss 412.0 MiB" */
static char *build_identity(const struct target_section *target)
{
    char *text = NULL;
    size_t size = 0;
    char number[STYLE_NUMBER];
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    if (target->kind && strcmp(target->kind, "live") != 0)
        fprintf(out, "  %s", target->kind);
    fprintf(out, "  python %s", target->python ? target->python : "unknown");
    if (target->free_threaded)
        fputs(" free-threaded", out);
    if (target->debug_build)
        fputs(" debug build", out);
    if (target->command)
        fprintf(out, "  %s", target->command);
    if (target->uptime_s > 0)
        fprintf(out, "  up %s", style_age(number, target->uptime_s));
    if (target->rss_bytes > 0)
        fprintf(out, "  rss %s", style_bytes(number, target->rss_bytes));
    fclose(out);
    return text;
}

static void print_identity(FILE *out, const struct target_section *target,
                           const struct text_style *style)
{
    _cleanup_free_ char *head = text_format("pid %ld", (long)target->pid);
    _cleanup_free_ char *text = build_identity(target);
    style_paragraph(out, style,
                    &(struct paragraph){.margin = "",
                                        .head = head ? head : "",
                                        .head_hue = HUE_BOLD,
                                        .text = text,
                                        .indent = 2});
}

/* "41,204 objects, ", nothing where the view did not need the heap. */
static char *build_census(const struct target_section *target)
{
    char number[STYLE_NUMBER];
    if (target->objects == 0)
        return strdup("");
    return text_format("%s object%s, ", style_count(number, (int64_t)target->objects),
                       plural(target->objects));
}

static void print_cost(FILE *out, const struct target_section *target,
                       const struct text_style *style)
{
    char bytes[STYLE_NUMBER], time[STYLE_NUMBER], pause[STYLE_NUMBER], torn[STYLE_NUMBER];
    bool whole = target->torn_reads == 0;
    _cleanup_free_ char *census = build_census(target);
    _cleanup_free_ char *text = text_format(
        "read %s%s in %s; target paused %s; %s torn read%s", census ? census : "",
        style_bytes(bytes, target->read_bytes), style_duration(time, target->read_ms),
        style_duration(pause, target->paused_ms),
        whole ? "no" : style_count(torn, (int64_t)target->torn_reads), plural(target->torn_reads));
    style_paragraph(out, style,
                    &(struct paragraph){
                        .margin = "", .head = "", .text = text, .text_hue = HUE_DIM, .indent = 2});
}

static void print_place_of_build(FILE *out, const struct target_section *target,
                                 const struct text_style *style)
{
    _cleanup_free_ char *text =
        text_format("executable %s  layout %s", target->executable ? target->executable : "unknown",
                    target->layout ? target->layout : "unknown");
    style_paragraph(out, style,
                    &(struct paragraph){
                        .margin = "", .head = "", .text = text, .text_hue = HUE_DIM, .indent = 2});
}

void text_header(FILE *out, const struct report *report, const struct text_style *style)
{
    if (style->quiet)
        return;
    print_identity(out, &report->target, style);
    if (style->verbose)
        print_place_of_build(out, &report->target, style);
    print_cost(out, &report->target, style);
    fputc('\n', out);
}

/* ---- footer ---------------------------------------------------------------------------------- */

/* Appends ", CODE" to *list; on no memory the list stays NULL. */
static void append(char **list, const char *code)
{
    char *longer = *list && **list ? text_format("%s, %s", *list, code) : strdup(code);
    free(*list);
    *list = longer;
}

static void print_ok(FILE *out, const struct report *report, const struct text_style *style)
{
    _cleanup_free_ char *list = NULL;
    _cleanup_free_ const char **order = ok_in_order(report);
    for (size_t i = 0; order && i < report->ok.count; i++)
        append(&list, order[i]);
    if (report->ok.count > 0)
        style_paragraph(
            out, style,
            &(struct paragraph){
                .margin = "", .head = "ok: ", .head_hue = HUE_OK, .text = list, .indent = 4});
}

static bool same_reason(const struct not_checked *a, const struct not_checked *b)
{
    return !a->rule == !b->rule && strcmp(a->reason, b->reason) == 0;
}

/* One line for all rules that share the reason of entry `first`; none if one before had it. */
static void print_reason(FILE *out, const struct report *report, const struct text_style *style,
                         size_t first)
{
    const struct not_checked *entries = report->not_checked.items;
    for (size_t i = 0; i < first; i++)
        if (same_reason(&entries[i], &entries[first]))
            return;
    _cleanup_free_ char *rules = NULL;
    for (size_t i = first; entries[first].rule && i < report->not_checked.count; i++)
        if (same_reason(&entries[i], &entries[first]))
            append(&rules, entries[i].rule);
    _cleanup_free_ char *head = text_format("%s: ", rules ? rules : "this look");
    style_paragraph(
        out, style,
        &(struct paragraph){
            .margin = "  ", .head = head ? head : "", .text = entries[first].reason, .indent = 2});
}

static void print_not_checked(FILE *out, const struct report *report,
                              const struct text_style *style)
{
    if (report->not_checked.count == 0)
        return;
    style_put(out, style, HUE_BOLD, "not checked:");
    fputc('\n', out);
    for (size_t i = 0; i < report->not_checked.count; i++)
        print_reason(out, report, style, i);
}

static void print_runbooks(FILE *out, const struct report *report, const struct text_style *style)
{
    _cleanup_free_ const struct finding **order = findings_in_order(report);
    if (!order)
        return;
    _cleanup_free_ char *text = text_format("steth explain %s", order[0]->rule);
    style_paragraph(
        out, style,
        &(struct paragraph){.margin = "", .head = "runbook: ", .text = text, .unbroken = true});
}

static void print_totals(FILE *out, const struct report *report, const struct text_style *style)
{
    struct totals totals = findings_count(report);
    _cleanup_free_ char *info = totals.info ? text_format(", %zu info", totals.info) : strdup("");
    _cleanup_free_ char *text =
        text_format("%zu error%s, %zu warning%s%s, %zu ok, %zu not checked", totals.error,
                    plural(totals.error), totals.warning, plural(totals.warning), info ? info : "",
                    report->ok.count, report->not_checked.count);
    style_paragraph(out, style,
                    &(struct paragraph){
                        .margin = "", .head = "", .text = text, .text_hue = HUE_BOLD, .indent = 2});
}

void text_footer(FILE *out, const struct report *report, const struct text_style *style)
{
    if (!style->quiet) {
        print_ok(out, report, style);
        print_not_checked(out, report, style);
        print_runbooks(out, report, style);
    }
    print_totals(out, report, style);
}
