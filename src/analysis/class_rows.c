/* class_rows.c: a class as a row of a report. */
#include <string.h>

#include "analysis/classes.h"
#include "mro/explain.h"

static bool copy_text(char **copy, const char *text)
{
    *copy = text ? strdup(text) : NULL;
    return *copy || !text;
}

static bool fill_names(const struct hierarchy *hierarchy, class_number number,
                       struct class_row *row)
{
    const struct class_facts *facts = class_facts(hierarchy, number);
    struct mro_walk walk = mro_begin(hierarchy, number);
    if (!vector_reserve(&row->mro, class_answer(hierarchy, number)->mro_length) ||
        !vector_reserve(&row->bases, facts->base_count))
        return false;
    for (size_t i = 0; i < facts->base_count; i++) {
        const struct class_base *base = &facts->bases[i];
        const char *name = base->number != CLASS_UNKNOWN ? class_name(hierarchy, base->number)
                           : base->text                  ? base->text
                                                         : "?";
        if (!name_list_add(&row->bases, name))
            return false;
    }
    for (class_number next; (next = mro_next(&walk)) != CLASS_UNKNOWN;)
        if (!name_list_add(&row->mro, class_name(hierarchy, next)))
            return false;
    return true;
}

static bool fill_row(const struct hierarchy *hierarchy, class_number number, struct class_row *row)
{
    const struct class_facts *facts = class_facts(hierarchy, number);
    const struct class_answer *answer = class_answer(hierarchy, number);
    bool is_python = facts->layout.kind == LAYOUT_STATEMENT || facts->made_by_statement;
    *row = (struct class_row){
        .line = facts->line,
        .answered = answer->answered,
        .error = answer->answered ? class_fault_word(answer->fault) : NULL,
        .kind = is_python ? "python" : "c",
        .has_finalizer = facts->has_finalizer,
        .finalizer_line = facts->finalizer_line,
    };
    const char *metaclass = answer->metaclass != CLASS_UNKNOWN && answer->fault == CLASS_SOUND
                                ? class_name(hierarchy, answer->metaclass)
                                : NULL;
    const char *finalizer_file = facts->finalizer_file ? facts->finalizer_file : facts->file;
    return copy_text(&row->name, class_name(hierarchy, number)) &&
           copy_text(&row->file, facts->file) && copy_text(&row->metaclass, metaclass) &&
           copy_text(&row->reason, answer->reason) &&
           copy_text(&row->finalizer_file, facts->has_finalizer ? finalizer_file : NULL) &&
           copy_text(&row->distribution, facts->distribution) &&
           copy_text(&row->version, facts->version) && fill_names(hierarchy, number, row);
}

struct error *class_row_add(const struct hierarchy *hierarchy, class_number number,
                            struct report *report)
{
    struct class_row row;
    if (fill_row(hierarchy, number, &row) && vector_push(&report->classes.rows, row))
        return NULL;
    class_row_free(&row);
    return error_no_memory();
}

static int by_name(const void *left, const void *right)
{
    const struct class_row *a = left, *b = right;
    int order = strcmp(a->name, b->name);
    if (!order)
        order = strcmp(a->file ? a->file : "", b->file ? b->file : "");
    return order ? order : (a->line > b->line) - (a->line < b->line);
}

void class_rows_sort(struct report *report)
{
    if (report->classes.rows.count)
        qsort(report->classes.rows.items, report->classes.rows.count,
              sizeof *report->classes.rows.items, by_name);
}

struct error *class_explanation_add(const struct hierarchy *hierarchy, class_number number,
                                    struct report *report)
{
    struct class_explanation explanation = {.name = strdup(class_name(hierarchy, number))};
    text_lines lines = {0};
    struct error *error =
        explanation.name ? class_explain(hierarchy, number, &lines) : error_no_memory();
    explanation.lines.items = lines.items;
    explanation.lines.count = lines.count;
    explanation.lines.capacity = lines.capacity;
    if (!error && vector_push(&report->classes.explanations, explanation))
        return NULL;
    text_lines_free(&lines);
    free(explanation.name);
    return error ? error : error_no_memory();
}
