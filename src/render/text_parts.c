#include "render/text_parts.h"

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

void text_detail(FILE *out, const struct text_style *style, const char *text)
{
    style_paragraph(out, style,
                    &(struct paragraph){.margin = "     ", .head = "", .text = text, .indent = 2});
}

void text_pointed(FILE *out, const struct text_style *style, const char *place)
{
    style_paragraph(out, style,
                    &(struct paragraph){.margin = "  --> ",
                                        .margin_hue = HUE_GUTTER,
                                        .head = "",
                                        .text = place,
                                        .unbroken = true});
}

size_t text_limited(const struct text_style *style, size_t count)
{
    return style->limit > 0 && style->limit < count ? style->limit : count;
}

void text_shown(FILE *out, const struct text_style *style, size_t shown, uint64_t count,
                const char *what)
{
    if (shown >= count)
        return;
    char first[STYLE_NUMBER], all[STYLE_NUMBER];
    _cleanup_free_ char *text =
        text_format("first %s of %s %s (--limit 0 for all)", style_count(first, (int64_t)shown),
                    style_count(all, (int64_t)count), what);
    text_indented(out, style, text);
}

char *text_list(const name_list *names, const char *between)
{
    char *joined = strdup("");
    for (size_t i = 0; joined && i < names->count; i++) {
        char *longer = text_format("%s%s%s", joined, i ? between : "", names->items[i]);
        free(joined);
        joined = longer;
    }
    return joined;
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
    size_t worst = 0;
    while (order && worst < report->findings.count && order[worst]->suppressed.kind)
        worst++;
    if (!order || worst == report->findings.count)
        return;
    _cleanup_free_ char *text = text_format("steth explain %s", order[worst]->rule);
    style_paragraph(
        out, style,
        &(struct paragraph){.margin = "", .head = "runbook: ", .text = text, .unbroken = true});
}

static void print_totals(FILE *out, const struct report *report, const struct text_style *style)
{
    struct totals totals = findings_count(report);
    char error[STYLE_NUMBER], warning[STYLE_NUMBER], info[STYLE_NUMBER], hidden[STYLE_NUMBER];
    _cleanup_free_ char *infos =
        totals.info ? text_format(", %s info", style_count(info, (int64_t)totals.info))
                    : strdup("");
    _cleanup_free_ char *suppressed =
        totals.suppressed
            ? text_format(", %s suppressed", style_count(hidden, (int64_t)totals.suppressed))
            : strdup("");
    _cleanup_free_ char *text = text_format(
        "%s error%s, %s warning%s%s%s, %zu ok, %zu not checked",
        style_count(error, (int64_t)totals.error), plural(totals.error),
        style_count(warning, (int64_t)totals.warning), plural(totals.warning), infos ? infos : "",
        suppressed ? suppressed : "", report->ok.count, report->not_checked.count);
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
