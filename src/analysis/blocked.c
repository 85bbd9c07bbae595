/* LOOP001: a loop is kept from turning by one call of its own thread. */
#include <string.h>

#include "analysis/diagnosis.h"
#include "base/cleanup.h"
#include "base/text.h"

/* Share of the time on the processor from which a call counts as computing. */
#define COMPUTES_SHARE 0.5

/* "time_sleep() in clock_nanosleep" */
static char *call_of(const struct loop_row *row)
{
    bool computes = row->blocked_in && strcmp(row->blocked_in, "cpu") == 0;
    if (computes)
        return row->native ? text_format("computing in %s", row->native) : strdup("computing");
    if (row->native && row->blocked_in)
        return text_format("%s, in %s", row->native, row->blocked_in);
    return strdup(row->native ? row->native : row->blocked_in ? row->blocked_in : "a call");
}

static void advise(struct finding *finding, const struct seen_thread *thread)
{
    switch (thread->wait.kind) {
    case THREAD_SLEEPS:
        finding_add_fix(finding, "replace time.sleep() by `await asyncio.sleep()`");
        break;
    case THREAD_RUNS:
        finding_add_fix(finding,
                        "compute in a process pool: `await loop.run_in_executor(pool, f)`, "
                        "or in steps with `await asyncio.sleep(0)` between them");
        break;
    case THREAD_AWAITS_PROCESS:
        finding_add_fix(finding, "use `asyncio.create_subprocess_exec()` and await it");
        break;
    default:
        finding_add_fix(finding, "move the call off the loop: `await loop.run_in_executor(None, "
                                 "call)`, or use an asyncio client for it");
        finding_add_fix(finding, "give the call a time-out of its own: nothing can interrupt it "
                                 "while it holds the loop");
    }
}

static void report_blocked(struct diagnosis *diagnosis, size_t index)
{
    const struct loop_row *row = &diagnosis->report->loops.items[index];
    size_t thread = diagnosis->snapshot->loops.items[index].thread;
    const struct seen_thread *seen = &diagnosis->snapshot->seen.items[thread];
    struct finding *finding =
        report_add_finding(diagnosis->report, "LOOP001", SEVERITY_WARNING, row->confidence);
    if (!finding)
        return;
    double used = standstill_cpu_ms(diagnosis->standstill, thread);
    double observed = diagnosis->standstill->seconds * 1e3;
    _cleanup_free_ char *call = call_of(row);
    const char *function = row->at.function ? row->at.function : "a callback";
    finding->summary =
        row->stalled_ms > 0
            ? text_format("the event loop of %s has not turned for at least %.0f ms: %s() sits in "
                          "a synchronous call (%s)",
                          row->thread, row->stalled_ms, function, call)
            : text_format("the event loop of %s does not turn: %s() sits in a synchronous call "
                          "(%s)",
                          row->thread, function, call);
    finding_place(finding, &row->at);
    if (observed > 0)
        finding_add_number(finding, "stalled", (int64_t)row->stalled_ms, "ms");
    finding_add_number(finding, "ready", row->ready, "");
    if (observed > 0) {
        finding_add_number(finding, "cpu", (int64_t)used, "ms");
        finding_add_number(finding, "observed", (int64_t)observed, "ms");
    }
    finding_add_text(finding, "blocked_in", row->blocked_in ? row->blocked_in : "unknown");
    if (observed > 0)
        finding_add_evidence(finding, "%s: %.0f of %.0f ms on the processor",
                             used > observed * COMPUTES_SHARE ? "it computes" : "it waits", used,
                             observed);
    advise(finding, seen);
    finding->confirm = look_command(diagnosis->look, "tasks");
    finding_identify(finding, row->at.function ? row->at.function : "");
    uint32_t vertex = wait_graph_find(&diagnosis->picture->graph, seen->view->address);
    if (vertex != VERTEX_NONE && diagnosis->picture->graph.vertices.items[vertex].first != NO_EDGE)
        (void)chain_from(diagnosis->picture, vertex, &finding->chain);
}

struct error *diagnose_blocked(struct diagnosis *diagnosis)
{
    if (!look_wants(diagnosis->options, "LOOP001"))
        return NULL;
    for (size_t i = 0; i < diagnosis->report->loops.count; i++) {
        const char *verdict = diagnosis->report->loops.items[i].verdict;
        if (verdict && strcmp(verdict, "blocked-in-call") == 0)
            report_blocked(diagnosis, i);
    }
    return NULL;
}
