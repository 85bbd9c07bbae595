#include "render/markdown_diff.h"

#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "render/order.h"
#include "render/style.h"
#include "render/text_diff.h"

/* ---- cells ----------------------------------------------------------------------------------- */

/* As code, so that nothing of it is taken for markup; a backtick would end it, a bar the cell. */
static void put_code(FILE *out, const char *text)
{
    _cleanup_free_ char *escaped = style_escape(text);
    fputc('`', out);
    for (const char *character = escaped ? escaped : "(no memory)"; *character; character++) {
        if (*character == '|')
            fputc('\\', out);
        fputc(*character == '`' ? '\'' : *character, out);
    }
    fputc('`', out);
}

static void put_count(FILE *out, uint64_t number)
{
    char buffer[STYLE_NUMBER];
    fprintf(out, " | %s", style_count(buffer, (int64_t)number));
}

static void put_change(FILE *out, uint64_t before, uint64_t after)
{
    char buffer[STYLE_NUMBER];
    fprintf(out, " | %s%s", after < before ? "-" : "+",
            style_bytes(buffer, after < before ? before - after : after - before));
}

static size_t shown_of(size_t limit, size_t count)
{
    return limit && limit < count ? limit : count;
}

static void put_rest(FILE *out, size_t shown, size_t count)
{
    if (shown < count)
        fprintf(out, "\n… and %zu more.\n", count - shown);
    fputc('\n', out);
}

/* ---- parts ----------------------------------------------------------------------------------- */

static void put_looks(FILE *out, const struct diff_section *diff)
{
    fputs("| | Target | After | Objects | Bytes | RSS |\n|--:|---|--:|--:|--:|--:|\n", out);
    for (size_t i = 0; i < diff->looks.count; i++) {
        const struct diff_look *look = &diff->looks.items[i];
        char time[STYLE_NUMBER], bytes[STYLE_NUMBER], rss[STYLE_NUMBER];
        fprintf(out, "| %zu | ", i + 1);
        put_code(out, look->name);
        fprintf(out, " | %s",
                i == 0 || isnan(look->seconds) ? "" : style_duration(time, look->seconds * 1000));
        put_count(out, look->objects);
        fprintf(out, " | %s | %s |\n", style_bytes(bytes, look->bytes),
                style_bytes(rss, look->rss_bytes));
    }
    fputc('\n', out);
}

static void put_holders(FILE *out, const struct diff_section *diff, size_t limit)
{
    if (diff->holders.count == 0)
        return;
    fputs("#### What grew, by what holds it\n\n"
          "| Holder | Type | Before | After | New bytes |\n|---|---|--:|--:|--:|\n",
          out);
    size_t shown = shown_of(limit, diff->holders.count);
    for (size_t i = 0; i < shown; i++) {
        const struct diff_holder *holder = &diff->holders.items[i];
        for (size_t k = 0; k < holder->held.count; k++) {
            const struct diff_held *held = &holder->held.items[k];
            fputs("| ", out);
            if (k == 0)
                put_code(out, holder->place);
            fputs(" | ", out);
            put_code(out, held->type);
            put_count(out, held->before);
            put_count(out, held->after);
            put_change(out, held->bytes_before, held->bytes_after);
            fputs(" |\n", out);
        }
    }
    put_rest(out, shown, diff->holders.count);
}

static void put_types(FILE *out, const struct diff_section *diff, size_t limit)
{
    size_t count = 0;
    for (size_t i = 0; i < diff->types.count; i++)
        count += strcmp(diff->types.items[i].verdict, "grew") == 0;
    if (count == 0)
        return;
    fputs("<details><summary>By type</summary>\n\n"
          "| Type | Before | After | Bytes | Retained |\n|---|--:|--:|--:|--:|\n",
          out);
    size_t shown = shown_of(limit, count), printed = 0;
    for (size_t i = 0; i < diff->types.count && printed < shown; i++) {
        const struct diff_type *row = &diff->types.items[i];
        if (strcmp(row->verdict, "grew") != 0)
            continue;
        fputs("| ", out);
        put_code(out, row->type);
        put_count(out, row->counts.items[0]);
        put_count(out, row->counts.items[row->counts.count - 1]);
        put_change(out, row->bytes_before, row->bytes_after);
        put_change(out, row->retained_before, row->retained_after);
        fputs(" |\n", out);
        printed++;
    }
    put_rest(out, shown, count);
    fputs("</details>\n\n", out);
}

