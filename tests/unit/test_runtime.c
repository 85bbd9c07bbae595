/* The chains of a runtime, whole and corrupted, in images made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "runtime/runtime.h"

#define BASE  UINT64_C(0x10000)
#define WORDS 4096
#define WILD  UINT64_C(0x7fff00000000)

/* Places in the image. */
enum {
    RUNTIME = BASE,
    INTERPRETER = BASE + 0x100,
    INTERPRETER_2 = BASE + 0x200,
    THREAD = BASE + 0x300,
    THREAD_2 = BASE + 0x400,
    FRAME = BASE + 0x500,
    FRAME_2 = BASE + 0x600,
    FRAME_3 = BASE + 0x700,
    CODE = BASE + 0x800,
    NAMES = BASE + 0x900,
    CELL = BASE + 0xa00,
    OBJECT = BASE + 0xa40,
    CFRAME = BASE + 0xa80,
    GC = BASE + 0xb00,
    STATISTICS = BASE + 0xd00,
    NAME_KEPT = BASE + 0x1000,
    NAME_OTHER = BASE + 0x1100,
    TYPES = BASE + 0x2000,
    TYPE_BYTES = 0x200,
};

enum { TYPE_TYPE, TYPE_CODE, TYPE_FRAME, TYPE_CELL, TYPE_TUPLE, TYPE_STR, TYPE_DICT, TYPE_COUNT };

static uint64_t type_at(int which)
{
    return TYPES + (uint64_t)which * TYPE_BYTES;
}

struct world {
    uint64_t words[WORDS];
    struct target *target;
    struct cpython cpython;
};

static void set(struct world *world, uint64_t address, uint64_t word)
{
    memcpy((char *)world->words + (address - BASE), &word, sizeof word);
}

static void set_int(struct world *world, uint64_t address, int32_t value)
{
    memcpy((char *)world->words + (address - BASE), &value, sizeof value);
}

static void set_text(struct world *world, uint64_t address, const char *text)
{
    memcpy((char *)world->words + (address - BASE), text, strlen(text) + 1);
}

/* A layout of our own, unlike any CPython's. */
static void lay_out(struct layout_offsets *at)
{
    memset(at, 0xff, sizeof *at);
    at->runtime_interpreters_head = 8;
    at->interpreter_next = 0;
    at->interpreter_id = 8;
    at->interpreter_threads_head = 16;
    at->interpreter_modules = 24;
    at->interpreter_sysdict = 32;
    at->interpreter_builtins = 40;
    at->interpreter_gc = 48;
    at->thread_next = 8;
    at->thread_interpreter = 16;
    at->thread_frame = 24;
    at->thread_cframe = 32;
    at->thread_current_frame = 40;
    at->thread_dict = 48;
    at->thread_id = 56;
    at->thread_native_id = 64;
    at->cframe_current_frame = 8;
    at->object_refcount = 0;
    at->object_type = 8;
    at->var_object_size = 16;
    at->tuple_items = 24;
    at->cell_reference = 16;
    at->str_length = 16;
    at->str_state = 32;
    at->str_ascii_data = 40;
    at->str_compact_data = 56;
    at->size_of_type = 416;
    at->type_name = 24;
    at->type_basicsize = 32;
    at->type_itemsize = 40;
    at->type_flags = 168;
    at->type_weaklistoffset = 208;
    at->type_base = 256;
    at->type_dict = 264;
    at->type_dictoffset = 288;
    at->type_bases = 336;
    at->type_mro = 344;
    at->type_finalize = 392;
    at->code_name = 16;
    at->code_local_names = 24;
    at->code_local_count = 32;
    at->code_stack_size = 36;
    at->frame_object_back = 16;
    at->frame_object_code = 24;
    at->frame_object_locals = 40;
    at->frame_code = 0;
    at->frame_previous = 8;
    at->frame_owner = 16;
    at->frame_locals = 24;
    at->size_of_gc = 256;
    at->gc_enabled = 0;
    at->gc_debug = 4;
    at->gc_generations = 12; /* 4-byte aligned, as in a Debian build */
    at->gc_permanent_generation = 88;
    at->gc_generation_stats = 112;
    at->gc_collecting = 184;
    at->gc_garbage = 192;
    at->gc_long_lived_total = 200;
    at->gc_long_lived_pending = 208;
}

