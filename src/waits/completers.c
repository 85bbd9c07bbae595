#include "waits/completers.h"

#include <time.h>

#include "heap/match.h"
#include "heap/owners.h"
#include "object/referents.h"

#define LEVELS_MAX  12
#define NODES_MAX   20000
#define SECONDS_MAX 5

/* An object on a way back from a target. */
struct node {
    uint64_t address;
    uint64_t references; /* to it, that were found */
    bool expanded;
};

/* `holder` refers to `held`: another node, or a source at which the way ends. */
struct link {
    uint32_t held, next; /* next link of the same held node */
    uint32_t holder;     /* node, or SOURCE_BIT | index of a source */
};
#define SOURCE_BIT UINT32_C(0x80000000)
#define LINK_NONE  UINT32_MAX

struct search {
    struct snapshot *snapshot;
    struct roots *roots;
    struct owner_search owners;
    struct completers *completers;
    VECTOR(struct node) nodes;
    VECTOR(struct link) links;
    VECTOR(uint32_t) first_link; /* parallel to nodes */
    VECTOR(struct completer) sources;
    struct address_map by_address, wanted, examined;
    size_t strongly; /* the first so many nodes: weak references do not count */
    bool no_memory;
};

static double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static uint32_t node_of(struct search *search, uint64_t address)
{
    uint32_t number = address_map_get(&search->by_address, address);
    if (number != ADDRESS_MAP_ABSENT)
        return number;
    number = (uint32_t)search->nodes.count;
    struct node node = {.address = address};
    if (!vector_push(&search->nodes, node) || !vector_push(&search->first_link, LINK_NONE) ||
        !address_map_put(&search->by_address, address, number))
        search->no_memory = true;
    return number;
}

static void add_link(struct search *search, uint32_t held, uint32_t holder)
{
    struct link link = {.held = held, .holder = holder, .next = search->first_link.items[held]};
    search->first_link.items[held] = (uint32_t)search->links.count;
    if (!vector_push(&search->links, link))
        search->no_memory = true;
}

static void add_source(struct search *search, uint32_t held, struct completer source)
{
    uint32_t number = (uint32_t)search->sources.count;
    if (!vector_push(&search->sources, source))
        search->no_memory = true;
    else
        add_link(search, held, SOURCE_BIT | number);
}

/* ---- where a way ends ------------------------------------------------------------------------ */

static uint64_t loop_of_handle(const struct cpython *cpython, uint64_t handle)
{
    uint64_t loop = instance_get(cpython, handle, "_loop");
    return loop ? loop : member_get(cpython, handle, "_loop");
}

/* Whether `object` acts by itself, so that nothing behind it matters; and as what. */
static bool ends_way(struct search *search, uint64_t object, struct completer *source)
{
    struct snapshot *snapshot = search->snapshot;
    size_t task = snapshot_task(snapshot, object);
    *source = (struct completer){.kind = COMPLETER_ACTOR, .object = object, .holder = object};
    if (task != NOBODY) { /* also its coroutines */
        source->object = snapshot->tasks.items[task].view.address;
        source->role = ROLE_TASK;
        return true;
    }
    source->role = actors_role(snapshot->actors, object);
    switch (source->role) {
    case ROLE_TASK:
    case ROLE_FUTURE:
    case ROLE_GATHER:
    case ROLE_CONCURRENT_FUTURE:
    case ROLE_LOOP:
    case ROLE_LOOP_UV:
        return true;
    case ROLE_HANDLE:
    case ROLE_TIMER_HANDLE:
        source->object = loop_of_handle(snapshot->cpython, object);
        source->role = actors_role(snapshot->actors, source->object);
        if (source->role != ROLE_LOOP && source->role != ROLE_LOOP_UV)
            source->kind = COMPLETER_UNSEEN;
        return true;
    case ROLE_WORK_ITEM:
        source->kind = COMPLETER_UNSEEN;
        return true;
    default:
        return false;
    }
}

static size_t thread_of_frame(const struct snapshot *snapshot, uint64_t frame)
{
    for (size_t i = 0; i < snapshot->frames.count; i++)
        if (snapshot->frames.items[i].address == frame)
            return snapshot->frames.items[i].thread;
    return NOBODY;
}

