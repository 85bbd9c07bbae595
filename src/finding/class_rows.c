#include "finding/class_rows.h"

#include <string.h>

bool name_list_add(name_list *names, const char *name)
{
    char *copy = strdup(name);
    if (copy && vector_push(names, copy))
        return true;
    free(copy);
    return false;
}

void name_list_free(name_list *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    vector_free(names);
}

void class_row_free(struct class_row *row)
{
    free(row->name);
    free(row->file);
    name_list_free(&row->bases);
    free(row->metaclass);
    name_list_free(&row->mro);
    free(row->reason);
    free(row->finalizer_file);
    free(row->distribution);
    free(row->version);
}

static void free_combined(struct combined_metaclass *combined)
{
    free(combined->name);
    free(combined->file);
    name_list_free(&combined->bases);
}

static void free_collision(struct class_collision *collision)
{
    free(collision->first_package);
    free(collision->second_package);
    free(collision->first);
    free(collision->second);
    free(collision->first_metaclass);
    free(collision->second_metaclass);
    name_list_free(&collision->fix);
    free(collision->ready);
}

static void free_explanation(struct class_explanation *explanation)
{
    free(explanation->name);
    for (size_t i = 0; i < explanation->lines.count; i++)
        free(explanation->lines.items[i]);
    vector_free(&explanation->lines);
}

void class_section_free(struct class_section *section)
{
    for (size_t i = 0; i < section->rows.count; i++)
        class_row_free(&section->rows.items[i]);
    vector_free(&section->rows);
    for (size_t i = 0; i < section->combined.count; i++)
        free_combined(&section->combined.items[i]);
    vector_free(&section->combined);
    for (size_t i = 0; i < section->collisions.count; i++)
        free_collision(&section->collisions.items[i]);
    vector_free(&section->collisions);
    for (size_t i = 0; i < section->explanations.count; i++)
        free_explanation(&section->explanations.items[i]);
    vector_free(&section->explanations);
}
