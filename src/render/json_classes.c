#include <string.h>

#include "render/json_parts.h"

static json_t *names_value(const name_list *names)
{
    return value_texts(names->items, names->count);
}

static json_t *line_value(unsigned line)
{
    return line ? json_integer(line) : json_null();
}

static json_t *class_value(const struct class_row *row)
{
    json_t *finalizer = row->has_finalizer
                            ? json_pack("{s:o, s:o}", "file", value_text(row->finalizer_file),
                                        "line", line_value(row->finalizer_line))
                            : json_null();
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:b, s:o, s:o, s:o}",
                     "class", value_text(row->name), "file", value_text(row->file), "line",
                     line_value(row->line), "bases", names_value(&row->bases), "metaclass",
                     value_text(row->metaclass), "mro", names_value(&row->mro), "status",
                     row->answered ? "answered" : "not_checked", "reason", value_text(row->reason),
                     "error", value_text(row->error), "kind", value_text(row->kind), "own_order",
                     row->own_order, "finalizer", finalizer, "distribution",
                     value_text(row->distribution), "version", value_text(row->version));
}

json_t *section_classes(const struct report *report)
{
    json_t *classes = json_array();
    for (size_t i = 0; i < report->classes.rows.count; i++)
        value_append(&classes, class_value(&report->classes.rows.items[i]));
    return classes;
}

static json_t *combined_value(const struct combined_metaclass *combined)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "metaclass", value_text(combined->name), "file",
                     value_text(combined->file), "line", line_value(combined->line), "bases",
                     names_value(&combined->bases), "classes", value_number(combined->instances));
}

json_t *section_combined(const struct report *report)
{
    json_t *combined = json_array();
    for (size_t i = 0; i < report->classes.combined.count; i++)
        value_append(&combined, combined_value(&report->classes.combined.items[i]));
    return combined;
}

static json_t *side_value(const char *package, const char *name, const char *metaclass,
                          uint64_t count)
{
    return json_pack("{s:o, s:o, s:o, s:o}", "package", value_text(package), "class",
                     value_text(name), "metaclass", value_text(metaclass), "classes",
                     value_number(count));
}

static json_t *collision_value(const struct class_collision *collision)
{
    json_t *first = side_value(collision->first_package, collision->first,
                               collision->first_metaclass, collision->first_count);
    json_t *second = side_value(collision->second_package, collision->second,
                                collision->second_metaclass, collision->second_count);
    return json_pack("{s:s, s:b, s:[o, o], s:o, s:o}", "error", "metaclass-conflict",
                     "with_library", collision->with_library, "between", first, second,
                     "fix_metaclass_bases", names_value(&collision->fix), "ready_metaclass",
                     value_text(collision->ready));
}

json_t *section_collisions(const struct report *report)
{
    json_t *collisions = json_array();
    for (size_t i = 0; i < report->classes.collisions.count; i++)
        value_append(&collisions, collision_value(&report->classes.collisions.items[i]));
    return collisions;
}

json_t *section_explanations(const struct report *report)
{
    json_t *explanations = json_array();
    for (size_t i = 0; i < report->classes.explanations.count; i++) {
        const struct class_explanation *one = &report->classes.explanations.items[i];
        value_append(&explanations, json_pack("{s:o, s:o}", "class", value_text(one->name), "lines",
                                              value_texts(one->lines.items, one->lines.count)));
    }
    return explanations;
}

json_t *section_class_summary(const struct report *report)
{
    const struct class_section *classes = &report->classes;
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "classes",
                     value_number(classes->python_classes + classes->c_classes), "python",
                     value_number(classes->python_classes), "c", value_number(classes->c_classes),
                     "metaclasses", value_number(classes->metaclasses), "collisions_left_out",
                     value_number(classes->collisions_left_out));
}
