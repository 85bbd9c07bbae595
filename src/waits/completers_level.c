/* One level of the ways back: who refers to what is wanted, and where the ways end. */
#include <string.h>

#include "heap/match.h"
#include "object/referents.h"
#include "waits/completers_search.h"

/* ---- where a way ends ------------------------------------------------------------------------ */

static uint64_t loop_of_handle(const struct cpython *cpython, uint64_t handle)
{
    uint64_t loop = instance_get(cpython, handle, "_loop");
    return loop ? loop : member_get(cpython, handle, "_loop");
}

/* What is done acts no more: who holds it matters. */
static bool is_pending(struct completer_search *search, uint64_t object)
{
    struct future_view future;
    return !future_read(search->snapshot->cpython, object, &future) ||
           (future.state != FUTURE_FINISHED && future.state != FUTURE_CANCELLED);
}

/* Whether `object` acts by itself, so that nothing behind it matters; and as what. */
static bool ends_way(struct completer_search *search, uint64_t object, struct completer *source)
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
        return is_pending(search, object);
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
        ways_end_in_work(snapshot, object, source);
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

static bool frame_runs_function(const struct cpython *cpython, const struct frame_view *frame,
                                uint64_t object)
{
    uint64_t function;
    return cpython->at.frame_function != LAYOUT_ABSENT &&
           target_read_word(cpython->target, frame->address + (uint64_t)cpython->at.frame_function,
                            &function) &&
           (cpython->is.tagged_references ? function & ~UINT64_C(3) : function) == object;
}

static bool frame_refers(const struct cpython *cpython, const struct frame_view *frame,
                         uint64_t object)
{
    char *local = frame_local_of(cpython, frame, object);
    bool refers = local || frame_keeps_for_exit(cpython, frame, object) ||
                  frame_runs_function(cpython, frame, object);
    free(local);
    return refers;
}

/* A frame inside of which a loop runs can do nothing before that one's end. */
static void note_behind(const struct snapshot *snapshot, uint64_t frame, struct completer *source)
{
    uint64_t behind = snapshot_frame_behind(snapshot, frame);
    if (behind)
        *source = (struct completer){.kind = COMPLETER_ACTOR,
                                     .object = behind,
                                     .holder = behind,
                                     .after = true,
                                     .role = actors_role(snapshot->actors, behind)};
}

/*
 * What the interpreter's own state and C libraries refer to may be borrowed (a cache of functions);
 * what they own is missing among the references that were counted (note_unseen).
 */
static void root_holds(struct completer_search *search, uint32_t root, uint32_t held)
{
    const struct root *facts = &search->roots->items.items[root];
    struct completer source = {.kind = COMPLETER_ANYBODY};
    if (facts->kind != ROOT_MODULE && facts->kind != ROOT_FRAME)
        return;
    if (facts->kind == ROOT_FRAME) {
        source.thread = thread_of_frame(search->snapshot, facts->frame.address);
        if (!frame_refers(search->snapshot->cpython, &facts->frame,
                          search->nodes.items[held].address))
            return; /* a word behind the live part of the stack */
        if (source.thread != NOBODY)
            source.kind = COMPLETER_THREAD;
        note_behind(search->snapshot, facts->frame.address, &source);
    }
    search->nodes.items[held].references++;
    ways_add_source(search, held, source);
}

/* ---- one level ------------------------------------------------------------------------------- */

struct edge_visit {
    struct completer_search *search;
    uint64_t owner;
    uint32_t root; /* the owner is this root, or ROOT_NONE */
};

static bool is_wanted(void *context, uint64_t address)
{
    struct edge_visit *visit = context;
    return address_map_get(&visit->search->wanted, address) != ADDRESS_MAP_ABSENT;
}

static bool is_ordered_dict(const struct cpython *cpython, uint64_t object)
{
    static const char wanted[] = "collections.OrderedDict";
    struct type_view type;
    char name[sizeof wanted];
    for (uint64_t class = object_type(cpython, object); type_read(cpython, class, &type);
         class = type.base)
        if (!(type.flags & TYPE_HEAPTYPE))
            return target_read_c_string(cpython->target, type.name, name, sizeof name) &&
                   strcmp(name, wanted) == 0;
    return false;
}

/* A key of an OrderedDict is also one of its node that keeps the order (Objects/odictobject.c). */
static unsigned references_by(const struct completer_search *search, uint64_t owner,
                              const struct edge *edge)
{
    return edge->kind == EDGE_KEY && is_ordered_dict(search->snapshot->cpython, owner) ? 2 : 1;
}

static bool visit_edge_of_owner(void *context, const struct edge *edge)
{
    struct edge_visit *visit = context;
    struct completer_search *search = visit->search;
    uint32_t held = address_map_get(&search->wanted, edge->referent);
    struct completer source;
    if (held == ADDRESS_MAP_ABSENT)
        return true;
    if (visit->root != ROOT_NONE) {
        root_holds(search, visit->root, held);
        return !search->no_memory;
    }
    search->nodes.items[held].references += references_by(search, visit->owner, edge);
    if (ends_way(search, visit->owner, &source))
        ways_add_source(search, held, source);
    else
        ways_add_link(search, held, ways_node(search, visit->owner));
    return !search->no_memory;
}

/*
 * Whoever has a weak reference can get at what it refers to; it is none of the counted ones. Only
 * the loop has one to an asynchronous generator, for its shutdown (BaseEventLoop._asyncgens); to a
 * task that is done only asyncio, whose all_tasks() leaves it out; a class has one in its base, for
 * whoever asks for object.__subclasses__().
 */
static bool is_known_by_loops_only(struct completer_search *search, uint64_t object)
{
    const struct snapshot *snapshot = search->snapshot;
    return object_type(snapshot->cpython, object) == snapshot->cpython->async_generator_type ||
           (actors_role(snapshot->actors, object) == ROLE_TASK && !is_pending(search, object));
}

static void follow_weak(struct completer_search *search, uint64_t reference)
{
    const struct cpython *cpython = search->snapshot->cpython;
    struct type_view class;
    uint64_t referent;
    if (actors_role(search->snapshot->actors, reference) != ROLE_WEAKREF ||
        !target_read_word(cpython->target, reference + (uint64_t)cpython->at.weakref_object,
                          &referent) ||
        !referent || is_known_by_loops_only(search, referent))
        return;
    uint32_t held = address_map_get(&search->wanted, referent);
    if (held == ADDRESS_MAP_ABSENT || held < search->strongly)
        return;
    if (type_read(cpython, referent, &class))
        ways_add_source(search, held, (struct completer){.kind = COMPLETER_ANYBODY});
    else
        ways_add_link(search, held, ways_node(search, reference));
}

static void examine_owner(struct completer_search *search, uint64_t owner)
{
    if (address_map_get(&search->examined, owner) != ADDRESS_MAP_ABSENT)
        return;
    if (!address_map_put(&search->examined, owner, 1))
        search->no_memory = true;
    follow_weak(search, owner);
    struct edge_visit visit = {search, owner, roots_object(search->roots, owner)};
    (void)referents_visit(search->snapshot->cpython, owner, is_wanted, visit_edge_of_owner, &visit);
}

static void follow_matches(struct completer_search *search, const match_vector *matches)
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

struct error *ways_expand(struct completer_search *search)
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
