#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "render/table.h"
#include "render/text.h"
#include "render/text_parts.h"

static void print_generations(FILE *out, const struct gc_section *gc,
                              const struct text_style *style)
{
    static const struct table_column columns[] = {
        {"GENERATION", true, false},    {"COUNT", true, false},       {"THRESHOLD", true, false},
        {"OBJECTS", true, false},       {"COLLECTIONS", true, false}, {"COLLECTED", true, false},
        {"UNCOLLECTABLE", true, false},
    };
    struct table table = {.columns = columns, .column_count = sizeof columns / sizeof *columns};
    for (int i = 0; i < GENERATIONS; i++) {
        const struct gc_generation *generation = &gc->generations[i];
        table_add_count(&table, i);
        table_add_count(&table, generation->count);
        table_add_count(&table, generation->threshold);
        table_add_count(&table, generation->objects);
        table_add_count(&table, generation->collections);
        table_add_count(&table, generation->collected);
        table_add_count(&table, generation->uncollectable);
    }
    table_print(out, style, &table);
    table_free(&table);
}

/* The names of gc.set_debug()'s flags. */
static char *debug_names(int64_t flags)
{
    static const struct {
        int64_t bit;
        const char *name;
    } names[] = {{1, " DEBUG_STATS"},
                 {2, " DEBUG_COLLECTABLE"},
                 {4, " DEBUG_UNCOLLECTABLE"},
                 {32, " DEBUG_SAVEALL"}};
    char text[80] = "";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (flags & names[i].bit)
            strcat(text, names[i].name);
    return strdup(text[0] ? text : " none");
}

static void print_switches(FILE *out, const struct gc_section *gc, const struct text_style *style)
{
    char frozen[STYLE_NUMBER], garbage[STYLE_NUMBER];
    _cleanup_free_ char *names = debug_names(gc->debug_flags);
    _cleanup_free_ char *text =
        text_format("frozen: %s  gc.garbage: %s  debug flags:%s", style_count(frozen, gc->frozen),
                    style_count(garbage, gc->garbage), names ? names : "");
    style_paragraph(out, style,
                    &(struct paragraph){.margin = "", .head = "", .text = text, .indent = 2});
}

/* collect_generations() skips the oldest generation while pending < total / 4, in integers. */
static void print_quarter_rule(FILE *out, const struct gc_section *gc,
                               const struct text_style *style)
{
    if (gc->long_lived_total < 0 || gc->long_lived_pending < 0)
        return;
    char total[STYLE_NUMBER], pending[STYLE_NUMBER], needed[STYLE_NUMBER];
    _cleanup_free_ char *text = text_format(
        "long-lived: %s, pending: %s; an automatic full collection needs %s pending "
        "(25 %% rule)",
        style_count(total, gc->long_lived_total), style_count(pending, gc->long_lived_pending),
        style_count(needed, gc->long_lived_total / 4));
    style_paragraph(out, style,
                    &(struct paragraph){.margin = "", .head = "", .text = text, .indent = 2});
}

static void print_interpreter(FILE *out, const struct gc_section *gc,
                              const struct text_style *style)
{
    _cleanup_free_ char *head = text_format("interpreter %" PRIu64, gc->interpreter);
    _cleanup_free_ char *text =
        text_format(": automatic collection %s, %s collector%s", gc->enabled ? "on" : "OFF",
                    gc->incremental ? "incremental" : "generational",
                    gc->collecting ? ", a collection is running" : "");
    style_paragraph(out, style,
                    &(struct paragraph){.margin = "",
                                        .head = head ? head : "",
                                        .head_hue = HUE_BOLD,
                                        .text = text,
                                        .indent = 2});
    print_generations(out, gc, style);
    print_switches(out, gc, style);
    print_quarter_rule(out, gc, style);
    fputc('\n', out);
}

void render_text_gc(FILE *out, const struct report *report, const struct text_style *style)
{
    text_header(out, report, style);
    for (size_t i = 0; i < report->gc.count; i++)
        print_interpreter(out, &report->gc.items[i], style);
    text_footer(out, report, style);
}
