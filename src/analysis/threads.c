#include "analysis/threads.h"

#include <string.h>

#include "analysis/native_calls.h"
#include "base/cleanup.h"
#include "base/text.h"

/* ---- what it waits for ----------------------------------------------------------------------- */

/* "lock app.lock", "thread Worker-1", "queue (Queue 0x…)". */
static char *waited_text(const struct diagnosis *diagnosis, const struct seen_thread *thread)
{
    const struct wait_picture *picture = diagnosis->picture;
    uint32_t vertex = wait_graph_find(&picture->graph, thread->view->address);
    uint32_t first = vertex == VERTEX_NONE ? NO_EDGE : picture->graph.vertices.items[vertex].first;
    if (first != NO_EDGE) {
        uint32_t to = picture->graph.edges.items[first].to;
        _cleanup_free_ char *name = vertex_name(picture, to);
        return text_format("%s %s", vertex_word(picture, to), name);
    }
    if (!thread->wait.object)
        return NULL;
    int64_t child;
    uint64_t pid = thread->wait.kind == THREAD_AWAITS_PROCESS
                       ? instance_get(diagnosis->snapshot->cpython, thread->wait.object, "pid")
                       : 0;
    if (pid && int_value(diagnosis->snapshot->cpython, pid, &child))
        return text_format("process %lld", (long long)child);
    _cleanup_free_ char *type =
        type_short_name(diagnosis->snapshot->cpython,
                        object_type(diagnosis->snapshot->cpython, thread->wait.object));
    return text_format("%s 0x%llx", type, (unsigned long long)thread->wait.object);
}

/* A lock that knows its owner outlives it: the thread ended with it, or was not forked along. */
static char *vanished_owner(const struct diagnosis *diagnosis, const struct wait_vertex *thing)
{
    struct lock_view lock;
    if (thing->kind != VERTEX_LOCK ||
        !lock_read(diagnosis->snapshot->cpython, thing->address, &lock) || !lock.locked ||
        !lock.owner_ident ||
        snapshot_thread_of_ident(diagnosis->snapshot, lock.owner_ident) != NOBODY)
        return NULL;
    return text_format("held by thread 0x%llx, which does not exist (any more)",
                       (unsigned long long)lock.owner_ident);
}

/* Who holds or owes what the thread waits for: the end of the second edge. */
static char *owed_by(const struct diagnosis *diagnosis, const struct seen_thread *thread)
{
    const struct wait_graph *graph = &diagnosis->picture->graph;
    uint32_t vertex = wait_graph_find(graph, thread->view->address);
    uint32_t first = vertex == VERTEX_NONE ? NO_EDGE : graph->vertices.items[vertex].first;
    if (first == NO_EDGE)
        return NULL;
    uint32_t thing = graph->edges.items[first].to;
    if (graph->vertices.items[thing].kind == VERTEX_THREAD)
        return NULL; /* said already */
    uint32_t second = graph->vertices.items[thing].first;
    if (second == NO_EDGE || !graph->edges.items[second].owed)
        return vanished_owner(diagnosis, &graph->vertices.items[thing]);
    const struct wait_edge *edge = &graph->edges.items[second];
    _cleanup_free_ char *name = vertex_name(diagnosis->picture, edge->to);
    return text_format("%s %s %s", edge->why, vertex_word(diagnosis->picture, edge->to), name);
}

