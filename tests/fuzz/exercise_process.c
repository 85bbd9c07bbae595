#include "exercise.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/collector.h"
#include "analysis/heap.h"
#include "analysis/live_classes.h"
#include "analysis/look.h"
#include "analysis/zombies.h"
#include "base/cleanup.h"
#include "heap/holders.h"
#include "render/json.h"
#include "render/text.h"
#include "runtime/frame_detail.h"
#include "target/copy.h"
#include "waits/names.h"

#define OBJECTS_VIEWED 24
#define MARKED_VIEWED  4
#define TARGETS_MAX    8

static const struct holder_limits limits = {.levels = 20, .nodes = 5000, .seconds = 2};

/* Without a chain of interpreters the rooms behind it still get one to work with. */
static void list_interpreters(struct look *look)
{
    struct error *error = interpreters_list(look->cpython, &look->interpreters);
    if (!error)
        return;
    error_free(error);
    struct interpreter interpreter = {
        .address = look->cpython->runtime,
        .gc = cpython_gc_of(look->cpython, look->cpython->runtime),
        .modules = look->cpython->none,
    };
    (void)vector_push(&look->interpreters, interpreter);
}

static void read_collectors(struct look *look)
{
    for (size_t i = 0; i < look->interpreters.count; i++) {
        struct collector_state state;
        struct collector_epoch epoch;
        uint64_t gc = look->interpreters.items[i].gc;
        collector_epoch_read(look->cpython, gc, &epoch);
        if (!collector_read(look->cpython, gc, &state))
            memset(&state, 0, sizeof state);
        (void)vector_push(&look->before, state);
        (void)vector_push(&look->after, state);
    }
}

static bool see_local(void *context, const char *name, uint64_t object)
{
    (void)context;
    return *name != '.' && object;
}

static bool see_manager(void *context, uint64_t manager, bool async)
{
    (void)context;
    return manager && !async;
}

static void view_frame(const struct cpython *cpython, const struct frame_view *frame)
{
    struct source_place place = {0};
    free(frame_local_of(cpython, frame, cpython->none));
    frame_place(cpython, frame, &place);
    source_place_free(&place);
    frame_runs(cpython, frame, "seed.py", "generate");
    frame_locals_visit(cpython, frame, see_local, NULL);
    frame_managers_visit(cpython, frame, see_manager, NULL);
}

void exercise_threads(const struct cpython *cpython, const interpreter_vector *interpreters)
{
    thread_vector threads = {0};
    frame_vector frames = {0};
    error_free(threads_list(cpython, interpreters, &threads, &frames));
    for (size_t i = 0; i < frames.count && i < OBJECTS_VIEWED; i++)
        view_frame(cpython, &frames.items[i]);
    threads_free(&threads, &frames);
}

static bool take_census(struct look *look)
{
    const struct census_options wanted = {
        .keep_index = true, .keep_links = true, .pace = STREAM_FAST};
    struct error *error = census_take(look->cpython, &wanted, &look->census);
    error_free(error);
    struct rings rings = {0};
    for (size_t i = 0; !error && i < look->interpreters.count; i++)
        if (rings_walk(look->cpython, look->census->index, &look->before.items[i], &rings))
            (void)vector_push(&look->rings, rings);
    if (!error)
        error_free(confirm_marked(look->cpython, &look->interpreters, look->census->types,
                                  &look->census->marked, &look->confirmation));
    return !error;
}

static void render(const struct report *report)
{
    const struct text_style style = {.color = true, .width = 80, .verbose = true};
    _cleanup_free_ char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return;
    render_text(out, report, &style);
    render_text_zombies(out, report, &style);
    render_text_gc(out, report, &style);
    render_text_classes(out, report, &style);
    render_text_heap(out, report, &style);
    json_t *json = render_json(report);
    json_dumpf(json, out, RENDER_JSON_FLAGS);
    json_decref(json);
    fclose(out);
}

static void make_reports(struct look *look)
{
    const struct look_options options = {.generations = true, .paths = 4};
    struct report report = {.target = {.kind = "live"}};
    error_free(zombies_report(look, &options, &report));
    error_free(collector_report(look, &options, &report));
    render(&report);
    report_free(&report);
}

static void report_classes(struct look *look)
{
    const struct look_options options = {0}, explained = {.explain = "object"};
    struct report report = {0};
    error_free(live_classes_report(look, &options, &report));
    render(&report);
    report_free(&report);
    error_free(live_classes_report(look, &explained, &report));
    render(&report);
    report_free(&report);
}

