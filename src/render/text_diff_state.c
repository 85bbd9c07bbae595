/* text_diff_state.c: of `steth diff`, what is no memory: who stands still, what piles up. */
#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "render/table.h"
#include "render/text_diff.h"

char *text_diff_criterion(const struct diff_section *diff)
{
    return text_format(
        "growth is more by over %d objects of a type (%d descriptors, threads, tasks or queued "
        "calls), by over 1 %% and by over %d standard deviations of chance (the square root of "
        "both counts together); or by over %d MiB and 10 %% of the bytes of a type%s",
        DIFF_OBJECTS, DIFF_HANDLES, DIFF_DEVIATIONS, (int)(DIFF_BYTES >> 20),
        diff->looks.count > 2 ? "; and it comes in every interval"
                              : ". In one interval a cache that fills looks the same: a third "
                                "look tells them apart");
}

char *text_diff_wait(const struct diff_still *still)
{
    return text_format("%s%s%s%s%s", still->wait_kind ? still->wait_kind : "",
                       still->waits_for ? ": " : "", still->waits_for ? still->waits_for : "",
                       still->owed_by ? ", " : "", still->owed_by ? still->owed_by : "");
}

/* ---- zombies --------------------------------------------------------------------------------- */

static void print_zombies(FILE *out, const struct diff_section *diff,
                          const struct text_style *style)
{
    if (diff->zombies.count == 0)
        return;
    text_diff_title(out, style, "came back from the dead");
    size_t shown = text_limited(style, diff->zombies.count);
    for (size_t i = 0; i < shown; i++) {
        const struct diff_zombie *row = &diff->zombies.items[i];
        char more[STYLE_NUMBER], after[STYLE_NUMBER];
        _cleanup_free_ char *text = text_format(
            "%s more %s (%s now), %s%s", style_count(more, (int64_t)(row->after - row->before)),
            row->type, style_count(after, (int64_t)row->after),
            row->held_by ? "held by " : "no root reaches them", row->held_by ? row->held_by : "");
        text_indented(out, style, text);
        _cleanup_free_ char *place =
            row->finalizer_file ? text_format("%s:%u", row->finalizer_file, row->finalizer_line)
                                : NULL;
        if (place)
            text_pointed(out, style, place);
    }
    text_shown(out, style, shown, diff->zombies.count, "types");
    fputc('\n', out);
}

/* ---- what stands still ----------------------------------------------------------------------- */

static void print_one_still(FILE *out, const struct diff_still *still,
                            const struct text_style *style)
{
    char count[STYLE_NUMBER];
    _cleanup_free_ char *wait = text_diff_wait(still);
    _cleanup_free_ char *alike =
        still->count > 1
            ? text_format(" and %s like it", style_count(count, (int64_t)still->count - 1))
            : strdup("");
    _cleanup_free_ char *text =
        text_format("%s %s%s: %s", still->kind, still->name, alike ? alike : "", wait ? wait : "");
    text_indented(out, style, text);
    if (still->at)
        text_pointed(out, style, still->at);
}

static void print_still(FILE *out, const struct diff_section *diff, const struct text_style *style)
{
    uint64_t idle = 0, rows = 0;
    for (size_t i = 0; i < diff->still.count; i++) {
        const struct diff_still *still = &diff->still.items[i];
        idle += still->idle ? still->count : 0;
        rows += !still->idle;
    }
    if (diff->still.count == 0)
        return;
    double seconds = diff->looks.items[diff->looks.count - 1].seconds;
    char time[STYLE_NUMBER], number[STYLE_NUMBER];
    _cleanup_free_ char *span =
        isnan(seconds) ? strdup("") : text_format(" in %s", style_duration(time, seconds * 1000));
    _cleanup_free_ char *others =
        idle ? text_format("%s%s that wait%s for work", rows ? ", besides " : ": only ",
                           style_count(number, (int64_t)idle), idle == 1 ? "s" : "")
             : strdup("");
    _cleanup_free_ char *title =
        text_format("did not move%s%s", span ? span : "", others ? others : "");
    text_diff_title(out, style, title ? title : "did not move");
    size_t shown = text_limited(style, rows);
    for (size_t i = 0; i < shown; i++)
        print_one_still(out, &diff->still.items[i], style);
    for (size_t i = rows; i < diff->still.count && style->verbose; i++)
        print_one_still(out, &diff->still.items[i], style);
    text_shown(out, style, shown, rows, "that did not move");
    fputc('\n', out);
}

