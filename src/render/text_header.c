#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "render/text_parts.h"

#define LINE 80 /* columns of the identity where the width is not limited: nothing is lost */

/* A line that is broken between its parts, inside of one only where the part is longer than it. */
struct identity_line {
    FILE *out;
    size_t width, column;
};

static void put_part(struct identity_line *line, const char *part)
{
    _cleanup_free_ char *escaped = style_escape(part);
    const char *rest = escaped ? escaped : "(no memory)";
    for (size_t gap = 2; *rest; gap = 1) {
        bool whole = style_columns(rest) + 2 <= line->width;
        size_t length = whole ? strlen(rest) : strcspn(rest, " ");
        _cleanup_free_ char *piece = strndup(rest, length);
        size_t columns = piece ? style_columns(piece) : 0;
        if (line->column + gap + columns > line->width) {
            fputc('\n', line->out);
            line->column = 0;
            gap = 2;
        }
        fprintf(line->out, "%*s%s", (int)gap, "", piece ? piece : "");
        line->column += gap + columns;
        rest += length;
        rest += strspn(rest, " ");
    }
}

/* "pid 4242  python 3.11.2  python3 -m shop.worker  up 3d 4h  rss 412.0 MiB" */
static void print_identity(FILE *out, const struct target_section *target,
                           const struct text_style *style)
{
    char number[STYLE_NUMBER];
    _cleanup_free_ char *source =
        target->file ? text_format("%s %s", target->kind, target->file) : NULL;
    _cleanup_free_ char *pid = text_format("pid %ld", (long)target->pid);
    _cleanup_free_ char *python = text_format(
        "python %s%s%s", target->python ? target->python : "unknown",
        target->free_threaded ? " free-threaded" : "", target->debug_build ? " debug build" : "");
    _cleanup_free_ char *age = text_format("up %s", style_age(number, target->uptime_s));
    _cleanup_free_ char *size = text_format("rss %s", style_bytes(number, target->rss_bytes));
    struct identity_line line = {out, style->width ? (size_t)style->width : LINE, 0};
    style_put(out, style, HUE_BOLD, pid ? pid : "");
    line.column = pid ? style_columns(pid) : 0;
    if (target->kind && strcmp(target->kind, "live") != 0)
        put_part(&line, source ? source : target->kind);
    put_part(&line, python);
    if (target->command)
        put_part(&line, target->command);
    if (target->uptime_s > 0)
        put_part(&line, age);
    if (target->rss_bytes > 0)
        put_part(&line, size);
    fputc('\n', out);
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

/* "source  python 3.11" and what was read, instead of a process. */
static void print_source(FILE *out, const struct target_section *target,
                         const struct text_style *style)
{
    char files[STYLE_NUMBER], lines[STYLE_NUMBER], time[STYLE_NUMBER];
    struct identity_line line = {out, style->width ? (size_t)style->width : LINE, 0};
    _cleanup_free_ char *python =
        text_format("python %s", target->python ? target->python : "unknown");
    style_put(out, style, HUE_BOLD, "source");
    line.column = strlen("source");
    put_part(&line, python);
    if (target->executable)
        put_part(&line, target->executable);
    fputc('\n', out);
    _cleanup_free_ char *text = text_format(
        "read %s file%s, %s lines in %s; nothing imported",
        style_count(files, (int64_t)target->files), plural(target->files),
        style_count(lines, (int64_t)target->lines), style_duration(time, target->read_ms));
    style_paragraph(out, style,
                    &(struct paragraph){
                        .margin = "", .head = "", .text = text, .text_hue = HUE_DIM, .indent = 2});
    fputc('\n', out);
}

void text_header(FILE *out, const struct report *report, const struct text_style *style)
{
    if (style->quiet)
        return;
    if (report->target.kind && strcmp(report->target.kind, "source") == 0) {
        print_source(out, &report->target, style);
        return;
    }
    print_identity(out, &report->target, style);
    if (style->verbose)
        print_place_of_build(out, &report->target, style);
    print_cost(out, &report->target, style);
    fputc('\n', out);
}
