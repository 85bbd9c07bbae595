#include "heap/roots.h"

#include <stdio.h>
#include <string.h>

static uint32_t add_root(struct roots *roots, enum root_kind kind, char *name)
{
    struct root root = {.kind = kind, .name = name};
    if (!name || !vector_push(&roots->items, root)) {
        free(name);
        return ROOT_NONE;
    }
    return (uint32_t)(roots->items.count - 1);
}

static void add_range(struct roots *roots, uint64_t start, uint64_t size, uint32_t root)
{
    if (root != ROOT_NONE && size && start + size > start)
        (void)vector_push(&roots->ranges, ((struct root_range){start, start + size, root, 0}));
}

/* ---- modules --------------------------------------------------------------------------------- */

struct module_visit {
    const struct cpython *cpython;
    struct roots *roots;
    const struct interpreter *interpreter;
};

static bool visit_module(void *context, uint64_t key, uint64_t module)
{
    struct module_visit *visit = context;
    const struct cpython *cpython = visit->cpython;
    uint64_t dict;
    if (!target_read_word(cpython->target, module + (uint64_t)cpython->at.module_dict, &dict) ||
        object_type(cpython, dict) != cpython->dict_type)
        return true;
    if (address_map_get(&visit->roots->objects, dict) != ADDRESS_MAP_ABSENT)
        return true; /* an alias, such as os.path */
    char *name = str_value(cpython, key, STR_LIMIT);
    if (name && visit->interpreter->id > 0) {
        char *longer = NULL;
        if (asprintf(&longer, "interpreter %lld: %s", (long long)visit->interpreter->id, name) < 0)
            longer = NULL;
        free(name);
        name = longer;
    }
    uint32_t root = add_root(visit->roots, ROOT_MODULE, name);
    if (root == ROOT_NONE)
        return true;
    visit->roots->items.items[root].object = dict;
    (void)address_map_put(&visit->roots->objects, dict, root);
    return true;
}

static void add_modules(const struct cpython *cpython, const struct interpreter *interpreter,
                        struct roots *roots)
{
    struct module_visit visit = {cpython, roots, interpreter};
    (void)dict_visit(cpython, interpreter->modules, visit_module, &visit);
}

/* ---- threads and frames ---------------------------------------------------------------------- */

static char *thread_label(const struct thread_view *thread)
{
    char *label = NULL;
    int done = thread->name ? asprintf(&label, "thread %s", thread->name)
                            : asprintf(&label, "thread %d", (int)thread->native_id);
    return done < 0 ? NULL : label;
}

/* Frames are ranges even where they are objects: up to 3.10 running ones are mostly untracked. */
static void add_frame(const struct cpython *cpython, const struct frame_view *frame,
                      const struct thread_view *thread, struct roots *roots)
{
    struct source_place place = {0};
    char *label = thread_label(thread), *name = NULL;
    if (label && code_place(cpython, frame->code, &place) && place.function &&
        asprintf(&name, "%s: %s()", label, place.function) < 0)
        name = NULL;
    uint32_t root = add_root(roots, ROOT_FRAME, name ? name : label);
    if (name)
        free(label);
    source_place_free(&place);
    if (root == ROOT_NONE)
        return;
    roots->items.items[root].frame = *frame;
    add_range(roots, frame->address, frame->end - frame->address, root);
}

static struct error *add_threads(const struct cpython *cpython,
                                 const interpreter_vector *interpreters, struct roots *roots)
{
    thread_vector threads = {0};
    frame_vector frames = {0};
    struct error *error = threads_list(cpython, interpreters, &threads, &frames);
    for (size_t i = 0; !error && i < frames.count; i++)
        if (frames.items[i].thread < threads.count)
            add_frame(cpython, &frames.items[i], &threads.items[frames.items[i].thread], roots);
    for (size_t i = 0; !error && i < threads.count; i++)
        add_range(roots, threads.items[i].address, (uint64_t)cpython->at.size_of_thread,
                  add_root(roots, ROOT_THREAD, thread_label(&threads.items[i])));
    threads_free(&threads, &frames);
    return error;
}

/* An outer range before those inside of it. */
static int compare_ranges(const void *left, const void *right)
{
    const struct root_range *a = left, *b = right;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    return (a->end < b->end) - (a->end > b->end);
}

/* States of the first thread lie inside their interpreter's (3.12+). */
static void sort_ranges(struct roots *roots)
{
    struct root_range *ranges = roots->ranges.items;
    if (roots->ranges.count)
        qsort(ranges, roots->ranges.count, sizeof *ranges, compare_ranges);
    for (size_t i = 1; i < roots->ranges.count; i++) {
        uint32_t outer = (uint32_t)i;
        while (outer && ranges[outer - 1].end < ranges[i].end)
            outer = ranges[outer - 1].outer;
        ranges[i].outer = outer;
    }
}

struct error *roots_collect(const struct cpython *cpython, const interpreter_vector *interpreters,
                            struct roots *roots)
{
    roots->target = cpython->target;
    struct cpython remembered;
    cpython_remember(cpython, &remembered);
    for (size_t i = 0; i < interpreters->count; i++)
        add_modules(&remembered, &interpreters->items[i], roots);
    cpython_forget(cpython, &remembered);
    struct error *error = add_threads(cpython, interpreters, roots);
    for (size_t i = 0; i < interpreters->count; i++)
        add_range(roots, interpreters->items[i].address, (uint64_t)cpython->at.size_of_interpreter,
                  add_root(roots, ROOT_REGISTRY, strdup("interpreter state")));
    sort_ranges(roots);
    return error;
}

void roots_free(struct roots *roots)
{
    for (size_t i = 0; i < roots->items.count; i++)
        free(roots->items.items[i].name);
    vector_free(&roots->items);
    vector_free(&roots->ranges);
    address_map_free(&roots->objects);
}

uint32_t roots_object(const struct roots *roots, uint64_t address)
{
    return address_map_get(&roots->objects, address);
}

/* The root of that kind and name, which is taken over; ROOT_NONE: no memory. */
static uint32_t named_root(struct roots *roots, enum root_kind kind, char *name)
{
    for (size_t i = 0; name && i < roots->items.count; i++)
        if (roots->items.items[i].kind == kind && strcmp(roots->items.items[i].name, name) == 0) {
            free(name);
            return (uint32_t)i;
        }
    return add_root(roots, kind, name);
}

uint32_t roots_native(struct roots *roots, uint64_t location, uint64_t *end)
{
    const char *file = target_file_at(roots->target, location, end);
    char *name = NULL;
    if (!file || asprintf(&name, "C data of %s", strrchr(file, '/') + 1) < 0)
        return ROOT_NONE;
    return named_root(roots, ROOT_NATIVE, name);
}

uint32_t roots_code(struct roots *roots)
{
    return named_root(roots, ROOT_CODE, strdup("C code"));
}

uint32_t roots_at(const struct roots *roots, uint64_t location)
{
    const struct root_range *ranges = roots->ranges.items;
    size_t low = 0, high = roots->ranges.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ranges[middle].start <= location)
            low = middle + 1;
        else
            high = middle;
    }
    /* The last one that begins before: when it has ended, those around it may not have. */
    while (low && ranges[low - 1].end <= location)
        low = ranges[low - 1].outer;
    return low ? ranges[low - 1].root : ROOT_NONE;
}