/* The graph of all objects: with a path to a type, and then to an object. */
static void report_heap(struct look *look)
{
    const struct look_options of_type = {
        .path = "dict", .dominators = true, .cycles = true, .holders = true, .values = true};
    struct look_options of_object = {.path = "0x0"};
    char address[32];
    struct report report = {0};
    error_free(heap_report(look, &of_type, &report));
    render(&report);
    report_free(&report);
    if (!look->census->index->count)
        return;
    snprintf(address, sizeof address, "%#" PRIx64,
             heap_index_at(look->census->index, look->census->index->count / 2).address);
    of_object.path = address;
    error_free(heap_report(look, &of_object, &report));
    render(&report);
    report_free(&report);
}

/* The same over a copy, which lends its memory. */
static void report_heap_of_copy(struct look *look)
{
    struct cpython *cpython = look->cpython, of_copy = *cpython;
    struct stream_cost cost = {0};
    struct error *error = target_open_copy(cpython->target, STREAM_FAST, &of_copy.target, &cost);
    if (!error) {
        look->cpython = &of_copy;
        report_heap(look);
        look->cpython = cpython;
        target_close(of_copy.target);
    }
    error_free(error);
}

static void explore_holders(struct look *look)
{
    uint64_t targets[TARGETS_MAX];
    size_t count = 0;
    struct holder_graph *graph;
    struct error *error = look_index(look);
    for (; !error && count < TARGETS_MAX && count < look->index->index->count; count++)
        targets[count] = heap_index_at(look->index->index, (uint32_t)count).address;
    if (!error)
        error = holders_explore(look->cpython, look->index->index, look->index->types, &look->roots,
                                targets, count, &limits, &graph);
    for (size_t i = 0; !error && i < count; i++) {
        struct holder_path path;
        (void)holders_path(graph, targets[i], true, &path);
        holder_path_free(&path);
        holders_prove_garbage(graph, targets[i]);
        holders_passes(graph, targets[i], "dict");
    }
    if (!error)
        holders_free(graph);
    error_free(error);
}

static struct error *prepare_heap(void *context, const struct census **index, struct roots **roots)
{
    struct look *look = context;
    *index = look->index;
    *roots = &look->roots;
    return look_index(look);
}

static void name_vertices(const struct wait_picture *picture)
{
    for (uint32_t i = 0; i < picture->graph.vertices.count && i < OBJECTS_VIEWED; i++) {
        struct source_place place;
        free(vertex_name(picture, i));
        (void)vertex_place(picture, i, &place);
        source_place_free(&place);
    }
}

static void picture_waits(struct look *look)
{
    const struct heap_source heap = {prepare_heap, look};
    struct actors actors = {0};
    struct wait_picture *picture;
    struct error *error = look_index(look);
    if (!error)
        error = actors_find(look->cpython, look->index, &actors);
    if (!error)
        error =
            wait_picture_take(look->cpython, &look->interpreters, &actors, &heap, NULL, &picture);
    if (!error) {
        name_vertices(picture);
        wait_picture_free(picture);
    }
    error_free(error);
    actors_free(&actors);
}

static void view(const struct cpython *cpython, uint64_t address)
{
    exercise_object(cpython, address);
    exercise_type(cpython, address);
    exercise_type(cpython, object_type(cpython, address));
    exercise_resources(cpython, address);
}

static void view_objects(const struct look *look)
{
    const struct heap_index *index = look->census->index;
    const marked_vector *marked = &look->census->marked;
    uint32_t step = index->count / OBJECTS_VIEWED + 1;
    for (uint32_t i = 0; i < index->count; i += step)
        view(look->cpython, heap_index_at(index, i).address);
    for (size_t i = 0; i < marked->count && i < MARKED_VIEWED; i++)
        view(look->cpython, marked->items[i].address);
}

void exercise_process(struct cpython *cpython)
{
    struct look *look = calloc(1, sizeof *look);
    if (!look)
        return;
    look->cpython = cpython;
    list_interpreters(look);
    read_collectors(look);
    exercise_threads(look->cpython, &look->interpreters);
    report_classes(look);
    if (take_census(look)) {
        view_objects(look);
        make_reports(look);
        (look->census->index->count % 2 ? report_heap : report_heap_of_copy)(look);
        explore_holders(look);
        picture_waits(look);
    }
    look->cpython = NULL; /* borrowed */
    look_free(look);
}
