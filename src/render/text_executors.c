/* Executors, on the page of `steth tasks`. */
#include <string.h>

#include "base/cleanup.h"
#include "render/place.h"
#include "render/text_parts.h"
#include "render/text_tasks.h"

static char *format_oldest(const struct executor_row *executor)
{
    char time[STYLE_NUMBER];
    _cleanup_free_ char *place =
        place_format(executor->oldest.file, executor->oldest.line, executor->oldest.function);
    if (!(executor->oldest_ms > 0) && !place)
        return strdup("");
    return text_format("; oldest call: %s%s%s%s", executor->oldest_ms > 0 ? "at least " : "",
                       executor->oldest_ms > 0 ? style_duration(time, executor->oldest_ms) : "",
                       place ? executor->oldest_ms > 0 ? ", now at " : "now at " : "",
                       place ? place : "");
}

/* ", 4 busy"; nothing when it is not known. */
static char *format_known(int64_t number, const char *what)
{
    char text[STYLE_NUMBER];
    return number < 0 ? strdup("") : text_format(", %s %s", style_count(text, number), what);
}

static void print_executor_watch(FILE *out, const struct executor_watch *watch,
                                 const struct text_style *style)
{
    if (!(watch->seconds > 0))
        return;
    char time[STYLE_NUMBER], first[STYLE_NUMBER], last[STYLE_NUMBER], queued[STYLE_NUMBER];
    char busy[STYLE_NUMBER], age[STYLE_NUMBER];
    _cleanup_free_ char *place =
        place_format(watch->oldest.file, watch->oldest.line, watch->oldest.function);
    _cleanup_free_ char *oldest =
        watch->oldest_ms > 0
            ? text_format("; a call ran for at least %s%s%s", style_duration(age, watch->oldest_ms),
                          place ? ", at " : "", place ? place : "")
            : strdup("");
    _cleanup_free_ char *text =
        text_format("watched for %s: %.1f busy (at most %s); queued %s -> %s (at most %s)%s",
                    style_duration(time, watch->seconds * 1e3), watch->busy_mean,
                    style_count(busy, watch->busy_max), style_count(first, watch->queued_first),
                    style_count(last, watch->queued_last), style_count(queued, watch->queued_max),
                    oldest ? oldest : "");
    text_indented(out, style, text);
}

void text_executor(FILE *out, const struct executor_row *executor, const struct text_style *style)
{
    _cleanup_free_ char *name =
        style_escape(executor->class_name ? executor->class_name : "of no class");
    _cleanup_free_ char *head = text_format("executor %s", name ? name : "(no memory)");
    _cleanup_free_ char *workers = format_known(executor->workers, "workers");
    _cleanup_free_ char *most = format_known(executor->max_workers, "at most");
    _cleanup_free_ char *busy = format_known(executor->busy, "busy");
    _cleanup_free_ char *queued = format_known(executor->queued, "queued");
    _cleanup_free_ char *oldest = format_oldest(executor);
    _cleanup_free_ char *text =
        text_format("%s%s%s%s%s", workers ? workers : "", most ? most : "", busy ? busy : "",
                    queued ? queued : "", oldest ? oldest : "");
    style_paragraph(out, style,
                    &(struct paragraph){.margin = "",
                                        .head = head ? head : "executor",
                                        .head_hue = HUE_BOLD,
                                        .text = text,
                                        .indent = 2});
    print_executor_watch(out, &executor->watch, style);
}
