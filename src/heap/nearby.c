/*
 * The neighbourhood of the modules: their globals, what is in those that are containers, instances,
 * classes or closures, and so on outwards, as far as it costs less than one pass over a small heap.
 * What is not found here may still be held here, by something that only a pass finds.
 */
#include "heap/graph.h"

#define PLACES_MAX   (1u << 15) /* objects met */
#define EXAMINED_MAX 2000       /* those of them that are looked into */
#define GROUP        64         /* objects whose types are read together */
#define PLACE_NONE   UINT32_MAX

/* An object on the way outwards. */
struct place {
    uint64_t object;
    uint32_t from; /* the place that holds it, PLACE_NONE: a module does */
    uint32_t root; /* that module */
    bool told;     /* the graph knows the way to it */
};

struct neighbourhood {
    struct holder_graph *graph;
    struct type_cache types;
    struct address_map seen; /* objects that were met: their places */
    VECTOR(struct place) places;
    struct place holder; /* of what is met now: `from` and `root` of a new place */
    size_t left;         /* targets that are not reached */
    size_t examined;
};

/* Tells the graph the way from a module to `held`, from its end to its beginning. */
static void tell_way(struct neighbourhood *near, struct place holder, uint32_t held)
{
    struct holder_graph *graph = near->graph;
    while (holder.from != PLACE_NONE && !graph->failed) {
        struct place *place = &near->places.items[holder.from];
        uint32_t number = graph_node(graph, place->object, 0);
        graph_add_edge(graph, number, held, true, true);
        if (place->told)
            return;
        place->told = true;
        held = number;
        holder = *place;
    }
    graph_add_root(graph, held, holder.root, true);
}

/* `object` is held by near->holder. False when there is nothing left to look for. */
static bool meet(struct neighbourhood *near, uint64_t object)
{
    struct holder_graph *graph = near->graph;
    uint32_t target = address_map_get(&graph->by_address, object);
    if (target < graph->targets) {
        if (!graph->nodes.items[target].settled) {
            tell_way(near, near->holder, target);
            near->left--;
        }
    } else if (object && near->places.count < PLACES_MAX &&
               address_map_get(&near->seen, object) == ADDRESS_MAP_ABSENT) {
        struct place place = near->holder;
        place.object = object;
        if (!address_map_put(&near->seen, object, (uint32_t)near->places.count) ||
            !vector_push(&near->places, place))
            graph->failed = true;
    }
    return near->left && !graph->failed;
}

static bool meet_entry(void *near, uint64_t key, uint64_t value)
{
    return meet(near, key) && meet(near, value);
}

static bool meet_value(void *near, uint64_t key, uint64_t value)
{
    (void)key;
    return meet(near, value);
}

static bool meet_item(void *near, size_t index, uint64_t item)
{
    (void)index;
    return meet(near, item);
}

static void examine_container(struct neighbourhood *near, uint64_t object,
                              const struct heap_type *type)
{
    const struct cpython *cpython = near->graph->cpython;
    if (type->container == CONTAINER_DICT)
        (void)dict_visit(cpython, object, meet_entry, near);
    else if (type->container == CONTAINER_SET)
        (void)set_visit(cpython, object, meet_item, near);
    else if (type->container == CONTAINER_DEQUE)
        (void)deque_visit(cpython, object, meet_item, near);
    else if (type->container == CONTAINER_QUEUE)
        (void)simple_queue_visit(cpython, object, meet_item, near);
    else if (type->container == CONTAINER_LIST || type->view.flags & TYPE_TUPLE_SUBCLASS)
        (void)sequence_visit(cpython, object, meet_item, near);
}

static void meet_word(struct neighbourhood *near, uint64_t object, int32_t offset)
{
    uint64_t word;
    if (offset >= 0 &&
        target_read_word(near->graph->cpython->target, object + (uint64_t)offset, &word))
        (void)meet(near, word);
}

