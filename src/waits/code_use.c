#include "waits/code_use_search.h"

#include <string.h>

#include "base/cleanup.h"
#include "runtime/code_names.h"

#define ITEMS_MAX 64 /* of a container */

/* ---- what leads to the object ---------------------------------------------------------------- */

static bool compare_item(void *context, size_t index, uint64_t item)
{
    struct use_search *search = context;
    search->among |= item == search->object;
    return !search->among && index + 1 < ITEMS_MAX;
}

struct entry_search {
    struct use_search *search;
    unsigned entries;
};

static bool compare_entry(void *context, uint64_t key, uint64_t value)
{
    struct entry_search *entry = context;
    (void)key;
    return compare_item(entry->search, entry->entries++, value);
}

/* The object itself, or a container of it and of others. */
void use_look_at(struct use_search *search, uint64_t value)
{
    const struct cpython *cpython = search->cpython;
    uint64_t type = object_type(cpython, value);
    struct entry_search entry = {.search = search};
    search->at_hand |= value == search->object;
    if (search->at_hand || !type)
        return;
    if (type == cpython->list_type || type == cpython->tuple_type)
        (void)sequence_visit(cpython, value, compare_item, search);
    else if (type == cpython->dict_type)
        (void)dict_visit(cpython, value, compare_entry, &entry);
}

/* The attributes of `value` that the code names. */
static void look_into(struct use_search *search, uint64_t value)
{
    struct type_view type;
    if (!type_read(search->cpython, object_type(search->cpython, value), &type) ||
        !type_is_python(search->cpython, &type))
        return;
    for (size_t i = 0; i < search->names->count && !search->at_hand; i++) {
        uint64_t attribute = instance_get(search->cpython, value, search->names->items[i]);
        if (attribute)
            use_look_at(search, attribute);
    }
}

bool use_look_at_local(void *context, const char *name, uint64_t value)
{
    struct use_search *search = context;
    if (strcmp(name, "self") == 0)
        search->self = value;
    use_look_at(search, value);
    if (!search->at_hand)
        look_into(search, value);
    return !search->at_hand;
}

void use_look_at_globals(struct use_search *search, uint64_t globals)
{
    for (size_t i = 0; globals && i < search->names->count && !search->at_hand; i++) {
        uint64_t value = dict_get(search->cpython, globals, search->names->items[i]);
        if (value)
            use_look_at(search, value);
        if (value && !search->at_hand)
            look_into(search, value);
    }
}

/* ---- whose code names the method ------------------------------------------------------------- */

/* Whether it comes to a name. */
static bool comes_to(const struct use_search *search, size_t name)
{
    return !search->later ||
           code_calls_behind(search->cpython, search->code, search->instruction, name);
}

static bool names_method(const struct use_search *search)
{
    for (size_t i = 0; i < search->names->count; i++)
        if (strcmp(search->names->items[i], search->method) == 0)
            return comes_to(search, i);
    return false;
}

/* Methods of the same object that the code names: what they do is done here, too. */
static bool called_method_does(const struct use_search *search)
{
    const struct cpython *cpython = search->cpython;
    bool does = false;
    for (size_t i = 0; search->self && i < search->names->count && !does; i++) {
        name_vector names = {0};
        struct use_search inner = *search;
        uint64_t code =
            function_code_of(cpython, type_lookup(cpython, object_type(cpython, search->self),
                                                  search->names->items[i], NULL));
        if (!code || !comes_to(search, i) || !code_names_read(cpython, code, &names))
            continue;
        inner.names = &names;
        inner.later = false;
        bool named = names_method(&inner);
        if (named && !inner.at_hand)
            look_into(&inner, search->self);
        does = named && inner.at_hand;
        code_names_free(&names);
    }
    return does;
}

/* What is known of the code in `search`, whose variables have been looked at. */
enum code_use use_found(const struct use_search *search)
{
    if ((search->at_hand && names_method(search)) || called_method_does(search))
        return CODE_USES;
    return search->among && names_method(search) ? CODE_MAY_USE : CODE_USES_NOT;
}

static enum code_use frame_use(const struct cpython *cpython, const struct frame_view *frame,
                               uint64_t object, const char *method, bool later)
{
    name_vector names = {0};
    enum code_use use = CODE_USES_NOT;
    struct use_search search = {.cpython = cpython,
                                .object = object,
                                .method = method,
                                .code = frame->code,
                                .names = &names,
                                .later = later,
                                .instruction = later ? frame_instruction(cpython, frame) : 0};
    /* Mostly the code does not even name the method, nor can it call another of its object. */
    if (code_names_read(cpython, frame->code, &names) &&
        (names_method(&search) || frame_local(cpython, frame, "self"))) {
        (void)frame_locals_visit(cpython, frame, use_look_at_local, &search);
        if (!search.at_hand)
            use_look_at_globals(&search, frame_globals(cpython, frame));
        use = use_found(&search);
    }
    code_names_free(&names);
    return use;
}

enum code_use thread_code_use(const struct snapshot *snapshot, const struct seen_thread *thread,
                              uint64_t object, const char *method, bool later)
{
    enum code_use use = CODE_USES_NOT;
    for (size_t i = 0; i < thread->frame_count && use != CODE_USES; i++) {
        enum code_use one =
            thread->named[i].library
                ? CODE_USES_NOT
                : frame_use(snapshot->cpython, &thread->frames[i], object, method, later);
        use = one > use ? one : use;
    }
    return use;
}

static bool is_of_library(const struct snapshot *snapshot, const struct frame_view *frame)
{
    struct source_place place;
    bool library = !frame_place(snapshot->cpython, frame, &place) || !place.file ||
                   is_library_file(place.file, snapshot->standard);
    source_place_free(&place);
    return library;
}

enum code_use task_code_use(const struct snapshot *snapshot, const struct seen_task *task,
                            uint64_t object, const char *method)
{
    enum code_use use = CODE_USES_NOT;
    for (size_t i = 0; i < task->chain.links.count && use != CODE_USES; i++) {
        const struct frame_view *frame = &task->chain.links.items[i].frame;
        if (!frame->address || is_of_library(snapshot, frame))
            continue;
        enum code_use one = frame_use(snapshot->cpython, frame, object, method, true);
        use = one > use ? one : use;
    }
    return use;
}
