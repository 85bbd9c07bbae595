#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "render/place.h"
#include "render/text.h"
#include "render/text_parts.h"

static const char *state_word(char state)
{
    switch (state) {
    case 'R':
        return "running";
    case 'S':
        return "sleeping";
    case 'D':
        return "in uninterruptible sleep";
    case 'T':
        return "stopped";
    case 't':
        return "stopped by a debugger";
    case 'Z':
    case 'X':
        return "exited";
    case 'I':
        return "idle";
    default:
        return "state unknown";
    }
}

/* "  cpu 12.0 ms of 100.0 ms (12.0 %)", nothing when it was not observed. */
static char *format_cpu(const struct thread_row *thread)
{
    char used[STYLE_NUMBER], observed[STYLE_NUMBER];
    if (!(thread->observed_ms > 0))
        return strdup("");
    return text_format("  cpu %s of %s (%.1f %%)", style_duration(used, thread->cpu_ms),
                       style_duration(observed, thread->observed_ms),
                       thread->cpu_ms * 100 / thread->observed_ms);
}

static char *format_names(const struct thread_row *thread)
{
    bool differs = thread->name && thread->comm && strcmp(thread->name, thread->comm) != 0;
    _cleanup_free_ char *tid = thread->tid ? text_format("  tid %d", thread->tid) : strdup("");
    return text_format("%s%s%s%s", tid ? tid : "", differs ? "  comm " : "",
                       differs ? thread->comm : "", thread->python ? "" : "  no Python state");
}

static void print_head(FILE *out, const struct thread_row *thread, const struct text_style *style)
{
    const char *name = thread->name ? thread->name : thread->comm ? thread->comm : "without a name";
    _cleanup_free_ char *escaped = style_escape(name);
    _cleanup_free_ char *head = text_format("thread %s", escaped ? escaped : "(no memory)");
    _cleanup_free_ char *names = format_names(thread);
    _cleanup_free_ char *cpu = format_cpu(thread);
    _cleanup_free_ char *text =
        text_format("%s  %s%s%s%s%s", names ? names : "", state_word(thread->state), cpu ? cpu : "",
                    thread->gil ? "  " : "", thread->gil ? thread->gil : "",
                    !thread->gil                        ? ""
                    : strcmp(thread->gil, "waits") == 0 ? " for the GIL"
                                                        : " the GIL");
    style_paragraph(out, style,
                    &(struct paragraph){.margin = "",
                                        .head = head ? head : "thread",
                                        .head_hue = HUE_BOLD,
                                        .text = text,
                                        .indent = 2});
}

static void print_labelled(FILE *out, const struct text_style *style, const char *label,
                           const char *text)
{
    style_paragraph(
        out, style,
        &(struct paragraph){
            .margin = "  ", .head = label, .head_hue = HUE_GUTTER, .text = text, .indent = 4});
}

static void print_wait(FILE *out, const struct thread_row *thread, const struct text_style *style)
{
    const char *wait = thread->waits_for ? thread->waits_for : thread->wait_kind;
    _cleanup_free_ char *call =
        thread->blocked_in
            ? text_format("%ssystem call %s", wait ? ", in " : "in ", thread->blocked_in)
            : strdup("");
    _cleanup_free_ char *text = text_format("%s%s", wait ? wait : "", call ? call : "");
    if (wait || thread->blocked_in)
        print_labelled(out, style, "waits: ", text);
    if (thread->owed_by)
        print_labelled(out, style, "owed by: ", thread->owed_by);
}

/* ---- stack ----------------------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_frame(const struct thread_frame *a, const struct thread_frame *b)
{
    return a->native == b->native && a->at.line == b->at.line &&
           same_text(a->at.file, b->at.file) && same_text(a->at.function, b->at.function);
}

/* "[C] pysqlite_step  _sqlite3.so" */
static char *format_native(const struct place *at)
{
    const char *slash = at->file ? strrchr(at->file, '/') : NULL;
    const char *library = slash ? slash + 1 : at->file;
    return text_format("[C] %s%s%s", at->function ? at->function : "an unknown function",
                       library ? "  " : "", library ? library : "");
}

static void print_frame(FILE *out, const struct thread_frame *frame, size_t times, bool first,
                        const struct text_style *style)
{
    char number[STYLE_NUMBER];
    _cleanup_free_ char *place =
        frame->native ? format_native(&frame->at)
                      : place_format(frame->at.file, frame->at.line, frame->at.function);
    _cleanup_free_ char *repeated =
        times > 1 ? text_format("  (%s times)", style_count(number, (int64_t)times)) : strdup("");
    _cleanup_free_ char *text =
        text_format("%s%s%s", frame->native ? "" : "at ", place ? place : "an unknown place",
                    repeated ? repeated : "");
    style_paragraph(out, style,
                    &(struct paragraph){.margin = "    ",
                                        .head = "",
                                        .text = text,
                                        .text_hue = first           ? HUE_BOLD
                                                    : frame->native ? HUE_DIM
                                                                    : HUE_PLAIN,
                                        .unbroken = true});
}

/* The innermost frame first, a recursion's equal frames as one line, the first of Python bold. */
static void print_stack(FILE *out, const struct thread_row *thread, const struct text_style *style)
{
    bool met_python = false;
    for (size_t i = 0, next; i < thread->stack.count; i = next) {
        const struct thread_frame *frame = &thread->stack.items[i];
        for (next = i + 1; next < thread->stack.count; next++)
            if (!same_frame(frame, &thread->stack.items[next]))
                break;
        print_frame(out, frame, next - i, !frame->native && !met_python, style);
        met_python |= !frame->native;
    }
    if (thread->stack_note)
        print_labelled(out, style, "stack: ", thread->stack_note);
}

void render_text_threads(FILE *out, const struct report *report, const struct text_style *style)
{
    size_t shown = text_limited(style, report->threads.count);
    text_header(out, report, style);
    for (size_t i = 0; i < shown; i++) {
        print_head(out, &report->threads.items[i], style);
        print_wait(out, &report->threads.items[i], style);
        if (!style->quiet)
            print_stack(out, &report->threads.items[i], style);
        fputc('\n', out);
    }
    text_shown(out, style, shown, report->threads.count, "threads");
    if (report->has_threads && report->threads.count == 0)
        fputs("no thread was found\n\n", out);
    text_findings_brief(out, report, style);
    text_footer(out, report, style);
}