static void describe_wait(const struct diagnosis *diagnosis, const struct seen_thread *thread,
                          struct thread_row *row)
{
    if (!thread->state_known)
        return;
    row->wait_kind = thread_wait_word(thread->wait.kind);
    if (thread->wait.kind == THREAD_AWAITS_GIL)
        row->gil = "waits";
    if (thread->wait.kind != THREAD_RUNS && thread->state.in_system_call)
        row->blocked_in = system_call_name(thread->state.system_call);
    row->waits_for = waited_text(diagnosis, thread);
    row->owed_by = owed_by(diagnosis, thread);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static bool holds_gil(const struct diagnosis *diagnosis, const struct seen_thread *thread)
{
    struct gil_view gil;
    return gil_read(diagnosis->snapshot->cpython, thread->view->interpreter, &gil) && gil.locked &&
           gil.holder == thread->view->address;
}

static bool describe_stack(struct diagnosis *diagnosis, const struct seen_thread *thread,
                           const struct native_stack *exact, struct thread_row *row)
{
    struct native_stack stack = {0};
    if (!exact && !native_stack_of(diagnosis, thread, &stack))
        row->stack_note = strdup(thread->state_known && thread->state.in_system_call
                                     ? "the C stack cannot be read"
                                     : "it runs: C frames need --native, which stops it a moment");
    const struct native_stack *native = exact ? exact : &stack;
    if (native->incomplete)
        row->stack_note = strdup(native->incomplete);
    bool ok = stack_merge(thread, native, row);
    native_stack_free(&stack);
    return ok;
}

static bool fill_row(struct diagnosis *diagnosis, size_t index, const struct native_stack *exact,
                     struct thread_row *row)
{
    const struct seen_thread *thread = &diagnosis->snapshot->seen.items[index];
    *row = (struct thread_row){
        .tid = thread->view->native_id,
        .name = thread->view->name ? strdup(thread->view->name) : NULL,
        .comm = thread->state_known ? strdup(thread->state.comm) : NULL,
        .python = true,
        .state = '?',
        .cpu_ms = standstill_cpu_ms(diagnosis->standstill, index),
        .observed_ms = diagnosis->standstill->seconds * 1e3,
        .gil = holds_gil(diagnosis, thread) ? "holds" : NULL,
    };
    if (thread->state_known)
        row->state = thread->state.state;
    describe_wait(diagnosis, thread, row);
    return describe_stack(diagnosis, thread, exact, row);
}

static bool is_known(const struct snapshot *snapshot, pid_t tid)
{
    for (size_t i = 0; i < snapshot->threads.count; i++)
        if (snapshot->threads.items[i].native_id == tid)
            return true;
    return false;
}

/* Threads of the process that CPython does not know. */
static struct error *add_foreign(struct diagnosis *diagnosis)
{
    const struct snapshot *snapshot = diagnosis->snapshot;
    for (size_t i = 0; i < snapshot->states.count; i++) {
        const struct thread_state *state = &snapshot->states.items[i];
        if (is_known(snapshot, state->tid))
            continue;
        struct seen_thread foreign = {
            .view = &(struct thread_view){0}, .state = *state, .state_known = true};
        struct thread_row row = {
            .tid = state->tid,
            .comm = strdup(state->comm),
            .state = state->state,
            .blocked_in = state->in_system_call ? system_call_name(state->system_call) : NULL,
        };
        if (!describe_stack(diagnosis, &foreign, NULL, &row) ||
            !vector_push(&diagnosis->report->threads, row))
            return error_no_memory();
    }
    return NULL;
}

/* The stacks of one instant, when they were asked for; parallel to the threads. */
static struct error *pause_for_stacks(struct diagnosis *diagnosis, struct native_stack **stacks)
{
    size_t count = diagnosis->snapshot->threads.count;
    double paused_ms = 0;
    *stacks = NULL;
    if (!diagnosis->options->native || !target_is_live(diagnosis->look->cpython->target))
        return NULL;
    _cleanup_free_ pid_t *tids = calloc(count + 1, sizeof *tids);
    *stacks = calloc(count + 1, sizeof **stacks);
    if (!tids || !*stacks)
        return error_no_memory();
    for (size_t i = 0; i < count; i++)
        tids[i] = diagnosis->snapshot->threads.items[i].native_id;
    struct error *error =
        diagnosis->unwinder
            ? NULL
            : native_unwinder_new(diagnosis->look->cpython->target, &diagnosis->unwinder);
    if (!error)
        error = native_stacks_paused(diagnosis->unwinder, tids, count, *stacks, &paused_ms);
    if (!error)
        error = native_stacks_name(diagnosis->unwinder, *stacks, count);
    diagnosis->look->paused_ms += paused_ms;
    return error;
}

/* CPython lists the newest first. */
static bool add_known(struct diagnosis *diagnosis, const struct native_stack *stacks)
{
    for (size_t i = diagnosis->snapshot->seen.count; i-- > 0;) {
        struct thread_row row;
        if (!fill_row(diagnosis, i, stacks ? &stacks[i] : NULL, &row) ||
            !vector_push(&diagnosis->report->threads, row))
            return false;
    }
    return true;
}

static struct error *add_rows(struct diagnosis *diagnosis, const struct native_stack *stacks)
{
    struct cpython remembered;
    diagnosis->report->has_threads = true;
    diagnosis_remember(diagnosis, &remembered);
    bool ok = add_known(diagnosis, stacks);
    diagnosis_forget(diagnosis, &remembered);
    return ok ? add_foreign(diagnosis) : error_no_memory();
}

struct error *threads_report(struct look *look, const struct look_options *options,
                             struct report *report)
{
    struct diagnosis diagnosis;
    struct native_stack *stacks = NULL;
    struct error *error =
        diagnosis_begin(look, options, true, !options->native, report, &diagnosis);
    if (!error)
        error = pause_for_stacks(&diagnosis, &stacks);
    if (!error)
        error = add_rows(&diagnosis, stacks);
    for (size_t i = 0; stacks && i < diagnosis.snapshot->threads.count; i++)
        native_stack_free(&stacks[i]);
    free(stacks);
    diagnosis_end(&diagnosis);
    return error;
}
