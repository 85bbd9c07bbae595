#include <string.h>

#include "base/cleanup.h"
#include "render/text.h"
#include "render/text_parts.h"

/* "file:line", "file", or NULL. */
static char *place(const char *file, unsigned line)
{
    if (!file)
        return NULL;
    return line ? text_format("%s:%u", file, line) : strdup(file);
}

static void print_titled(FILE *out, const struct text_style *style, const char *title)
{
    style_put(out, style, HUE_BOLD, title);
    fputc('\n', out);
}

/* ---- classes --------------------------------------------------------------------------------- */

static void print_class(FILE *out, const struct text_style *style, const struct class_row *row)
{
    _cleanup_free_ char *bases = text_list(&row->bases, ", "), *mro = text_list(&row->mro, ", ");
    _cleanup_free_ char *at = place(row->file, row->line);
    _cleanup_free_ char *head = text_format("%s(%s)", row->name, bases ? bases : "");
    text_indented(out, style, head);
    if (at)
        text_pointed(out, style, at);
    _cleanup_free_ char *told = NULL;
    if (!row->answered)
        told = text_format("not checked: %s", row->reason ? row->reason : "");
    else if (row->error && strcmp(row->error, "none") != 0)
        told = strdup(row->error);
    else
        told = text_format("metaclass %s; MRO %s%s", row->metaclass ? row->metaclass : "?",
                           mro ? mro : "?", row->own_order ? " (decided by its own mro())" : "");
    style_paragraph(out, style,
                    &(struct paragraph){.margin = "    ", .head = "", .text = told, .indent = 2});
}

void text_class_rows(FILE *out, const struct report *report, const struct text_style *style)
{
    for (size_t i = 0; i < report->classes.rows.count; i++)
        print_class(out, style, &report->classes.rows.items[i]);
}

/* ---- what stands out ------------------------------------------------------------------------- */

static void print_summary(FILE *out, const struct class_section *classes,
                          const struct text_style *style)
{
    char python[STYLE_NUMBER], c[STYLE_NUMBER], metaclasses[STYLE_NUMBER];
    _cleanup_free_ char *text = text_format(
        "%s class%s made by Python code, %s implemented in C; %s metaclass%s",
        style_count(python, (int64_t)classes->python_classes),
        classes->python_classes == 1 ? "" : "es", style_count(c, (int64_t)classes->c_classes),
        style_count(metaclasses, (int64_t)classes->metaclasses),
        classes->metaclasses == 1 ? "" : "es");
    style_paragraph(out, style, &(struct paragraph){.margin = "", .head = "", .text = text});
    fputc('\n', out);
}

static void print_combined(FILE *out, const struct class_section *classes,
                           const struct text_style *style)
{
    if (classes->combined.count == 0)
        return;
    print_titled(out, style, "metaclasses combined by hand");
    size_t shown = text_limited(style, classes->combined.count);
    for (size_t i = 0; i < shown; i++) {
        const struct combined_metaclass *one = &classes->combined.items[i];
        _cleanup_free_ char *bases = text_list(&one->bases, ", "),
                            *at = place(one->file, one->line);
        char count[STYLE_NUMBER];
        _cleanup_free_ char *text = text_format(
            "%s(%s), of %s class%s", one->name, bases ? bases : "",
            style_count(count, (int64_t)one->instances), one->instances == 1 ? "" : "es");
        text_indented(out, style, text);
        if (at)
            text_pointed(out, style, at);
    }
    text_shown(out, style, shown, classes->combined.count, "combined metaclasses");
    fputc('\n', out);
}

static void print_collision(FILE *out, const struct class_collision *one,
                            const struct text_style *style)
{
    _cleanup_free_ char *fix = text_list(&one->fix, ", ");
    _cleanup_free_ char *text =
        text_format("%s (metaclass %s) and %s (metaclass %s)", one->first, one->first_metaclass,
                    one->second, one->second_metaclass);
    _cleanup_free_ char *remedy =
        one->ready       ? text_format("%s is there for both", one->ready)
        : one->fix.count ? text_format("a metaclass that would do: (%s)", fix ? fix : "")
                         : strdup("no metaclass can derive from both");
    text_indented(out, style, text);
    style_paragraph(out, style,
                    &(struct paragraph){.margin = "    ", .head = "", .text = remedy, .indent = 2});
}

/* All classes of the standard library that collide with the same class, in one line. */
static size_t print_with_library(FILE *out, const struct class_section *classes, size_t first,
                                 const struct text_style *style)
{
    const struct class_collision *one = &classes->collisions.items[first];
    char *text = text_format("%s (metaclass %s) and, of the standard library, classes of",
                             one->first, one->first_metaclass);
    size_t next = first;
    for (; next < classes->collisions.count; next++) {
        const struct class_collision *other = &classes->collisions.items[next];
        if (strcmp(other->first, one->first) != 0)
            break;
        _cleanup_free_ char *before = text;
        text = text_format("%s%s %s", before ? before : "", next == first ? "" : ",",
                           other->second_metaclass);
    }
    text_indented(out, style, text);
    free(text);
    return next;
}

