#include "waits/completers_search.h"

#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "waits/callable.h"

#define LEVELS_MAX  24
#define NODES_MAX   20000
#define SECONDS_MAX 5

static double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

uint32_t ways_node(struct completer_search *search, uint64_t address)
{
    uint32_t number = address_map_get(&search->by_address, address);
    if (number != ADDRESS_MAP_ABSENT)
        return number;
    number = (uint32_t)search->nodes.count;
    struct way_node node = {.address = address};
    if (!vector_push(&search->nodes, node) || !vector_push(&search->first_link, LINK_NONE) ||
        !address_map_put(&search->by_address, address, number))
        search->no_memory = true;
    return number;
}

void ways_add_link(struct completer_search *search, uint32_t held, uint32_t holder)
{
    struct way_link link = {.held = held, .holder = holder, .next = search->first_link.items[held]};
    search->first_link.items[held] = (uint32_t)search->links.count;
    if (!vector_push(&search->links, link))
        search->no_memory = true;
}

void ways_add_source(struct completer_search *search, uint32_t held, struct completer source)
{
    uint32_t number = (uint32_t)search->sources.count;
    if (!vector_push(&search->sources, source))
        search->no_memory = true;
    else
        ways_add_link(search, held, SOURCE_BIT | number);
}

/* The thread that runs the bound method `object`, NOBODY: none. As long as it lives, the C code
 * that it began in refers to that (Modules/_threadmodule.c: struct bootstate). */
static size_t thread_begun_with(const struct snapshot *snapshot, uint64_t object)
{
    const struct cpython *cpython = snapshot->cpython;
    uint64_t self;
    if (object_type(cpython, object) != cpython->method_type ||
        !target_read_word(cpython->target, object + (uint64_t)cpython->at.method_self, &self) ||
        actors_role(snapshot->actors, self) != ROLE_THREAD)
        return NOBODY;
    return snapshot_thread_named_in(snapshot, self, "_ident");
}

struct call {
    uint64_t code;
    uint64_t self; /* of a bound method; 0 for a function */
    bool exits;    /* __exit__ */
};

static bool call_read(const struct cpython *cpython, uint64_t callable, struct call *call)
{
    uint64_t type = object_type(cpython, callable), function = callable;
    *call = (struct call){0};
    if (type == cpython->method_type) {
        if (!target_read_word(cpython->target, callable + (uint64_t)cpython->at.method_function,
                              &function) ||
            !target_read_word(cpython->target, callable + (uint64_t)cpython->at.method_self,
                              &call->self))
            return false;
        _cleanup_free_ char *name = callable_name(cpython, callable);
        const char *last = name ? strrchr(name, '.') : NULL;
        call->exits = last && strcmp(last, ".__exit__") == 0;
    }
    return object_type(cpython, function) == cpython->function_type &&
           target_read_word(cpython->target, function + (uint64_t)cpython->at.function_code,
                            &call->code);
}

static bool frame_knows(const struct cpython *cpython, const struct frame_view *frame,
                        uint64_t object)
{
    _cleanup_free_ char *local = frame_local_of(cpython, frame, object);
    return local;
}

/*
 * The thread in which C code has called the function or method `object`, which has not returned,
 * NOBODY: none. Meanwhile that C code refers to it, and in 3.11 the frame does, which is no object.
 * A with statement that has called __enter__ refers to that and to __exit__.
 */
static size_t thread_inside(const struct snapshot *snapshot, uint64_t object)
{
    const struct cpython *cpython = snapshot->cpython;
    struct call call;
    if (!call_read(cpython, object, &call))
        return NOBODY;
    for (size_t i = 0; i < snapshot->frames.count; i++) {
        const struct frame_view *frame = &snapshot->frames.items[i];
        if (frame->entry && (frame->code == call.code || call.exits) &&
            (!call.self || frame_knows(cpython, frame, call.self)))
            return frame->thread;
    }
    return NOBODY;
}

/* The thread whose calls under way refer to `object` in `count` places that no search sees. */
static size_t thread_calling(const struct snapshot *snapshot, uint64_t object, uint64_t count)
{
    size_t thread = count == 1 ? thread_begun_with(snapshot, object) : NOBODY;
    return thread == NOBODY && count <= 2 ? thread_inside(snapshot, object) : thread;
}

