/* A row for each event loop: where it runs, how much it has to do, whether it turns. */
#include <math.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

#include "analysis/diagnosis.h"
#include "base/text.h"

static uint64_t tasks_of(const struct snapshot *snapshot, size_t loop)
{
    uint64_t count = 0;
    for (size_t i = 0; i < snapshot->tasks.count; i++)
        count += snapshot->tasks.items[i].loop == loop;
    return count;
}

static const char *blocked_in(const struct seen_thread *thread)
{
    if (thread->wait.kind == THREAD_RUNS || !thread->state.in_system_call)
        return "cpu";
    return system_call_name(thread->state.system_call);
}

static struct loop_row row_of(const struct snapshot *snapshot, size_t index)
{
    const struct seen_loop *loop = &snapshot->loops.items[index];
    const struct loop_view *view = &loop->view;
    double timer = loop_next_timer(snapshot->cpython, view);
    struct loop_row row = {
        .address = view->address,
        .class_name =
            type_short_name(snapshot->cpython, object_type(snapshot->cpython, view->address)),
        .running = loop->thread != NOBODY,
        .ready = view->ready,
        .scheduled = view->scheduled,
        .next_timer_ms = isnan(timer) ? NAN : (timer - snapshot->when) * 1e3,
        .tasks = tasks_of(snapshot, index),
        .confidence = CONFIDENCE_HIGH,
    };
    if (row.running) {
        row.thread = snapshot_thread_name(snapshot, loop->thread);
        row.tid = snapshot->threads.items[loop->thread].native_id;
        row.verdict = "healthy";
    }
    return row;
}

/* How long the loop has been in the callback that it runs in both looks. */
static double stalled_ms(const struct diagnosis *diagnosis, const struct seen_loop *loop)
{
    const struct snapshot *snapshot = diagnosis->snapshot;
    /* The turn began before this callback: only its first is as old as the turn. */
    if (!isnan(loop->turn_began) && loop->turn_step <= 0 && snapshot->when > loop->turn_began)
        return (snapshot->when - loop->turn_began) * 1e3;
    return diagnosis->standstill->seconds * 1e3;
}

static void describe_call(struct diagnosis *diagnosis, size_t index)
{
    const struct seen_loop *loop = &diagnosis->snapshot->loops.items[index];
    const struct seen_thread *thread = &diagnosis->snapshot->seen.items[loop->thread];
    struct loop_row *row = &diagnosis->report->loops.items[index];
    struct source_place place;
    row->stalled_ms = stalled_ms(diagnosis, loop);
    row->blocked_in = blocked_in(thread);
    row->native = native_call(diagnosis, thread);
    (void)thread_place(thread, &place);
    loop_judge(diagnosis, index, "blocked-in-call",
               standstill_thread(diagnosis->standstill, loop->thread) ? CONFIDENCE_HIGH
                                                                      : CONFIDENCE_MEDIUM,
               row->stalled_ms > 0
                   ? text_format("one callback has run for at least %.0f ms", row->stalled_ms)
                   : strdup("a callback waits"),
               place_of(&place));
}

void loop_judge(struct diagnosis *diagnosis, size_t loop, const char *verdict,
                enum confidence confidence, char *reason, struct place place)
{
    struct loop_row *row = &diagnosis->report->loops.items[loop];
    free(row->reason);
    free(row->at.file);
    free(row->at.function);
    row->verdict = verdict;
    row->confidence = confidence;
    row->reason = reason;
    row->at = place;
}

/* Less than this in one callback is no blocked loop: as far as two looks lie apart. */
#define SLEEP_LONG 0.3

/* Seconds that the thread's sleep lasts; INFINITY when it sleeps not, or for a time that is not
 * told. When an absolute one began is not known: the callbacks of the turn share the time since
 * that began. */
static double sleep_seconds(const struct diagnosis *diagnosis, const struct seen_loop *loop)
{
    const struct thread_state *state = &diagnosis->snapshot->seen.items[loop->thread].state;
    int64_t time[2];
    double fraction = 1e9, from = 0, callbacks = 1;
    uint64_t place = state->arguments[4];
    switch (state->in_system_call ? state->system_call : -1) {
    case SYS_clock_nanosleep:
        place = state->arguments[2];
        if (state->arguments[1] & TIMER_ABSTIME) {
            from = state->arguments[0] == CLOCK_MONOTONIC ? loop->turn_began : NAN;
            callbacks = loop->turn_step > 0 ? (double)loop->turn_step + 1 : 1;
        }
        break;
    case SYS_pselect6:
        break;
#ifdef SYS_select
    case SYS_select:
        fraction = 1e6;
        break;
#endif
    default:
        return INFINITY;
    }
    double seconds = target_read(diagnosis->look->cpython->target, place, time, sizeof time)
                         ? ((double)time[0] + (double)time[1] / fraction - from) / callbacks
                         : NAN;
    return isnan(seconds) ? INFINITY : seconds;
}

static bool sleeps_briefly(const struct diagnosis *diagnosis, const struct seen_loop *loop)
{
    return sleep_seconds(diagnosis, loop) < SLEEP_LONG;
}

/* Whether it is the callback that keeps the loop: not the GIL, and not a busy machine. */
static bool is_own_doing(const struct diagnosis *diagnosis, const struct seen_loop *loop)
{
    size_t thread = loop->thread;
    const struct seen_thread *seen = &diagnosis->snapshot->seen.items[thread];
    if (!process_files_change(diagnosis->files) &&
        (seen->wait.kind == THREAD_RUNS || sleeps_briefly(diagnosis, loop)))
        return false; /* of one instant: it may have begun just now */
    if (seen->wait.kind == THREAD_RUNS)
        return standstill_cpu_ms(diagnosis->standstill, thread) >= STANDSTILL_COMPUTES_MS;
    return seen->wait.kind != THREAD_AWAITS_GIL;
}

/* Of one instant: it runs a callback, but for how long? */
static void note_callback(struct diagnosis *diagnosis, size_t index)
{
    const struct loop_row *row = &diagnosis->report->loops.items[index];
    if (process_files_change(diagnosis->files) || !look_wants(diagnosis->options, "LOOP001") ||
        !standstill_loop(diagnosis->standstill, index))
        return;
    report_add_not_checked(diagnosis->report, "LOOP001",
                           "the event loop of %s runs a callback: one instant does not tell for "
                           "how long",
                           row->thread);
}

struct error *diagnose_loops(struct diagnosis *diagnosis)
{
    const struct snapshot *snapshot = diagnosis->snapshot;
    diagnosis->report->has_loops = true;
    for (size_t i = 0; i < snapshot->loops.count; i++) {
        if (!vector_push(&diagnosis->report->loops, row_of(snapshot, i)))
            return error_no_memory();
        if (standstill_loop(diagnosis->standstill, i) &&
            is_own_doing(diagnosis, &snapshot->loops.items[i]))
            describe_call(diagnosis, i);
        else
            note_callback(diagnosis, i);
    }
    return NULL;
}
