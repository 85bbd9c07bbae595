#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "render/place.h"
#include "render/text.h"
#include "render/text_parts.h"
#include "render/text_tasks.h"

/* ---- one loop -------------------------------------------------------------------------------- */

static void print_loop_head(FILE *out, const struct loop_row *loop, const struct text_style *style)
{
    _cleanup_free_ char *name = style_escape(loop->class_name ? loop->class_name : "of no class");
    _cleanup_free_ char *head = text_format("loop %s", name ? name : "(no memory)");
    _cleanup_free_ char *tid = loop->tid ? text_format(" (tid %d)", loop->tid) : strdup("");
    _cleanup_free_ char *thread =
        loop->thread || loop->tid
            ? text_format("thread %s%s", loop->thread ? loop->thread : "", tid ? tid : "")
            : strdup("in no thread");
    _cleanup_free_ char *address =
        style->verbose ? text_format("  0x%" PRIx64, loop->address) : strdup("");
    _cleanup_free_ char *text = text_format(
        "  %s%s%s", thread ? thread : "", loop->running ? "  running" : "", address ? address : "");
    style_paragraph(out, style,
                    &(struct paragraph){.margin = "",
                                        .head = head ? head : "loop",
                                        .head_hue = HUE_BOLD,
                                        .text = text,
                                        .indent = 2});
}

static void print_verdict(FILE *out, const struct loop_row *loop, const struct text_style *style)
{
    bool healthy = loop->verdict && strcmp(loop->verdict, "healthy") == 0;
    _cleanup_free_ char *head =
        text_format("verdict: %s", loop->verdict ? loop->verdict : "not checked");
    _cleanup_free_ char *confidence =
        loop->verdict ? text_format(" (%s confidence)", confidence_name(loop->confidence))
                      : strdup("");
    _cleanup_free_ char *text =
        text_format("%s%s%s", confidence ? confidence : "", loop->reason ? ": " : "",
                    loop->reason ? loop->reason : "");
    enum hue hue = healthy ? HUE_OK : loop->verdict ? HUE_ERROR : HUE_BOLD;
    style_paragraph(out, style,
                    &(struct paragraph){.margin = "  ",
                                        .head = head ? head : "verdict",
                                        .head_hue = hue,
                                        .text = text,
                                        .indent = 2});
}

/* "computes on the CPU, in C function deflate" */
static char *format_blocked(const struct loop_row *loop)
{
    const char *native = loop->native ? loop->native : "";
    const char *comma = loop->native ? ", in C function " : "";
    if (!loop->blocked_in)
        return text_format("is in C function %s", native);
    if (strcmp(loop->blocked_in, "cpu") == 0)
        return text_format("computes on the CPU%s%s", comma, native);
    return text_format("sits in the system call %s%s%s", loop->blocked_in, comma, native);
}

static void print_blocked(FILE *out, const struct loop_row *loop, const struct text_style *style)
{
    _cleanup_free_ char *place = place_format(loop->at.file, loop->at.line, loop->at.function);
    if (place)
        text_pointed(out, style, place);
    if (!loop->blocked_in && !loop->native)
        return;
    _cleanup_free_ char *text = format_blocked(loop);
    text_indented(out, style, text);
}

/* ", next timer in 1.2 s" */
static char *format_timer(const struct loop_row *loop)
{
    char time[STYLE_NUMBER];
    if (isnan(loop->next_timer_ms))
        return strdup("");
    if (loop->next_timer_ms < 0)
        return text_format(", next timer overdue by %s",
                           style_duration(time, -loop->next_timer_ms));
    return text_format(", next timer in %s", style_duration(time, loop->next_timer_ms));
}

static void print_counts(FILE *out, const struct loop_row *loop, const struct text_style *style)
{
    char tasks[STYLE_NUMBER], ready[STYLE_NUMBER], scheduled[STYLE_NUMBER], time[STYLE_NUMBER];
    _cleanup_free_ char *timer = format_timer(loop);
    _cleanup_free_ char *stalled = loop->stalled_ms > 0
                                       ? text_format("; has not turned for at least %s",
                                                     style_duration(time, loop->stalled_ms))
                                       : strdup("");
    _cleanup_free_ char *text = text_format(
        "%s pending task%s; ready %s, scheduled %s%s%s", style_count(tasks, (int64_t)loop->tasks),
        plural(loop->tasks), loop->ready < 0 ? "unknown" : style_count(ready, loop->ready),
        loop->scheduled < 0 ? "unknown" : style_count(scheduled, loop->scheduled),
        timer ? timer : "", stalled ? stalled : "");
    text_indented(out, style, text);
}

/* ---- what was watched ------------------------------------------------------------------------ */

static void print_delays(FILE *out, const struct loop_watch *watch, const struct text_style *style)
{
    char p50[STYLE_NUMBER], p95[STYLE_NUMBER], p99[STYLE_NUMBER], most[STYLE_NUMBER];
    if (isnan(watch->delay_max))
        return;
    _cleanup_free_ char *text =
        text_format("delay: p50 %s, p95 %s, p99 %s, max %s", style_duration(p50, watch->delay_p50),
                    style_duration(p95, watch->delay_p95), style_duration(p99, watch->delay_p99),
                    style_duration(most, watch->delay_max));
    text_indented(out, style, text);
}

