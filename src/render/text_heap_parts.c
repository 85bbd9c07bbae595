/* text_heap_parts.c: what `steth heap` is asked for: paths, the biggest subtrees, cycles. */
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "render/text_heap.h"

char *text_heap_path(const struct heap_path *path)
{
    if (!path->group)
        return strdup("no root reaches it");
    _cleanup_free_ char *steps = heap_steps_text(path->steps.items, path->steps.count);
    return steps
               ? text_format("%s%s", steps, path->exact ? "" : "  (a step is a conservative guess)")
               : NULL;
}

static void print_title(FILE *out, const struct text_style *style, const char *title)
{
    style_put(out, style, HUE_BOLD, title);
    fputc('\n', out);
}

/* " 1  text": the first line of an entry. */
static void print_numbered(FILE *out, const struct text_style *style, size_t number,
                           const char *text)
{
    _cleanup_free_ char *head = text_format("%3zu  ", number);
    style_paragraph(out, style,
                    &(struct paragraph){.margin = "",
                                        .head = head ? head : "",
                                        .head_hue = HUE_GUTTER,
                                        .text = text,
                                        .text_hue = HUE_BOLD,
                                        .indent = 5});
}

static void print_held(FILE *out, const struct text_style *style, const struct heap_path *path)
{
    _cleanup_free_ char *way = text_heap_path(path);
    _cleanup_free_ char *text = path->group && way ? text_format("reached as %s", way)
                                : way              ? strdup(way)
                                                   : NULL;
    text_detail(out, style, text);
    if (style->verbose && path->types.count) {
        _cleanup_free_ char *types = text_list(&path->types, " -> ");
        _cleanup_free_ char *line = types ? text_format("through %s", types) : NULL;
        text_detail(out, style, line);
    }
    if (path->alike > 1) {
        char count[STYLE_NUMBER];
        _cleanup_free_ char *line =
            text_format("one of %s that are held alike", style_count(count, (int64_t)path->alike));
        text_detail(out, style, line);
    }
}

/* ---- paths ----------------------------------------------------------------------------------- */

void text_heap_paths(FILE *out, const struct heap_section *heap, const struct text_style *style)
{
    if (heap->paths.count == 0)
        return;
    print_title(out, style, "why it is alive: the shortest path from a root");
    size_t shown = text_limited(style, heap->paths.count);
    for (size_t i = 0; i < shown; i++) {
        const struct heap_path *path = &heap->paths.items[i];
        char bytes[STYLE_NUMBER], retained[STYLE_NUMBER];
        _cleanup_free_ char *text = text_format(
            "%s at 0x%" PRIx64 ": %s, retains %s", path->type ? path->type : "?", path->address,
            style_bytes(bytes, path->bytes), style_bytes(retained, path->retained_bytes));
        print_numbered(out, style, i + 1, text);
        print_held(out, style, path);
    }
    text_shown(out, style, shown, heap->paths.count, "paths");
    fputc('\n', out);
}

/* ---- dominators ------------------------------------------------------------------------------ */

/* "40,211 app.Entry of 88.0 MiB" */
static char *gathered_what(const struct heap_dominator *one)
{
    char count[STYLE_NUMBER], bytes[STYLE_NUMBER];
    if (!one->gathered_type)
        return text_format("%s object%s of many types",
                           style_count(count, (int64_t)one->gathered_objects),
                           plural(one->gathered_objects));
    return text_format("%s %s of %s", style_count(count, (int64_t)one->gathered_count),
                       one->gathered_type, style_bytes(bytes, one->gathered_bytes));
}

static void print_gathered(FILE *out, const struct heap_dominator *one,
                           const struct text_style *style)
{
    const struct heap_path *at = &one->gathered;
    char bytes[STYLE_NUMBER];
    _cleanup_free_ char *what = gathered_what(one);
    if (at->address == one->path.address) {
        _cleanup_free_ char *text = text_format("it holds %s", what ? what : "");
        text_detail(out, style, text);
        return;
    }
    _cleanup_free_ char *way = text_heap_path(at);
    _cleanup_free_ char *text =
        text_format("it gathers in %s at 0x%" PRIx64 " (%s): %s", at->type ? at->type : "?",
                    at->address, style_bytes(bytes, at->retained_bytes), what ? what : "");
    text_detail(out, style, text);
    _cleanup_free_ char *reached = way ? text_format("reached as %s", way) : NULL;
    text_detail(out, style, reached);
}

