/* TASK002: a task awaits a future (an event, an item, a lock) that nothing alive can deliver. */
#include <string.h>

#include "analysis/diagnosis.h"
#include "analysis/named_cycles.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "waits/cancel.h"

/* Tasks that wait at the same place for the same kind of thing. */
struct orphan_group {
    struct place place;
    size_t task; /* the first */
    uint64_t count;
    uint32_t end; /* what it waits for in the end */
    enum cancel_hope hope;
    bool told; /* it is part of a cycle, or waits for one, that was reported */
};
typedef VECTOR(struct orphan_group) orphan_groups;

uint32_t last_need(const struct wait_picture *picture, uint32_t vertex)
{
    for (size_t steps = 0; steps <= picture->graph.vertices.count; steps++) {
        const struct wait_edge *need = wait_graph_need(&picture->graph, vertex);
        if (!need || !need->owed)
            return vertex;
        vertex = need->to;
    }
    return VERTEX_NONE;
}

static bool same_place(const struct place *place, const struct source_place *other)
{
    return place->file && other->file && strcmp(place->file, other->file) == 0 &&
           place->line == other->line;
}

static bool add_to_group(orphan_groups *groups, size_t task, uint32_t end,
                         struct source_place *place)
{
    for (size_t i = 0; i < groups->count; i++)
        if (same_place(&groups->items[i].place, place)) {
            groups->items[i].count++;
            source_place_free(place);
            return true;
        }
    struct orphan_group group = {.place = place_of(place), .task = task, .count = 1, .end = end};
    return vector_push(groups, group);
}

/* ---- groups ---------------------------------------------------------------------------------- */

/* The next task but `task` one of whose callbacks refers to `end`, from completer `*next` on. */
static size_t task_with_callback(const struct wait_picture *picture, size_t task, uint32_t end,
                                 size_t *next)
{
    uint64_t target = picture->graph.vertices.items[end].address;
    while (*next < picture->completers.items.count) {
        const struct completer *by = &picture->completers.items.items[(*next)++];
        size_t other = by->target == target && by->kind == COMPLETER_ACTOR &&
                               by->role == ROLE_TASK && by->holder == by->object
                           ? snapshot_task(picture->snapshot, by->object)
                           : NOBODY;
        if (other != NOBODY && other != task)
            return other;
    }
    return NOBODY;
}

/*
 * Whether a task waits for the end of others, by a future that their callbacks complete, as task
 * groups do: then it is stuck with them, and what they wait for is to be told.
 */
static bool waits_for_tasks(const struct wait_picture *picture, size_t task, uint32_t end)
{
    size_t next = 0, other;
    while ((other = task_with_callback(picture, task, end, &next)) != NOBODY) {
        uint64_t address = picture->snapshot->tasks.items[other].view.address;
        uint32_t vertex = wait_graph_find(&picture->graph, address);
        uint32_t its_end = vertex == VERTEX_NONE ? VERTEX_NONE : picture_dead_end(picture, vertex);
        size_t first = 0;
        if (its_end == VERTEX_NONE && vertex != VERTEX_NONE &&
            !picture->graph.vertices.items[vertex].moves &&
            last_need(picture, vertex) == VERTEX_NONE)
            return true; /* they are part of a cycle */
        if (its_end != VERTEX_NONE && task_with_callback(picture, other, its_end, &first) == NOBODY)
            return true;
    }
    return false;
}

static bool find_groups(const struct diagnosis *diagnosis, orphan_groups *groups)
{
    const struct snapshot *snapshot = diagnosis->snapshot;
    const struct wait_graph *graph = &diagnosis->picture->graph;
    for (size_t i = 0; i < snapshot->tasks.count; i++) {
        struct source_place place;
        uint32_t task = wait_graph_find(graph, snapshot->tasks.items[i].view.address);
        if (task == VERTEX_NONE || graph->vertices.items[task].moves)
            continue;
        uint32_t end = picture_dead_end(diagnosis->picture, task);
        if (end == VERTEX_NONE ||
            !standstill_stuck(diagnosis->standstill, graph->vertices.items[task].address) ||
            !standstill_stuck(diagnosis->standstill, graph->vertices.items[end].address) ||
            task_waits_on_purpose(diagnosis, i) || waits_for_tasks(diagnosis->picture, i, end))
            continue;
        (void)snapshot_task_place(snapshot, i, &place);
        if (!add_to_group(groups, i, end, &place))
            return false;
    }
    return true;
}

static void judge_loop(struct diagnosis *diagnosis, const struct orphan_group *group,
                       const char *summary)
{
    size_t loop = diagnosis->snapshot->tasks.items[group->task].loop;
    if (loop == NOBODY)
        return;
    const char *verdict = diagnosis->report->loops.items[loop].verdict;
    if (!verdict || strcmp(verdict, "healthy") != 0)
        return;
    struct place place = {
        .file = group->place.file ? strdup(group->place.file) : NULL,
        .line = group->place.line,
        .function = group->place.function ? strdup(group->place.function) : NULL,
    };
    loop_judge(diagnosis, loop, "orphan-future", CONFIDENCE_HIGH, strdup(summary), place);
}