static void examine(struct neighbourhood *near, uint64_t object, const struct heap_type *type)
{
    const struct cpython *cpython = near->graph->cpython;
    struct type_view view;
    if (type->container == CONTAINER_MODULE)
        return;
    near->examined++;
    examine_container(near, object, type);
    if (type->view.address == cpython->cell_type)
        meet_word(near, object, cpython->at.cell_reference);
    else if (type->view.flags & TYPE_TYPE_SUBCLASS && type_read(cpython, object, &view))
        (void)dict_visit(cpython, type_namespace(cpython, &view), meet_value, near);
    else if (type->view.flags & TYPE_HEAPTYPE && near->left)
        (void)instance_visit(cpython, object, meet_value, near);
}

/* One word of each of the places from `first` on. */
static void read_words(const struct neighbourhood *near, size_t first, size_t count, int32_t offset,
                       uint64_t *words)
{
    struct read_request requests[GROUP];
    for (size_t i = 0; i < count; i++) {
        uint64_t at = near->places.items[first + i].object + (uint64_t)offset;
        requests[i] = (struct read_request){at, &words[i], sizeof *words, false};
    }
    target_read_batch(near->graph->cpython->target, requests, count);
    for (size_t i = 0; i < count; i++)
        words[i] = requests[i].ok ? words[i] : 0;
}

/* Looks into the places from `first` on; returns how many those were. */
static size_t examine_group(struct neighbourhood *near, size_t first)
{
    const struct cpython *cpython = near->graph->cpython;
    uint64_t types[GROUP], closures[GROUP] = {0};
    size_t count = near->places.count - first < GROUP ? near->places.count - first : GROUP;
    read_words(near, first, count, cpython->at.object_type, types);
    if (cpython->at.function_closure >= 0)
        read_words(near, first, count, cpython->at.function_closure, closures);
    for (size_t i = 0; i < count && near->left; i++) {
        uint64_t object = near->places.items[first + i].object;
        near->holder = near->places.items[first + i];
        near->holder.from = (uint32_t)(first + i);
        near->holder.told = false;
        uint32_t type;
        if (types[i] && types[i] == cpython->function_type)
            (void)meet(near, closures[i]); /* there are many, and mostly there is none */
        else if ((type = type_cache_lookup(&near->types, types[i])) != TYPE_UNKNOWN)
            examine(near, object, type_table_get(near->types.table, type));
    }
    return count;
}

static void search(struct neighbourhood *near)
{
    const struct holder_graph *graph = near->graph;
    for (uint32_t i = 0; i < graph->roots->items.count && near->left && !graph->failed; i++) {
        const struct root *root = &graph->roots->items.items[i];
        near->holder = (struct place){.from = PLACE_NONE, .root = i};
        if (root->kind == ROOT_MODULE)
            (void)dict_visit(graph->cpython, root->object, meet_value, near);
    }
    for (size_t i = 0;
         i < near->places.count && near->left && !graph->failed && near->examined < EXAMINED_MAX;)
        i += examine_group(near, i);
}

void nearby_search(struct holder_graph *graph)
{
    struct neighbourhood *near = graph->near = calloc(1, sizeof *near);
    if (near) {
        *near = (struct neighbourhood){.graph = graph, .left = graph->targets};
        near->types.table = type_table_new(graph->cpython);
    }
    if (!near || !near->types.table) {
        graph->failed = true;
        return;
    }
    search(near);
    type_cache_free(&near->types);
    type_table_free(near->types.table);
}

void nearby_meet(struct holder_graph *graph, uint32_t number)
{
    struct neighbourhood *near = graph->near;
    if (!near || graph->nodes.items[number].settled)
        return;
    uint32_t at = address_map_get(&near->seen, graph->nodes.items[number].address);
    if (at == ADDRESS_MAP_ABSENT || near->places.items[at].told)
        return;
    near->places.items[at].told = true;
    tell_way(near, near->places.items[at], number);
}

void nearby_free(struct neighbourhood *near)
{
    if (!near)
        return;
    address_map_free(&near->seen);
    vector_free(&near->places);
    free(near);
}
