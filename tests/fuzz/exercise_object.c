#include "exercise.h"

#include <stdlib.h>

#include "analysis/resources.h"
#include "finding/report.h"
#include "object/referents.h"

#define VISITS_MAX 4096 /* what a visitor takes before it stops */
#define STEPS_MAX  8

static bool count_entry(void *context, uint64_t key, uint64_t value)
{
    (void)key;
    (void)value;
    return ++*(unsigned *)context < VISITS_MAX;
}

static bool count_item(void *context, size_t index, uint64_t item)
{
    (void)index;
    (void)item;
    return ++*(unsigned *)context < VISITS_MAX;
}

static void view_containers(const struct cpython *cpython, uint64_t address)
{
    unsigned count = 0;
    dict_visit(cpython, address, count_entry, &count);
    dict_get(cpython, address, "__del__");
    dict_get(cpython, address, "ключ");
    dict_length(cpython, address);
    sequence_visit(cpython, address, count_item, &count);
    sequence_length(cpython, address);
    set_visit(cpython, address, count_item, &count);
    deque_visit(cpython, address, count_item, &count);
    instance_visit(cpython, address, count_entry, &count);
    instance_get(cpython, address, "_name");
}

static void view_scalars(const struct cpython *cpython, uint64_t address)
{
    int64_t number;
    uint64_t references;
    free(str_value(cpython, address, STR_LIMIT));
    int_value(cpython, address, &number);
    object_refcount(cpython, address, &references);
    object_shallow_bytes(cpython, address);
}

void exercise_type(const struct cpython *cpython, uint64_t address)
{
    struct type_view type;
    uint64_t owner, before;
    free(type_qualified_name(cpython, address));
    free(type_short_name(cpython, address));
    type_lookup(cpython, address, "__del__", &owner);
    if (type_read(cpython, address, &type)) {
        type_namespace(cpython, &type);
        object_body_bytes(cpython, address, &type, &before);
    }
}

static void view_places(const struct cpython *cpython, uint64_t address)
{
    struct source_place place = {0};
    function_place(cpython, address, &place);
    source_place_free(&place);
    code_place(cpython, address, &place);
    source_place_free(&place);
}

struct referent_list {
    uint64_t items[STEPS_MAX];
    size_t count;
    unsigned visits;
};

static bool keep_referent(void *context, const struct edge *edge)
{
    struct referent_list *list = context;
    if (list->count < STEPS_MAX)
        list->items[list->count++] = edge->referent;
    return ++list->visits < VISITS_MAX;
}

static void view_referents(const struct cpython *cpython, uint64_t address)
{
    struct referent_list list = {0};
    bool exact;
    referents_visit(cpython, address, NULL, keep_referent, &list);
    for (size_t i = 0; i < list.count; i++)
        free(referents_step(cpython, address, list.items[i], true, &exact));
}

void exercise_resources(const struct cpython *cpython, uint64_t address)
{
    struct report report = {0};
    struct zombie_group group = {0};
    if (!vector_push(&report.zombies, group))
        return;
    resources_find(cpython, address, &report.zombies.items[0].resources);
    report_free(&report);
}

void exercise_object(const struct cpython *cpython, uint64_t address)
{
    view_scalars(cpython, address);
    view_containers(cpython, address);
    view_places(cpython, address);
    view_referents(cpython, address);
}