void text_heap_dominators(FILE *out, const struct heap_section *heap,
                          const struct text_style *style)
{
    if (!heap->has_dominators)
        return;
    print_title(out, style, "leak suspects: what would free the most with its end");
    size_t shown = text_limited(style, heap->dominators.count);
    for (size_t i = 0; i < shown; i++) {
        const struct heap_dominator *one = &heap->dominators.items[i];
        char bytes[STYLE_NUMBER], share[STYLE_NUMBER], objects[STYLE_NUMBER];
        _cleanup_free_ char *text =
            text_format("%s at 0x%" PRIx64 " retains %s, %s of the heap, in %s object%s",
                        one->path.type ? one->path.type : "?", one->path.address,
                        style_bytes(bytes, one->path.retained_bytes),
                        style_share(share, one->path.retained_bytes, heap->bytes),
                        style_count(objects, (int64_t)one->objects), plural(one->objects));
        print_numbered(out, style, i + 1, text);
        print_held(out, style, &one->path);
        print_gathered(out, one, style);
    }
    if (heap->dominators.count == 0)
        text_indented(out, style, "nothing retains more than itself");
    text_shown(out, style, shown, heap->dominators.count, "suspects");
    fputc('\n', out);
}

/* ---- cycles ---------------------------------------------------------------------------------- */

static void print_cuts(FILE *out, const struct heap_cycle *cycle, const struct text_style *style)
{
    if (cycle->cuts.count == 0)
        text_detail(out, style, "no single reference, made weak, would break it");
    size_t shown = text_limited(style, cycle->cuts.count);
    for (size_t i = 0; i < shown; i++) {
        const struct heap_cut *cut = &cycle->cuts.items[i];
        _cleanup_free_ char *text = text_format(
            "%s weak: %s%s, which refers to %s%s%s",
            i == 0            ? "make"
            : cut->breaks_all ? "or"
                              : "and",
            cut->from ? cut->from : "?", cut->step ? cut->step : "", cut->to ? cut->to : "?",
            cut->needs_slot ? " (which needs '__weakref__' in its __slots__)" : "",
            cut->breaks_all ? "; no cycle is left" : "");
        text_detail(out, style, text);
    }
}

static void print_cycle(FILE *out, const struct heap_cycle *cycle, size_t number,
                        const struct text_style *style)
{
    char count[STYLE_NUMBER], objects[STYLE_NUMBER], bytes[STYLE_NUMBER], kept[STYLE_NUMBER];
    _cleanup_free_ char *types = text_list(&cycle->types, ", ");
    _cleanup_free_ char *text =
        text_format("%s %scomponent%s of %s: %s object%s, %s, %s retained",
                    style_count(count, (int64_t)cycle->count), cycle->garbage ? "garbage " : "",
                    plural(cycle->count), types ? types : "",
                    style_count(objects, (int64_t)cycle->objects), plural(cycle->objects),
                    style_bytes(bytes, cycle->bytes), style_bytes(kept, cycle->retained_bytes));
    print_numbered(out, style, number, text);
    if (cycle->finalizers.count) {
        _cleanup_free_ char *finalizers = text_list(&cycle->finalizers, ", ");
        _cleanup_free_ char *line = text_format("with __del__: %s", finalizers ? finalizers : "");
        text_detail(out, style, line);
    }
    if (cycle->ring) {
        _cleanup_free_ char *line = text_format("ring: %s", cycle->ring);
        text_detail(out, style, line);
    }
    if (!cycle->garbage)
        print_held(out, style, &cycle->path);
    print_cuts(out, cycle, style);
}

void text_heap_cycles(FILE *out, const struct heap_section *heap, const struct text_style *style)
{
    if (!heap->has_cycles)
        return;
    print_title(out, style, "cycles: what only the collector can free");
    size_t shown = text_limited(style, heap->cycles.count);
    for (size_t i = 0; i < shown; i++)
        print_cycle(out, &heap->cycles.items[i], i + 1, style);
    if (heap->cycles.count == 0)
        text_indented(out, style, "none");
    text_shown(out, style, shown, heap->cycles.count + heap->cycles_left_out, "kinds of cycles");
    fputc('\n', out);
}