static void add_type(struct world *world, int which, uint64_t flags)
{
    uint64_t type = type_at(which);
    set(world, type, 1);
    set(world, type + 8, type_at(TYPE_TYPE));
    set(world, type + 24, NAME_OTHER + 40);
    set(world, type + 32, 64);
    set(world, type + 168, TYPE_READY | flags);
}

static void add_str(struct world *world, uint64_t address, const char *text)
{
    set(world, address, 1);
    set(world, address + 8, type_at(TYPE_STR));
    set(world, address + 16, strlen(text));
    set(world, address + 32, 1 << 2 | 1 << 5 | 1 << 6 | 1 << 7); /* one byte, compact, ASCII */
    set_text(world, address + 40, text);
}

/* One code object: locals `kept` and `other`, two words of stack. */
static void add_code(struct world *world)
{
    set(world, CODE + 8, type_at(TYPE_CODE));
    set(world, CODE + 16, NAME_KEPT);
    set(world, CODE + 24, NAMES);
    set_int(world, CODE + 32, 2);
    set_int(world, CODE + 36, 2);
    set(world, NAMES, 1);
    set(world, NAMES + 8, type_at(TYPE_TUPLE));
    set(world, NAMES + 16, 2);
    set(world, NAMES + 24, NAME_KEPT);
    set(world, NAMES + 32, NAME_OTHER);
    add_str(world, NAME_KEPT, "kept");
    add_str(world, NAME_OTHER, "other");
}

static void add_interpreter(struct world *world, uint64_t address, uint64_t next, int64_t id)
{
    set(world, address, next);
    set(world, address + 8, (uint64_t)id);
}

static void add_thread(struct world *world, uint64_t address, uint64_t next)
{
    set(world, address + 8, next);
    set(world, address + 16, INTERPRETER);
    set(world, address + 64, address / 0x100);
}

static void add_frame(struct world *world, uint64_t address, uint64_t previous)
{
    set(world, address, CODE);
    set(world, address + 8, previous);
}

static void add_types(struct world *world)
{
    struct cpython *cpython = &world->cpython;
    add_type(world, TYPE_TYPE, TYPE_TYPE_SUBCLASS);
    add_type(world, TYPE_CODE, 0);
    add_type(world, TYPE_FRAME, 0);
    add_type(world, TYPE_CELL, 0);
    add_type(world, TYPE_TUPLE, TYPE_TUPLE_SUBCLASS);
    add_type(world, TYPE_STR, TYPE_UNICODE_SUBCLASS);
    add_type(world, TYPE_DICT, TYPE_DICT_SUBCLASS);
    cpython->type_type = type_at(TYPE_TYPE);
    cpython->code_type = type_at(TYPE_CODE);
    cpython->frame_type = type_at(TYPE_FRAME);
    cpython->cell_type = type_at(TYPE_CELL);
    cpython->tuple_type = type_at(TYPE_TUPLE);
    cpython->str_type = type_at(TYPE_STR);
    cpython->dict_type = type_at(TYPE_DICT);
}