/* Whether a weightier pair of the same two packages stands before this one. */
static bool told_before(const struct class_section *classes, size_t index)
{
    const struct class_collision *one = &classes->collisions.items[index];
    for (size_t i = 0; i < index; i++) {
        const struct class_collision *before = &classes->collisions.items[i];
        if ((strcmp(before->first_package, one->first_package) == 0 &&
             strcmp(before->second_package, one->second_package) == 0) ||
            (strcmp(before->first_package, one->second_package) == 0 &&
             strcmp(before->second_package, one->first_package) == 0))
            return true;
    }
    return false;
}

static void print_collisions(FILE *out, const struct class_section *classes,
                             const struct text_style *style)
{
    size_t count = classes->collisions.count, i = 0, printed = 0, alike = 0;
    if (count == 0)
        return;
    print_titled(out, style, "would collide if one class derived from both");
    while (i < count && (!style->limit || printed < style->limit)) {
        const struct class_collision *one = &classes->collisions.items[i];
        if (one->with_library) {
            i = print_with_library(out, classes, i, style);
            printed++;
            continue;
        }
        bool told = !style->verbose && told_before(classes, i);
        i++;
        alike += told;
        printed += !told;
        if (!told)
            print_collision(out, one, style);
    }
    if (alike) {
        char number[STYLE_NUMBER];
        _cleanup_free_ char *text = text_format("%s more pair%s of the same packages (-v)",
                                                style_count(number, (int64_t)alike), plural(alike));
        text_indented(out, style, text);
    }
    text_shown(out, style, i, count + classes->collisions_left_out, "pairs");
    fputc('\n', out);
}

static void print_finalizers(FILE *out, const struct class_section *classes,
                             const struct text_style *style)
{
    size_t library = 0, count = 0, printed = 0;
    for (size_t i = 0; i < classes->rows.count; i++) {
        const struct class_row *row = &classes->rows.items[i];
        library += row->has_finalizer && row->is_library;
        count += row->has_finalizer && !row->is_library;
    }
    if (count + library == 0)
        return;
    print_titled(out, style, "classes with __del__");
    size_t shown = text_limited(style, count);
    for (size_t i = 0; i < classes->rows.count && printed < shown; i++) {
        const struct class_row *row = &classes->rows.items[i];
        if (!row->has_finalizer || row->is_library)
            continue;
        printed++;
        _cleanup_free_ char *at = place(row->finalizer_file, row->finalizer_line);
        text_indented(out, style, row->name);
        if (at)
            text_pointed(out, style, at);
    }
    text_shown(out, style, shown, count, "classes with __del__");
    if (library) {
        char number[STYLE_NUMBER];
        _cleanup_free_ char *text = text_format("%s%s of the standard library", count ? "and " : "",
                                                style_count(number, (int64_t)library));
        text_indented(out, style, text);
    }
    fputc('\n', out);
}

static void print_own_orders(FILE *out, const struct class_section *classes,
                             const struct text_style *style)
{
    bool any = false;
    for (size_t i = 0; i < classes->rows.count; i++) {
        const struct class_row *row = &classes->rows.items[i];
        if (!row->own_order)
            continue;
        if (!any)
            print_titled(out, style, "MRO decided by the metaclass's own mro()");
        any = true;
        text_indented(out, style, row->name);
    }
    if (any)
        fputc('\n', out);
}

void text_class_explanations(FILE *out, const struct report *report, const struct text_style *style)
{
    for (size_t i = 0; i < report->classes.explanations.count; i++) {
        const struct class_explanation *one = &report->classes.explanations.items[i];
        for (size_t j = 0; j < one->lines.count; j++) {
            const char *line = one->lines.items[j];
            size_t indent = strspn(line, " ");
            char margin[8] = "      ";
            margin[indent < 6 ? indent : 6] = '\0';
            style_paragraph(out, style,
                            &(struct paragraph){
                                .margin = margin, .head = "", .text = line + indent, .indent = 4});
        }
        fputc('\n', out);
    }
}

void render_text_classes(FILE *out, const struct report *report, const struct text_style *style)
{
    text_header(out, report, style);
    if (style->quiet) {
        text_findings_brief(out, report, style);
    } else if (report->classes.explanations.count) {
        text_class_explanations(out, report, style);
    } else {
        print_summary(out, &report->classes, style);
        print_combined(out, &report->classes, style);
        print_collisions(out, &report->classes, style);
        print_own_orders(out, &report->classes, style);
        print_finalizers(out, &report->classes, style);
        if (style->verbose) {
            print_titled(out, style, "all classes");
            text_class_rows(out, report, style);
            fputc('\n', out);
        }
    }
    text_footer(out, report, style);
}
