#include "analysis/context_use.h"

#include <string.h>

#include "analysis/context_names.h"
#include "base/cleanup.h"
#include "waits/thread_wait.h"

#define ENTRIES_MAX 50000 /* of namespaces, looked at for one frame */
#define LOGGERS_MAX 16    /* from one to the root */

struct search {
    const struct cpython *cpython;
    const char *standard;
    variable_uses *uses;
    const struct used_names *names; /* of the code that is looked at */
    bool direct;                    /* that code runs */
    unsigned inside;                /* namespaces of modules and classes around this one */
    unsigned entries;
    bool no_memory;
};

static uint64_t pointer_in(const struct search *search, uint64_t address, int32_t offset)
{
    uint64_t pointer;
    return address && offset >= 0 &&
                   target_read_word(search->cpython->target, address + (uint64_t)offset, &pointer)
               ? pointer
               : 0;
}

static bool uses_name(const struct search *search, uint64_t key)
{
    _cleanup_free_ char *name = str_value(search->cpython, key, STR_LIMIT);
    for (size_t i = 0; name && i < search->names->items.count; i++)
        if (strcmp(search->names->items.items[i], name) == 0)
            return true;
    return false;
}

/* ---- what a name stands for ------------------------------------------------------------------ */

static struct variable_use *use_of(const struct search *search, uint64_t object)
{
    for (size_t i = 0; i < search->uses->count; i++)
        if (search->uses->items[i].variable == object)
            return &search->uses->items[i];
    return NULL;
}

static void note(const struct search *search, struct variable_use *use)
{
    if (search->names->gets && (!use->reader || (search->direct && !use->direct))) {
        use->reader = search->names->code;
        use->direct = search->direct;
    }
    use->changed |= search->names->sets;
}

static void look_into_function(struct search *search, uint64_t function);
static void look_into_logger(struct search *search, uint64_t logger);
static void look_into_namespace(struct search *search, uint64_t dict);

static bool is_logger(const struct search *search, uint64_t object)
{
    return instance_get(search->cpython, object, "handlers") &&
           instance_get(search->cpython, object, "filters") &&
           instance_get(search->cpython, object, "propagate");
}

static void look_into_module(struct search *search, uint64_t dict)
{
    uint64_t root =
        search->direct && search->names->logs ? dict_get(search->cpython, dict, "root") : 0;
    look_into_namespace(search, dict);
    if (root && is_logger(search, root)) /* logging.info() */
        look_into_logger(search, root);
}

static void look_into_value(struct search *search, uint64_t value)
{
    const struct cpython *cpython = search->cpython;
    struct type_view type;
    if (!type_read(cpython, object_type(cpython, value), &type))
        return;
    if (type.address == cpython->function_type)
        look_into_function(search, value);
    else if (type.address == cpython->module_type)
        look_into_module(search, pointer_in(search, value, cpython->at.module_dict));
    else if (type.flags & TYPE_TYPE_SUBCLASS && type_read(cpython, value, &type))
        look_into_namespace(search, type_namespace(cpython, &type));
    else if (search->direct && search->names->logs && is_logger(search, value))
        look_into_logger(search, value);
}

/* Whether a name for it is of interest: told by one read. */
static bool leads_on(const struct search *search, uint64_t type)
{
    const struct cpython *cpython = search->cpython;
    return type && type != cpython->str_type && type != cpython->dict_type &&
           type != cpython->list_type && type != cpython->tuple_type &&
           type != cpython->builtin_type;
}

static bool meet(void *context, uint64_t key, uint64_t value)
{
    struct search *search = context;
    struct variable_use *use = use_of(search, value);
    if (++search->entries > ENTRIES_MAX || search->no_memory)
        return false;
    if (use) {
        if (uses_name(search, key))
            note(search, use);
    } else if (leads_on(search, object_type(search->cpython, value)) && uses_name(search, key)) {
        look_into_value(search, value);
    }
    return true;
}

static void look_into_namespace(struct search *search, uint64_t dict)
{
    if (!dict || search->inside > 1)
        return;
    search->inside++;
    (void)dict_visit(search->cpython, dict, meet, search);
    search->inside--;
}

/* ---- functions that running code refers to --------------------------------------------------- */

static bool is_own_code(const struct search *search, uint64_t code)
{
    struct source_place place = {0};
    bool own = code_place(search->cpython, code, &place) && place.file &&
               !is_library_file(place.file, search->standard);
    source_place_free(&place);
    return own;
}

