#include "waits/callable.h"

#include "object/referents.h"

#define DEPTH_MAX   4
#define OBJECTS_MAX 256

struct walk {
    struct actors *actors;
    visit_actor visit;
    void *context;
    unsigned depth;
    unsigned objects; /* met so far: bounds what a strange callback costs */
    bool attributes;  /* of an object that a method is bound to */
};

static bool is_any_future(enum role role)
{
    return role == ROLE_TASK || role == ROLE_FUTURE || role == ROLE_GATHER ||
           role == ROLE_CONCURRENT_FUTURE;
}

static bool is_transparent(const struct cpython *cpython, uint64_t type)
{
    return type == cpython->tuple_type || type == cpython->cell_type ||
           type == cpython->method_type || type == cpython->builtin_type;
}

static void walk_into(struct walk *walk, uint64_t object);

static bool meet(void *context, const struct edge *edge)
{
    struct walk *walk = context;
    const struct cpython *cpython = walk->actors->cpython;
    if (edge->kind == EDGE_TYPE || !edge->exact || ++walk->objects > OBJECTS_MAX)
        return walk->objects <= OBJECTS_MAX;
    uint64_t type = object_type(cpython, edge->referent);
    enum role role = type ? actors_role(walk->actors, edge->referent) : ROLE_NONE;
    if (is_any_future(role) || (type && type == cpython->coroutine_type))
        return walk->visit(walk->context, edge->referent, role);
    if (walk->depth < DEPTH_MAX && !walk->attributes && is_transparent(cpython, type))
        walk_into(walk, edge->referent);
    return true;
}

static bool meet_attribute(void *context, uint64_t key, uint64_t value)
{
    (void)key;
    struct edge edge = {.kind = EDGE_ATTRIBUTE, .referent = value, .exact = true};
    return meet(context, &edge);
}

static void walk_self(struct walk *walk, uint64_t self)
{
    walk->attributes = true;
    (void)instance_visit(walk->actors->cpython, self, meet_attribute, walk);
    walk->attributes = false;
}

static void walk_into(struct walk *walk, uint64_t object)
{
    const struct cpython *cpython = walk->actors->cpython;
    uint64_t type = object_type(cpython, object), word;
    walk->depth++;
    if (type && type == cpython->method_type) {
        if (target_read_word(cpython->target, object + (uint64_t)cpython->at.method_self, &word) &&
            word) {
            struct edge self = {.kind = EDGE_SLOT, .referent = word, .exact = true};
            (void)meet(walk, &self);
            walk_self(walk, word);
        }
        if (target_read_word(cpython->target, object + (uint64_t)cpython->at.method_function,
                             &word) &&
            word)
            walk_into(walk, word);
    } else if (type && type == cpython->function_type) {
        if (target_read_word(cpython->target, object + (uint64_t)cpython->at.function_closure,
                             &word) &&
            word)
            walk_into(walk, word);
    } else {
        (void)referents_visit(cpython, object, NULL, meet, walk);
    }
    walk->depth--;
}

void callable_visit(struct actors *actors, uint64_t object, visit_actor visit, void *context)
{
    struct walk walk = {.actors = actors, .visit = visit, .context = context};
    walk_into(&walk, object);
}

char *callable_name(const struct cpython *cpython, uint64_t callback)
{
    struct source_place place = {0};
    if (!function_place(cpython, callback, &place))
        return NULL;
    char *name = place.function;
    place.function = NULL;
    source_place_free(&place);
    return name;
}
