/* The tasks for `steth tasks`: where each is and what it waits for, equal ones in one row. */
#include <math.h>
#include <string.h>

#include "analysis/diagnosis.h"
#include "analysis/task_wait.h"
#include "base/cleanup.h"
#include "base/text.h"

/* Rows by what makes tasks equal; a hash of a text, with the text to be sure. */
struct grouping {
    struct diagnosis *diagnosis;
    struct address_map row_of_key;  /* hash -> row */
    struct address_map row_of_task; /* task -> row */
    VECTOR(char *) keys;            /* parallel to the report's tasks */
    bool no_memory;
};

static uint64_t hash_text(const char *text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return hash ? hash : 1;
}

static char *coroutine_name(const struct seen_task *task, const struct cpython *cpython)
{
    struct source_place place;
    if (!task->chain.links.count ||
        !code_place(cpython, task->chain.links.items[0].frame.code, &place))
        return NULL;
    char *name = place.function;
    place.function = NULL;
    source_place_free(&place);
    return name;
}

static bool add_stack(const struct seen_task *task, const struct cpython *cpython,
                      struct task_row *row)
{
    for (size_t i = 0; i < task->chain.links.count; i++) {
        struct source_place at;
        if (!task->chain.links.items[i].frame.address ||
            !frame_place(cpython, &task->chain.links.items[i].frame, &at))
            continue;
        struct place place = place_of(&at);
        if (!vector_push(&row->stack, place))
            return false;
    }
    return true;
}

static const char *state_of(const struct diagnosis *diagnosis, const struct seen_task *task)
{
    for (size_t i = 0; i < diagnosis->snapshot->loops.count; i++)
        if (diagnosis->snapshot->loops.items[i].current_task == task->view.address)
            return "running";
    if (task->chain.links.count && task->chain.links.items[0].state == COROUTINE_RUNNING)
        return "running";
    return task->view.waits_for ? "pending" : "ready";
}

/* What tells one kind of task from another. */
static char *key_of(const struct task_row *row)
{
    char *key = text_format("%s|%s|%s|%llx", row->coroutine ? row->coroutine : "", row->state,
                            row->wait_kind ? row->wait_kind : "", (unsigned long long)row->loop);
    for (size_t i = 0; key && i < row->stack.count; i++) {
        _cleanup_free_ char *before = key;
        key = text_format("%s|%s:%u", before, row->stack.items[i].file, row->stack.items[i].line);
    }
    return key;
}

static bool fill_row(const struct diagnosis *diagnosis, size_t index, struct task_row *row)
{
    const struct snapshot *snapshot = diagnosis->snapshot;
    const struct seen_task *task = &snapshot->tasks.items[index];
    *row = (struct task_row){
        .address = task->view.address,
        .count = 1,
        .coroutine = coroutine_name(task, snapshot->cpython),
        .state = state_of(diagnosis, task),
        .loop = task->view.loop,
        .in_cycle = picture_in_cycle(diagnosis->picture, task->view.address),
    };
    row->name = snapshot_task_name(snapshot, index);
    if (task->view.waits_for)
        task_wait_tell(diagnosis, index, row);
    return add_stack(task, snapshot->cpython, row);
}

/* Joins `row` to its like, or adds it. A task of a cycle stands for itself. */
static void add_row(struct grouping *grouping, struct task_row *row)
{
    struct report *report = grouping->diagnosis->report;
    _cleanup_free_ char *key = key_of(row);
    if (!key) {
        grouping->no_memory = true;
        return;
    }
    uint64_t hash = hash_text(key);
    uint32_t number = address_map_get(&grouping->row_of_key, hash);
    bool joins = number != ADDRESS_MAP_ABSENT && !row->in_cycle &&
                 strcmp(grouping->keys.items[number], key) == 0;
    uint32_t of = joins ? number : (uint32_t)report->tasks.count;
    if (!address_map_put(&grouping->row_of_task, row->address, of))
        grouping->no_memory = true;
    if (joins) {
        report->tasks.items[number].count++;
        task_row_free(row);
        return;
    }
    bool kept = vector_push(&report->tasks, *row);
    if (!kept)
        task_row_free(row);
    if (!kept || !vector_push(&grouping->keys, key)) {
        grouping->no_memory = true;
        return;
    }
    key = NULL;
    if (!row->in_cycle && !address_map_put(&grouping->row_of_key, hash, of))
        grouping->no_memory = true;
}

/* Tasks that a row waits for, as the tasks that stand for their rows; once each. */
static bool await_row(struct task_row *row, uint64_t representative)
{
    for (size_t i = 0; i < row->awaits.count; i++)
        if (row->awaits.items[i] == representative)
            return true;
    return representative == row->address || vector_push(&row->awaits, representative);
}

static void link_task(struct grouping *grouping, uint32_t vertex, struct task_row *row,
                      unsigned depth)
{
    const struct wait_picture *picture = grouping->diagnosis->picture;
    const struct report *report = grouping->diagnosis->report;
    for (uint32_t i = picture->graph.vertices.items[vertex].first; i != NO_EDGE;
         i = picture->graph.edges.items[i].next) {
        const struct wait_edge *edge = &picture->graph.edges.items[i];
        const struct wait_vertex *to = &picture->graph.vertices.items[edge->to];
        if (!edge->owed)
            continue;
        if (to->kind == VERTEX_TASK) {
            uint32_t of = address_map_get(&grouping->row_of_task, to->address);
            if (of != ADDRESS_MAP_ABSENT && !await_row(row, report->tasks.items[of].address))
                grouping->no_memory = true;
        } else if (to->kind == VERTEX_FUTURE && depth < 8) {
            link_task(grouping, edge->to, row, depth + 1);
        }
    }
}

static void link_rows(struct grouping *grouping)
{
    struct report *report = grouping->diagnosis->report;
    for (size_t i = 0; i < report->tasks.count; i++) {
        struct task_row *row = &report->tasks.items[i];
        uint32_t vertex = wait_graph_find(&grouping->diagnosis->picture->graph, row->address);
        if (vertex != VERTEX_NONE)
            link_task(grouping, vertex, row, 0);
    }
}

static void make_rows(struct grouping *grouping)
{
    const struct snapshot *snapshot = grouping->diagnosis->snapshot;
    for (size_t i = 0; i < snapshot->tasks.count && !grouping->no_memory; i++) {
        struct task_row row;
        if (fill_row(grouping->diagnosis, i, &row))
            add_row(grouping, &row);
        else
            grouping->no_memory = true;
    }
    link_rows(grouping);
}

struct error *diagnose_tasks(struct diagnosis *diagnosis)
{
    struct grouping grouping = {.diagnosis = diagnosis};
    struct cpython remembered;
    diagnosis_remember(diagnosis, &remembered);
    diagnosis->report->has_tasks = true;
    make_rows(&grouping);
    diagnosis_forget(diagnosis, &remembered);
    for (size_t i = 0; i < grouping.keys.count; i++)
        free(grouping.keys.items[i]);
    vector_free(&grouping.keys);
    address_map_free(&grouping.row_of_key);
    address_map_free(&grouping.row_of_task);
    return grouping.no_memory ? error_no_memory() : NULL;
}
