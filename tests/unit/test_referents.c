/* What objects refer to, the steps of a path, sizes; and the same in corrupted memory. */
#include "object_world.h"

static int set_up_old(void **state)
{
    *state = world_new(OLD);
    return 0;
}

static int set_up_modern(void **state)
{
    *state = world_new(MODERN);
    return 0;
}

static int tear_down(void **state)
{
    world_free(*state);
    return 0;
}

/* A class of one's own, with a slot named "left" at 16 and a list of weak references at 24. */
static uint64_t new_slotted_type(struct world *world)
{
    uint64_t type =
        new_type(world, "Slotted", world->object_type, 32, 0, TYPE_HEAPTYPE | TYPE_HAVE_GC);
    uint64_t members = place(world, 80), name = place(world, 8);
    put_bytes(world, name, "left", 5);
    put(world, members, name);
    put(world, members + 8, 16);
    put(world, members + 16, 16);
    put(world, type + 240, members);
    put(world, type + 208, 24);
    return type;
}

static void assert_step(struct world *world, uint64_t holder, uint64_t referent,
                        const char *expected, bool expected_exact)
{
    bool exact = !expected_exact;
    char *step = referents_step(&world->cpython, holder, referent, true, &exact);
    assert_non_null(step);
    assert_string_equal(step, expected);
    assert_int_equal(exact, expected_exact);
    free(step);
}

static void steps_say_how_to_get_there(void **state)
{
    struct world *world = *state;
    uint64_t object = new_object(world, world->object_type, 16), keys = new_keys(world, 0);
    uint64_t other = new_object(world, world->object_type, 16);
    const uint64_t items[] = {other, object};
    assert_step(world, new_list(world, items, 2), object, "[1]", true);
    assert_step(world, new_tuple(world, items, 2), other, "[0]", true);
    add_entry(world, keys, 0, new_str(world, "it's"), object);
    add_entry(world, keys, 0, new_int(world, -7), other);
    uint64_t key = new_tuple(world, items, 0), behind = new_object(world, world->object_type, 16);
    add_entry(world, keys, 0, key, behind);
    uint64_t dict = new_dict(world, keys, 0, 3);
    assert_step(world, dict, object, "['it\\'s']", true);
    assert_step(world, dict, other, "[-7]", true);
    assert_step(world, dict, behind, "[<tuple>]", true);
    assert_step(world, dict, key, "<key>", true);
    uint64_t cell = new_object(world, world->cpython.cell_type, 24);
    put(world, cell + 16, object);
    assert_step(world, cell, object, ".cell_contents", true);
    assert_null(referents_step(&world->cpython, cell, other, true, NULL));
    assert_null(referents_step(&world->cpython, NOWHERE, other, true, NULL));
    assert_null(referents_step(&world->cpython, cell, 0, true, NULL));
}

static void keys_are_not_told_without_values(void **state)
{
    struct world *world = *state;
    uint64_t object = new_object(world, world->object_type, 16), keys = new_keys(world, 0);
    add_entry(world, keys, 0, new_str(world, "password"), object);
    uint64_t dict = new_dict(world, keys, 0, 1);
    char *step = referents_step(&world->cpython, dict, object, false, NULL);
    assert_string_equal(step, "[<str>]");
    free(step);
}

static void slots_are_named_and_weak_references_left_out(void **state)
{
    struct world *world = *state;
    uint64_t type = new_slotted_type(world), object = new_object(world, type, 32);
    uint64_t left = new_object(world, world->object_type, 16);
    uint64_t weak = new_object(world, world->object_type, 16);
    put(world, object + 16, left);
    put(world, object + 24, weak);
    assert_step(world, object, left, ".left", true);
    assert_step(world, object, type, ".__class__", true);
    assert_null(referents_step(&world->cpython, object, weak, true, NULL));
}

static void unknown_words_are_conservative(void **state)
{
    struct world *world = *state;
    uint64_t type = new_type(world, "extension.Thing", world->object_type, 40, 0, TYPE_HAVE_GC);
    uint64_t object = new_object(world, type, 40), inner = new_object(world, type, 40);
    put(world, object + 24, inner);
    put(world, object + 32, inner + 1);
    assert_step(world, object, inner, "<+24>", false);
}

static void attributes_are_found_where_the_version_keeps_them(void **state)
{
    struct world *world = *state;
    bool old = world->flavour == OLD;
    uint64_t type =
        new_type(world, "Plain", world->object_type, old ? 24 : 16, 0,
                 TYPE_HEAPTYPE | TYPE_HAVE_GC | (old ? 0 : TYPE_MANAGED_DICT | TYPE_INLINE_VALUES));
    uint64_t keys = new_keys(world, old ? 0 : 2), value = new_object(world, type, 16);
    uint64_t object = new_object(world, type, 16 + 8 + 4 * 8 + 8);
    add_entry(world, keys, old ? 0 : 2, new_str(world, "name"), old ? value : 0);
    if (old) {
        put(world, type + 288, 16);
        put(world, object + 16, new_dict(world, keys, 0, 1));
    } else {
        put(world, type + 440, keys);
        put(world, object + 16, 4 | 1 << 16 | 1 << 24); /* capacity, embedded, valid */
        put(world, object + 24, value);
    }
    assert_int_equal(instance_get(&world->cpython, object, "name"), value);
    assert_step(world, object, value, ".name", true);
    if (old)
        return;
    put(world, object + 16, 4); /* no longer valid */
    assert_int_equal(instance_get(&world->cpython, object, "name"), 0);
    assert_int_equal(object_shallow_bytes(&world->cpython, object), 16 + 16 + 16 + 8 + 4 * 8 + 8);
}

