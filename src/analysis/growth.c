/* LOOP003: callbacks are added to a loop faster than it runs them. */
#include <string.h>

#include "analysis/diagnosis.h"
#include "analysis/watch.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "target/capture.h"

/* Fewer ready callbacks than this are an everyday burst. */
#define READY_SUSPICIOUS 16
#define SAMPLES          60
#define SAMPLE_NS        (20 * 1000 * 1000)
#define WINDOWS          4
/* A watch must have seen so much to say something. */
#define SAMPLES_LEAST 16
#define SECONDS_LEAST 1.0
/* What one window's least must exceed the first window's most by, to be growth. */
#define GROWTH_SHARE 0.05

struct window {
    int64_t least, most;
};

/* What the length of _ready was over some time. */
struct growth {
    struct window windows[WINDOWS];
    double seconds;
};

static void measure(const int64_t *lengths, size_t count, struct growth *growth)
{
    for (size_t i = 0; i < count; i++) {
        struct window *window = &growth->windows[i * WINDOWS / count];
        bool first = i == 0 || (i - 1) * WINDOWS / count != i * WINDOWS / count;
        window->least = first || lengths[i] < window->least ? lengths[i] : window->least;
        window->most = first || lengths[i] > window->most ? lengths[i] : window->most;
    }
}

/* As it was sampled when the process was recorded. */
static bool recall_recorded(const struct target *target, uint64_t loop, struct growth *growth)
{
    _cleanup_free_ char *key = text_format("ready.%llx", (unsigned long long)loop);
    const char *text = key ? target_capture_fact(target, key) : NULL;
    int64_t lengths[SAMPLES];
    size_t count = 0;
    char *end = NULL;
    growth->seconds = text ? strtod(text, &end) : 0;
    for (; text && count < SAMPLES && *end == ' '; count++)
        lengths[count] = strtoll(end, &end, 10);
    if (count < SAMPLES_LEAST || !(growth->seconds >= SECONDS_LEAST))
        return false;
    measure(lengths, count, growth);
    return true;
}

/* Samples the length of _ready; false when the loop went away, or nothing moves. */
static bool sample(const struct cpython *cpython, uint64_t loop, struct growth *growth)
{
    struct process_files *files = target_files(cpython->target);
    int64_t lengths[SAMPLES];
    if (!process_files_are_live(files))
        return recall_recorded(cpython->target, loop, growth);
    for (int i = 0; i < SAMPLES; i++) {
        struct loop_view view;
        if (!loop_read(cpython, loop, &view) || view.ready < 0)
            return false;
        lengths[i] = view.ready;
        process_files_wait(files, SAMPLE_NS / 1e9);
    }
    measure(lengths, SAMPLES, growth);
    growth->seconds = SAMPLES * SAMPLE_NS / 1e9;
    return true;
}

/* The same from what was seen while the loop was watched, if that was long enough. */
static bool recall(const struct diagnosis *diagnosis, uint64_t address, struct growth *growth)
{
    const struct watched_loop *loop = watch_loop(diagnosis->look->watch, address);
    if (!loop || loop->series.ready.count < SAMPLES_LEAST)
        return false;
    measure(loop->series.ready.items, loop->series.ready.count, growth);
    growth->seconds = loop->series.last.when - loop->began;
    return growth->seconds >= SECONDS_LEAST;
}

/* Every window's least lies above the one before, the last far above all of the first. */
static bool grows(const struct window windows[WINDOWS])
{
    for (int i = 1; i < WINDOWS; i++)
        if (windows[i].least <= windows[i - 1].least)
            return false;
    int64_t margin = (int64_t)((double)windows[0].most * GROWTH_SHARE) + 4;
    return windows[WINDOWS - 1].least >= windows[0].most + margin / WINDOWS &&
           windows[WINDOWS - 1].most >= windows[0].most + margin;
}

/* ---- what fills the queue -------------------------------------------------------------------- */

struct callback_count {
    struct source_place place;
    uint64_t count;
};

struct counting {
    const struct cpython *cpython;
    VECTOR(struct callback_count) callbacks;
    uint64_t seen;
    bool no_memory;
};

#define CALLBACKS_LOOKED_AT 2000

static bool count_callback(void *user, const struct handle_view *handle)
{
    struct counting *counting = user;
    struct source_place place = {0};
    uint64_t task = callback_task(counting->cpython, handle->callback);
    struct future_view future;
    struct coroutine_view coroutine;
    if (task && future_read(counting->cpython, task, &future) &&
        coroutine_read(counting->cpython, future.coroutine, &coroutine))
        (void)code_place(counting->cpython, coroutine.frame.code, &place);
    else if (!task)
        (void)function_place(counting->cpython, handle->callback, &place);
    for (size_t i = 0; place.function && i < counting->callbacks.count; i++)
        if (strcmp(counting->callbacks.items[i].place.function, place.function) == 0) {
            counting->callbacks.items[i].count++;
            source_place_free(&place);
        }
    struct callback_count fresh = {.place = place, .count = 1};
    if (place.function && !vector_push(&counting->callbacks, fresh))
        counting->no_memory = true;
    return ++counting->seen < CALLBACKS_LOOKED_AT && !counting->no_memory;
}

