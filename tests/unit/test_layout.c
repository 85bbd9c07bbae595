/* Layout tables proved and refused on fabricated memory: a minimal CPython drawn from each table.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "layout/internal.h"

#define BASE            UINT64_C(0x10000000)
#define MEMORY_SIZE     0x60000
#define RUNTIME         (BASE + 0x1000)
#define TYPE_TYPE       (BASE + 0x4000)
#define DICT_TYPE       (BASE + 0x4800)
#define MODULE_TYPE     (BASE + 0x5000)
#define STRINGS         (BASE + 0x6000)
#define SYS_MODULE      (BASE + 0x7000)
#define SYS_DICT        (BASE + 0x7400)
#define MODULES_DICT    (BASE + 0x7800)
#define HEXVERSION      (BASE + 0x7C00)
#define INTERPRETER     (BASE + 0x10000)
#define READY           (UINT64_C(1) << 12)
#define GENERATION_SIZE 24
#define MUTATIONS       3000

struct world {
    uint8_t bytes[MEMORY_SIZE];
    struct target *target;
    struct cpython cpython;
    const struct layout_table *table;
};

static void put(struct world *world, uint64_t address, const void *bytes, size_t size)
{
    assert_true(address >= BASE && address - BASE + size <= MEMORY_SIZE);
    memcpy(world->bytes + (address - BASE), bytes, size);
}

static void put_word(struct world *world, uint64_t address, uint64_t word)
{
    put(world, address, &word, sizeof word);
}

static void put_text(struct world *world, uint64_t address, const char *text)
{
    put(world, address, text, strlen(text) + 1);
}

static uint64_t head(uint64_t base, int32_t offset)
{
    return base + (uint64_t)offset;
}

static void draw_type(struct world *world, uint64_t type, const char *name, int32_t size)
{
    const struct layout_offsets *at = &world->table->at;
    uint64_t text = STRINGS + (type - TYPE_TYPE) / 8;
    put_text(world, text, name);
    put_word(world, head(type, at->object_type), TYPE_TYPE);
    put_word(world, head(type, at->type_name), text);
    put_word(world, head(type, at->type_basicsize), (uint64_t)size);
    put_word(world, head(type, at->type_flags), READY);
}

/* A dict with one entry; its keys, and the str that is the key, follow it. */
static void draw_dict(struct world *world, uint64_t dict, const char *key, uint64_t value)
{
    const struct layout_offsets *at = &world->table->at;
    uint64_t keys = dict + 0x80, text = dict + 0x180, entry = head(keys, at->size_of_dict_keys) + 8;
    put_word(world, head(dict, at->object_type), DICT_TYPE);
    put_word(world, head(dict, at->dict_keys), keys);
    if (world->table->is.dict_keys == DICT_KEYS_SIZE_WORD)
        put_word(world, head(keys, at->dict_keys_size), 8);
    else
        put(world, head(keys, at->dict_keys_log2_index_bytes), &(uint8_t){3}, 1);
    put_word(world, head(keys, at->dict_keys_entries_used), 1);
    put_word(world, entry + 8, text);
    put_word(world, entry + 16, value);
    put_word(world, head(text, at->str_length), strlen(key));
    put_text(world, head(text, at->str_ascii_data), key);
}

static void draw_int(struct world *world, uint64_t object, uint32_t value)
{
    const struct layout_table *table = world->table;
    if (table->is.tagged_ints)
        put_word(world, head(object, table->at.int_tag), 1 << 3);
    else
        put_word(world, head(object, table->at.var_object_size), 1);
    put(world, head(object, table->at.int_digits), &value, sizeof value);
}

static uint64_t gc_of(const struct layout_table *table)
{
    return table->at.runtime_gc != LAYOUT_ABSENT ? head(RUNTIME, table->at.runtime_gc)
                                                 : head(INTERPRETER, table->at.interpreter_gc);
}

static void draw_empty_ring(struct world *world, uint64_t ring)
{
    put_word(world, ring, ring);
    put_word(world, ring + 8, ring);
}

