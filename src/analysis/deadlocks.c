/* Cycles of the wait-for graph that stood still between two looks. */
#include <string.h>

#include "analysis/deadlock_kind.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "waits/deadline.h"

static struct place copy_place(const struct place *place)
{
    return (struct place){
        .file = place->file ? strdup(place->file) : NULL,
        .line = place->line,
        .function = place->function ? strdup(place->function) : NULL,
    };
}

/* The first node with a place is where to look. */
static const struct place *place_to_look_at(const wait_chain *chain)
{
    for (size_t i = 0; i < chain->count; i++)
        if (chain->items[i].at.file)
            return &chain->items[i].at;
    return &chain->items[0].at;
}

static void judge_loop(struct diagnosis *diagnosis, size_t loop, const struct deadlock_kind *kind,
                       const struct wait_cycle *cycle, enum confidence confidence,
                       const char *summary)
{
    struct loop_row *row = &diagnosis->report->loops.items[loop];
    if (row->cycle.count)
        return;
    size_t thread = diagnosis->snapshot->loops.items[loop].thread;
    uint64_t first = thread == NOBODY ? 0 : diagnosis->snapshot->threads.items[thread].address;
    (void)chain_of_cycle(diagnosis->picture, cycle, first, &row->cycle);
    row->cycle_closes = true;
    struct place place =
        row->cycle.count ? copy_place(place_to_look_at(&row->cycle)) : (struct place){0};
    loop_judge(diagnosis, loop, kind->verdict, confidence, strdup(summary), place);
}

/* Whether what `vertex` is stuck on leads into `cycle`. */
static bool leads_into(const struct wait_picture *picture, uint32_t vertex,
                       const struct wait_cycle *cycle)
{
    for (size_t steps = 0; steps <= picture->graph.vertices.count; steps++) {
        for (size_t i = 0; i < cycle->vertices.count; i++)
            if (cycle->vertices.items[i] == vertex)
                return true;
        const struct wait_edge *need = wait_graph_need(&picture->graph, vertex);
        if (!need || !need->owed)
            return false;
        vertex = need->to;
    }
    return false;
}

/* Loops that are part of the cycle, wait for it, or have a task that does. */
static void judge_loops(struct diagnosis *diagnosis, const struct deadlock_kind *kind,
                        const struct wait_cycle *cycle, enum confidence confidence,
                        const char *summary)
{
    const struct snapshot *snapshot = diagnosis->snapshot;
    for (size_t i = 0; i < snapshot->loops.count; i++) {
        uint32_t loop =
            wait_graph_find(&diagnosis->picture->graph, snapshot->loops.items[i].view.address);
        if (loop != VERTEX_NONE && !diagnosis->picture->graph.vertices.items[loop].moves &&
            leads_into(diagnosis->picture, loop, cycle))
            judge_loop(diagnosis, i, kind, cycle, confidence, summary);
    }
    for (size_t i = 0; i < snapshot->tasks.count; i++) {
        uint32_t task =
            wait_graph_find(&diagnosis->picture->graph, snapshot->tasks.items[i].view.address);
        if (snapshot->tasks.items[i].loop != NOBODY && task != VERTEX_NONE &&
            !diagnosis->picture->graph.vertices.items[task].moves &&
            leads_into(diagnosis->picture, task, cycle))
            judge_loop(diagnosis, snapshot->tasks.items[i].loop, kind, cycle, confidence, summary);
    }
}

struct error *report_deadlock(struct diagnosis *diagnosis, const struct wait_cycle *cycle,
                              enum confidence confidence)
{
    struct deadlock deadlock;
    deadlock_see(diagnosis, cycle, &deadlock);
    const struct deadlock_kind *kind = deadlock.kind;
    wait_chain chain = {0};
    if (!chain_of_cycle(diagnosis->picture, cycle, diagnosis->main_thread, &chain) || !chain.count)
        return error_no_memory();
    _cleanup_free_ char *summary = deadlock_summary(&deadlock, &chain);
    judge_loops(diagnosis, kind, cycle, confidence, summary ? summary : "");
    struct finding *finding = NULL;
    if (look_wants(diagnosis->options, kind->rule))
        finding = report_add_finding(diagnosis->report, kind->rule, SEVERITY_ERROR, confidence);
    if (!finding) {
        wait_chain_free(&chain);
        return NULL;
    }
    finding->summary = take_pointer(&summary);
    finding_place(finding, place_to_look_at(&chain));
    for (size_t i = 0; kind->fix[i]; i++)
        finding_add_fix(finding, "%s", kind->fix[i]);
    finding->confirm = look_command(diagnosis->look, kind->confirm);
    finding_add_number(finding, "observed", (int64_t)(diagnosis->standstill->seconds * 1e3), "ms");
    _cleanup_free_ char *identity = chain_identity(&chain);
    finding_identify(finding, identity ? identity : "");
    finding->chain = chain;
    finding->chain_closes = true;
    return NULL;
}

