#include "finding/diff_rows.h"

static void free_look(struct diff_look *look)
{
    free(look->name);
    free(look->command);
}

static void free_type(struct diff_type *type)
{
    free(type->type);
    vector_free(&type->counts);
}

static void free_held(struct diff_held *held)
{
    free(held->type);
    free(held->way);
}

static void free_holder(struct diff_holder *holder)
{
    free(holder->place);
    free(holder->type);
    for (size_t i = 0; i < holder->held.count; i++)
        free_held(&holder->held.items[i]);
    vector_free(&holder->held);
}

static void free_zombie(struct diff_zombie *zombie)
{
    free(zombie->type);
    free(zombie->held_by);
    free(zombie->finalizer_file);
}

void diff_still_free(struct diff_still *still)
{
    free(still->name);
    free(still->at);
    free(still->waits_for);
    free(still->owed_by);
}

static void free_executor(struct diff_executor *executor)
{
    free(executor->class_name);
    free(executor->oldest);
}

static void free_state(struct diff_section *section)
{
    for (size_t i = 0; i < section->zombies.count; i++)
        free_zombie(&section->zombies.items[i]);
    vector_free(&section->zombies);
    for (size_t i = 0; i < section->still.count; i++)
        diff_still_free(&section->still.items[i]);
    vector_free(&section->still);
    for (size_t i = 0; i < section->counts.count; i++)
        free(section->counts.items[i].what);
    vector_free(&section->counts);
    for (size_t i = 0; i < section->executors.count; i++)
        free_executor(&section->executors.items[i]);
    vector_free(&section->executors);
    vector_free(&section->collectors);
}

void diff_section_free(struct diff_section *section)
{
    for (size_t i = 0; i < section->looks.count; i++)
        free_look(&section->looks.items[i]);
    vector_free(&section->looks);
    for (size_t i = 0; i < section->types.count; i++)
        free_type(&section->types.items[i]);
    vector_free(&section->types);
    for (size_t i = 0; i < section->holders.count; i++)
        free_holder(&section->holders.items[i]);
    vector_free(&section->holders);
    free_state(section);
}