/* One interpreter, two threads, two frames on the first. */
static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    struct image_segment segment = {BASE, (uint8_t *)world->words, sizeof world->words};
    assert_null(target_open_image(&segment, 1, &world->target));
    world->cpython.target = world->target;
    world->cpython.runtime = RUNTIME;
    lay_out(&world->cpython.at);
    world->cpython.is.frames = FRAME_CURRENT;
    world->cpython.is.frame_owner_shim = 3;
    add_types(world);
    add_code(world);
    set(world, RUNTIME + 8, INTERPRETER);
    add_interpreter(world, INTERPRETER, 0, 0);
    set(world, INTERPRETER + 16, THREAD);
    add_thread(world, THREAD, THREAD_2);
    add_thread(world, THREAD_2, 0);
    set(world, THREAD + 40, FRAME);
    add_frame(world, FRAME, FRAME_2);
    add_frame(world, FRAME_2, 0);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    target_close(world->target);
    free(world);
    return 0;
}

/* ---- interpreters ---------------------------------------------------------------------------- */

static void expect_interpreters(struct world *world, size_t count)
{
    interpreter_vector interpreters = {0};
    struct error *error = interpreters_list(&world->cpython, &interpreters);
    assert_int_equal(interpreters.count, count);
    assert_true((error != NULL) == (count == 0));
    if (error)
        assert_int_equal(error->code, ERROR_CANNOT_LOOK);
    error_free(error);
    vector_free(&interpreters);
}

static void the_main_interpreter_comes_first(void **state)
{
    struct world *world = *state;
    set(world, RUNTIME + 8, INTERPRETER_2);
    add_interpreter(world, INTERPRETER_2, INTERPRETER, 1);
    interpreter_vector interpreters = {0};
    assert_null(interpreters_list(&world->cpython, &interpreters));
    assert_int_equal(interpreters.count, 2);
    assert_int_equal(interpreters.items[0].address, INTERPRETER);
    assert_int_equal(interpreters.items[1].id, 1);
    assert_int_equal(interpreters.items[0].gc, INTERPRETER + 48);
    vector_free(&interpreters);
}

static void a_cyclic_interpreter_chain_is_refused(void **state)
{
    struct world *world = *state;
    add_interpreter(world, INTERPRETER, INTERPRETER_2, 0);
    add_interpreter(world, INTERPRETER_2, INTERPRETER, 1);
    expect_interpreters(world, 0);
}

static void wild_interpreter_links_are_refused(void **state)
{
    struct world *world = *state;
    add_interpreter(world, INTERPRETER, WILD, 0);
    expect_interpreters(world, 0);
    add_interpreter(world, INTERPRETER, INTERPRETER_2 + 1, 0);
    expect_interpreters(world, 0);
    add_interpreter(world, INTERPRETER, 0, -1);
    expect_interpreters(world, 0);
    set(world, RUNTIME + 8, 0);
    expect_interpreters(world, 0);
    world->cpython.runtime = WILD;
    expect_interpreters(world, 0);
}

/* ---- threads and frames ---------------------------------------------------------------------- */

struct listing {
    thread_vector threads;
    frame_vector frames;
};

static struct listing list(struct world *world)
{
    struct listing listing = {0};
    interpreter_vector interpreters = {0};
    assert_null(interpreters_list(&world->cpython, &interpreters));
    assert_null(threads_list(&world->cpython, &interpreters, &listing.threads, &listing.frames));
    vector_free(&interpreters);
    return listing;
}

static void expect_listing(struct world *world, size_t threads, size_t frames)
{
    struct listing listing = list(world);
    assert_int_equal(listing.threads.count, threads);
    assert_int_equal(listing.frames.count, frames);
    threads_free(&listing.threads, &listing.frames);
}

static void threads_come_newest_first_with_frames_innermost_first(void **state)
{
    struct world *world = *state;
    struct listing listing = list(world);
    assert_int_equal(listing.threads.count, 2);
    assert_int_equal(listing.threads.items[0].address, THREAD);
    assert_int_equal(listing.threads.items[0].native_id, THREAD / 0x100);
    assert_int_equal(listing.threads.items[0].interpreter, INTERPRETER);
    assert_null(listing.threads.items[0].name);
    assert_int_equal(listing.frames.count, 2);
    assert_int_equal(listing.frames.items[0].address, FRAME);
    assert_int_equal(listing.frames.items[0].code, CODE);
    assert_int_equal(listing.frames.items[0].end, FRAME + 24 + 4 * 8);
    assert_int_equal(listing.frames.items[1].depth, 1);
    assert_int_equal(listing.frames.items[1].thread, 0);
    threads_free(&listing.threads, &listing.frames);
}