static void draw_gc(struct world *world)
{
    const struct layout_offsets *at = &world->table->at;
    uint64_t gc = gc_of(world->table), first = head(gc, at->gc_generations);
    for (uint64_t i = 0; i < 3; i++)
        draw_empty_ring(world, first + i * GENERATION_SIZE);
    draw_empty_ring(world, head(gc, at->gc_permanent_generation));
    if (at->gc_generation0_pointer != LAYOUT_ABSENT)
        put_word(world, head(gc, at->gc_generation0_pointer), first);
}

/* What a build of this version would say in its _Py_DebugOffsets. */
static void draw_debug_offsets(struct world *world, uint32_t hex)
{
    int32_t values[LAYOUT_FIELDS], places[LAYOUT_FIELDS];
    memcpy(values, &world->table->at, sizeof values);
    memcpy(places, &world->table->reported, sizeof places);
    if (world->table->reported.interpreter_id == LAYOUT_ABSENT)
        return;
    put(world, RUNTIME, "xdebugpy", 8);
    put_word(world, RUNTIME + 8, hex);
    for (size_t i = 0; i < LAYOUT_FIELDS; i++) {
        if (places[i] != LAYOUT_ABSENT)
            put_word(world, head(RUNTIME, places[i]), (uint64_t)values[i]);
    }
}

static struct world *draw(const struct layout_table *table, uint32_t hex)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    const struct layout_offsets *at = &table->at;
    world->table = table;
    draw_type(world, TYPE_TYPE, "type", at->size_of_heap_type);
    draw_type(world, DICT_TYPE, "dict", at->size_of_dict);
    draw_type(world, MODULE_TYPE, "module", 56);
    put_word(world, head(SYS_MODULE, at->object_type), MODULE_TYPE);
    draw_int(world, HEXVERSION, hex);
    draw_dict(world, SYS_DICT, "hexversion", HEXVERSION);
    draw_dict(world, MODULES_DICT, "sys", SYS_MODULE);
    draw_debug_offsets(world, hex);
    put_word(world, head(RUNTIME, at->runtime_interpreters_head), INTERPRETER);
    put_word(world, head(INTERPRETER, at->interpreter_sysdict), SYS_DICT);
    put_word(world, head(INTERPRETER, at->interpreter_builtins), SYS_DICT);
    put_word(world, head(INTERPRETER, at->interpreter_modules), MODULES_DICT);
    draw_gc(world);
    struct image_segment segment = {.address = BASE, .bytes = world->bytes, .size = MEMORY_SIZE};
    assert_null(target_open_image(&segment, 1, &world->target));
    world->cpython = (struct cpython){.target = world->target,
                                      .version = version_from_hex(hex),
                                      .runtime = RUNTIME,
                                      .type_type = TYPE_TYPE,
                                      .dict_type = DICT_TYPE,
                                      .module_type = MODULE_TYPE};
    return world;
}

static void erase(struct world *world)
{
    target_close(world->target);
    free(world->cpython.table);
    free(world);
}

static const struct layout_table *table_of(uint32_t hex)
{
    size_t count;
    const struct layout_table *tables = layout_tables(&count);
    for (size_t i = 0; i < count; i++) {
        if (tables[i].first_hex <= hex && hex <= tables[i].last_hex)
            return &tables[i];
    }
    fail();
    return NULL;
}

static void assert_refused(struct world *world, const char *part)
{
    struct error *error = cpython_prove_layout(&world->cpython);
    assert_non_null(error);
    assert_int_equal(error->code, ERROR_CANNOT_LOOK);
    if (!strstr(error->message, part))
        fail_msg("\"%s\" does not say \"%s\"", error->message, part);
    error_free(error);
    erase(world);
}

static void assert_proved(struct world *world)
{
    struct error *error = cpython_prove_layout(&world->cpython);
    if (error)
        fail_msg("%s: %s", world->table->name, error->message);
}

static void test_every_table_proves_itself(void **state)
{
    (void)state;
    size_t count;
    const struct layout_table *tables = layout_tables(&count);
    for (size_t i = 0; i < count; i++) {
        struct world *world = draw(&tables[i], tables[i].last_hex);
        assert_proved(world);
        assert_string_equal(world->cpython.table, tables[i].name);
        assert_int_equal(world->cpython.version.hex, tables[i].last_hex);
        assert_memory_equal(&world->cpython.at, &tables[i].at, sizeof tables[i].at);
        erase(world);
    }
}

