/*
 * cut_seed PID FILE: a small image of a running process as an input of fuzz_image. Kept is what
 * the proof of its layout reads, its threads and frames, and up to OBJECTS objects around the
 * marked ones and the global `things` of seed.py with all that looking at them reads. The
 * collector's lists are closed over the objects that were kept.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exercise.h"
#include "heap/census.h"
#include "heap/roots.h"
#include "input.h"
#include "layout/tables.h"
#include "object/referents.h"
#include "target/internal.h"

#define OBJECTS        40
#define LOOKED_THROUGH 3            /* objects whose belongings are kept, too */
#define GRAIN          UINT64_C(16) /* ranges begin and end at multiples of it */
#define GAP_MAX        64           /* a smaller gap is kept: a segment costs as much */
#define READ_MAX       4096         /* of one read; longer ones are passes over everything */
#define BEFORE_BODY    32

/* ---- what is kept ---------------------------------------------------------------------------- */

struct range {
    uint64_t start, end;
};
static VECTOR(struct range) kept;
static bool recording;
static const struct target_operations *live;

static void keep(uint64_t start, uint64_t size)
{
    struct range range = {start & ~(GRAIN - 1), (start + size + GRAIN - 1) & ~(GRAIN - 1)};
    if (!vector_push(&kept, range))
        abort();
}

static size_t read_some(struct target *target, uint64_t address, void *buffer, size_t size)
{
    size_t done = live->read_some(target, address, buffer, size);
    if (recording && done)
        keep(address, done < READ_MAX ? done : READ_MAX);
    return done;
}

static void read_batch(struct target *target, struct read_request *requests, size_t count)
{
    live->read_batch(target, requests, count);
    for (size_t i = 0; recording && i < count; i++)
        if (requests[i].ok)
            keep(requests[i].address, requests[i].size);
}

static int compare_ranges(const void *left, const void *right)
{
    const struct range *a = left, *b = right;
    return (a->start > b->start) - (a->start < b->start);
}

static void merge_ranges(void)
{
    qsort(kept.items, kept.count, sizeof *kept.items, compare_ranges);
    size_t count = 0;
    for (size_t i = 0; i < kept.count; i++) {
        struct range *last = count ? &kept.items[count - 1] : NULL;
        if (last && kept.items[i].start <= last->end + GAP_MAX)
            last->end = last->end > kept.items[i].end ? last->end : kept.items[i].end;
        else
            kept.items[count++] = kept.items[i];
    }
    kept.count = count;
}

/* ---- which objects --------------------------------------------------------------------------- */

struct choice {
    const struct cpython *cpython;
    VECTOR(uint64_t) objects;
    struct address_map seen;
};

static void choose(struct choice *choice, uint64_t object)
{
    if (!object || choice->objects.count >= OBJECTS ||
        address_map_get(&choice->seen, object) != ADDRESS_MAP_ABSENT)
        return;
    if (!address_map_put(&choice->seen, object, 1) || !vector_push(&choice->objects, object))
        abort();
}

/* Behind modules and built-in types lies everything. */
static bool leads_away(const struct cpython *cpython, uint64_t object)
{
    struct type_view type;
    uint64_t of = object_type(cpython, object);
    return of == cpython->module_type ||
           (type_read(cpython, object, &type) && !(type.flags & TYPE_HEAPTYPE)) || !of;
}

static bool choose_referent(void *context, const struct edge *edge)
{
    struct choice *choice = context;
    if (!leads_away(choice->cpython, edge->referent))
        choose(choice, edge->referent);
    return true;
}

static uint64_t main_namespace(const struct cpython *cpython,
                               const interpreter_vector *interpreters)
{
    uint64_t module = dict_get(cpython, interpreters->items[0].modules, "__main__"), dict = 0;
    target_read_word(cpython->target, module + (uint64_t)cpython->at.module_dict, &dict);
    return dict;
}

