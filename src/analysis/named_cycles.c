#include "analysis/named_cycles.h"

static uint32_t vertex_of_task(const struct diagnosis *diagnosis, size_t task)
{
    return wait_graph_find(&diagnosis->picture->graph,
                           diagnosis->snapshot->tasks.items[task].view.address);
}

/* The way by needs that are owed or named. */
static bool way_to(const struct diagnosis *diagnosis, uint32_t from, uint32_t to,
                   struct wait_cycle *way)
{
    return from != VERTEX_NONE && wait_graph_way(&diagnosis->picture->graph, from, to, true, way);
}

bool named_cycles_lead(const struct diagnosis *diagnosis, size_t task,
                       const struct named_cycles *cycles)
{
    uint32_t vertex = vertex_of_task(diagnosis, task);
    bool leads = false;
    for (size_t i = 0; i < cycles->first.count && !leads; i++) {
        struct wait_cycle way = {0};
        leads = vertex == cycles->first.items[i] ||
                way_to(diagnosis, vertex, cycles->first.items[i], &way);
        vector_free(&way.vertices);
    }
    return leads;
}

struct error *named_cycle_report(struct diagnosis *diagnosis, size_t task,
                                 struct named_cycles *cycles)
{
    uint32_t vertex = vertex_of_task(diagnosis, task);
    struct wait_cycle cycle = {0};
    struct error *error = NULL;
    if (!named_cycles_lead(diagnosis, task, cycles) && way_to(diagnosis, vertex, vertex, &cycle) &&
        cycle_stood_still(diagnosis, &cycle)) {
        error = vector_push(&cycles->first, vertex)
                    ? report_deadlock(diagnosis, &cycle, CONFIDENCE_MEDIUM)
                    : error_no_memory();
    }
    vector_free(&cycle.vertices);
    return error;
}