static void test_version_without_micro_is_completed(void **state)
{
    (void)state;
    struct world *world = draw(table_of(0x030902F0), 0x030907F0);
    world->cpython.version = version_from_hex(0x03090000);
    assert_proved(world);
    assert_string_equal(world->cpython.version.text, "3.9.7");
    erase(world);
}

static void test_unknown_version_is_found_out(void **state)
{
    (void)state;
    struct world *world = draw(table_of(0x030A04F0), 0x030A0BF0);
    world->cpython.version = version_from_hex(0);
    assert_proved(world);
    assert_string_equal(world->cpython.version.text, "3.10.11");
    erase(world);
}

/* A vendor's patch moves the list heads without a trace in the version: 3.13 of Debian. */
static void test_list_heads_are_located(void **state)
{
    (void)state;
    const struct layout_table *upstream = table_of(0x030D00F0), *debian = table_of(0x030D12F0);
    assert_int_not_equal(upstream->at.gc_generations, debian->at.gc_generations);
    struct layout_table mixed = *upstream;
    mixed.at.gc_generations = debian->at.gc_generations;
    struct world *world = draw(&mixed, 0x030D00F0);
    assert_proved(world);
    assert_int_equal(world->cpython.at.gc_generations, debian->at.gc_generations);
    erase(world);
}

/* Between 3.14.4 and 3.14.10 no version was measured: the collector that is seen decides. */
static void test_kind_of_collector_is_seen(void **state)
{
    (void)state;
    static const uint32_t between = 0x030E05F0;
    struct world *world = draw(table_of(0x030E04F0), between);
    assert_proved(world);
    assert_true(world->cpython.is.incremental);
    erase(world);
    world = draw(table_of(0x030E0AF0), between);
    assert_proved(world);
    assert_false(world->cpython.is.incremental);
    erase(world);
}

static void test_debug_offsets_win(void **state)
{
    (void)state;
    struct layout_table moved = *table_of(0x030F02F0);
    moved.at.interpreter_sysdict += 64;
    moved.at.thread_id += 8;
    struct world *world = draw(&moved, 0x030F03F0);
    assert_proved(world);
    assert_int_equal(world->cpython.at.interpreter_sysdict, moved.at.interpreter_sysdict);
    assert_int_equal(world->cpython.at.thread_id, moved.at.thread_id);
    erase(world);
}

static void test_refuses_free_threaded(void **state)
{
    (void)state;
    struct world *world = draw(table_of(0x030D12F0), 0x030D12F0);
    put_word(world, RUNTIME + 16, 1);
    assert_refused(world, "free-threaded");
}

static void test_refuses_other_versions(void **state)
{
    (void)state;
    struct world *world = draw(table_of(0x030F02F0), 0x031000F0);
    assert_refused(world, "CPython 3.16.0 is newer");
    world = draw(table_of(0x030802F0), 0x030710F0);
    assert_refused(world, "CPython 3.7.16 is too old");
    world = draw(table_of(0x030802F0), 0x020712F0);
    assert_refused(world, "CPython 2.7.18 is too old");
}

static void test_refuses_debug_build(void **state)
{
    (void)state;
    struct world *world = draw(table_of(0x030B02F0), 0x030B02F0);
    world->cpython.debug_build = true;
    assert_refused(world, "debug build");
}

static void test_refuses_corrupt_debug_offsets(void **state)
{
    (void)state;
    const struct layout_table *table = table_of(0x030F02F0);
    struct world *world = draw(table, 0x030F02F0);
    put_word(world, head(RUNTIME, table->reported.interpreter_gc), UINT64_MAX);
    assert_refused(world, "debug offsets are corrupt");
    world = draw(table, 0x030F02F0);
    put_word(world, head(RUNTIME, table->reported.type_name), 8);
    assert_refused(world, "names of built-in types");
    /* Readers copy these structs: a field outside would be read from our own memory. */
    const int32_t outside[] = {table->reported.type_flags, table->reported.dict_keys,
                               table->reported.str_length, table->reported.list_items};
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        world = draw(table, 0x030F02F0);
        put_word(world, head(RUNTIME, outside[i]), 4096);
        assert_refused(world, "debug offsets are corrupt");
    }
}