/* Within what can be printed, whatever the numbers were. */
static int64_t a_second(int64_t count, double seconds)
{
    double rate = (double)count / seconds;
    return rate < 1e15 ? (int64_t)rate : (int64_t)1e15;
}

static void print_rates(FILE *out, const struct loop_watch *watch, const struct text_style *style)
{
    if (watch->added < 0 || watch->taken < 0)
        return;
    char added[STYLE_NUMBER], taken[STYLE_NUMBER];
    _cleanup_free_ char *text =
        text_format("callbacks: %s added a second, %s taken to be run",
                    style_count(added, a_second(watch->added, watch->seconds)),
                    style_count(taken, a_second(watch->taken, watch->seconds)));
    text_indented(out, style, text);
}

/* Of quick callbacks the one seen longest says nothing. */
#define LONGEST_TOLD_MS 1

static void print_slow(FILE *out, const struct loop_watch *watch, const struct text_style *style)
{
    size_t shown = text_limited(style, watch->slow_count);
    if (shown > 0)
        text_indented(out, style, "time on the loop, most first:");
    for (size_t i = 0; i < shown; i++) {
        const struct slow_call *slow = &watch->slow[i];
        char time[STYLE_NUMBER], samples[STYLE_NUMBER], longest[STYLE_NUMBER];
        _cleanup_free_ char *place = place_format(slow->at.file, slow->at.line, slow->at.function);
        _cleanup_free_ char *one =
            slow->longest >= LONGEST_TOLD_MS
                ? text_format("one at least %s, ", style_duration(longest, slow->longest))
                : strdup("");
        _cleanup_free_ char *text =
            text_format("%10s  %s%s sample%s  at %s", style_duration(time, slow->milliseconds),
                        one ? one : "", style_count(samples, (int64_t)slow->samples),
                        plural(slow->samples), place ? place : "an unknown place");
        style_paragraph(
            out, style,
            &(struct paragraph){.margin = "  ", .head = "", .text = text, .indent = 12});
    }
    text_shown(out, style, shown, watch->slow_count, "functions");
}

static void print_watch(FILE *out, const struct loop_watch *watch, const struct text_style *style)
{
    if (!(watch->seconds > 0))
        return;
    char time[STYLE_NUMBER], samples[STYLE_NUMBER];
    char first[STYLE_NUMBER], last[STYLE_NUMBER], most[STYLE_NUMBER];
    _cleanup_free_ char *text = text_format(
        "watched for %s (%s sample%s): busy %.1f %%; ready %s -> %s (at most %s)",
        style_duration(time, watch->seconds * 1e3), style_count(samples, (int64_t)watch->samples),
        plural(watch->samples), watch->utilisation * 100, style_count(first, watch->ready_first),
        style_count(last, watch->ready_last), style_count(most, watch->ready_max));
    text_indented(out, style, text);
    print_rates(out, watch, style);
    print_delays(out, watch, style);
    print_slow(out, watch, style);
}

/* ---- the page -------------------------------------------------------------------------------- */

static void print_loop(FILE *out, const struct loop_row *loop, const struct text_style *style)
{
    print_loop_head(out, loop, style);
    print_verdict(out, loop, style);
    print_blocked(out, loop, style);
    text_chain(out, style, "   |  ", &loop->cycle, loop->cycle_closes);
    print_counts(out, loop, style);
    print_watch(out, &loop->watch, style);
}

/* Tasks whose loop was not found. */
static void print_strays(struct forest_drawing *drawing, const struct address_map *known)
{
    if (text_forest_count(drawing, NULL, known) == 0)
        return;
    style_put(drawing->out, drawing->style, HUE_BOLD, "tasks of no loop that was found:");
    fputc('\n', drawing->out);
    text_forest(drawing, NULL, known);
    fputc('\n', drawing->out);
}

static void print_loops(const struct report *report, struct forest_drawing *drawing)
{
    struct address_map known = {0};
    for (size_t i = 0; i < report->loops.count; i++)
        if (report->loops.items[i].address)
            (void)address_map_put(&known, report->loops.items[i].address, 0);
    for (size_t i = 0; i < report->loops.count; i++) {
        print_loop(drawing->out, &report->loops.items[i], drawing->style);
        if (!drawing->style->quiet)
            text_forest(drawing, &report->loops.items[i], &known);
        fputc('\n', drawing->out);
    }
    if (!drawing->style->quiet)
        print_strays(drawing, &known);
    address_map_free(&known);
}

void render_text_tasks(FILE *out, const struct report *report, const struct text_style *style)
{
    struct forest forest = {0};
    _cleanup_free_ uint8_t *drawn = calloc(report->tasks.count + 1, sizeof *drawn);
    struct forest_drawing drawing = {out, style, &forest, drawn};
    text_header(out, report, style);
    if (!drawn || !forest_build(report, &forest))
        fputs("(no memory for the tasks)\n", out);
    else
        print_loops(report, &drawing);
    forest_free(&forest);
    if (report->has_loops && report->loops.count == 0)
        fputs("no event loop was found\n\n", out);
    for (size_t i = 0; !style->quiet && i < report->executors.count; i++)
        text_executor(out, &report->executors.items[i], style);
    if (!style->quiet && report->executors.count > 0)
        fputc('\n', out);
    text_findings_brief(out, report, style);
    text_footer(out, report, style);
}
