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
        members_visit(cpython, &type->shape.type, add_member, type) &&
        referents_plan_make(cpython, type)) {
        referents_plan_bytes(cpython, type);
        return type;
    }
    referents_type_free(type);
    return NULL;
}

void referents_type_free(struct referents_type *type)
{
    if (type) {
        vector_free(&type->members);
        vector_free(&type->plan.at);
    }
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