static void a_cyclic_thread_chain_gives_each_thread_once(void **state)
{
    struct world *world = *state;
    add_thread(world, THREAD_2, THREAD);
    expect_listing(world, 2, 2);
}

static void a_wild_thread_link_ends_the_chain(void **state)
{
    struct world *world = *state;
    add_thread(world, THREAD, WILD);
    expect_listing(world, 1, 2);
    add_thread(world, THREAD, THREAD_2 + 4);
    expect_listing(world, 1, 2);
    set(world, INTERPRETER + 16, WILD);
    expect_listing(world, 0, 0);
}

static void a_thread_of_another_interpreter_ends_the_chain(void **state)
{
    struct world *world = *state;
    set(world, THREAD_2 + 16, INTERPRETER_2);
    expect_listing(world, 1, 2);
}

static void a_cyclic_frame_chain_gives_each_frame_once(void **state)
{
    struct world *world = *state;
    add_frame(world, FRAME_2, FRAME);
    expect_listing(world, 2, 2);
    add_frame(world, FRAME, FRAME);
    expect_listing(world, 2, 1);
}

static void a_wild_frame_ends_the_chain(void **state)
{
    struct world *world = *state;
    add_frame(world, FRAME_2, WILD);
    expect_listing(world, 2, 2);
    add_frame(world, FRAME_2, FRAME_3 + 2);
    expect_listing(world, 2, 2);
    set(world, THREAD + 40, UINT64_MAX - 7);
    expect_listing(world, 2, 0);
}

static void frames_without_python_code_are_skipped(void **state)
{
    struct world *world = *state;
    add_frame(world, FRAME_2, FRAME_3);
    add_frame(world, FRAME_3, 0);
    set(world, FRAME_2 + 16, 3); /* the owner: a shim */
    expect_listing(world, 2, 2);
    set(world, FRAME_3, OBJECT); /* not a code object */
    expect_listing(world, 2, 1);
    set(world, FRAME, WILD);
    expect_listing(world, 2, 0);
}

static void a_frame_of_absurd_size_is_skipped(void **state)
{
    struct world *world = *state;
    set_int(world, CODE + 36, INT32_MAX);
    expect_listing(world, 2, 0);
    set_int(world, CODE + 36, -1);
    expect_listing(world, 2, 0);
}

static void all_three_kinds_of_frames_are_walked(void **state)
{
    struct world *world = *state;
    world->cpython.is.frames = FRAME_CFRAME;
    set(world, THREAD + 32, CFRAME);
    set(world, CFRAME + 8, FRAME_2);
    expect_listing(world, 2, 1);
    set(world, THREAD + 32, WILD);
    expect_listing(world, 2, 0);
    world->cpython.is.frames = FRAME_OBJECTS;
    set(world, THREAD + 24, FRAME);
    set(world, FRAME + 8, type_at(TYPE_FRAME));
    set(world, FRAME + 24, CODE);
    expect_listing(world, 2, 1);
    set(world, FRAME + 8, type_at(TYPE_CODE));
    expect_listing(world, 2, 0);
}

/* ---- locals ---------------------------------------------------------------------------------- */

static void expect_local(struct world *world, const char *name)
{
    struct frame_view frame = {.address = FRAME, .code = CODE};
    char *local = frame_local_of(&world->cpython, &frame, OBJECT);
    if (name) {
        assert_non_null(local);
        assert_string_equal(local, name);
    } else {
        assert_null(local);
    }
    free(local);
}

