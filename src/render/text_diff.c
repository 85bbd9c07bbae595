#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "render/table.h"
#include "render/text.h"
#include "render/text_diff.h"

void text_diff_title(FILE *out, const struct text_style *style, const char *title)
{
    style_put(out, style, HUE_BOLD, title);
    fputc('\n', out);
}

/* ---- the looks ------------------------------------------------------------------------------- */

static void add_size(struct table *table, uint64_t bytes)
{
    char buffer[STYLE_NUMBER];
    table_add(table, bytes ? style_bytes(buffer, bytes) : "-");
}

static void print_looks(FILE *out, const struct diff_section *diff, const struct text_style *style)
{
    static const struct table_column columns[] = {
        {"LOOK", false, false},   {"TARGET", false, true}, {"AFTER", true, false},
        {"OBJECTS", true, false}, {"BYTES", true, false},  {"RSS", true, false},
    };
    struct table table = {.columns = columns, .column_count = sizeof columns / sizeof *columns};
    for (size_t i = 0; i < diff->looks.count; i++) {
        const struct diff_look *look = &diff->looks.items[i];
        char time[STYLE_NUMBER];
        table_add_count(&table, (int64_t)i + 1);
        table_add(&table, look->name);
        table_add(&table, i == 0 || isnan(look->seconds)
                              ? "-"
                              : style_duration(time, look->seconds * 1000));
        table_add_count(&table, look->objects ? (int64_t)look->objects : -1);
        add_size(&table, look->bytes);
        add_size(&table, look->rss_bytes);
    }
    table_print(out, style, &table);
    table_free(&table);
    if (!diff->same_process)
        text_indented(out, style, "not one process: holders are matched by their place");
    fputc('\n', out);
}

/* ---- what grew ------------------------------------------------------------------------------- */

static char *held_text(const struct diff_held *held)
{
    char more[STYLE_NUMBER], after[STYLE_NUMBER];
    uint64_t new = held->after > held->before ? held->after - held->before : 0;
    return text_format("%s%s more %s (%s now)%s%s%s", held->at_most ? "at least " : "",
                       style_count(more, (int64_t) new), held->type,
                       style_count(after, (int64_t)held->after), *held->way ? " as " : "",
                       held->way, held->exact ? "" : " (a guess)");
}

static void print_holder(FILE *out, const struct diff_holder *holder, size_t number,
                         const struct text_style *style)
{
    char bytes[STYLE_NUMBER];
    _cleanup_free_ char *head = text_format("%3zu  ", number);
    _cleanup_free_ char *text =
        text_format("%s: %s more", holder->place, style_bytes(bytes, holder->new_bytes));
    style_paragraph(out, style,
                    &(struct paragraph){.margin = "",
                                        .head = head ? head : "",
                                        .head_hue = HUE_GUTTER,
                                        .text = text,
                                        .text_hue = HUE_BOLD,
                                        .indent = 5});
    for (size_t i = 0; i < holder->held.count; i++) {
        _cleanup_free_ char *line = held_text(&holder->held.items[i]);
        text_detail(out, style, line);
    }
    if (!style->verbose)
        return;
    _cleanup_free_ char *object =
        text_format("in the %s at 0x%" PRIx64, holder->type ? holder->type : "?", holder->address);
    text_detail(out, style, object);
}

static void print_holders(FILE *out, const struct diff_section *diff,
                          const struct text_style *style)
{
    if (diff->holders.count == 0)
        return;
    text_diff_title(out, style, "what grew, by what holds it");
    size_t shown = text_limited(style, diff->holders.count);
    for (size_t i = 0; i < shown; i++)
        print_holder(out, &diff->holders.items[i], i + 1, style);
    text_shown(out, style, shown, diff->holders.count, "holders");
    fputc('\n', out);
}

static void add_change(struct table *table, uint64_t before, uint64_t after)
{
    char buffer[STYLE_NUMBER];
    _cleanup_free_ char *text =
        text_format("%s%s", after < before ? "-" : "+",
                    style_bytes(buffer, after < before ? before - after : after - before));
    table_add(table, text);
}

static bool is_verdict(const struct diff_type *row, const char *verdict)
{
    return strcmp(row->verdict, verdict) == 0;
}

static void print_types(FILE *out, const struct diff_section *diff, const struct text_style *style)
{
    static const struct table_column columns[] = {
        {"TYPE", false, true}, {"BEFORE", true, false}, {"AFTER", true, false},
        {"MORE", true, false}, {"BYTES", true, false},  {"RETAINED", true, false},
    };
    struct table table = {.columns = columns, .column_count = sizeof columns / sizeof *columns};
    size_t count = 0, shown = 0;
    for (size_t i = 0; i < diff->types.count; i++) {
        const struct diff_type *row = &diff->types.items[i];
        if (!is_verdict(row, "grew") || !row->counts.count)
            continue;
        if (count++ >= style->limit && style->limit)
            continue;
        uint64_t before = row->counts.items[0], after = row->counts.items[row->counts.count - 1];
        char more[STYLE_NUMBER];
        _cleanup_free_ char *change = text_format(
            "%s%s", after < before ? "-" : "+",
            style_count(more, (int64_t)(after < before ? before - after : after - before)));
        table_add(&table, row->type);
        table_add_count(&table, (int64_t)before);
        table_add_count(&table, (int64_t)after);
        table_add(&table, change);
        add_change(&table, row->bytes_before, row->bytes_after);
        add_change(&table, row->retained_before, row->retained_after);
        shown++;
    }
    if (count) {
        text_diff_title(out, style, "what grew, by type");
        table_print(out, style, &table);
        text_shown(out, style, shown, count, "types");
        fputc('\n', out);
    }
    table_free(&table);
}

/* Types of one verdict in a line. */
static void print_others(FILE *out, const struct diff_section *diff, const char *verdict,
                         const char *head, const struct text_style *style)
{
    _cleanup_free_ char *list = strdup("");
    bool any = false;
    for (size_t i = 0; i < diff->types.count && list; i++) {
        if (!is_verdict(&diff->types.items[i], verdict))
            continue;
        char *longer = text_format("%s%s%s", list, any ? ", " : "", diff->types.items[i].type);
        free(list);
        list = longer;
        any = true;
    }
    if (any)
        style_paragraph(out, style,
                        &(struct paragraph){.margin = "", .head = head, .text = list, .indent = 2});
}

/* ---- the page -------------------------------------------------------------------------------- */

static void print_criterion(FILE *out, const struct diff_section *diff,
                            const struct text_style *style)
{
    _cleanup_free_ char *criterion = text_diff_criterion(diff);
    if (!diff->grew)
        style_paragraph(
            out, style,
            &(struct paragraph){
                .margin = "", .head = "nothing grew", .head_hue = HUE_OK, .text = "", .indent = 2});
    print_others(out, diff, "settled", "settled, not more at the end of every interval: ", style);
    print_others(out, diff, "garbage", "garbage, what is new waits for the collector: ", style);
    style_paragraph(
        out, style,
        &(struct paragraph){.margin = "", .head = "criterion: ", .text = criterion, .indent = 2});
    fputc('\n', out);
}

void render_text_diff(FILE *out, const struct report *report, const struct text_style *style)
{
    const struct diff_section *diff = &report->diff;
    text_header(out, report, style);
    if (!style->quiet)
        print_looks(out, diff, style);
    print_holders(out, diff, style);
    print_types(out, diff, style);
    text_diff_state(out, diff, style);
    if (!style->quiet)
        print_criterion(out, diff, style);
    text_findings_brief(out, report, style);
    text_footer(out, report, style);
}
