#include "heap/classes.h"

#include <string.h>

/* Entries of bases, MROs and lists of subclasses: more is no hierarchy but broken memory. */
#define RELATIVES_MAX (UINT64_C(1) << 26)

void class_list_free(struct class_list *list)
{
    vector_free(&list->types);
    address_map_free(&list->numbers);
    *list = (struct class_list){0};
}

/* ---- finding --------------------------------------------------------------------------------- */

struct finder {
    const struct cpython *cpython;
    struct class_list *list;
    VECTOR(uint64_t) pending;
    struct address_map metatypes; /* type of an object -> whether that is a metatype */
    uint64_t left;                /* relatives that may still be looked at */
    bool no_memory;
};

/* Notes an address once. */
static bool find(struct finder *finder, uint64_t address)
{
    if (!address || address_map_get(&finder->list->numbers, address) != ADDRESS_MAP_ABSENT)
        return true;
    if (finder->list->numbers.count >= CLASSES_KEPT_MAX) {
        finder->list->cut = true;
        return true;
    }
    if (!address_map_put(&finder->list->numbers, address, 0) ||
        !vector_push(&finder->pending, address))
        finder->no_memory = true;
    return !finder->no_memory;
}

static bool find_item(void *context, size_t index, uint64_t item)
{
    struct finder *finder = context;
    (void)index;
    if (!finder->left)
        return false;
    finder->left--;
    return find(finder, item);
}

static bool is_metatype(struct finder *finder, uint64_t type)
{
    struct type_view view;
    uint32_t known = address_map_get(&finder->metatypes, type);
    if (known == ADDRESS_MAP_ABSENT) {
        known = type_read(finder->cpython, type, &view) && view.flags & TYPE_TYPE_SUBCLASS;
        (void)address_map_put(&finder->metatypes, type, known);
    }
    return known;
}

static bool find_value(void *context, uint64_t key, uint64_t value)
{
    struct finder *finder = context;
    uint64_t type = object_type(finder->cpython, value);
    (void)key;
    if (type && is_metatype(finder, type))
        return find(finder, value);
    return true;
}

/* Static types of extensions have no other root than their module. */
static bool find_in_module(void *context, uint64_t key, uint64_t module)
{
    struct finder *finder = context;
    uint64_t dict;
    (void)key;
    if (object_type(finder->cpython, module) == finder->cpython->module_type &&
        target_read_word(finder->cpython->target,
                         module + (uint64_t)finder->cpython->at.module_dict, &dict))
        (void)dict_visit(finder->cpython, dict, find_value, finder);
    return !finder->no_memory;
}

static void find_relatives(struct finder *finder, const struct type_view *type)
{
    find(finder, type->metatype);
    (void)type_bases_visit(finder->cpython, type, find_item, finder);
    (void)type_mro_visit(finder->cpython, type, find_item, finder);
    finder->list->unread += !type_subclasses_visit(finder->cpython, type, find_item, finder);
}

static bool keep_last(void *context, size_t index, uint64_t item)
{
    (void)index;
    *(uint64_t *)context = item;
    return true;
}

/* Every MRO ends in `object`. */
static bool find_roots(struct finder *finder)
{
    struct type_view type;
    if (!type_read(finder->cpython, finder->cpython->type_type, &type) ||
        !type_mro_visit(finder->cpython, &type, keep_last, &finder->list->object_type))
        return false;
    return find(finder, finder->list->object_type) && find(finder, type.address);
}

/* ---- order ----------------------------------------------------------------------------------- */

static int by_address(const void *left, const void *right)
{
    const struct type_view *a = left, *b = right;
    return (a->address > b->address) - (a->address < b->address);
}

/* Drops what turned out to be no type, and numbers the rest. */
static bool number(struct finder *finder)
{
    struct class_list *list = finder->list;
    if (list->types.count > 2)
        qsort(list->types.items + 2, list->types.count - 2, sizeof *list->types.items, by_address);
    address_map_free(&list->numbers);
    list->numbers = (struct address_map){0};
    for (size_t i = 0; i < list->types.count; i++)
        if (!address_map_put(&list->numbers, list->types.items[i].address, (uint32_t)i))
            return false;
    return true;
}

static struct error *read_all(struct finder *finder)
{
    for (size_t i = 0; i < finder->pending.count && !finder->no_memory; i++) {
        struct type_view type;
        if (!type_read(finder->cpython, finder->pending.items[i], &type))
            continue;
        find_relatives(finder, &type);
        finder->no_memory |= !vector_push(&finder->list->types, type);
    }
    if (finder->no_memory || !number(finder))
        return error_no_memory();
    const struct class_list *list = finder->list;
    if (list->types.count < 2 || list->types.items[0].address != list->object_type ||
        list->types.items[1].address != finder->cpython->type_type)
        return error_new(ERROR_CANNOT_LOOK, "the classes of the target cannot be read");
    return NULL;
}

struct error *class_list_read(const struct cpython *cpython, const interpreter_vector *interpreters,
                              struct class_list *list)
{
    struct cpython reader;
    struct finder finder = {.list = list, .left = RELATIVES_MAX};
    *list = (struct class_list){0};
    cpython_remember(cpython, &reader);
    finder.cpython = &reader;
    struct error *error = NULL;
    if (find_roots(&finder)) {
        for (size_t i = 0; i < interpreters->count; i++)
            if (interpreters->items[i].modules)
                (void)dict_visit(&reader, interpreters->items[i].modules, find_in_module, &finder);
        error = read_all(&finder);
    } else {
        error = finder.no_memory
                    ? error_no_memory()
                    : error_new(ERROR_CANNOT_LOOK, "the class object cannot be read in the target");
    }
    cpython_forget(cpython, &reader);
    vector_free(&finder.pending);
    address_map_free(&finder.metatypes);
    return error;
}