static void test_refuses_what_does_not_fit(void **state)
{
    (void)state;
    const struct layout_table *table = table_of(0x030B02F0);
    struct world *world = draw(table, table->first_hex);
    put_word(world, head(RUNTIME, table->at.runtime_interpreters_head), 0);
    assert_refused(world, "starting up");
    world = draw(table, table->first_hex);
    put_word(world, head(TYPE_TYPE, table->at.object_type), DICT_TYPE);
    assert_refused(world, "type of a built-in type");
    world = draw(table, table->first_hex);
    put_word(world, head(gc_of(table), table->at.gc_generations), BASE);
    put_word(world, head(gc_of(table), table->at.gc_generations) + 8, BASE);
    assert_refused(world, "collector's lists");
    world = draw(table, table->first_hex);
    draw_int(world, HEXVERSION, 0x030C02F0);
    assert_refused(world, "sys.hexversion says another version");
    world = draw(table, table->first_hex);
    world->cpython.runtime = 0x1234;
    assert_refused(world, "cannot be read");
}

static void test_chain_of_interpreters_may_be_a_loop(void **state)
{
    (void)state;
    const struct layout_table *table = table_of(0x030C01F0);
    struct world *world = draw(table, table->first_hex);
    put_word(world, head(INTERPRETER, table->at.interpreter_id), 1);
    put_word(world, head(INTERPRETER, table->at.interpreter_next), INTERPRETER);
    assert_refused(world, "no main interpreter");
}

/* Whatever is in memory: an answer, never a crash. */
static void test_survives_mutation(void **state)
{
    (void)state;
    size_t count;
    const struct layout_table *tables = layout_tables(&count);
    unsigned seed = 1;
    for (size_t i = 0; i < MUTATIONS; i++) {
        const struct layout_table *table = &tables[i % count];
        struct world *world = draw(table, table->last_hex);
        static const uint64_t areas[] = {RUNTIME, TYPE_TYPE, STRINGS, SYS_MODULE, INTERPRETER};
        for (size_t j = 0; j < 4; j++) {
            uint64_t area = areas[(size_t)rand_r(&seed) % (sizeof areas / sizeof *areas)];
            uint64_t word = (uint64_t)rand_r(&seed) << (rand_r(&seed) % 33);
            put_word(world, area + ((uint64_t)rand_r(&seed) % 0x1000 & ~UINT64_C(7)), word);
        }
        error_free(cpython_prove_layout(&world->cpython));
        erase(world);
    }
}

static void test_versions_read_from_names(void **state)
{
    (void)state;
    struct cpython_version version;
    char flag;
    assert_true(version_from_path("libpython3.13t.so.1.0", &version, &flag));
    assert_string_equal(version.text, "3.13");
    assert_int_equal(flag, 't');
    assert_true(version_from_path("/usr/lib/python3.9/lib-dynload/_x.so", &version, &flag));
    assert_int_equal(version.minor, 9);
    assert_true(version_from_path("python2.7", &version, &flag));
    assert_int_equal(version.major, 2);
    assert_false(version_from_path("/opt/python/bin/uwsgi", &version, &flag));
    assert_string_equal(version_from_hex(0x030E00C2).text, "3.14.0rc2");
    assert_string_equal(version_from_hex(0x030F00A1).text, "3.15.0a1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_table_proves_itself),
        cmocka_unit_test(test_version_without_micro_is_completed),
        cmocka_unit_test(test_unknown_version_is_found_out),
        cmocka_unit_test(test_list_heads_are_located),
        cmocka_unit_test(test_kind_of_collector_is_seen),
        cmocka_unit_test(test_debug_offsets_win),
        cmocka_unit_test(test_refuses_free_threaded),
        cmocka_unit_test(test_refuses_other_versions),
        cmocka_unit_test(test_refuses_debug_build),
        cmocka_unit_test(test_refuses_corrupt_debug_offsets),
        cmocka_unit_test(test_refuses_what_does_not_fit),
        cmocka_unit_test(test_chain_of_interpreters_may_be_a_loop),
        cmocka_unit_test(test_survives_mutation),
        cmocka_unit_test(test_versions_read_from_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
