/* Who could move what nobody has promised. */
#include "waits/needs.h"

static bool same_completer(const struct completer *one, const struct completer *other)
{
    if (one->kind != other->kind || one->after != other->after)
        return false;
    return one->kind == COMPLETER_THREAD ? one->thread == other->thread
                                         : one->kind == COMPLETER_ACTOR && one->role == ROLE_TASK &&
                                               one->object == other->object;
}

/* A task that awaits it, or waits for an event or lock to let it through, does not complete it. */
static bool awaits_target(const struct building *building, const struct completer *completer)
{
    const struct promises *promises = &building->picture->promises;
    size_t task = completer->kind == COMPLETER_ACTOR && !completer->after
                      ? snapshot_task(building->snapshot, completer->object)
                      : NOBODY;
    if (task == NOBODY)
        return false;
    uint64_t awaited = building->snapshot->tasks.items[task].view.waits_for;
    uint32_t promise = building->picture->promised ? promises_for(promises, awaited) : PROMISE_NONE;
    return awaited == completer->target ||
           (promise != PROMISE_NONE && promises->items.items[promise].kind == PROMISE_PRIMITIVE &&
            promises->items.items[promise].by == completer->target);
}

/*
 * Why the target needs this very completer, if nobody else refers to it: to a suspended generator
 * only who iterates over it; to a future only code that an inner loop is to return to. Else NULL.
 */
static const char *why_owed(const struct building *building, const struct completer *completer)
{
    const struct completers *completers = &building->picture->completers;
    bool generator = snapshot_is_generator(building->snapshot, completer->target);
    if ((!generator && !completer->after) || completers->cut ||
        !same_completer(completer, completer))
        return NULL;
    for (size_t i = 0; i < completers->items.count; i++)
        if (completers->items.items[i].target == completer->target &&
            !same_completer(&completers->items.items[i], completer) &&
            !awaits_target(building, &completers->items.items[i]))
            return NULL;
    return completer->after ? "completed by code that goes on after" : "iterated over by";
}

static void need_completer(struct building *building, uint32_t vertex,
                           const struct completer *completer)
{
    const char *owed = why_owed(building, completer), *why = owed ? owed : "could be moved by";
    switch (completer->kind) {
    case COMPLETER_ANYBODY:
        wait_graph_edge(building->graph, vertex, building->anybody, false, "could be moved by");
        break;
    case COMPLETER_UNSEEN:
        moves(building, vertex);
        break;
    case COMPLETER_THREAD:
        need(building, vertex, VERTEX_THREAD,
             building->snapshot->threads.items[completer->thread].address, owed, why);
        break;
    case COMPLETER_ACTOR:
        need(building, vertex, kind_of_role(completer->role), completer->object, owed, why);
        break;
    }
}

/* Leaves out what moved in the earlier picture. */
static void trust_earlier(struct building *building)
{
    size_t kept = 0;
    for (size_t i = 0; building->earlier && i < building->unpromised.count; i++) {
        uint64_t target = building->unpromised.items[i];
        uint32_t then = wait_graph_find(&building->earlier->graph, target);
        if (then != VERTEX_NONE && building->earlier->graph.vertices.items[then].moves)
            moves(building, wait_graph_find(building->graph, target));
        else
            building->unpromised.items[kept++] = target;
    }
    if (building->earlier)
        building->unpromised.count = kept;
}

/* Whether some thread gets on by itself, or a signal may start code. */
static bool anybody_moves(const struct building *building)
{
    bool moving = vertex_at(building, building->anybody)->moves;
    for (size_t i = 0; i < building->snapshot->threads.count && !moving; i++) {
        uint32_t thread =
            wait_graph_find(building->graph, building->snapshot->threads.items[i].address);
        moving = thread != VERTEX_NONE && vertex_at(building, thread)->moves;
    }
    return moving;
}

struct error *building_find_completers(struct building *building, const struct heap_source *heap)
{
    struct completers *completers = &building->picture->completers;
    const struct census *index;
    struct roots *roots;
    trust_earlier(building);
    size_t count = building->unpromised.count, first = completers->items.count;
    if (!count || !heap)
        return NULL;
    struct error *error = heap->prepare(heap->context, &index, &roots);
    if (!error)
        error = completers_find(building->snapshot, index, roots, building->unpromised.items, count,
                                anybody_moves(building), completers);
    if (error)
        return error;
    for (size_t i = first; i < completers->items.count; i++) {
        const struct completer *completer = &completers->items.items[i];
        need_completer(building, wait_graph_find(building->graph, completer->target), completer);
    }
    for (size_t i = 0; completers->cut && i < count; i++)
        moves(building, wait_graph_find(building->graph, building->unpromised.items[i]));
    building->unpromised.count = 0;
    return NULL;
}