static void choose_objects(struct choice *choice, const interpreter_vector *interpreters,
                           const marked_vector *marked)
{
    uint64_t globals = main_namespace(choice->cpython, interpreters);
    for (size_t i = 0; i < marked->count && i < OBJECTS / 8; i++)
        choose(choice, marked->items[i].address);
    choose(choice, dict_get(choice->cpython, globals, "things"));
    choose(choice, globals);
    for (size_t i = 0; i < choice->objects.count; i++)
        (void)referents_visit(choice->cpython, choice->objects.items[i], NULL, choose_referent,
                              choice);
}

/* ---- looking at them, recorded --------------------------------------------------------------- */

static void look_at(const struct cpython *cpython, uint64_t object, bool through)
{
    struct type_view type;
    if (!type_read(cpython, object_type(cpython, object), &type))
        return;
    uint64_t bytes = object_body_bytes(cpython, object, &type, NULL);
    keep(object - BEFORE_BODY, BEFORE_BODY + (bytes < READ_MAX ? bytes : READ_MAX));
    exercise_object(cpython, object);
    if (type.flags & TYPE_HEAPTYPE)
        exercise_type(cpython, type.address);
    if (through)
        exercise_resources(cpython, object);
}

static bool look_at_class(void *context, size_t index, uint64_t address)
{
    const struct cpython *cpython = context;
    struct class_namespace namespace;
    struct type_view type;
    struct name_cache *names = name_cache_new();
    (void)index;
    if (names && type_read(cpython, address, &type)) {
        free(type_qualified_name(cpython, address));
        (void)class_namespace_read(cpython, &type, names, &namespace);
    }
    name_cache_free(names);
    return true;
}

/* What classes are read from, for those of the program and what they derive from. */
static void look_at_classes(struct cpython *cpython, const struct choice *choice)
{
    struct type_view type;
    for (size_t i = 0; i < choice->objects.count; i++) {
        uint64_t of = object_type(cpython, choice->objects.items[i]);
        for (uint64_t one = of; one && type_read(cpython, one, &type); one = type.metatype) {
            (void)look_at_class(cpython, 0, one);
            (void)type_bases_visit(cpython, &type, look_at_class, cpython);
            (void)type_mro_visit(cpython, &type, look_at_class, cpython);
            if (one == type.metatype)
                break;
        }
    }
}

static void look_at_everything(struct cpython *cpython, const interpreter_vector *interpreters,
                               const struct choice *choice)
{
    struct cpython again = *cpython;
    struct roots roots = {0};
    struct collector_state state;
    if (cpython_prove_layout(&again))
        abort();
    free(again.table);
    collector_read(cpython, interpreters->items[0].gc, &state);
    if (roots_collect(cpython, interpreters, &roots))
        abort();
    roots_free(&roots);
    exercise_threads(cpython, interpreters);
    for (size_t i = 0; i < choice->objects.count; i++)
        look_at(cpython, choice->objects.items[i], i < LOOKED_THROUGH);
    look_at_classes(cpython, choice);
}

/* ---- writing --------------------------------------------------------------------------------- */

static uint8_t *bytes_of(struct target *target)
{
    size_t size = 0, at = 0;
    for (size_t i = 0; i < kept.count; i++)
        size += kept.items[i].end - kept.items[i].start;
    uint8_t *bytes = calloc(size + 1, 1);
    for (size_t i = 0; bytes && i < kept.count; i++) {
        size_t length = kept.items[i].end - kept.items[i].start;
        (void)target_read_some(target, kept.items[i].start, bytes + at, length);
        at += length;
    }
    return bytes;
}

/* Where the image keeps the word at `address`; NULL when it does not. */
static uint8_t *place_of(uint8_t *bytes, uint64_t address)
{
    for (size_t i = 0; i < kept.count; i++) {
        if (address >= kept.items[i].start && address + 8 <= kept.items[i].end)
            return bytes + (address - kept.items[i].start);
        bytes += kept.items[i].end - kept.items[i].start;
    }
    return NULL;
}

static void set_link(uint8_t *bytes, uint64_t address, uint64_t link)
{
    uint8_t *place = place_of(bytes, address);
    uint64_t word;
    if (!place)
        return;
    memcpy(&word, place, sizeof word);
    word = (word & ~GC_POINTER_MASK) | link;
    memcpy(place, &word, sizeof word);
}

