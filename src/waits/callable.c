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
    if (role_is_future(role) || (type && type == cpython->coroutine_type))
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

/* ---- what a callback leads to ---------------------------------------------------------------- */

#define REACH_OBJECTS_MAX 200
#define REACH_EDGES_MAX   2000

struct reach {
    struct actors *actors;
    visit_actor visit;
    void *context;
    VECTOR(uint64_t) queue;
    struct address_map seen;
    unsigned edges;
    bool stopped;
};

/* Instances of classes and the containers they keep things in; nothing that leads everywhere. */
static bool is_passable(const struct cpython *cpython, uint64_t type)
{
    struct type_view view;
    if (is_transparent(cpython, type) || type == cpython->dict_type || type == cpython->list_type)
        return true;
    if (type == cpython->module_type || type == cpython->function_type ||
        type == cpython->code_type || !type_read(cpython, type, &view))
        return false;
    return !(view.flags & TYPE_TYPE_SUBCLASS) &&
           (view.dictoffset || (view.flags & (TYPE_HEAPTYPE | TYPE_MANAGED_DICT)));
}

static void reach_object(struct reach *reach, uint64_t object)
{
    const struct cpython *cpython = reach->actors->cpython;
    if (!object || address_map_get(&reach->seen, object) != ADDRESS_MAP_ABSENT)
        return;
    uint64_t type = object_type(cpython, object), referent;
    if (!type || !address_map_put(&reach->seen, object, 1))
        return;
    enum role role = actors_role(reach->actors, object);
    if (role_is_future(role))
        reach->stopped = !reach->visit(reach->context, object, role);
    else if (role == ROLE_WEAKREF && /* streams know their reader by one */
             target_read_word(cpython->target, object + (uint64_t)cpython->at.weakref_object,
                              &referent))
        reach_object(reach, referent);
    else if (role == ROLE_NONE && reach->queue.count < REACH_OBJECTS_MAX &&
             is_passable(cpython, type))
        (void)vector_push(&reach->queue, object);
}

static bool reach_edge(void *context, const struct edge *edge)
{
    struct reach *reach = context;
    if (++reach->edges > REACH_EDGES_MAX)
        return false;
    if (edge->kind != EDGE_TYPE && edge->kind != EDGE_KEY)
        reach_object(reach, edge->referent);
    return !reach->stopped;
}

void callable_reach(struct actors *actors, uint64_t object, visit_actor visit, void *context)
{
    struct reach reach = {.actors = actors, .visit = visit, .context = context};
    (void)vector_push(&reach.queue, object);
    for (size_t i = 0; i < reach.queue.count && !reach.stopped; i++)
        (void)referents_visit(actors->cpython, reach.queue.items[i], NULL, reach_edge, &reach);
    vector_free(&reach.queue);
    address_map_free(&reach.seen);
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
