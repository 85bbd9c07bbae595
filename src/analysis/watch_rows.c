/* What was watched, in the rows of loops and executors. */
#include <math.h>
#include <string.h>

#include "analysis/diagnosis.h"
#include "analysis/watch.h"

/* Calls of one function, whatever line they were at. */
struct function_time {
    const struct watched_code *code;
    uint64_t samples, line_samples;
    unsigned line; /* the one met most often */
    double longest;
};
typedef VECTOR(struct function_time) function_vector;

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static struct function_time *function_of(function_vector *functions,
                                         const struct watched_code *code)
{
    for (size_t i = 0; i < functions->count; i++) {
        const struct watched_code *other = functions->items[i].code;
        if (other == code ||
            (same_text(other->file, code->file) && same_text(other->function, code->function)))
            return &functions->items[i];
    }
    struct function_time fresh = {.code = code};
    return vector_push(functions, fresh) ? &functions->items[functions->count - 1] : NULL;
}

static bool add_call(const struct code_cache *codes, const struct call_time *call,
                     function_vector *functions)
{
    struct function_time *function = function_of(functions, &codes->items.items[call->function]);
    if (!function)
        return false;
    function->samples += call->samples;
    if (call->samples > function->line_samples) {
        function->line_samples = call->samples;
        function->line = call->line;
    }
    function->longest = call->longest > function->longest ? call->longest : function->longest;
    return true;
}

static int most_first(const void *left, const void *right)
{
    const struct function_time *a = left, *b = right;
    if (a->samples != b->samples)
        return a->samples < b->samples ? 1 : -1;
    return (a->longest < b->longest) - (a->longest > b->longest);
}

static struct place place_in(const struct watched_code *code, unsigned line)
{
    return (struct place){
        .file = code->file ? strdup(code->file) : NULL,
        .line = line,
        .function = code->function ? strdup(code->function) : NULL,
    };
}

static struct error *fill_slow(const struct code_cache *codes, const struct loop_series *series,
                               struct loop_watch *watch)
{
    function_vector functions = {0};
    bool complete = true;
    for (size_t i = 0; i < series->calls.count && complete; i++)
        complete = add_call(codes, &series->calls.items[i], &functions);
    watch->slow = complete ? calloc(functions.count + 1, sizeof *watch->slow) : NULL;
    if (watch->slow && functions.count)
        qsort(functions.items, functions.count, sizeof *functions.items, most_first);
    for (size_t i = 0; watch->slow && i < functions.count; i++) {
        const struct function_time *function = &functions.items[i];
        watch->slow[watch->slow_count++] = (struct slow_call){
            .at = place_in(function->code, function->line),
            .milliseconds =
                watch->seconds * 1e3 * (double)function->samples / (double)series->samples,
            .longest = function->longest * 1e3,
            .samples = function->samples,
        };
    }
    vector_free(&functions);
    return watch->slow ? NULL : error_no_memory();
}

static double delay_ms(const struct loop_series *series, double share)
{
    return percentile(series->delays.items, series->delays.count, share) * 1e3;
}

static struct error *fill_loop(const struct code_cache *codes, const struct watched_loop *loop,
                               struct loop_watch *watch)
{
    const struct loop_series *series = &loop->series;
    bool turns = loop->role == ROLE_LOOP;
    size_t count = series->ready.count;
    *watch = (struct loop_watch){
        .seconds = series->last.when - loop->began,
        .utilisation = loop_series_utilisation(series),
        .delay_p50 = turns ? delay_ms(series, 0.5) : NAN,
        .delay_p95 = turns ? delay_ms(series, 0.95) : NAN,
        .delay_p99 = turns ? delay_ms(series, 0.99) : NAN,
        .delay_max = turns ? delay_ms(series, 1) : NAN,
        .samples = series->samples,
        .ready_first = count ? series->ready.items[0] : -1,
        .ready_last = count ? series->ready.items[count - 1] : -1,
        .ready_max = -1,
        .added = loop->counted ? (int64_t)loop->added : -1,
        .taken = loop->counted ? (int64_t)loop->taken : -1,
    };
    for (size_t i = 0; i < count; i++)
        if (series->ready.items[i] > watch->ready_max)
            watch->ready_max = series->ready.items[i];
    return fill_slow(codes, series, watch);
}

/* A loop that turns in code of its own has no frame that is known to be its turn. */
static void note_untold(struct report *report, const struct loop_row *row)
{
    if (!row->running)
        return;
    if (!row->watch.samples)
        report_add_not_checked(report, NULL,
                               "the event loop of %s was not watched: it was not seen to turn",
                               row->thread);
    else if (isnan(row->watch.delay_max))
        report_add_not_checked(report, NULL,
                               "how late the event loop of %s runs what is ready: it does not "
                               "tell when a turn began",
                               row->thread);
}

struct error *diagnose_watch(struct diagnosis *diagnosis)
{
    const struct watch *watch = diagnosis->look->watch;
    struct error *error = NULL;
    for (size_t i = 0; watch && i < diagnosis->report->loops.count && !error; i++) {
        struct loop_row *row = &diagnosis->report->loops.items[i];
        const struct watched_loop *loop = watch_loop(watch, row->address);
        if (loop && loop->series.samples > 1)
            error = fill_loop(&watch->codes, loop, &row->watch);
        note_untold(diagnosis->report, row);
    }
    return error;
}

void watch_executor(const struct diagnosis *diagnosis, uint64_t queue, struct executor_watch *row)
{
    const struct watched_pool *pool = watch_pool(diagnosis->look->watch, queue);
    if (!pool || pool->samples < 2)
        return;
    *row = (struct executor_watch){
        .seconds = pool->last - pool->began,
        .samples = pool->samples,
        .busy_mean = (double)pool->busy_sum / (double)pool->samples,
        .busy_max = pool->busy_max,
        .queued_first = pool->queued_first,
        .queued_last = pool->queued_last,
        .queued_max = pool->queued_max,
        .oldest_ms = pool->oldest * 1e3,
    };
    if (pool->oldest_function != CALL_UNKNOWN)
        row->oldest = place_in(&diagnosis->look->watch->codes.items.items[pool->oldest_function],
                               pool->oldest_line);
}