static void join(uint8_t *bytes, uint64_t from, uint64_t to)
{
    set_link(bytes, from, to);
    set_link(bytes, to + 8, from);
}

/* Everything that was kept and is tracked goes into one list; the others become empty. */
static void close_lists(const struct cpython *cpython, const struct heap_index *index,
                        const struct choice *choice, uint64_t gc, uint8_t *bytes)
{
    struct collector_state state;
    if (!collector_read(cpython, gc, &state))
        abort();
    for (int i = 0; i < COLLECTOR_GENERATIONS; i++)
        join(bytes, state.heads[i], state.heads[i]);
    join(bytes, state.permanent_head, state.permanent_head);
    uint64_t last = state.heads[1];
    for (size_t i = 0; i < choice->objects.count; i++) {
        uint64_t object = choice->objects.items[i];
        if (heap_index_find(index, object) == INDEX_NONE)
            continue;
        join(bytes, last, object - GC_HEAD_BYTES);
        last = object - GC_HEAD_BYTES;
    }
    join(bytes, last, state.heads[1]);
}

static uint16_t table_number(const struct cpython *cpython)
{
    size_t count;
    const struct layout_table *tables = layout_tables(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(tables[i].name, cpython->table) == 0)
            return (uint16_t)i;
    return 0;
}

static bool write_input(const char *path, struct cpython *cpython, const uint8_t *bytes)
{
    FILE *out = fopen(path, "wb");
    if (!out)
        return false;
    struct input_header header = {.version = cpython->version.hex,
                                  .table = table_number(cpython),
                                  .segments = (uint16_t)kept.count,
                                  .runtime = cpython->runtime};
    size_t size = 0;
    for (size_t i = 0; i < INPUT_ANCHORS; i++)
        header.anchors[i] = *input_anchor(cpython, i);
    fwrite(&header, sizeof header, 1, out);
    for (size_t i = 0; i < kept.count; i++) {
        struct input_segment segment = {kept.items[i].start,
                                        kept.items[i].end - kept.items[i].start};
        fwrite(&segment, sizeof segment, 1, out);
        size += segment.size;
    }
    fwrite(bytes, size, 1, out);
    printf("%s: CPython %s, %zu segments, %zu bytes\n", path, cpython->version.text, kept.count,
           size);
    return fclose(out) == 0;
}

/* ---- */

static struct error *cut(pid_t pid, const char *path)
{
    struct target *target;
    struct cpython *cpython;
    interpreter_vector interpreters = {0};
    struct census *census;
    const struct census_options options = {.keep_index = true, .pace = STREAM_FAST};
    struct error *error = target_open_live(pid, &target);
    if (error || (error = cpython_attach(target, &cpython)) ||
        (error = interpreters_list(cpython, &interpreters)) ||
        (error = census_take(cpython, &options, &census)))
        return error;
    struct choice choice = {.cpython = cpython};
    choose_objects(&choice, &interpreters, &census->marked);
    live = target->operations;
    struct target_operations recorded = *live;
    recorded.read_some = read_some;
    recorded.read_batch = read_batch;
    recorded.lend = NULL;
    target->operations = &recorded;
    recording = true;
    look_at_everything(cpython, &interpreters, &choice);
    recording = false;
    merge_ranges();
    uint8_t *bytes = bytes_of(target);
    if (!bytes)
        return error_no_memory();
    close_lists(cpython, census->index, &choice, interpreters.items[0].gc, bytes);
    if (!write_input(path, cpython, bytes))
        error = error_new(ERROR_CANNOT_LOOK, "cannot write %s", path);
    free(bytes);
    vector_free(&choice.objects);
    address_map_free(&choice.seen);
    vector_free(&kept);
    vector_free(&interpreters);
    census_free(census);
    cpython_detach(cpython);
    target_close(target);
    return error;
}

int main(int count, char **arguments)
{
    if (count != 3) {
        fprintf(stderr, "usage: cut_seed PID FILE\n");
        return ERROR_USAGE;
    }
    struct error *error = cut((pid_t)strtol(arguments[1], NULL, 10), arguments[2]);
    if (!error)
        return 0;
    fprintf(stderr, "cut_seed: %s\n", error->message);
    return error->code;
}
