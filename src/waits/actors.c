#include "waits/actors.h"

#include "base/cleanup.h"

static enum role remembered_role(struct actors *actors, uint64_t type)
{
    uint32_t known = address_map_get(&actors->roles, type);
    if (known != ADDRESS_MAP_ABSENT)
        return (enum role)known;
    enum role role = role_of_type(actors->cpython, type);
    (void)address_map_put(&actors->roles, type, role); /* else it is asked again */
    return role;
}

enum role actors_role(struct actors *actors, uint64_t object)
{
    uint64_t type = object_type(actors->cpython, object);
    return type ? remembered_role(actors, type) : ROLE_NONE;
}

static bool is_coroutine_type(const struct cpython *cpython, uint64_t type)
{
    return type == cpython->coroutine_type || type == cpython->generator_type ||
           type == cpython->async_generator_type;
}

/* What is wanted of a type's instances, for every type of the census. */
struct wanted {
    enum role role;
    bool coroutine;
};

static struct wanted *judge_types(struct actors *actors, struct type_table *types)
{
    size_t count = type_table_count(types);
    struct wanted *wanted = calloc(count + 1, sizeof *wanted);
    for (size_t i = 0; wanted && i < count; i++) {
        uint64_t type = type_table_get(types, (uint32_t)i)->view.address;
        wanted[i].coroutine = is_coroutine_type(actors->cpython, type);
        if (!wanted[i].coroutine)
            wanted[i].role = remembered_role(actors, type);
    }
    return wanted;
}

static bool keep(struct actors *actors, uint64_t object, struct wanted wanted)
{
    if (wanted.coroutine)
        return vector_push(&actors->coroutines, object);
    struct actor actor = {object, wanted.role};
    return wanted.role == ROLE_NONE || vector_push(&actors->items, actor);
}

struct error *actors_find(const struct cpython *cpython, const struct census *census,
                          struct actors *actors)
{
    struct cpython remembered;
    cpython_remember(cpython, &remembered);
    *actors = (struct actors){.cpython = &remembered};
    _cleanup_free_ struct wanted *wanted = judge_types(actors, census->types);
    cpython_forget(cpython, &remembered);
    actors->cpython = cpython;
    if (!wanted)
        return error_no_memory();
    for (size_t i = 0; i < census->index->slot_count; i++) {
        const struct index_slot *slot = &census->index->slots[i];
        for (uint32_t j = 0; j < slot->count; j++)
            if (!keep(actors, slot->addresses[j], wanted[slot->types[j]]))
                return error_no_memory();
    }
    return NULL;
}

void actors_free(struct actors *actors)
{
    vector_free(&actors->items);
    vector_free(&actors->coroutines);
    address_map_free(&actors->roles);
}