static bool meet_cell(void *context, size_t index, uint64_t cell)
{
    struct search *search = context;
    uint64_t value = pointer_in(search, cell, search->cpython->at.cell_reference);
    struct variable_use *use = use_of(search, value);
    (void)index;
    if (use)
        note(search, use);
    return true;
}

/* Only what running code refers to: what that refers to in turn may never be called. */
static void look_into_function(struct search *search, uint64_t function)
{
    const struct layout_offsets *at = &search->cpython->at;
    uint64_t code = pointer_in(search, function, at->function_code);
    struct search inner = {search->cpython, search->standard, search->uses, .inside = 0};
    struct used_names names;
    if (!search->direct || !is_own_code(search, code))
        return;
    inner.names = &names;
    inner.entries = search->entries;
    inner.no_memory |= !used_names_read(inner.cpython, code, &names);
    if (names.items.count) {
        uint64_t closure = pointer_in(search, function, at->function_closure);
        look_into_namespace(&inner, pointer_in(search, function, at->function_globals));
        if (closure)
            (void)sequence_visit(search->cpython, closure, meet_cell, &inner);
    }
    used_names_free(&names);
    search->entries = inner.entries;
    search->no_memory |= inner.no_memory;
}

/* ---- logging --------------------------------------------------------------------------------- */

static void look_into_method(struct search *search, uint64_t object, const char *name)
{
    const struct cpython *cpython = search->cpython;
    uint64_t type = object_type(cpython, object);
    uint64_t function = type == cpython->function_type ? object
                        : type                         ? type_lookup(cpython, type, name, NULL)
                                                       : 0;
    if (function && object_type(cpython, function) == cpython->function_type)
        look_into_function(search, function);
}

static bool meet_filter(void *context, size_t index, uint64_t filter)
{
    struct search *search = context;
    (void)index;
    look_into_method(search, filter, "filter");
    return ++search->entries < ENTRIES_MAX;
}

static void look_into_filters(struct search *search, uint64_t object)
{
    uint64_t filters = instance_get(search->cpython, object, "filters");
    if (filters)
        (void)sequence_visit(search->cpython, filters, meet_filter, search);
}

static bool meet_handler(void *context, size_t index, uint64_t handler)
{
    struct search *search = context;
    (void)index;
    look_into_filters(search, handler);
    uint64_t formatter = instance_get(search->cpython, handler, "formatter");
    if (formatter)
        look_into_method(search, formatter, "format");
    look_into_method(search, handler, "emit");
    return ++search->entries < ENTRIES_MAX;
}

/* Its own filters, and the handlers of it and of those above it (Lib/logging/__init__.py). */
static void look_into_logger(struct search *search, uint64_t logger)
{
    const struct cpython *cpython = search->cpython;
    look_into_filters(search, logger);
    for (int i = 0; i < LOGGERS_MAX && logger && logger != cpython->none; i++) {
        int64_t propagates;
        uint64_t handlers = instance_get(cpython, logger, "handlers");
        uint64_t propagate = instance_get(cpython, logger, "propagate");
        if (handlers)
            (void)sequence_visit(cpython, handlers, meet_handler, search);
        if (!propagate || !int_value(cpython, propagate, &propagates) || !propagates)
            return;
        logger = instance_get(cpython, logger, "parent");
    }
}

/* ---- frames ---------------------------------------------------------------------------------- */

static bool meet_local(void *context, const char *name, uint64_t object)
{
    struct search *search = context;
    const struct cpython *cpython = search->cpython;
    struct variable_use *use = use_of(search, object);
    struct type_view type;
    if (use)
        note(search, use);
    if (strcmp(name, "self") == 0 && type_read(cpython, object_type(cpython, object), &type)) {
        (void)instance_visit(cpython, object, meet, search);
        look_into_namespace(search, type_namespace(cpython, &type));
    }
    return !search->no_memory;
}

bool frame_uses_note(const struct cpython *cpython, const struct frame_view *frame,
                     const char *standard, variable_uses *uses)
{
    struct search search = {cpython, standard, uses, .direct = true};
    struct used_names names;
    search.names = &names;
    search.no_memory |= !used_names_read(cpython, frame->code, &names);
    if (names.items.count) {
        look_into_namespace(&search, frame_globals(cpython, frame));
        (void)frame_locals_visit(cpython, frame, meet_local, &search);
    }
    used_names_free(&names);
    return !search.no_memory;
}
