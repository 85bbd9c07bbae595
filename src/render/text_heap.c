#include "render/text_heap.h"

#include <string.h>

#include "base/cleanup.h"
#include "render/table.h"
#include "render/text.h"

/* ---- totals ---------------------------------------------------------------------------------- */

static void print_total(FILE *out, const struct text_style *style, const char *text)
{
    style_paragraph(out, style,
                    &(struct paragraph){.margin = "", .head = "", .text = text, .indent = 2});
}

static void print_totals(FILE *out, const struct heap_section *heap, const struct text_style *style)
{
    char objects[STYLE_NUMBER], bytes[STYLE_NUMBER], fixed[STYLE_NUMBER], edges[STYLE_NUMBER];
    _cleanup_free_ char *size = text_format(
        "%s object%s of %s in the heap, %s static in the program and its libraries",
        style_count(objects, (int64_t)heap->objects), plural(heap->objects),
        style_bytes(bytes, heap->bytes), style_count(fixed, (int64_t)heap->static_objects));
    print_total(out, style, size);
    char guessed[STYLE_NUMBER], share[STYLE_NUMBER];
    _cleanup_free_ char *conservative =
        heap->conservative_edges
            ? text_format("%s (%s) found by a conservative scan",
                          style_count(guessed, (int64_t)heap->conservative_edges),
                          style_share(share, heap->conservative_edges, heap->edges))
            : strdup("all of them from known layouts");
    _cleanup_free_ char *references =
        text_format("%s reference%s, %s", style_count(edges, (int64_t)heap->edges),
                    plural(heap->edges), conservative ? conservative : "");
    print_total(out, style, references);
}

static void print_remarks(FILE *out, const struct heap_section *heap,
                          const struct text_style *style)
{
    char objects[STYLE_NUMBER], bytes[STYLE_NUMBER];
    if (heap->unreachable_objects) {
        _cleanup_free_ char *text = text_format(
            "no root reaches %s object%s of %s: garbage, or held by C code alone",
            style_count(objects, (int64_t)heap->unreachable_objects),
            plural(heap->unreachable_objects), style_bytes(bytes, heap->unreachable_bytes));
        print_total(out, style, text);
    }
    if (heap->unread) {
        _cleanup_free_ char *text =
            text_format("%s object%s could not be read to the end",
                        style_count(objects, (int64_t)heap->unread), plural(heap->unread));
        print_total(out, style, text);
    }
}

/* ---- regions --------------------------------------------------------------------------------- */

/* "arenas-free" as words. */
static char *region_label(const struct heap_region *region)
{
    char *label = text_format("%s%s%s", region->name, region->note ? ": " : "",
                              region->note ? region->note : "");
    for (char *character = label; character && *character && *character != ':'; character++)
        if (*character == '-')
            *character = ' ';
    return label;
}

static void print_regions(FILE *out, const struct heap_section *heap,
                          const struct text_style *style)
{
    uint64_t resident = 0;
    char bytes[STYLE_NUMBER], share[STYLE_NUMBER];
    for (size_t i = 0; i < heap->regions.count; i++)
        resident += heap->regions.items[i].bytes;
    if (heap->regions.count == 0)
        return;
    _cleanup_free_ char *title =
        text_format("memory: what the resident %s are", style_bytes(bytes, resident));
    style_put(out, style, HUE_BOLD, title ? title : "memory");
    fputc('\n', out);
    for (size_t i = 0; i < heap->regions.count; i++) {
        const struct heap_region *region = &heap->regions.items[i];
        _cleanup_free_ char *label = region_label(region);
        _cleanup_free_ char *head = text_format("  %12s  %5s  ", style_bytes(bytes, region->bytes),
                                                style_share(share, region->bytes, resident));
        style_paragraph(out, style,
                        &(struct paragraph){
                            .margin = "", .head = head ? head : "", .text = label, .indent = 25});
    }
    fputc('\n', out);
}

/* ---- types ----------------------------------------------------------------------------------- */

static void add_bytes(struct table *table, uint64_t bytes)
{
    char buffer[STYLE_NUMBER];
    table_add(table, style_bytes(buffer, bytes));
}

static void print_types(FILE *out, const struct heap_section *heap, const struct text_style *style)
{
    static const struct table_column columns[] = {{"TYPE", false, true},
                                                  {"COUNT", true, false},
                                                  {"BYTES", true, false},
                                                  {"SHARE", true, false},
                                                  {"RETAINED", true, false}};
    struct table table = {.columns = columns, .column_count = sizeof columns / sizeof *columns};
    char share[STYLE_NUMBER];
    size_t shown = text_limited(style, heap->types.count);
    for (size_t i = 0; i < shown; i++) {
        const struct heap_type_row *row = &heap->types.items[i];
        table_add(&table, row->type);
        table_add_count(&table, (int64_t)row->count);
        add_bytes(&table, row->bytes);
        table_add(&table, style_share(share, row->bytes, heap->bytes));
        add_bytes(&table, row->retained_bytes);
    }
    table_add(&table, shown < heap->types.count ? "total, with what is not shown" : "total");
    table_add_count(&table, (int64_t)heap->objects);
    add_bytes(&table, heap->bytes);
    table_add(&table, "");
    table_add(&table, "");
    table_print(out, style, &table);
    table_free(&table);
    text_shown(out, style, shown, heap->types.count, "types");
    fputc('\n', out);
}

/* ---- the page -------------------------------------------------------------------------------- */

void render_text_heap(FILE *out, const struct report *report, const struct text_style *style)
{
    const struct heap_section *heap = &report->heap;
    bool asked = heap->paths.count || heap->has_dominators || heap->has_cycles;
    text_header(out, report, style);
    if (style->quiet) {
        text_findings_brief(out, report, style);
    } else {
        print_totals(out, heap, style);
        print_remarks(out, heap, style);
        fputc('\n', out);
        if (!asked || style->verbose) {
            print_regions(out, heap, style);
            print_types(out, heap, style);
        }
        text_heap_paths(out, heap, style);
        text_heap_dominators(out, heap, style);
        text_heap_cycles(out, heap, style);
    }
    text_footer(out, report, style);
}
