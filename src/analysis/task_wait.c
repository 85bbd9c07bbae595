#include "analysis/task_wait.h"

#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "os/process.h"

#define PROMISES_FOLLOWED 8

struct telling {
    const struct diagnosis *diagnosis;
    struct task_row *row;
};

static void tell(struct telling *telling, const char *kind, char *text)
{
    free(telling->row->waits_for);
    telling->row->wait_kind = kind;
    telling->row->waits_for = text;
}

/* Who holds a lock, as far as the graph knows: "held by Task-2". */
static char *holder_text(const struct wait_picture *picture, uint32_t vertex)
{
    _cleanup_free_ char *name = vertex_name(picture, vertex);
    uint32_t first = picture->graph.vertices.items[vertex].first;
    const struct wait_edge *edge = first == NO_EDGE ? NULL : &picture->graph.edges.items[first];
    if (!edge || !edge->owed)
        return text_format("%s", name);
    _cleanup_free_ char *holder = vertex_name(picture, edge->to);
    return text_format("%s held by %s", name, holder);
}

static void tell_primitive(struct telling *telling, uint64_t address)
{
    const struct wait_picture *picture = telling->diagnosis->picture;
    uint32_t vertex = wait_graph_find(&picture->graph, address);
    if (vertex == VERTEX_NONE)
        return;
    bool lock = picture->graph.vertices.items[vertex].kind == VERTEX_LOCK;
    tell(telling, vertex_word(picture, vertex),
         lock ? holder_text(picture, vertex) : vertex_name(picture, vertex));
}

static void tell_executor(struct telling *telling, const struct promise *promise)
{
    const struct snapshot *snapshot = telling->diagnosis->snapshot;
    if (promise->kind == PROMISE_WORK) {
        uint32_t thread = address_map_get(&snapshot->thread_of, promise->by);
        _cleanup_free_ char *name = thread == ADDRESS_MAP_ABSENT
                                        ? strdup("a worker")
                                        : snapshot_thread_name(snapshot, thread);
        tell(telling, "executor", text_format("a call that runs in worker %s", name));
        return;
    }
    _cleanup_free_ char *pool =
        type_short_name(snapshot->cpython, object_type(snapshot->cpython, promise->by));
    tell(telling, "executor",
         promise->kind == PROMISE_QUEUED ? text_format("a call that is queued in %s", pool)
                                         : text_format("a call in another process of %s", pool));
}

static void tell_timer(struct telling *telling, const struct promise *promise)
{
    double left = promise->when - telling->diagnosis->snapshot->when;
    if (isnan(left))
        tell(telling, "sleep", strdup("a timer"));
    else
        tell(telling, "sleep",
             text_format(left >= 0 ? "a timer, %.1f s from now" : "a timer, overdue for %.1f s",
                         fabs(left)));
}

/* "descriptor 7 (socket:[1234])" */
static void tell_descriptor(struct telling *telling, int descriptor)
{
    _cleanup_free_ char *open_on = process_descriptor(telling->diagnosis->files, descriptor);
    tell(telling, "io",
         text_format(open_on ? "descriptor %d (%s)" : "descriptor %d", descriptor, open_on));
}

static void tell_future(struct telling *telling, uint64_t future, unsigned depth);

static void tell_promise(struct telling *telling, const struct promise *promise, unsigned depth)
{
    const struct wait_picture *picture = telling->diagnosis->picture;
    switch (promise->kind) {
    case PROMISE_TIMER:
        tell_timer(telling, promise);
        break;
    case PROMISE_CALLBACK:
        tell(telling, "callback", strdup("a callback that is ready to run"));
        break;
    case PROMISE_START:
        tell(telling, "task", strdup("a coroutine that its loop has still to start"));
        break;
    case PROMISE_IO:
        tell_descriptor(telling, promise->descriptor);
        break;
    case PROMISE_ALL:
        tell(telling, "children", strdup("tasks that it gathered"));
        break;
    case PROMISE_FUTURE:
        if (snapshot_task(picture->snapshot, promise->by) != NOBODY) {
            _cleanup_free_ char *name =
                vertex_name(picture, wait_graph_find(&picture->graph, promise->by));
            tell(telling, "task", text_format("%s", name));
        } else {
            tell_future(telling, promise->by, depth + 1);
        }
        break;
    case PROMISE_QUEUED:
    case PROMISE_WORK:
    case PROMISE_PROCESS:
        tell_executor(telling, promise);
        break;
    case PROMISE_PRIMITIVE:
        tell_primitive(telling, promise->by);
        break;
    }
}

/* Who could complete it, most telling first: a loop by I/O, then anybody but the waiting task. */
static uint32_t likely_completer(const struct telling *telling, uint32_t vertex)
{
    const struct wait_graph *graph = &telling->diagnosis->picture->graph;
    uint32_t likely = VERTEX_NONE;
    for (uint32_t i = graph->vertices.items[vertex].first; i != NO_EDGE;
         i = graph->edges.items[i].next) {
        uint32_t to = graph->edges.items[i].to;
        if (graph->vertices.items[to].kind == VERTEX_LOOP)
            return to;
        if (likely == VERTEX_NONE && graph->vertices.items[to].address != telling->row->address)
            likely = to;
    }
    return likely;
}

/* A future that nothing in sight has promised: by who could complete it. */
static void tell_unpromised(struct telling *telling, uint64_t future)
{
    const struct wait_picture *picture = telling->diagnosis->picture;
    uint32_t vertex = wait_graph_find(&picture->graph, future);
    if (standstill_stuck(telling->diagnosis->standstill, future)) {
        tell(telling, "future", strdup("a future that nothing alive can complete"));
        return;
    }
    uint32_t by = vertex == VERTEX_NONE ? VERTEX_NONE : likely_completer(telling, vertex);
    if (by == VERTEX_NONE) {
        tell(telling, "future", strdup("a future"));
        return;
    }
    _cleanup_free_ char *name = vertex_name(picture, by);
    bool io = picture->graph.vertices.items[by].kind == VERTEX_LOOP;
    tell(telling, io ? "io" : "future",
         io ? strdup("I/O of its loop")
            : text_format("a future that %s %s refers to", vertex_word(picture, by), name));
}

static void tell_future(struct telling *telling, uint64_t future, unsigned depth)
{
    const struct promises *promises = &telling->diagnosis->picture->promises;
    uint32_t number = promises_for(promises, future);
    if (number == PROMISE_NONE || depth >= PROMISES_FOLLOWED)
        tell_unpromised(telling, future);
    else
        tell_promise(telling, &promises->items.items[number], depth);
}

void task_wait_tell(const struct diagnosis *diagnosis, size_t index, struct task_row *row)
{
    struct telling telling = {diagnosis, row};
    uint64_t future = diagnosis->snapshot->tasks.items[index].view.waits_for;
    size_t task = snapshot_task(diagnosis->snapshot, future);
    if (task == NOBODY) {
        tell_future(&telling, future, 0);
        return;
    }
    char *name = snapshot_task_name(diagnosis->snapshot, task);
    tell(&telling, "task", name);
}