static void put_zombies(FILE *out, const struct diff_section *diff)
{
    if (diff->zombies.count == 0)
        return;
    fputs("#### Came back from the dead\n\n", out);
    for (size_t i = 0; i < diff->zombies.count; i++) {
        const struct diff_zombie *row = &diff->zombies.items[i];
        char before[STYLE_NUMBER], after[STYLE_NUMBER];
        fputs("* ", out);
        put_code(out, row->type);
        fprintf(out, ": %s → %s", style_count(before, (int64_t)row->before),
                style_count(after, (int64_t)row->after));
        if (row->held_by) {
            fputs(", held by ", out);
            put_code(out, row->held_by);
        }
        fputc('\n', out);
    }
    fputc('\n', out);
}

static void put_still(FILE *out, const struct diff_section *diff, size_t limit)
{
    size_t count = 0;
    for (size_t i = 0; i < diff->still.count; i++)
        count += !diff->still.items[i].idle;
    if (count == 0)
        return;
    fputs("#### Did not move\n\n", out);
    size_t shown = shown_of(limit, count);
    for (size_t i = 0; i < shown; i++) {
        const struct diff_still *row = &diff->still.items[i];
        _cleanup_free_ char *wait = text_diff_wait(row);
        fprintf(out, "* %s ", row->kind);
        put_code(out, row->name);
        fputs(": ", out);
        put_code(out, wait);
        if (row->at) {
            fputs(" at ", out);
            put_code(out, row->at);
        }
        fputc('\n', out);
    }
    put_rest(out, shown, count);
}

static void put_counts(FILE *out, const struct diff_section *diff, size_t limit)
{
    size_t count = 0;
    for (size_t i = 0; i < diff->counts.count; i++)
        count += diff->counts.items[i].grew;
    if (count == 0)
        return;
    fputs("#### Piles up\n\n| Kind | What | Before | After |\n|---|---|--:|--:|\n", out);
    size_t shown = shown_of(limit, count);
    for (size_t i = 0; i < shown; i++) {
        const struct diff_count *row = &diff->counts.items[i];
        fprintf(out, "| %s | ", row->kind);
        put_code(out, row->what);
        put_count(out, row->before);
        put_count(out, row->after);
        fputs(" |\n", out);
    }
    put_rest(out, shown, count);
}

static void put_queues(FILE *out, const struct diff_section *diff)
{
    for (size_t i = 0; i < diff->executors.count; i++) {
        const struct diff_executor *row = &diff->executors.items[i];
        if (!row->grew)
            continue;
        char before[STYLE_NUMBER], after[STYLE_NUMBER];
        fputs("* the queue of ", out);
        put_code(out, row->class_name);
        fprintf(out, ": %s → %s\n\n", style_count(before, row->queued_before),
                style_count(after, row->queued_after));
    }
}

static void put_findings(FILE *out, const struct report *report)
{
    _cleanup_free_ const struct finding **order = findings_in_order(report);
    bool any = false;
    for (size_t i = 0; order && i < report->findings.count; i++) {
        if (order[i]->suppressed.kind)
            continue;
        if (!any)
            fputs("#### New findings\n\n", out);
        any = true;
        fprintf(out, "* **%s[%s]** ", severity_name(order[i]->severity), order[i]->rule);
        put_code(out, order[i]->summary);
        fputc('\n', out);
    }
    if (any)
        fputc('\n', out);
}

/* ---- the page -------------------------------------------------------------------------------- */

void render_markdown_diff(FILE *out, const struct report *report, size_t limit)
{
    const struct diff_section *diff = &report->diff;
    _cleanup_free_ char *criterion = text_diff_criterion(diff);
    fprintf(out, "### steth diff: %s\n\n", diff->grew ? "something grew" : "nothing grew");
    put_looks(out, diff);
    put_holders(out, diff, limit);
    put_types(out, diff, limit);
    put_zombies(out, diff);
    put_counts(out, diff, limit);
    put_queues(out, diff);
    put_still(out, diff, limit);
    put_findings(out, report);
    fprintf(out, "<sub>%s</sub>\n", criterion ? criterion : "");
}
