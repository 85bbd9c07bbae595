/*
 * LOCK001: a thread waits in queue.Queue.join() for items that were taken, of which nobody said
 * task_done(): all who could are themselves stuck, or are gone.
 */
#include "analysis/diagnosis.h"
#include "base/cleanup.h"
#include "base/text.h"

static int64_t unfinished_items(const struct cpython *cpython, uint64_t queue)
{
    int64_t count;
    uint64_t value = instance_get(cpython, queue, "unfinished_tasks");
    return value && int_value(cpython, value, &count) ? count : 0;
}

/* What stood still waits in join(), and it, the queue and whoever gets at that are stuck. */
static bool joins_in_vain(const struct diagnosis *diagnosis, size_t thread)
{
    const struct snapshot *snapshot = diagnosis->snapshot;
    const struct seen_thread *seen = &snapshot->seen.items[thread];
    return queue_is_joined(snapshot, thread) &&
           standstill_stuck(diagnosis->standstill, seen->view->address) &&
           standstill_stuck(diagnosis->standstill, seen->wait.object) &&
           standstill_thread_asleep(diagnosis->standstill, thread) &&
           unfinished_items(snapshot->cpython, seen->wait.object) > 0;
}

/* Part of a cycle, which is told by itself. */
static bool is_in_cycle(const struct wait_picture *picture, uint32_t vertex)
{
    for (size_t i = 0; i < picture->cycles.count; i++)
        for (size_t k = 0; k < picture->cycles.items[i].vertices.count; k++)
            if (picture->cycles.items[i].vertices.items[k] == vertex)
                return true;
    return false;
}

/* How many threads wait for an item of the queue that has none. */
static int64_t idle_takers(const struct snapshot *snapshot, uint64_t queue)
{
    int64_t count = 0;
    for (size_t i = 0; i < snapshot->seen.count; i++)
        count += snapshot->seen.items[i].wait.object == queue && !queue_holds_up(snapshot, i);
    return count;
}

static void describe(struct diagnosis *diagnosis, size_t thread, struct finding *finding)
{
    const struct snapshot *snapshot = diagnosis->snapshot;
    const struct seen_thread *seen = &snapshot->seen.items[thread];
    uint64_t queue = seen->wait.object;
    int64_t items = unfinished_items(snapshot->cpython, queue);
    int64_t waiting = queue_length(snapshot->cpython, queue);
    struct source_place place;
    if (thread_place(seen, &place)) {
        struct place at = place_of(&place);
        finding_place(finding, &at);
        finding_identify(finding, at.function ? at.function : "");
        free(at.file);
        free(at.function);
    }
    _cleanup_free_ char *name = snapshot_thread_name(snapshot, thread);
    finding->summary =
        text_format("%s waits in join() for %lld item%s of a queue that nobody is at work on", name,
                    (long long)items, items == 1 ? "" : "s");
    finding_add_number(finding, "unfinished", items, "");
    finding_add_number(finding, "in_the_queue", waiting, "");
    finding_add_number(finding, "idle_takers", idle_takers(snapshot, queue), "");
    finding_add_evidence(finding, "every thread that could call task_done() waits, too");
    finding_add_fix(finding, "call task_done() once for every item taken, on every path: in a "
                             "`finally` block right behind get()");
    finding_add_fix(finding, "and keep the workers alive: an exception of one item must not end "
                             "them");
    finding->confirm = look_command(diagnosis->look, "threads");
}

struct error *diagnose_unfinished(struct diagnosis *diagnosis)
{
    const struct snapshot *snapshot = diagnosis->snapshot;
    if (!look_wants(diagnosis->options, "LOCK001"))
        return NULL;
    for (size_t i = 0; i < snapshot->seen.count; i++) {
        uint64_t address = snapshot->seen.items[i].view->address;
        if (snapshot->seen.items[i].loop != NOBODY || !joins_in_vain(diagnosis, i) ||
            is_in_cycle(diagnosis->picture, wait_graph_find(&diagnosis->picture->graph, address)))
            continue;
        struct finding *finding =
            report_add_finding(diagnosis->report, "LOCK001", SEVERITY_ERROR, CONFIDENCE_MEDIUM);
        if (finding)
            describe(diagnosis, i, finding);
    }
    return NULL;
}
