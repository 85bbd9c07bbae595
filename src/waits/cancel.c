#include "waits/cancel.h"

#include "base/cleanup.h"

/* Tasks looked at: those asked for and those that wait for them. */
#define TASKS_MAX 512
#define STEPS_MAX 8

struct patient {
    size_t task;
    enum cancel_hope hope;
    enum cancel_hope handed_down; /* to the tasks that it waits for */
};

struct search {
    const struct wait_picture *picture;
    VECTOR(struct patient) patients;
    struct address_map by_address; /* task -> patient */
    struct completers referrers;
};

static bool is_stuck(const struct search *search, uint64_t address)
{
    return picture_stuck(search->picture, address);
}

static bool gets_on(const struct search *search, uint64_t address)
{
    uint32_t vertex = wait_graph_find(&search->picture->graph, address);
    return vertex != VERTEX_NONE && search->picture->graph.vertices.items[vertex].moves;
}

static bool add_patient(struct search *search, size_t task)
{
    uint64_t address = search->picture->snapshot->tasks.items[task].view.address;
    struct patient patient = {.task = task};
    if (address_map_get(&search->by_address, address) != ADDRESS_MAP_ABSENT)
        return true;
    return address_map_put(&search->by_address, address, (uint32_t)search->patients.count) &&
           vector_push(&search->patients, patient);
}

/* ---- who waits for whom ---------------------------------------------------------------------- */

typedef bool (*visit_patient)(void *context, uint32_t patient);

/* Visits the patients that `vertex` waits for, itself or through futures. */
static bool visit_awaited(const struct search *search, uint32_t vertex, unsigned steps,
                          visit_patient visit, void *context)
{
    const struct wait_graph *graph = &search->picture->graph;
    for (uint32_t i = graph->vertices.items[vertex].first; i != NO_EDGE && steps < STEPS_MAX;
         i = graph->edges.items[i].next) {
        const struct wait_vertex *to = &graph->vertices.items[graph->edges.items[i].to];
        uint32_t patient = ADDRESS_MAP_ABSENT;
        if (!graph->edges.items[i].owed || to->moves)
            continue;
        if (to->kind == VERTEX_TASK)
            patient = address_map_get(&search->by_address, to->address);
        if (patient != ADDRESS_MAP_ABSENT && !visit(context, patient))
            return false;
        if (to->kind == VERTEX_FUTURE &&
            !visit_awaited(search, graph->edges.items[i].to, steps + 1, visit, context))
            return false;
    }
    return true;
}

static bool any_patient(void *context, uint32_t patient)
{
    (void)patient;
    *(bool *)context = true;
    return false;
}

/* Adds the tasks that wait for those that are there, until there are no more. */
static bool add_waiting(struct search *search)
{
    const struct snapshot *snapshot = search->picture->snapshot;
    for (size_t known = 0; known != search->patients.count && known < TASKS_MAX;) {
        known = search->patients.count;
        for (size_t i = 0; i < snapshot->tasks.count && search->patients.count < TASKS_MAX; i++) {
            uint64_t address = snapshot->tasks.items[i].view.address;
            uint32_t vertex = wait_graph_find(&search->picture->graph, address);
            bool waits = false;
            if (vertex == VERTEX_NONE || !is_stuck(search, address))
                continue;
            (void)visit_awaited(search, vertex, 0, any_patient, &waits);
            if (waits && !add_patient(search, i))
                return false;
        }
    }
    return true;
}

/* ---- who refers to them ---------------------------------------------------------------------- */

static void raise_hope(enum cancel_hope *hope, enum cancel_hope to)
{
    *hope = to > *hope ? to : *hope;
}

static enum cancel_hope hope_of_actor(const struct search *search, const struct completer *by)
{
    struct actors *actors = search->picture->snapshot->actors;
    if (!gets_on(search, by->object))
        return CANCEL_BY_NOBODY;
    switch (by->role) {
    case ROLE_TASK: /* its variables, not what its callbacks and its context refer to */
        return by->holder != by->object ? CANCEL_AT_HAND : CANCEL_BY_NOBODY;
    case ROLE_LOOP:
    case ROLE_LOOP_UV:
        return actors_role(actors, by->holder) == ROLE_TIMER_HANDLE ? CANCEL_AT_HAND
                                                                    : CANCEL_POSSIBLE;
    default:
        return CANCEL_BY_NOBODY; /* a future is no code that could */
    }
}

/* What runs a loop gets no chance before the loop ends, and then cancels everything. */
static bool runs_loop_of(const struct search *search, size_t thread, size_t task)
{
    const struct snapshot *snapshot = search->picture->snapshot;
    size_t loop = snapshot->tasks.items[task].loop;
    return loop != NOBODY && snapshot->loops.items[loop].thread == thread;
}

/* And nothing of what runs a loop until the end of this very task is done before. */
static bool waits_for_end_of(const struct search *search, size_t thread, size_t task)
{
    const struct snapshot *snapshot = search->picture->snapshot;
    size_t loop = snapshot->tasks.items[task].loop;
    return runs_loop_of(search, thread, task) &&
           snapshot->loops.items[loop].until == snapshot->tasks.items[task].view.address;
}

