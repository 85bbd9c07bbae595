#include <math.h>

#include "render/json_parts.h"

static json_t *value_share(double share)
{
    if (!(share >= 0 && share <= 1))
        return json_null();
    return json_real((double)(int64_t)(share * 1e4 + 0.5) / 1e4);
}

/* From now on: negative when it is overdue. */
static json_t *value_timer(double ms)
{
    if (!(ms < 0))
        return value_milliseconds(ms);
    return ms > -1e12 ? json_real(-(double)(int64_t)(0.5 - ms * 1e3) / 1e3) : json_null();
}

static json_t *slow_calls(const struct loop_watch *watch)
{
    json_t *slow = json_array();
    for (size_t i = 0; i < watch->slow_count; i++) {
        const struct slow_call *call = &watch->slow[i];
        value_append(&slow,
                     json_pack("{s:o, s:o, s:o, s:o, s:o}", "at", value_at(&call->at), "location",
                               value_location(&call->at), "total_ms",
                               value_milliseconds(call->milliseconds), "longest_ms",
                               call->longest > 0 ? value_milliseconds(call->longest) : json_null(),
                               "samples", value_number(call->samples)));
    }
    return slow;
}

/*
 * delay_ms: how long ago the turn under way began, seen at random moments, 0 while the loop waits
 * in its selector: what becomes ready at such a moment waits as long. Null where loops do not tell
 * (uvloop).
 */
static json_t *value_delays(const struct loop_watch *watch)
{
    if (isnan(watch->delay_max))
        return json_null();
    return json_pack("{s:o, s:o, s:o, s:o}", "p50", value_milliseconds(watch->delay_p50), "p95",
                     value_milliseconds(watch->delay_p95), "p99",
                     value_milliseconds(watch->delay_p99), "max",
                     value_milliseconds(watch->delay_max));
}

/* All null when the loop was not watched. */
static bool add_watch(json_t *loop, const struct loop_watch *watch)
{
    if (!(watch->seconds > 0))
        return json_object_set_new(loop, "watched_ms", json_null()) == 0 &&
               json_object_set_new(loop, "samples", json_null()) == 0 &&
               json_object_set_new(loop, "utilisation", json_null()) == 0 &&
               json_object_set_new(loop, "delay_ms", json_null()) == 0 &&
               json_object_set_new(loop, "ready_watched", json_null()) == 0 &&
               json_object_set_new(loop, "callbacks", json_null()) == 0 &&
               json_object_set_new(loop, "slow", json_null()) == 0;
    json_t *values = json_pack(
        "{s:o, s:o, s:o, s:o, s:{s:o, s:o, s:o}, s:{s:o, s:o}, s:o}", "watched_ms",
        value_milliseconds(watch->seconds * 1e3), "samples", value_number(watch->samples),
        "utilisation", value_share(watch->utilisation), "delay_ms", value_delays(watch),
        "ready_watched", "first", value_known(watch->ready_first), "last",
        value_known(watch->ready_last), "max", value_known(watch->ready_max), "callbacks", "added",
        value_known(watch->added), "taken", value_known(watch->taken), "slow", slow_calls(watch));
    bool complete = values && json_object_update(loop, values) == 0;
    json_decref(values);
    return complete;
}

static json_t *build_loop(const struct loop_row *loop)
{
    json_t *object = json_pack(
        "{s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o,"
        " s:b}",
        "address", value_address(loop->address), "class", value_text(loop->class_name), "thread",
        value_text(loop->thread), "tid", loop->tid > 0 ? json_integer(loop->tid) : json_null(),
        "running", loop->running, "verdict", value_text(loop->verdict), "confidence",
        value_text(loop->verdict ? confidence_name(loop->confidence) : NULL), "reason",
        value_text(loop->reason), "at", value_at(&loop->at), "location", value_location(&loop->at),
        "blocked_in", value_text(loop->blocked_in), "native", value_text(loop->native), "ready",
        value_known(loop->ready), "scheduled", value_known(loop->scheduled), "next_timer_ms",
        value_timer(loop->next_timer_ms), "stalled_ms", value_milliseconds(loop->stalled_ms),
        "tasks", value_number(loop->tasks), "cycle", value_chain(&loop->cycle), "cycle_closes",
        loop->cycle_closes);
    if (object && !add_watch(object, &loop->watch)) {
        json_decref(object);
        return NULL;
    }
    return object;
}

json_t *section_loops(const struct report *report)
{
    json_t *loops = json_array();
    for (size_t i = 0; i < report->loops.count; i++)
        value_append(&loops, build_loop(&report->loops.items[i]));
    return loops;
}

static json_t *value_workers(double count)
{
    return count >= 0 && count < 1e9 ? json_real((double)(int64_t)(count * 100 + 0.5) / 100)
                                     : json_null();
}

static json_t *executor_watch(const struct executor_watch *watch)
{
    if (!(watch->seconds > 0))
        return json_null();
    return json_pack("{s:o, s:o, s:{s:o, s:o}, s:{s:o, s:o, s:o}, s:o, s:o, s:o}", "watched_ms",
                     value_milliseconds(watch->seconds * 1e3), "samples",
                     value_number(watch->samples), "busy", "mean", value_workers(watch->busy_mean),
                     "max", value_known(watch->busy_max), "queued", "first",
                     value_known(watch->queued_first), "last", value_known(watch->queued_last),
                     "max", value_known(watch->queued_max), "oldest_ms",
                     watch->oldest_ms > 0 ? value_milliseconds(watch->oldest_ms) : json_null(),
                     "at", value_at(&watch->oldest), "location", value_location(&watch->oldest));
}

json_t *section_executors(const struct report *report)
{
    json_t *executors = json_array();
    for (size_t i = 0; i < report->executors.count; i++) {
        const struct executor_row *executor = &report->executors.items[i];
        value_append(
            &executors,
            json_pack(
                "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "address",
                value_address(executor->address), "class", value_text(executor->class_name),
                "workers", value_known(executor->workers), "max_workers",
                value_known(executor->max_workers), "busy", value_known(executor->busy), "queued",
                value_known(executor->queued), "oldest_ms",
                executor->oldest_ms > 0 ? value_milliseconds(executor->oldest_ms) : json_null(),
                "at", value_at(&executor->oldest), "location", value_location(&executor->oldest),
                "watched", executor_watch(&executor->watch)));
    }
    return executors;
}