/* ---- what nobody owes ------------------------------------------------------------------------ */

/*
 * The way from the thread of a stuck loop back to it, by what could move what it waits for: through
 * its loop if possible. False when there is none.
 */
static bool way_back(const struct wait_graph *graph, uint32_t thread, uint32_t loop,
                     struct wait_cycle *cycle)
{
    if (loop == VERTEX_NONE || !wait_graph_way(graph, thread, loop, false, cycle))
        return wait_graph_way(graph, thread, thread, false, cycle);
    return vector_push(&cycle->vertices, loop);
}

bool cycle_stood_still(const struct diagnosis *diagnosis, const struct wait_cycle *cycle)
{
    const struct standstill *standstill = diagnosis->standstill;
    for (size_t i = 0; i < cycle->vertices.count; i++) {
        uint32_t vertex = cycle->vertices.items[i];
        size_t thread = picture_thread(diagnosis->picture, vertex);
        if (!standstill_stuck(standstill,
                              diagnosis->picture->graph.vertices.items[vertex].address) ||
            (thread != NOBODY && !standstill_thread_asleep(standstill, thread)))
            return false;
    }
    return true;
}

/* A callback that blocks on an event or a queue which only code of the same loop gets at. */
static struct error *report_handover(struct diagnosis *diagnosis, size_t loop)
{
    const struct wait_graph *graph = &diagnosis->picture->graph;
    const struct seen_loop *seen = &diagnosis->snapshot->loops.items[loop];
    if (seen->thread == NOBODY || diagnosis->report->loops.items[loop].cycle.count ||
        diagnosis->snapshot->seen.items[seen->thread].in_loop_wait)
        return NULL;
    uint64_t address = diagnosis->snapshot->threads.items[seen->thread].address;
    uint32_t thread = wait_graph_find(graph, address);
    struct wait_cycle cycle = {0};
    struct error *error = NULL;
    if (thread != VERTEX_NONE && !graph->vertices.items[thread].moves &&
        way_back(graph, thread, wait_graph_find(graph, seen->view.address), &cycle) &&
        cycle_stood_still(diagnosis, &cycle))
        error = report_deadlock(diagnosis, &cycle, CONFIDENCE_MEDIUM);
    vector_free(&cycle.vertices);
    return error;
}

/* Queues and events of threads, generators: who gets them on is concluded from code or references,
 * but for an event that only its maker knows, which is promised. */
static bool is_concluded(const struct wait_picture *picture, const struct wait_vertex *vertex)
{
    return vertex->kind == VERTEX_QUEUE &&
           (!picture->promised ||
            promises_for(&picture->promises, vertex->address) == PROMISE_NONE);
}

static enum confidence confidence_in(const struct wait_picture *picture,
                                     const struct wait_cycle *cycle)
{
    for (size_t i = 0; i < cycle->vertices.count; i++) {
        const struct wait_vertex *vertex = &picture->graph.vertices.items[cycle->vertices.items[i]];
        if (is_concluded(picture, vertex) ||
            (vertex->kind == VERTEX_LOCK &&
             hold_is_likely(picture->snapshot, &picture->holds, vertex->address)))
            return CONFIDENCE_MEDIUM;
    }
    return CONFIDENCE_HIGH;
}

/* Threads that only wait for one another's items, or for what is done with them, are idle: somebody
 * is to give them the first. */
static bool is_idle_ring(const struct wait_picture *picture, const struct wait_cycle *cycle)
{
    bool queues = false;
    for (size_t i = 0; i < cycle->vertices.count; i++) {
        uint32_t number = cycle->vertices.items[i];
        const struct wait_vertex *vertex = &picture->graph.vertices.items[number];
        size_t thread = picture_thread(picture, number);
        enum role role = actors_role(picture->snapshot->actors, vertex->address);
        bool shared = vertex->kind == VERTEX_QUEUE;
        if (!shared && (thread == NOBODY || queue_holds_up(picture->snapshot, thread)))
            return false;
        queues |= shared && (role == ROLE_QUEUE || role == ROLE_SIMPLE_QUEUE);
    }
    return queues;
}

struct error *diagnose_cycles(struct diagnosis *diagnosis)
{
    const wait_cycle_vector *cycles = &diagnosis->picture->cycles;
    struct error *error = NULL;
    for (size_t i = 0; i < cycles->count && !error; i++)
        if (standstill_cycle(diagnosis->standstill, &cycles->items[i]) &&
            !is_idle_ring(diagnosis->picture, &cycles->items[i]) &&
            !deadline_ends(diagnosis->picture, &cycles->items[i]))
            error = report_deadlock(diagnosis, &cycles->items[i],
                                    confidence_in(diagnosis->picture, &cycles->items[i]));
    for (size_t i = 0; i < diagnosis->snapshot->loops.count && !error; i++)
        error = report_handover(diagnosis, i);
    return error;
}