static void a_local_is_named(void **state)
{
    struct world *world = *state;
    expect_local(world, NULL);
    set(world, FRAME + 24 + 3 * 8, OBJECT);
    expect_local(world, "<value stack>");
    set(world, FRAME + 24 + 8, CELL);
    set(world, CELL + 8, type_at(TYPE_CELL));
    set(world, CELL + 16, OBJECT);
    expect_local(world, "other");
    set(world, FRAME + 24, OBJECT);
    expect_local(world, "kept");
}

static void tags_of_references_are_ignored(void **state)
{
    struct world *world = *state;
    set(world, FRAME, CODE | 1);
    set(world, FRAME + 24, OBJECT | 1);
    expect_local(world, NULL);
    world->cpython.is.tagged_references = true;
    expect_local(world, "kept");
}

static void a_frame_that_moved_on_has_no_local(void **state)
{
    struct world *world = *state;
    set(world, FRAME + 24, OBJECT);
    set(world, FRAME, OBJECT);
    expect_local(world, NULL);
}

static void wild_names_give_no_local(void **state)
{
    struct world *world = *state;
    set(world, FRAME + 24, OBJECT);
    set(world, NAMES + 24, WILD);
    expect_local(world, NULL);
    set(world, CODE + 24, WILD);
    expect_local(world, NULL);
}

/* ---- collector ------------------------------------------------------------------------------- */

static void add_collector(struct world *world)
{
    set_int(world, GC, 1);
    set_int(world, GC + 4, 36);
    for (int i = 0; i < COLLECTOR_GENERATIONS; i++) {
        set_int(world, GC + 12 + 24 * (uint64_t)i + 16, 700 + i);
        set_int(world, GC + 12 + 24 * (uint64_t)i + 20, 5 + i);
        for (int k = 0; k < 3; k++)
            set(world, GC + 112 + 24 * (uint64_t)i + 8 * (uint64_t)k, (uint64_t)(10 * i + k));
    }
    set(world, GC + 200, 1000);
}

static void the_collector_is_read(void **state)
{
    struct world *world = *state;
    struct collector_state collector;
    add_collector(world);
    world->cpython.at.gc_long_lived_pending = LAYOUT_ABSENT;
    assert_true(collector_read(&world->cpython, GC, &collector));
    assert_true(collector.enabled);
    assert_false(collector.collecting);
    assert_int_equal(collector.debug, 36);
    assert_int_equal(collector.garbage, -1);
    assert_int_equal(collector.long_lived_total, 1000);
    assert_int_equal(collector.long_lived_pending, -1);
    assert_int_equal(collector.heads[1], GC + 12 + 24);
    assert_int_equal(collector.permanent_head, GC + 88);
    assert_int_equal(collector.generations[2].threshold, 702);
    assert_int_equal(collector.generations[1].count, 6);
    assert_int_equal(collector.generations[2].uncollectable, 22);
}

static void the_incremental_collector_counts_the_visited_space_first(void **state)
{
    struct world *world = *state;
    struct collector_state collector;
    add_collector(world);
    world->cpython.is.incremental = true;
    world->cpython.at.gc_visited_space = 216;
    world->cpython.at.gc_phase = 220;
    assert_true(collector_read(&world->cpython, GC, &collector));
    assert_int_equal(collector.generations[1].count, 6);
    assert_int_equal(collector.generations[2].threshold, 0);
    set_int(world, GC + 216, 1);
    assert_true(collector_read(&world->cpython, GC, &collector));
    assert_int_equal(collector.generations[1].count, 7);
    assert_int_equal(collector.generations[2].count, 6);
}

