/* The references of many objects of the same few types, without labels. */
#include "object/referents_internal.h"

static bool add_member(void *context, const char *name, uint64_t offset)
{
    struct referents_type *type = context;
    (void)name;
    return vector_push(&type->members, offset);
}

struct referents_type *referents_type_read(const struct cpython *cpython, uint64_t address)
{
    struct referents_type *type = calloc(1, sizeof *type);
    if (type && shape_read(cpython, address, &type->shape) &&
        members_visit(cpython, &type->shape.type, add_member, type))
        return type;
    referents_type_free(type);
    return NULL;
}

void referents_type_free(struct referents_type *type)
{
    if (type)
        vector_free(&type->members);
    free(type);
}

const struct type_view *referents_type_view(const struct referents_type *type)
{
    return &type->shape.type;
}

bool referents_type_is_leaf(const struct referents_type *type)
{
    return type->shape.kind == SHAPE_ATOMIC && !(type->shape.type.flags & TYPE_HEAPTYPE);
}

bool referents_visit_bare(const struct cpython *cpython, uint64_t object,
                          const struct referents_type *type,
                          bool (*is_object)(void *context, uint64_t address), visit_edge visit_one,
                          void *context)
{
    /* Not all of it is set to zero: `head` is large and `good_types` is not used. */
    struct referents visit;
    memset(&visit, 0, offsetof(struct referents, head));
    memset(visit.told, 0, sizeof visit.told);
    visit.cpython = cpython;
    visit.object = object;
    visit.shape = type->shape;
    visit.is_object = is_object;
    visit.visit = visit_one;
    visit.context = context;
    visit.bare = type;
    return referents_run(&visit);
}

uint64_t referents_own_bytes(const struct cpython *cpython, uint64_t object,
                             const struct referents_type *type)
{
    const struct shape *shape = &type->shape;
    uint64_t keys, values;
    struct dict_keys view;
    uint64_t bytes = object_body_size(cpython, object, shape);
    if (!bytes)
        return 0;
    bytes +=
        object_bytes_before(cpython, &shape->type) + object_table_bytes(cpython, object, shape);
    if (shape->type.flags & TYPE_MANAGED_DICT && cpython->is.managed_dict != MANAGED_DICT_INLINE &&
        !instance_dict(cpython, object, &shape->type) &&
        instance_values(cpython, object, &shape->type, &keys, &values) &&
        dict_keys_read(cpython, keys, &view))
        bytes += dict_values_bytes(cpython, view.count + view.usable);
    return bytes;
}