static void judge_referrer(const struct search *search, const struct completer *by,
                           struct patient *patient)
{
    const struct snapshot *snapshot = search->picture->snapshot;
    enum cancel_hope hope = CANCEL_BY_NOBODY;
    bool hands_down = true;
    switch (by->kind) {
    case COMPLETER_UNSEEN:
        hope = CANCEL_AT_HAND;
        hands_down = false; /* the handler of SIGINT refers to the task of asyncio.run() */
        break;
    case COMPLETER_ANYBODY:
        hope = gets_on(search, ANYBODY_ADDRESS) ? CANCEL_POSSIBLE : CANCEL_BY_NOBODY;
        break;
    case COMPLETER_THREAD:
        if (gets_on(search, snapshot->threads.items[by->thread].address) &&
            !waits_for_end_of(search, by->thread, patient->task))
            hope = CANCEL_AT_HAND;
        hands_down = !runs_loop_of(search, by->thread, patient->task);
        break;
    case COMPLETER_ACTOR:
        hope = hope_of_actor(search, by);
        break;
    }
    raise_hope(&patient->hope, hope);
    if (hands_down)
        raise_hope(&patient->handed_down, hope);
}

/* A stuck task that is cancelled may cancel those it has in its variables. */
static bool pass_on_to_referred(struct search *search)
{
    bool changed = false;
    for (size_t i = 0; i < search->referrers.items.count; i++) {
        const struct completer *by = &search->referrers.items.items[i];
        uint32_t target = address_map_get(&search->by_address, by->target);
        uint32_t holder = address_map_get(&search->by_address, by->object);
        if (by->kind != COMPLETER_ACTOR || by->role != ROLE_TASK || by->holder == by->object ||
            target == ADDRESS_MAP_ABSENT || holder == ADDRESS_MAP_ABSENT)
            continue;
        struct patient *patient = &search->patients.items[target];
        enum cancel_hope hope = search->patients.items[holder].handed_down;
        changed |= hope > patient->handed_down;
        raise_hope(&patient->hope, hope);
        raise_hope(&patient->handed_down, hope);
    }
    return changed;
}

struct passing {
    struct search *search;
    enum cancel_hope hope;
    bool changed;
};

static bool pass_on_to(void *context, uint32_t number)
{
    struct passing *passing = context;
    struct patient *patient = &passing->search->patients.items[number];
    passing->changed |= passing->hope > patient->handed_down;
    raise_hope(&patient->hope, passing->hope);
    raise_hope(&patient->handed_down, passing->hope);
    return true;
}

/* A cancellation goes down to what the task awaits. */
static bool pass_on_to_awaited(struct search *search)
{
    struct passing passing = {.search = search};
    for (size_t i = 0; i < search->patients.count; i++) {
        const struct patient *patient = &search->patients.items[i];
        uint64_t address = search->picture->snapshot->tasks.items[patient->task].view.address;
        uint32_t vertex = wait_graph_find(&search->picture->graph, address);
        passing.hope = patient->handed_down;
        if (vertex != VERTEX_NONE && passing.hope != CANCEL_BY_NOBODY)
            (void)visit_awaited(search, vertex, 0, pass_on_to, &passing);
    }
    return passing.changed;
}

/* ---- */

static struct error *find_referrers(struct search *search, const struct census *index,
                                    struct roots *roots)
{
    struct snapshot *snapshot = search->picture->snapshot;
    _cleanup_free_ uint64_t *targets = calloc(search->patients.count + 1, sizeof *targets);
    if (!targets)
        return error_no_memory();
    for (size_t i = 0; i < search->patients.count; i++)
        targets[i] = snapshot->tasks.items[search->patients.items[i].task].view.address;
    return referrers_find(snapshot, index, roots, targets, search->patients.count,
                          &search->referrers);
}

static void judge(struct search *search)
{
    for (size_t i = 0; i < search->referrers.items.count; i++) {
        const struct completer *by = &search->referrers.items.items[i];
        uint32_t target = address_map_get(&search->by_address, by->target);
        if (target != ADDRESS_MAP_ABSENT)
            judge_referrer(search, by, &search->patients.items[target]);
    }
    bool changed = true;
    while (changed) {
        changed = pass_on_to_referred(search);
        changed |= pass_on_to_awaited(search);
    }
}

struct error *cancel_hopes_find(const struct wait_picture *picture, const struct census *index,
                                struct roots *roots, const size_t *tasks, size_t count,
                                enum cancel_hope *hopes)
{
    struct search search = {.picture = picture};
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++)
        ok = add_patient(&search, tasks[i]);
    struct error *error = ok && add_waiting(&search) ? NULL : error_no_memory();
    if (!error)
        error = find_referrers(&search, index, roots);
    if (!error)
        judge(&search);
    for (size_t i = 0; i < count && !error; i++) {
        uint64_t address = picture->snapshot->tasks.items[tasks[i]].view.address;
        hopes[i] = search.referrers.cut
                       ? CANCEL_AT_HAND
                       : search.patients.items[address_map_get(&search.by_address, address)].hope;
    }
    vector_free(&search.patients);
    address_map_free(&search.by_address);
    completers_free(&search.referrers);
    return error;
}
