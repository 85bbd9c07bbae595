#include "runtime/internal.h"

#define OBJECT_BYTES 48 /* of a Thread, an int: what is asked for of it */

/* Keys and values of threading._active. */
struct collection {
    VECTOR(uint64_t) pairs;
    bool no_memory;
};

static bool add_pair(void *context, uint64_t key, uint64_t value)
{
    struct collection *collection = context;
    if (!value)
        return true;
    collection->no_memory =
        !vector_push(&collection->pairs, key) || !vector_push(&collection->pairs, value);
    return !collection->no_memory && collection->pairs.count < 2 * RUNTIME_THREADS_MAX;
}

static void take_pairs(const struct cpython *cpython, struct collection *collection,
                       thread_object_vector *objects)
{
    const uint64_t *pairs = collection->pairs.items;
    target_expect(cpython->target, pairs, collection->pairs.count, OBJECT_BYTES);
    for (size_t i = 0; i + 1 < collection->pairs.count && !collection->no_memory; i += 2) {
        int64_t ident;
        if (!int_value(cpython, pairs[i], &ident))
            continue;
        struct thread_object entry = {(uint64_t)ident, pairs[i + 1]};
        collection->no_memory = !vector_push(objects, entry);
    }
}

bool thread_objects_read(const struct cpython *cpython, const struct interpreter *interpreter,
                         thread_object_vector *objects)
{
    objects->count = 0;
    uint64_t module =
        interpreter->modules ? dict_get(cpython, interpreter->modules, "threading") : 0;
    uint64_t namespace, active;
    if (!module || object_type(cpython, module) != cpython->module_type ||
        !target_read_word(cpython->target, field_of(module, cpython->at.module_dict), &namespace) ||
        object_type(cpython, namespace) != cpython->dict_type)
        return true;
    active = dict_get(cpython, namespace, "_active");
    if (!active || object_type(cpython, active) != cpython->dict_type)
        return true;
    struct collection collection = {0};
    dict_visit(cpython, active, add_pair, &collection);
    if (collection.pairs.count)
        take_pairs(cpython, &collection, objects);
    vector_free(&collection.pairs);
    return !collection.no_memory;
}

uint64_t thread_objects_find(const thread_object_vector *objects, uint64_t ident)
{
    for (size_t i = 0; i < objects->count; i++)
        if (objects->items[i].ident == ident)
            return objects->items[i].object;
    return 0;
}

char *thread_object_name(const struct cpython *cpython, uint64_t object)
{
    uint64_t name = instance_get(cpython, object, "_name");
    return name ? str_value(cpython, name, STR_LIMIT) : NULL;
}

int32_t thread_object_native_id(const struct cpython *cpython, uint64_t object)
{
    uint64_t number = instance_get(cpython, object, "_native_id");
    int64_t value;
    if (!number || !int_value(cpython, number, &value) || value <= 0 || value > INT32_MAX)
        return 0;
    return (int32_t)value;
}
