/*
 * heap_world.h: a world with a collector: its objects can be tracked, that is, linked into one of
 * the generations. Of the older flavour, 3.8 to 3.11.
 */
#ifndef STETH_TESTS_HEAP_WORLD_H
#define STETH_TESTS_HEAP_WORLD_H

#include "object_world.h"

#include "heap/census.h"
#include "heap/roots.h"

#define NODE_BYTES 40 /* a node has three slots: at 16, 24, 32 */
#define RING_HEADS (COLLECTOR_GENERATIONS + 1)

struct heap_world {
    struct world *world;
    struct cpython *cpython; /* of the world */
    interpreter_vector interpreters;
    uint64_t gc;
    uint64_t node_type, module_type;
    struct collector_state state;
};

static inline uint64_t get(const struct world *world, uint64_t address)
{
    uint64_t word;
    assert(address >= WORLD_BASE && address + sizeof word <= WORLD_BASE + WORLD_BYTES);
    memcpy(&word, world->bytes + (address - WORLD_BASE), sizeof word);
    return word;
}

static inline uint64_t head_of(uint64_t object)
{
    return object - GC_HEAD_BYTES;
}

/* Appends `object` to the ring at `head`. */
static inline void link_into(struct heap_world *heap, uint64_t head, uint64_t object)
{
    uint64_t last = get(heap->world, head + 8);
    put(heap->world, head_of(object), head);
    put(heap->world, head_of(object) + 8, last);
    put(heap->world, last, head_of(object));
    put(heap->world, head + 8, head_of(object));
}

static inline uint64_t track(struct heap_world *heap, uint64_t object)
{
    link_into(heap, heap->state.heads[2], object);
    return object;
}

static inline void mark_finalized(struct heap_world *heap, uint64_t object)
{
    uint64_t previous = get(heap->world, head_of(object) + 8);
    put(heap->world, head_of(object) + 8, previous | GC_PREV_FINALIZED);
}

static inline uint64_t new_node(struct heap_world *heap)
{
    return track(heap, new_object(heap->world, heap->node_type, NODE_BYTES));
}

/* `holder` refers to `object` by its slot `number`; the count of `object` says so. */
static inline void hold(struct heap_world *heap, uint64_t holder, unsigned number, uint64_t object)
{
    put(heap->world, holder + 16 + number * 8, object);
    put(heap->world, object, get(heap->world, object) + 1);
}

/* A module with globals {"bin": value}. */
static inline uint64_t new_module(struct heap_world *heap, uint64_t value)
{
    struct world *world = heap->world;
    uint64_t keys = new_keys(world, 0);
    add_entry(world, keys, 0, new_str(world, "bin"), value);
    uint64_t dict = track(heap, new_dict(world, keys, 0, 1));
    uint64_t module = track(heap, new_object(world, heap->module_type, 48));
    put(world, module + (uint64_t)heap->cpython->at.module_dict, dict);
    return module;
}

static inline void heap_offsets(struct layout_offsets *at)
{
    at->runtime_interpreters_head = 0;
    at->interpreter_next = 0;
    at->interpreter_id = 8;
    at->interpreter_threads_head = 16;
    at->interpreter_modules = 24;
    at->interpreter_sysdict = 32;
    at->interpreter_builtins = 40;
    at->interpreter_gc = 64;
    at->size_of_interpreter = 512;
    at->thread_next = 8;
    at->thread_interpreter = 16;
    at->thread_frame = 24;
    at->thread_dict = 32;
    at->thread_id = 40;
    at->size_of_thread = 64;
    at->size_of_gc = 240;
    at->gc_enabled = 0;
    at->gc_debug = 4;
    at->gc_generations = 8;
    at->gc_permanent_generation = 80;
    at->gc_generation_stats = 104;
    at->gc_collecting = 176;
    at->gc_garbage = 184;
    at->gc_long_lived_total = 192;
    at->gc_long_lived_pending = 200;
    at->module_dict = 16;
    at->module_state = 32;
}

/* An interpreter without threads whose generations are empty. */
static inline void add_interpreter(struct heap_world *heap)
{
    struct world *world = heap->world;
    uint64_t address = place(world, 512);
    struct interpreter interpreter = {.address = address, .gc = address + 64};
    heap->gc = interpreter.gc;
    int32_t enabled = 1, threshold = 700;
    put_bytes(world, heap->gc, &enabled, sizeof enabled);
    for (unsigned i = 0; i < RING_HEADS; i++) {
        uint64_t head = heap->gc + (i < COLLECTOR_GENERATIONS ? 8 + i * 24 : 80);
        put(world, head, head);
        put(world, head + 8, head);
        put_bytes(world, head + 16, &threshold, sizeof threshold);
    }
    assert_true(vector_push(&heap->interpreters, interpreter));
    assert_true(collector_read(heap->cpython, heap->gc, &heap->state));
}

static inline struct heap_world *heap_world_new(void)
{
    struct heap_world *heap = calloc(1, sizeof *heap);
    assert(heap);
    heap->world = world_new(OLD);
    heap->cpython = &heap->world->cpython;
    heap_offsets(&heap->cpython->at);
    uint64_t object = heap->world->object_type;
    heap->module_type = new_type(heap->world, "module", object, 48, 0, TYPE_HAVE_GC);
    heap->cpython->module_type = heap->module_type;
    heap->node_type = new_type(heap->world, "m.Node", object, NODE_BYTES, 0, TYPE_HAVE_GC);
    add_interpreter(heap);
    return heap;
}

static inline void heap_world_free(struct heap_world *heap)
{
    vector_free(&heap->interpreters);
    world_free(heap->world);
    free(heap);
}

#endif