static const char *article(const char *noun)
{
    return strchr("aeiou", *noun) ? "an" : "a";
}

static void report_group(struct diagnosis *diagnosis, const struct orphan_group *group)
{
    _cleanup_free_ char *task = snapshot_task_name(diagnosis->snapshot, group->task);
    const char *thing = vertex_word(diagnosis->picture, group->end);
    const char *function = group->place.function ? group->place.function : "a coroutine";
    _cleanup_free_ char *summary =
        group->count == 1
            ? text_format("%s awaits %s %s in %s() that nothing alive can complete", task,
                          article(thing), thing, function)
            : text_format("%llu tasks await %s %s in %s() that nothing alive can complete",
                          (unsigned long long)group->count, article(thing), thing, function);
    bool alone = group->hope == CANCEL_BY_NOBODY;
    if (!summary)
        return;
    if (alone)
        judge_loop(diagnosis, group, summary);
    if (!look_wants(diagnosis->options, "TASK002"))
        return;
    struct finding *finding =
        report_add_finding(diagnosis->report, "TASK002", alone ? SEVERITY_WARNING : SEVERITY_INFO,
                           alone ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM);
    if (!finding)
        return;
    finding->summary = take_pointer(&summary);
    finding_place(finding, &group->place);
    finding_add_number(finding, "tasks", (int64_t)group->count, "");
    finding_add_number(finding, "observed", (int64_t)(diagnosis->standstill->seconds * 1e3), "ms");
    finding_add_evidence(finding, "no timer, callback, descriptor, executor or other future "
                                  "completes it");
    finding_add_evidence(finding, "no thread, running task or global refers to it");
    if (!alone)
        finding_add_evidence(finding, "a global or a connection refers to the task: only a "
                                      "cancellation would end it");
    finding_add_fix(finding, "complete it on every path: set_result(), set_exception() or cancel() "
                             "in a finally block");
    finding_add_fix(finding, "or await it with a deadline: `await asyncio.wait_for(future, 30)`");
    finding->confirm = look_command(diagnosis->look, "tasks");
    finding_identify(finding, function);
    uint32_t vertex = wait_graph_find(&diagnosis->picture->graph,
                                      diagnosis->snapshot->tasks.items[group->task].view.address);
    (void)chain_from(diagnosis->picture, vertex, &finding->chain);
}

/* Who could cancel the first task of each group. */
static struct error *find_hopes(struct diagnosis *diagnosis, orphan_groups *groups)
{
    struct look *look = diagnosis->look;
    _cleanup_free_ size_t *tasks = calloc(groups->count + 1, sizeof *tasks);
    _cleanup_free_ enum cancel_hope *hopes = calloc(groups->count + 1, sizeof *hopes);
    if (!tasks || !hopes)
        return error_no_memory();
    for (size_t i = 0; i < groups->count; i++)
        tasks[i] = groups->items[i].task;
    struct error *error = groups->count ? look_index(look) : NULL;
    if (!error && groups->count)
        error = cancel_hopes_find(diagnosis->picture, look->index, &look->roots, tasks,
                                  groups->count, hopes);
    for (size_t i = 0; i < groups->count; i++)
        groups->items[i].hope = hopes[i];
    return error;
}

/*
 * Tasks that wait for what only their own code would bring about, if it got on, wait for one
 * another; others may wait for these.
 */
static struct error *report_cycles(struct diagnosis *diagnosis, orphan_groups *groups)
{
    struct named_cycles cycles = {0};
    struct error *error = NULL;
    for (size_t i = 0; i < groups->count && !error; i++)
        if (groups->items[i].hope == CANCEL_BY_NOBODY)
            error = named_cycle_report(diagnosis, groups->items[i].task, &cycles);
    for (size_t i = 0; i < groups->count && !error; i++)
        groups->items[i].told = groups->items[i].hope == CANCEL_BY_NOBODY &&
                                named_cycles_lead(diagnosis, groups->items[i].task, &cycles);
    vector_free(&cycles.first);
    return error;
}

struct error *diagnose_orphans(struct diagnosis *diagnosis)
{
    orphan_groups groups = {0};
    struct error *error =
        find_groups(diagnosis, &groups) ? find_hopes(diagnosis, &groups) : error_no_memory();
    if (!error)
        error = report_cycles(diagnosis, &groups);
    for (size_t i = 0; i < groups.count; i++) {
        if (!error && groups.items[i].hope != CANCEL_AT_HAND && !groups.items[i].told)
            report_group(diagnosis, &groups.items[i]);
        free(groups.items[i].place.file);
        free(groups.items[i].place.function);
    }
    vector_free(&groups);
    return error;
}
