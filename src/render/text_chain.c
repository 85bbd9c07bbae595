#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "render/place.h"
#include "render/text_parts.h"

#define GAP    2 /* columns between two parts of a line */
#define INDENT 6 /* of what continues a line */

/* A line of the drawing, escaped: "thread MainThread", "at app.py:40 in f", "blocked on". */
struct chain_line {
    char *actor, *place, *next;
};

struct drawing {
    VECTOR(struct chain_line) lines;
    size_t actor_width, place_width, next_width;
};

static char *node_actor(const struct wait_node *node, bool first)
{
    _cleanup_free_ char *address = node->name ? NULL : text_format("at 0x%" PRIx64, node->address);
    const char *name = node->name ? node->name : address;
    _cleanup_free_ char *text =
        text_format("%s%s%s%s", first ? "" : "  ", node->kind ? node->kind : "",
                    node->kind ? " " : "", name ? name : "");
    return style_escape(text);
}

static char *node_place(const struct wait_node *node)
{
    _cleanup_free_ char *place = place_format(node->at.file, node->at.line, node->at.function);
    _cleanup_free_ char *text = place ? text_format("at %s", place) : strdup("");
    return style_escape(text);
}

/* Why the next node is the next one; `back` is the node that the last one leads back to. */
static char *node_next(const struct wait_node *node, const char *back)
{
    const char *waits = node->waits_for ? node->waits_for : "";
    _cleanup_free_ char *text =
        back ? text_format("%s%s-> %s (cycle)", waits, *waits ? " " : "", back) : strdup(waits);
    return style_escape(text);
}

static void free_drawing(struct drawing *drawing)
{
    for (size_t i = 0; i < drawing->lines.count; i++) {
        free(drawing->lines.items[i].actor);
        free(drawing->lines.items[i].place);
        free(drawing->lines.items[i].next);
    }
    vector_free(&drawing->lines);
}

static void widen(size_t *width, const char *text)
{
    size_t columns = style_columns(text);
    if (columns > *width)
        *width = columns;
}

static bool add_line(struct drawing *drawing, struct chain_line line)
{
    if (line.actor && line.place && line.next && vector_push(&drawing->lines, line)) {
        widen(&drawing->actor_width, line.actor);
        widen(&drawing->place_width, line.place);
        widen(&drawing->next_width, line.next);
        return true;
    }
    free(line.actor);
    free(line.place);
    free(line.next);
    return false;
}

static bool build_drawing(const wait_chain *chain, bool closes, struct drawing *drawing)
{
    for (size_t i = 0; i < chain->count; i++) {
        const struct wait_node *node = &chain->items[i];
        bool back = closes && i + 1 == chain->count;
        _cleanup_free_ char *first = back ? node_actor(&chain->items[0], true) : NULL;
        struct chain_line line = {
            .actor = node_actor(node, i == 0),
            .place = node_place(node),
            .next = node_next(node, first),
        };
        if (!add_line(drawing, line))
            return false;
    }
    return true;
}

static void print_part(FILE *out, const struct text_style *style, const char *margin,
                       const char *head, const char *text)
{
    style_paragraph(out, style,
                    &(struct paragraph){.margin = margin,
                                        .margin_hue = HUE_GUTTER,
                                        .head = head,
                                        .head_hue = HUE_BOLD,
                                        .text = text,
                                        .indent = INDENT});
}

/* What is blank between a text and what follows it. */
static int gap(const char *text, size_t width, const char *next)
{
    return *next ? (int)(width - style_columns(text) + GAP) : 0;
}

/* In the columns of the drawing. */
static void print_aligned(FILE *out, const struct text_style *style, const char *margin,
                          const struct drawing *drawing, const struct chain_line *line)
{
    bool places = drawing->place_width > 0;
    bool rest = line->place[0] || line->next[0];
    _cleanup_free_ char *text = text_format(
        "%*s%s%*s%s", gap(line->actor, drawing->actor_width, rest ? "rest" : ""), "", line->place,
        places ? gap(line->place, drawing->place_width, line->next) : 0, "", line->next);
    print_part(out, style, margin, line->actor, text);
}

/* Where the columns do not fit: one part after the other, what follows the place below it. */
static void print_loose(FILE *out, const struct text_style *style, const char *margin,
                        const struct chain_line *line)
{
    size_t taken = style_columns(margin) + style_columns(line->actor) + GAP +
                   style_columns(line->place) + GAP + style_columns(line->next);
    bool below = line->place[0] && line->next[0] && taken > (size_t)style->width;
    _cleanup_free_ char *text = text_format(
        "  %s%s%s", line->place, line->place[0] && !below ? "  " : "", below ? "" : line->next);
    print_part(out, style, margin, line->actor, text);
    if (below) {
        _cleanup_free_ char *indented = text_format("%*s%s", INDENT, "", line->next);
        print_part(out, style, margin, "", indented);
    }
}

void text_chain(FILE *out, const struct text_style *style, const char *margin,
                const wait_chain *chain, bool closes)
{
    struct drawing drawing = {0};
    if (build_drawing(chain, closes, &drawing)) {
        size_t width = style_columns(margin) + drawing.actor_width + GAP + drawing.place_width +
                       (drawing.place_width ? GAP : 0) + drawing.next_width;
        bool aligned = style->width == 0 || width <= (size_t)style->width;
        for (size_t i = 0; i < drawing.lines.count; i++)
            if (aligned)
                print_aligned(out, style, margin, &drawing, &drawing.lines.items[i]);
            else
                print_loose(out, style, margin, &drawing.lines.items[i]);
    } else {
        fprintf(out, "%s(no memory)\n", margin);
    }
    free_drawing(&drawing);
}