static void sizes_count_what_an_object_owns(void **state)
{
    struct world *world = *state;
    const uint64_t items[] = {16, 32, 48};
    struct type_view type;
    uint64_t tuple = new_tuple(world, items, 3), before = 0;
    assert_true(type_read(&world->cpython, world->cpython.tuple_type, &type));
    assert_int_equal(object_body_bytes(&world->cpython, tuple, &type, &before), 24 + 3 * 8);
    assert_int_equal(before, 16);
    assert_int_equal(object_shallow_bytes(&world->cpython, tuple), 16 + 24 + 3 * 8);
    assert_int_equal(object_shallow_bytes(&world->cpython, new_list(world, items, 3)),
                     16 + 40 + 3 * 8);
    assert_int_equal(object_shallow_bytes(&world->cpython, new_str(world, "abc")), 40 + 4);
    assert_int_equal(object_shallow_bytes(&world->cpython, new_int(world, INT64_MAX)), 24 + 3 * 4);
    put(world, tuple + 16, UINT64_C(1) << 45);
    assert_int_equal(object_shallow_bytes(&world->cpython, tuple), 0);
    put(world, tuple + 16, INT64_MIN);
    assert_int_equal(object_shallow_bytes(&world->cpython, tuple), 0);
}

static bool count_edge(void *context, const struct edge *edge)
{
    (void)edge;
    return ++*(size_t *)context < 100000;
}

static void types_that_are_their_own_base_end(void **state)
{
    struct world *world = *state;
    uint64_t type = new_slotted_type(world), object = new_object(world, type, 32);
    size_t count = 0;
    put(world, type + 256, type);
    (void)referents_visit(&world->cpython, object, NULL, count_edge, &count);
    (void)object_shallow_bytes(&world->cpython, object);
    assert_int_equal(count, 1);
}

static uint64_t next_random(uint64_t *random)
{
    *random = *random * UINT64_C(6364136223846793005) + 1442695040888963407;
    return *random >> 16;
}

/* Everything that can be asked of an address. */
static void ask_everything(struct world *world, uint64_t address)
{
    const struct cpython *cpython = &world->cpython;
    struct source_place place_of = {0};
    size_t count = 0;
    int64_t number;
    (void)referents_visit(cpython, address, NULL, count_edge, &count);
    (void)object_shallow_bytes(cpython, address);
    (void)int_value(cpython, address, &number);
    (void)instance_get(cpython, address, "name");
    (void)type_lookup(cpython, address, "name", NULL);
    (void)function_place(cpython, address, &place_of);
    source_place_free(&place_of);
    free(str_value(cpython, address, STR_LIMIT));
    free(type_qualified_name(cpython, address));
    free(referents_step(cpython, address, WORLD_BASE + 32, true, NULL));
}

static void corrupted_memory_does_no_harm(void **state)
{
    struct world *world = *state;
    steps_say_how_to_get_there(state);
    slots_are_named_and_weak_references_left_out(state);
    uint8_t *whole = malloc(WORLD_BYTES);
    uint64_t random = 1;
    assert_non_null(whole);
    memcpy(whole, world->bytes, WORLD_BYTES);
    for (int round = 0; round < 150; round++) {
        memcpy(world->bytes, whole, WORLD_BYTES);
        for (int damage = 0; damage < 40; damage++) {
            uint64_t at = next_random(&random) % (world->used / 8) * 8;
            uint64_t word = next_random(&random);
            const uint64_t words[] = {0,
                                      UINT64_MAX,
                                      WORLD_BASE + word % world->used / 8 * 8,
                                      word % 64,
                                      UINT64_C(1) << word % 64,
                                      word};
            put(world, WORLD_BASE + at, words[word % (sizeof words / sizeof *words)]);
        }
        for (uint64_t at = 0; at < world->used; at += 16)
            ask_everything(world, WORLD_BASE + at);
    }
    free(whole);
}

#define BOTH(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, set_up_old, tear_down),                                  \
        cmocka_unit_test_setup_teardown(name, set_up_modern, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(steps_say_how_to_get_there),
        BOTH(keys_are_not_told_without_values),
        BOTH(slots_are_named_and_weak_references_left_out),
        BOTH(unknown_words_are_conservative),
        BOTH(attributes_are_found_where_the_version_keeps_them),
        BOTH(sizes_count_what_an_object_owns),
        BOTH(types_that_are_their_own_base_end),
        BOTH(corrupted_memory_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