/*
 * What the interpreter's own state and C libraries refer to may be borrowed (a cache of functions);
 * what they own is missing among the references that were counted (note_unseen).
 */
static void root_holds(struct search *search, uint32_t root, uint32_t held)
{
    const struct root *facts = &search->roots->items.items[root];
    struct completer source = {.kind = COMPLETER_ANYBODY};
    if (facts->kind != ROOT_MODULE && facts->kind != ROOT_FRAME)
        return;
    if (facts->kind == ROOT_FRAME) {
        source.thread = thread_of_frame(search->snapshot, facts->frame.address);
        char *local = frame_local_of(search->snapshot->cpython, &facts->frame,
                                     search->nodes.items[held].address);
        if (!local)
            return; /* a word behind the live part of the stack */
        free(local);
        if (source.thread != NOBODY)
            source.kind = COMPLETER_THREAD;
    }
    search->nodes.items[held].references++;
    add_source(search, held, source);
}

/* ---- one level ------------------------------------------------------------------------------- */

struct edge_visit {
    struct search *search;
    uint64_t owner;
    uint32_t root; /* the owner is this root, or ROOT_NONE */
};

static bool is_wanted(void *context, uint64_t address)
{
    struct edge_visit *visit = context;
    return address_map_get(&visit->search->wanted, address) != ADDRESS_MAP_ABSENT;
}

static bool visit_edge_of_owner(void *context, const struct edge *edge)
{
    struct edge_visit *visit = context;
    struct search *search = visit->search;
    uint32_t held = address_map_get(&search->wanted, edge->referent);
    struct completer source;
    if (held == ADDRESS_MAP_ABSENT)
        return true;
    if (visit->root != ROOT_NONE) {
        root_holds(search, visit->root, held);
        return !search->no_memory;
    }
    search->nodes.items[held].references++;
    if (ends_way(search, visit->owner, &source))
        add_source(search, held, source);
    else
        add_link(search, held, node_of(search, visit->owner));
    return !search->no_memory;
}

/* Whoever has a weak reference can get at what it refers to; it is none of the counted ones. */
static void follow_weak(struct search *search, uint64_t reference)
{
    const struct cpython *cpython = search->snapshot->cpython;
    uint64_t referent;
    if (actors_role(search->snapshot->actors, reference) != ROLE_WEAKREF ||
        !target_read_word(cpython->target, reference + (uint64_t)cpython->at.weakref_object,
                          &referent) ||
        !referent)
        return;
    uint32_t held = address_map_get(&search->wanted, referent);
    if (held != ADDRESS_MAP_ABSENT && held >= search->strongly)
        add_link(search, held, node_of(search, reference));
}

static void examine_owner(struct search *search, uint64_t owner)
{
    if (address_map_get(&search->examined, owner) != ADDRESS_MAP_ABSENT)
        return;
    if (!address_map_put(&search->examined, owner, 1))
        search->no_memory = true;
    follow_weak(search, owner);
    struct edge_visit visit = {search, owner, roots_object(search->roots, owner)};
    (void)referents_visit(search->snapshot->cpython, owner, is_wanted, visit_edge_of_owner, &visit);
}

static void follow_matches(struct search *search, const match_vector *matches)
{
    for (size_t i = 0; i < matches->count && !search->no_memory; i++) {
        struct owner owners[OWNERS_MAX];
        size_t count = owners_propose(&search->owners, matches->items[i].location, owners);
        uint32_t held = address_map_get(&search->wanted, matches->items[i].object);
        for (size_t k = 0; k < count; k++) {
            if (owners[k].object)
                examine_owner(search, owners[k].object);
            else if (held != ADDRESS_MAP_ABSENT)
                root_holds(search, owners[k].root, held);
        }
    }
}

static struct error *expand_level(struct search *search)
{
    match_vector matches = {0};
    struct stream_cost cost = {0};
    bool cut = false;
    struct error *error =
        match_words(search->snapshot->cpython->target, &search->wanted, &matches, &cut, &cost);
    address_map_free(&search->examined);
    if (!error)
        follow_matches(search, &matches);
    search->completers->cut |= cut;
    vector_free(&matches);
    return !error && search->no_memory ? error_no_memory() : error;
}