/* A reference that was not found is held by C code, which may do anything. */
static void note_unseen(struct completer_search *search, uint32_t number)
{
    uint64_t count;
    const struct way_node *node = &search->nodes.items[number];
    bool known = object_refcount(search->snapshot->cpython, node->address, &count);
    if (known && node->references >= count)
        return;
    size_t thread =
        known ? thread_calling(search->snapshot, node->address, count - node->references) : NOBODY;
    struct completer source = {.kind = thread == NOBODY ? COMPLETER_UNSEEN : COMPLETER_THREAD,
                               .thread = thread};
    ways_add_source(search, number, source);
}

static size_t want_next(struct completer_search *search)
{
    address_map_free(&search->wanted);
    for (uint32_t i = 0; i < search->nodes.count; i++) {
        struct way_node *node = &search->nodes.items[i];
        if (node->expanded)
            continue;
        node->expanded = true;
        if (!address_map_put(&search->wanted, node->address, i))
            search->no_memory = true;
    }
    return search->wanted.count;
}

static struct error *expand(struct completer_search *search)
{
    double end = now_seconds() + SECONDS_MAX;
    struct error *error = NULL;
    for (unsigned level = 0; !error && want_next(search) && !search->no_memory; level++) {
        if (level == LEVELS_MAX || search->nodes.count > NODES_MAX || now_seconds() > end) {
            search->completers->cut = true;
            break;
        }
        size_t known = search->nodes.count;
        error = ways_expand(search);
        for (uint32_t i = 0; i < known && !error; i++)
            if (address_map_get(&search->wanted, search->nodes.items[i].address) !=
                ADDRESS_MAP_ABSENT)
                note_unseen(search, i);
    }
    return !error && search->no_memory ? error_no_memory() : error;
}

/* ---- the result ------------------------------------------------------------------------------ */

/* Appends every source that reaches node `target`. */
static bool collect(struct completer_search *search, uint32_t target)
{
    VECTOR(uint32_t) queue = {0};
    struct address_map seen = {0};
    bool ok = vector_push(&queue, target) &&
              address_map_put(&seen, search->nodes.items[target].address, 1);
    for (size_t i = 0; ok && i < queue.count; i++) {
        for (uint32_t l = search->first_link.items[queue.items[i]]; ok && l != LINK_NONE;
             l = search->links.items[l].next) {
            uint32_t holder = search->links.items[l].holder;
            if (holder & SOURCE_BIT) {
                struct completer completer = search->sources.items[holder & ~SOURCE_BIT];
                completer.target = search->nodes.items[target].address;
                ok = vector_push(&search->completers->items, completer);
            } else if (address_map_get(&seen, search->nodes.items[holder].address) ==
                       ADDRESS_MAP_ABSENT) {
                ok = address_map_put(&seen, search->nodes.items[holder].address, 1) &&
                     vector_push(&queue, holder);
            }
        }
    }
    vector_free(&queue);
    address_map_free(&seen);
    return ok;
}

static struct error *find(struct snapshot *snapshot, const struct census *index,
                          struct roots *roots, const uint64_t *targets, size_t count, bool strongly,
                          struct completers *completers)
{
    struct completer_search search = {
        .snapshot = snapshot,
        .roots = roots,
        .completers = completers,
        .owners = {.cpython = snapshot->cpython,
                   .index = index->index,
                   .types = index->types,
                   .roots = roots},
    };
    for (size_t i = 0; i < count; i++)
        (void)ways_node(&search, targets[i]);
    size_t wanted = search.nodes.count;
    search.strongly = strongly ? wanted : 0;
    struct error *error = expand(&search);
    for (uint32_t i = 0; i < wanted && !error; i++)
        if (!collect(&search, i))
            error = error_no_memory();
    owner_search_free(&search.owners);
    vector_free(&search.nodes);
    vector_free(&search.links);
    vector_free(&search.first_link);
    vector_free(&search.sources);
    address_map_free(&search.by_address);
    address_map_free(&search.wanted);
    address_map_free(&search.examined);
    return error;
}

struct error *completers_find(struct snapshot *snapshot, const struct census *index,
                              struct roots *roots, const uint64_t *targets, size_t count,
                              struct completers *completers)
{
    return find(snapshot, index, roots, targets, count, false, completers);
}

struct error *referrers_find(struct snapshot *snapshot, const struct census *index,
                             struct roots *roots, const uint64_t *targets, size_t count,
                             struct completers *completers)
{
    return find(snapshot, index, roots, targets, count, true, completers);
}

void completers_free(struct completers *completers)
{
    vector_free(&completers->items);
}
