/* Attributes, items and modules as the readers of asyncio's objects want them. */
#include "runtime/asyncio_internal.h"

uint64_t attribute_object(const struct cpython *cpython, uint64_t object, const char *name)
{
    return unless_none(cpython, instance_get(cpython, object, name));
}

int64_t attribute_int(const struct cpython *cpython, uint64_t object, const char *name,
                      int64_t otherwise)
{
    uint64_t number = attribute_object(cpython, object, name);
    int64_t value;
    return number && int_value(cpython, number, &value) ? value : otherwise;
}

bool attribute_true(const struct cpython *cpython, uint64_t object, const char *name)
{
    return attribute_int(cpython, object, name, 0) != 0;
}

struct item_search {
    uint64_t wanted, item;
};

static bool take_item(void *context, size_t index, uint64_t item)
{
    struct item_search *search = context;
    if (index == search->wanted)
        search->item = item;
    return index < search->wanted;
}

uint64_t tuple_item(const struct cpython *cpython, uint64_t tuple, uint64_t index)
{
    struct item_search search = {.wanted = index};
    sequence_visit(cpython, tuple, take_item, &search);
    return search.item;
}

uint64_t module_namespace(const struct cpython *cpython, const struct interpreter *interpreter,
                          const char *name)
{
    uint64_t module = interpreter->modules ? dict_get(cpython, interpreter->modules, name) : 0;
    if (!module || object_type(cpython, module) != cpython->module_type)
        return 0;
    return pointer_at(cpython, module, cpython->at.module_dict);
}