/* ---- what piles up --------------------------------------------------------------------------- */

static void print_counts(FILE *out, const struct diff_section *diff, const struct text_style *style)
{
    static const struct table_column columns[] = {{"KIND", false, false},
                                                  {"WHAT", false, true},
                                                  {"BEFORE", true, false},
                                                  {"AFTER", true, false},
                                                  {"", false, false}};
    struct table table = {.columns = columns, .column_count = sizeof columns / sizeof *columns};
    size_t rows = 0;
    for (size_t i = 0; i < diff->counts.count; i++)
        rows += diff->counts.items[i].grew || style->verbose;
    size_t shown = text_limited(style, rows), printed = 0;
    for (size_t i = 0; i < diff->counts.count && printed < shown; i++) {
        const struct diff_count *row = &diff->counts.items[i];
        if (!row->grew && !style->verbose)
            continue;
        table_add(&table, row->kind);
        table_add(&table, row->what);
        table_add_count(&table, (int64_t)row->before);
        table_add_count(&table, (int64_t)row->after);
        table_add(&table, row->grew ? "grew" : "");
        printed++;
    }
    if (rows) {
        text_diff_title(out, style, "descriptors, threads and tasks");
        table_print(out, style, &table);
        text_shown(out, style, shown, rows, "rows");
        fputc('\n', out);
    }
    table_free(&table);
}

static bool has_changed(const struct diff_executor *row)
{
    return row->grew || row->busy_before != row->busy_after ||
           row->queued_before != row->queued_after || row->oldest_ms > 0;
}

static void print_executors(FILE *out, const struct diff_section *diff,
                            const struct text_style *style)
{
    bool any = false;
    for (size_t i = 0; i < diff->executors.count; i++) {
        const struct diff_executor *row = &diff->executors.items[i];
        if (!has_changed(row) && !style->verbose)
            continue;
        if (!any)
            text_diff_title(out, style, "executors");
        any = true;
        char before[STYLE_NUMBER], after[STYLE_NUMBER], busy[STYLE_NUMBER], was[STYLE_NUMBER];
        char time[STYLE_NUMBER];
        _cleanup_free_ char *oldest =
            row->oldest_ms > 0
                ? text_format("; the oldest call for %s", style_duration(time, row->oldest_ms))
                : strdup("");
        _cleanup_free_ char *text = text_format(
            "%s: queue %s -> %s%s, busy %s -> %s%s", row->class_name,
            style_count(before, row->queued_before), style_count(after, row->queued_after),
            row->grew ? " (grew)" : "", style_count(was, row->busy_before),
            style_count(busy, row->busy_after), oldest ? oldest : "");
        text_indented(out, style, text);
        if (row->oldest)
            text_pointed(out, style, row->oldest);
    }
    if (any)
        fputc('\n', out);
}

static void print_collectors(FILE *out, const struct diff_section *diff,
                             const struct text_style *style)
{
    if (diff->collectors.count == 0)
        return;
    _cleanup_free_ char *list = strdup("");
    for (size_t i = 0; i < diff->collectors.count && list; i++) {
        const struct diff_collector *row = &diff->collectors.items[i];
        char runs[STYLE_NUMBER], collected[STYLE_NUMBER], lost[STYLE_NUMBER];
        _cleanup_free_ char *stuck =
            row->uncollectable > 0
                ? text_format(", %s uncollectable", style_count(lost, row->uncollectable))
                : strdup("");
        char *longer = text_format("%s%sgeneration %u %s (%s freed%s)", list, i ? ", " : "",
                                   row->generation, style_count(runs, row->collections),
                                   style_count(collected, row->collected), stuck ? stuck : "");
        free(list);
        list = longer;
    }
    style_paragraph(
        out, style,
        &(struct paragraph){
            .margin = "", .head = "collections meanwhile: ", .text = list, .indent = 2});
    fputc('\n', out);
}

void text_diff_state(FILE *out, const struct diff_section *diff, const struct text_style *style)
{
    print_zombies(out, diff, style);
    print_still(out, diff, style);
    print_counts(out, diff, style);
    print_executors(out, diff, style);
    print_collectors(out, diff, style);
}