/* Rings of two entries of 32 bytes behind a pointer. */
static void lay_out_rings(struct world *world)
{
    struct layout_offsets *at = &world->cpython.at;
    world->cpython.is.gc_stats = GC_STATS_RINGS;
    at->size_of_gc_stats_block = 216;
    at->gc_stats_young = 0;
    at->gc_stats_old = 72;
    at->size_of_gc_stats_young = at->size_of_gc_stats_old = 72;
    at->gc_stats_young_index = at->gc_stats_old_index = 64;
    at->size_of_gc_stats_entry = 32;
    at->gc_stats_entry_collections = 8;
    at->gc_stats_entry_collected = 16;
    at->gc_stats_entry_uncollectable = 24;
    add_collector(world);
    set(world, GC + 112, STATISTICS);
}

static void the_newest_entry_of_a_ring_is_read(void **state)
{
    struct world *world = *state;
    struct collector_state collector;
    lay_out_rings(world);
    set(world, STATISTICS + 8, 3);
    set(world, STATISTICS + 72 + 8, 3);
    set(world, STATISTICS + 72 + 32 + 8, 4);
    set(world, STATISTICS + 144 + 16, 9);
    assert_true(collector_read(&world->cpython, GC, &collector));
    assert_int_equal(collector.generations[0].collections, 3);
    assert_int_equal(collector.generations[1].collections, 4);
    assert_int_equal(collector.generations[2].collected, 9);
}

static void a_corrupted_collector_is_refused(void **state)
{
    struct world *world = *state;
    struct collector_state collector;
    struct collector_epoch epoch;
    assert_false(collector_read(&world->cpython, WILD, &collector));
    assert_false(collector_epoch_read(&world->cpython, WILD, &epoch));
    lay_out_rings(world);
    assert_true(collector_epoch_read(&world->cpython, GC, &epoch));
    world->cpython.at.gc_stats_old = 200; /* beyond the block */
    assert_false(collector_epoch_read(&world->cpython, GC, &epoch));
    lay_out_rings(world);
    set(world, GC + 112, WILD);
    assert_false(collector_epoch_read(&world->cpython, GC, &epoch));
    world->cpython.at.size_of_gc = 64; /* smaller than its fields */
    world->cpython.is.gc_stats = GC_STATS_INLINE;
    assert_false(collector_read(&world->cpython, GC, &collector));
}

static void the_epoch_changes_with_every_collection(void **state)
{
    struct world *world = *state;
    struct collector_epoch before, during, after;
    add_collector(world);
    assert_true(collector_epoch_read(&world->cpython, GC, &before));
    set_int(world, GC + 184, 1);
    assert_true(collector_epoch_read(&world->cpython, GC, &during));
    set_int(world, GC + 184, 0);
    set(world, GC + 112 + 24, 11);
    assert_true(collector_epoch_read(&world->cpython, GC, &after));
    assert_false(before.collecting);
    assert_true(during.collecting);
    assert_int_equal(after.collections, before.collections + 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_main_interpreter_comes_first),
        TEST(a_cyclic_interpreter_chain_is_refused),
        TEST(wild_interpreter_links_are_refused),
        TEST(threads_come_newest_first_with_frames_innermost_first),
        TEST(a_cyclic_thread_chain_gives_each_thread_once),
        TEST(a_wild_thread_link_ends_the_chain),
        TEST(a_thread_of_another_interpreter_ends_the_chain),
        TEST(a_cyclic_frame_chain_gives_each_frame_once),
        TEST(a_wild_frame_ends_the_chain),
        TEST(frames_without_python_code_are_skipped),
        TEST(a_frame_of_absurd_size_is_skipped),
        TEST(all_three_kinds_of_frames_are_walked),
        TEST(a_local_is_named),
        TEST(tags_of_references_are_ignored),
        TEST(a_frame_that_moved_on_has_no_local),
        TEST(wild_names_give_no_local),
        TEST(the_collector_is_read),
        TEST(the_incremental_collector_counts_the_visited_space_first),
        TEST(the_newest_entry_of_a_ring_is_read),
        TEST(a_corrupted_collector_is_refused),
        TEST(the_epoch_changes_with_every_collection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