/* The place of the callback that stands most often in the queue. */
static struct place most_frequent(const struct diagnosis *diagnosis, const struct loop_view *loop)
{
    struct counting counting = {.cpython = diagnosis->snapshot->cpython};
    (void)loop_ready_visit(diagnosis->snapshot->cpython, loop, count_callback, &counting);
    struct callback_count *most = NULL;
    for (size_t i = 0; i < counting.callbacks.count; i++)
        if (!most || counting.callbacks.items[i].count > most->count)
            most = &counting.callbacks.items[i];
    struct place place = {0};
    if (most)
        place = place_of(&most->place);
    for (size_t i = 0; i < counting.callbacks.count; i++)
        source_place_free(&counting.callbacks.items[i].place);
    vector_free(&counting.callbacks);
    return place;
}

/* ---- */

static void add_rates(const struct loop_watch *watch, struct finding *finding)
{
    if (!(watch->seconds > 0) || watch->added < 0)
        return;
    finding_add_number(finding, "added", watch->added, "");
    finding_add_number(finding, "taken", watch->taken, "");
    finding_add_evidence(finding, "%.0f callbacks a second were added, %.0f taken to be run",
                         (double)watch->added / watch->seconds,
                         (double)watch->taken / watch->seconds);
}

static void report_growth(struct diagnosis *diagnosis, size_t index, const struct growth *growth)
{
    const struct window *windows = growth->windows;
    const struct loop_view *loop = &diagnosis->snapshot->loops.items[index].view;
    struct loop_row *row = &diagnosis->report->loops.items[index];
    struct place place = most_frequent(diagnosis, loop);
    const char *function = place.function ? place.function : "a callback";
    double seconds = growth->seconds;
    _cleanup_free_ char *summary = text_format(
        "the event loop of %s gets callbacks faster than it runs them: %lld to %lld ready within "
        "%.1f s, most of them %s()",
        row->thread, (long long)windows[0].least, (long long)windows[WINDOWS - 1].most, seconds,
        function);
    if (look_wants(diagnosis->options, "LOOP003")) {
        struct finding *finding =
            report_add_finding(diagnosis->report, "LOOP003", SEVERITY_WARNING, CONFIDENCE_MEDIUM);
        if (finding) {
            finding->summary = summary ? strdup(summary) : NULL;
            finding_place(finding, &place);
            finding_add_number(finding, "ready_first", windows[0].least, "");
            finding_add_number(finding, "ready_last", windows[WINDOWS - 1].most, "");
            finding_add_number(finding, "observed", (int64_t)(seconds * 1e3), "ms");
            add_rates(&row->watch, finding);
            finding_add_fix(finding, "bound what is started: asyncio.Semaphore, a queue with "
                                     "maxsize, or await before scheduling more");
            _cleanup_free_ char *command = look_command(diagnosis->look, "tasks");
            finding->confirm = text_format("%s --for 5s", command ? command : "");
            finding_identify(finding, function);
        }
    }
    loop_judge(diagnosis, index, "ready-queue-growth", CONFIDENCE_MEDIUM, take_pointer(&summary),
               place);
}

/* Turning, with much to do in both looks. */
static bool is_suspicious(const struct diagnosis *diagnosis, size_t index)
{
    const struct loop_row *row = &diagnosis->report->loops.items[index];
    const struct snapshot *before = diagnosis->standstill->before->snapshot;
    size_t earlier = snapshot_loop(before, row->address);
    return row->verdict && strcmp(row->verdict, "healthy") == 0 && earlier != NOBODY &&
           row->ready >= READY_SUSPICIOUS &&
           before->loops.items[earlier].view.ready >= READY_SUSPICIOUS;
}

struct error *diagnose_growth(struct diagnosis *diagnosis)
{
    for (size_t i = 0; i < diagnosis->report->loops.count; i++) {
        struct growth growth = {0};
        uint64_t loop = diagnosis->report->loops.items[i].address;
        if (is_suspicious(diagnosis, i) &&
            (recall(diagnosis, loop, &growth) ||
             sample(diagnosis->snapshot->cpython, loop, &growth)) &&
            grows(growth.windows))
            report_growth(diagnosis, i, &growth);
    }
    return NULL;
}