/* A reference that was not found is held by C code, which may do anything. */
static void note_unseen(struct search *search, uint32_t number)
{
    uint64_t count;
    const struct node *node = &search->nodes.items[number];
    if (!object_refcount(search->snapshot->cpython, node->address, &count) ||
        node->references < count)
        add_source(search, number, (struct completer){.kind = COMPLETER_UNSEEN});
}

static size_t want_next(struct search *search)
{
    address_map_free(&search->wanted);
    for (uint32_t i = 0; i < search->nodes.count; i++) {
        struct node *node = &search->nodes.items[i];
        if (node->expanded)
            continue;
        node->expanded = true;
        if (!address_map_put(&search->wanted, node->address, i))
            search->no_memory = true;
    }
    return search->wanted.count;
}

static struct error *expand(struct search *search)
{
    double end = now_seconds() + SECONDS_MAX;
    struct error *error = NULL;
    for (unsigned level = 0; !error && want_next(search) && !search->no_memory; level++) {
        if (level == LEVELS_MAX || search->nodes.count > NODES_MAX || now_seconds() > end) {
            search->completers->cut = true;
            break;
        }
        size_t known = search->nodes.count;
        error = expand_level(search);
        for (uint32_t i = 0; i < known && !error; i++)
            if (address_map_get(&search->wanted, search->nodes.items[i].address) !=
                ADDRESS_MAP_ABSENT)
                note_unseen(search, i);
    }
    return !error && search->no_memory ? error_no_memory() : error;
}

/* ---- the result ------------------------------------------------------------------------------ */

/* Appends every source that reaches node `target`. */
static bool collect(struct search *search, uint32_t target)
{
    VECTOR(uint32_t) queue = {0};
    struct address_map seen = {0};
    bool ok = vector_push(&queue, target) &&
              address_map_put(&seen, search->nodes.items[target].address, 1);
    for (size_t i = 0; ok && i < queue.count; i++) {
        for (uint32_t l = search->first_link.items[queue.items[i]]; ok && l != LINK_NONE;
             l = search->links.items[l].next) {
            uint32_t holder = search->links.items[l].holder;
            if (holder & SOURCE_BIT) {
                struct completer completer = search->sources.items[holder & ~SOURCE_BIT];
                completer.target = search->nodes.items[target].address;
                ok = vector_push(&search->completers->items, completer);
            } else if (address_map_get(&seen, search->nodes.items[holder].address) ==
                       ADDRESS_MAP_ABSENT) {
                ok = address_map_put(&seen, search->nodes.items[holder].address, 1) &&
                     vector_push(&queue, holder);
            }
        }
    }
    vector_free(&queue);
    address_map_free(&seen);
    return ok;
}

static struct error *find(struct snapshot *snapshot, const struct census *index,
                          struct roots *roots, const uint64_t *targets, size_t count, bool strongly,
                          struct completers *completers)
{
    struct search search = {
        .snapshot = snapshot,
        .roots = roots,
        .completers = completers,
        .owners = {.cpython = snapshot->cpython,
                   .index = index->index,
                   .types = index->types,
                   .roots = roots},
    };
    for (size_t i = 0; i < count; i++)
        (void)node_of(&search, targets[i]);
    size_t wanted = search.nodes.count;
    search.strongly = strongly ? wanted : 0;
    struct error *error = expand(&search);
    for (uint32_t i = 0; i < wanted && !error; i++)
        if (!collect(&search, i))
            error = error_no_memory();
    owner_search_free(&search.owners);
    vector_free(&search.nodes);
    vector_free(&search.links);
    vector_free(&search.first_link);
    vector_free(&search.sources);
    address_map_free(&search.by_address);
    address_map_free(&search.wanted);
    address_map_free(&search.examined);
    return error;
}

struct error *completers_find(struct snapshot *snapshot, const struct census *index,
                              struct roots *roots, const uint64_t *targets, size_t count,
                              struct completers *completers)
{
    return find(snapshot, index, roots, targets, count, false, completers);
}

struct error *referrers_find(struct snapshot *snapshot, const struct census *index,
                             struct roots *roots, const uint64_t *targets, size_t count,
                             struct completers *completers)
{
    return find(snapshot, index, roots, targets, count, true, completers);
}

void completers_free(struct completers *completers)
{
    vector_free(&completers->items);
}
