/* Strings, numbers, dicts, sequences, sets, deques and types: whole, corrupted, absurd. */
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

/* ---- str ----------------------------------------------------------------------------------------
 */

static void assert_text(struct world *world, uint64_t text, size_t limit, const char *expected)
{
    char *value = str_value(&world->cpython, text, limit);
    assert_non_null(value);
    assert_string_equal(value, expected);
    free(value);
}

static void strings_of_every_kind_are_utf8(void **state)
{
    struct world *world = *state;
    assert_text(world, new_str(world, ""), STR_LIMIT, "");
    assert_text(world, new_str(world, "plain"), STR_LIMIT, "plain");
    assert_text(world, new_str_of_kind(world, "\xe9t\xe9", 3, 1, false), STR_LIMIT, "été");
    const uint16_t two[] = {0x6f22, 'x', 0x3b1};
    assert_text(world, new_str_of_kind(world, two, 3, 2, false), STR_LIMIT, "漢xα");
    const uint32_t four[] = {0x1f600, 'y', 0x10ffff};
    assert_text(world, new_str_of_kind(world, four, 3, 4, false), STR_LIMIT, "😀y\U0010ffff");
}

static void what_utf8_cannot_hold_is_escaped(void **state)
{
    struct world *world = *state;
    const uint16_t two[] = {0xd800, 'x', 0, 0xdfff};
    assert_text(world, new_str_of_kind(world, two, 4, 2, false), STR_LIMIT, "\\ud800x\\x00\\udfff");
    const uint32_t four[] = {0x110000, UINT32_MAX};
    assert_text(world, new_str_of_kind(world, four, 2, 4, false), STR_LIMIT, "\\?\\?");
}

static void long_strings_are_cut(void **state)
{
    struct world *world = *state;
    uint64_t text = new_str(world, "0123456789");
    assert_text(world, text, 4, "0123…");
    assert_text(world, text, 10, "0123456789");
    put(world, text + 16, UINT64_C(1) << 60); /* an absurd length is read as far as wanted */
    assert_text(world, text, 4, "0123…");
}

static void legacy_strings_are_followed(void **state)
{
    struct world *world = *state;
    uint64_t text = new_str(world, "");
    uint64_t data = place(world, 16);
    put_bytes(world, data, "legacy", 6);
    put(world, text + 16, 6);
    put(world, text + 32, 1 << 2 | 1 << 7);
    put(world, text + 56, data);
    assert_text(world, text, STR_LIMIT, "legacy");
    put(world, text + 56, NOWHERE);
    assert_null(str_value(&world->cpython, text, STR_LIMIT));
}

static void broken_strings_have_no_value(void **state)
{
    struct world *world = *state;
    uint64_t text = new_str(world, "text");
    assert_null(str_value(&world->cpython, 0, STR_LIMIT));
    assert_null(str_value(&world->cpython, NOWHERE, STR_LIMIT));
    assert_null(str_value(&world->cpython, UINT64_MAX - 4, STR_LIMIT));
    assert_null(str_value(&world->cpython, new_int(world, 1), STR_LIMIT));
    put(world, text + 16, UINT64_C(1) << 62);
    assert_null(str_value(&world->cpython, text, SIZE_MAX));
    put(world, text + 16, 4);
    put(world, text + 32, 3 << 2 | 1 << 5 | 1 << 6); /* no kind 3 */
    assert_null(str_value(&world->cpython, text, STR_LIMIT));
}

/* ---- int ----------------------------------------------------------------------------------------
 */

static void ints_of_64_bits_are_read(void **state)
{
    struct world *world = *state;
    const int64_t values[] = {0, 1, -1, 1 << 30, -(1 << 30), INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        int64_t value = 77;
        assert_true(int_value(&world->cpython, new_int(world, values[i]), &value));
        assert_int_equal(value, values[i]);
    }
}

static void larger_and_broken_ints_are_refused(void **state)
{
    struct world *world = *state;
    int64_t value;
    uint64_t number = new_int(world, INT64_MIN);
    bool old = world->flavour == OLD;
    put(world, number + 16, old ? 3 : 3 << 3); /* 2**63 */
    assert_false(int_value(&world->cpython, number, &value));
    put(world, number + 16, old ? INT64_MAX : (UINT64_C(1) << 60) << 3);
    assert_false(int_value(&world->cpython, number, &value));
    put(world, number + 16, old ? (uint64_t)INT64_MIN : UINT64_MAX);
    assert_false(int_value(&world->cpython, number, &value));
    assert_false(int_value(&world->cpython, new_str(world, "5"), &value));
}

/* ---- dict ---------------------------------------------------------------------------------------
 */

static bool count_entry(void *context, uint64_t key, uint64_t value)
{
    (void)key, (void)value;
    ++*(size_t *)context;
    return true;
}

static bool stop_at_once(void *context, uint64_t key, uint64_t value)
{
    count_entry(context, key, value);
    return false;
}

static void dicts_give_their_entries(void **state)
{
    struct world *world = *state;
    for (unsigned kind = 0; kind < 2; kind++) {
        uint64_t keys = new_keys(world, kind);
        char name[] = "key A";
        for (int i = 0; i < 40; i++, name[4]++)
            add_entry(world, keys, kind, new_str(world, name), i == 3 ? 0 : new_int(world, i));
        uint64_t dict = new_dict(world, keys, 0, 39);
        size_t count = 0;
        int64_t value = 0;
        assert_true(dict_visit(&world->cpython, dict, count_entry, &count));
        assert_int_equal(count, 39); /* one is deleted */
        assert_int_equal(dict_length(&world->cpython, dict), 39);
        assert_true(int_value(&world->cpython, dict_get(&world->cpython, dict, "key A"), &value));
        assert_int_equal(value, 0);
        assert_true(int_value(&world->cpython, dict_get(&world->cpython, dict, "key c"), &value));
        assert_int_equal(value, 34); /* in the second batch of keys */
        assert_int_equal(dict_get(&world->cpython, dict, "key D"), 0);
        assert_int_equal(dict_get(&world->cpython, dict, "key"), 0);
        count = 0;
        assert_true(dict_visit(&world->cpython, dict, stop_at_once, &count));
        assert_int_equal(count, 1);
    }
}

static void split_dicts_take_their_values_from_elsewhere(void **state)
{
    struct world *world = *state;
    uint64_t keys = new_keys(world, 2), values = place(world, 64);
    add_entry(world, keys, 2, new_str(world, "here"), 0);
    add_entry(world, keys, 2, new_str(world, "unset"), 0);
    uint64_t value = new_int(world, 5);
    put(world, values + (uint64_t)world->cpython.at.dict_values_items, value);
    uint64_t dict = new_dict(world, keys, values, 1);
    assert_int_equal(dict_get(&world->cpython, dict, "here"), value);
    assert_int_equal(dict_get(&world->cpython, dict, "unset"), 0);
}

static void keys_beyond_ascii_are_found(void **state)
{
    struct world *world = *state;
    uint64_t keys = new_keys(world, 0), value = new_int(world, 5);
    add_entry(world, keys, 0, new_int(world, 9), value + 16);
    add_entry(world, keys, 0, new_str_of_kind(world, "\xe9", 1, 1, false), value);
    uint64_t dict = new_dict(world, keys, 0, 2);
    assert_int_equal(dict_get(&world->cpython, dict, "é"), value);
    assert_int_equal(dict_get(&world->cpython, dict, "è"), 0);
}

static void corrupt_dicts_end_softly(void **state)
{
    struct world *world = *state;
    uint64_t keys = new_keys(world, 0);
    add_entry(world, keys, 0, new_str(world, "a"), new_int(world, 1));
    uint64_t dict = new_dict(world, keys, 0, 1);
    const uint64_t counts[] = {43, 65, UINT64_C(1) << 40, INT64_MAX, UINT64_MAX};
    size_t count = 0;
    for (size_t i = 1; i < sizeof counts / sizeof *counts; i++) {
        put(world, keys_count_at(world, keys), counts[i]);
        assert_false(dict_visit(&world->cpython, dict, count_entry, &count));
        assert_int_equal(dict_get(&world->cpython, dict, "a"), 0);
    }
    put(world, keys_count_at(world, keys), 1);
    const uint64_t sizes[] = {0, 0xff, 41, 0x2929, 63, INT64_MIN};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        put(world, keys + 8, sizes[i]);
        (void)dict_visit(&world->cpython, dict, count_entry, &count);
        (void)dict_get(&world->cpython, dict, "a");
    }
    put(world, dict + 32, NOWHERE);
    assert_false(dict_visit(&world->cpython, dict, count_entry, &count));
    put(world, dict + 32, dict); /* keys that are the dict itself */
    (void)dict_visit(&world->cpython, dict, count_entry, &count);
    assert_int_equal(dict_get(&world->cpython, new_str(world, "not a dict"), "a"), 0);
    assert_int_equal(dict_length(&world->cpython, NOWHERE), -1);
}

/* ---- list, tuple, set, deque
 * --------------------------------------------------------------------- */

static bool sum_items(void *context, size_t index, uint64_t item)
{
    *(uint64_t *)context += (index + 1) * item;
    return true;
}

static void sequences_give_their_items(void **state)
{
    struct world *world = *state;
    const uint64_t items[] = {16, 0, 48};
    const uint64_t sequences[] = {new_list(world, items, 3), new_tuple(world, items, 3)};
    for (size_t i = 0; i < 2; i++) {
        uint64_t sum = 0;
        assert_int_equal(sequence_length(&world->cpython, sequences[i]), 3);
        assert_true(sequence_visit(&world->cpython, sequences[i], sum_items, &sum));
        assert_int_equal(sum, 16 + 3 * 48);
    }
}

static void absurd_sequences_are_refused(void **state)
{
    struct world *world = *state;
    uint64_t sum = 0, item = 16;
    uint64_t list = new_list(world, &item, 1), tuple = new_tuple(world, &item, 1);
    const uint64_t lengths[] = {UINT64_MAX, INT64_MAX, UINT64_C(1) << 50, WORLD_BYTES};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        put(world, list + 16, lengths[i]);
        put(world, tuple + 16, lengths[i]);
        assert_false(sequence_visit(&world->cpython, list, sum_items, &sum)); /* > allocated */
        assert_false(sequence_visit(&world->cpython, tuple, sum_items, &sum));
        put(world, list + 32, lengths[i]);
        assert_false(sequence_visit(&world->cpython, list, sum_items, &sum));
    }
    assert_int_equal(sequence_length(&world->cpython, new_int(world, 3)), -1);
}

static void sets_skip_empty_and_deleted_entries(void **state)
{
    struct world *world = *state;
    uint64_t set = new_object(world, world->cpython.set_type, 200), sum = 0;
    put(world, set + 32, 7);
    put(world, set + 40, set + 72);
    put(world, set + 72, 16);
    put(world, set + 72 + 16, 32);
    put(world, set + 72 + 24, UINT64_MAX); /* deleted */
    put(world, set + 72 + 7 * 16, 48);
    assert_true(set_visit(&world->cpython, set, sum_items, &sum));
    assert_int_equal(sum, 16 + 2 * 48);
    const uint64_t masks[] = {6, UINT64_MAX, (UINT64_C(1) << 39) - 1};
    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
        put(world, set + 32, masks[i]);
        assert_false(set_visit(&world->cpython, set, sum_items, &sum));
    }
}

static void rings_of_deque_blocks_end(void **state)
{
    struct world *world = *state;
    uint64_t type = new_type(world, "collections.deque", world->object_type, 80, 0, TYPE_HAVE_GC);
    uint64_t deque = new_object(world, type, 80), left = place(world, 66 * 8), sum = 0;
    uint64_t right = place(world, 66 * 8);
    put(world, deque + 16, 3);
    put(world, deque + 24, left);
    put(world, deque + 40, 62);
    put(world, left + 8 + 62 * 8, 16);
    put(world, left + 8 + 63 * 8, 32);
    put(world, left + 65 * 8, right);
    put(world, right + 8, 48);
    assert_true(deque_visit(&world->cpython, deque, sum_items, &sum));
    assert_int_equal(sum, 16 + 2 * 32 + 3 * 48);
    put(world, right + 65 * 8, left);
    put(world, deque + 16, INT64_MAX);
    assert_false(deque_visit(&world->cpython, deque, sum_items, &sum));
    put(world, deque + 40, 65);
    assert_false(deque_visit(&world->cpython, deque, sum_items, &sum));
}

/* ---- types
 * --------------------------------------------------------------------------------------- */

static void only_sane_types_are_believed(void **state)
{
    struct world *world = *state;
    struct type_view view;
    uint64_t type = new_type(world, "module.name", world->object_type, 32, 0, 0);
    assert_true(type_read(&world->cpython, type, &view));
    assert_int_equal(view.basicsize, 32);
    const struct {
        uint64_t offset, word;
    } damages[] = {
        {168, 0},                /* not ready */
        {32, 7},                 /* smaller than a pointer */
        {32, UINT64_C(1) << 31}, /* larger than a gigabyte */
        {32, UINT64_MAX},        /* negative */
        {40, UINT64_C(1) << 21}, /* absurd items */
        {8, NOWHERE},            /* no metatype */
        {8, world->object_type}, /* a metatype that makes no types */
        {8, type},               /* its own type */
    };
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        uint64_t saved;
        memcpy(&saved, world->bytes + (type + damages[i].offset - WORLD_BASE), sizeof saved);
        put(world, type + damages[i].offset, damages[i].word);
        assert_false(type_read(&world->cpython, type, &view));
        put(world, type + damages[i].offset, saved);
    }
    assert_true(type_read(&world->cpython, type, &view));
    assert_false(type_read(&world->cpython, 0, &view));
    assert_false(type_read(&world->cpython, UINT64_MAX - 100, &view));
}

static void absurd_dict_offsets_give_no_dict(void **state)
{
    struct world *world = *state;
    const int64_t offsets[] = {INT64_MIN, INT64_MIN + 1, INT64_MAX, -4096, 4096};
    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        struct type_view view;
        uint64_t type = new_type(world, "m.Odd", world->object_type, 32, 0, 0);
        uint64_t object = new_object(world, type, 32);
        put(world, type + (uint64_t)world->cpython.at.type_dictoffset, (uint64_t)offsets[i]);
        if (type_read(&world->cpython, type, &view))
            assert_int_equal(instance_dict(&world->cpython, object, &view), 0);
    }
}

static void assert_names(struct world *world, uint64_t type, const char *full, const char *name)
{
    char *text = type_qualified_name(&world->cpython, type);
    assert_string_equal(text, full);
    free(text);
    text = type_short_name(&world->cpython, type);
    assert_string_equal(text, name);
    free(text);
}

static void types_are_named_with_their_module(void **state)
{
    struct world *world = *state;
    assert_names(world, new_type(world, "_io.Thing", world->object_type, 16, 0, 0), "_io.Thing",
                 "Thing");
    assert_names(world, world->cpython.dict_type, "dict", "dict");
    uint64_t heap = new_type(world, "C", world->object_type, 16, 0, TYPE_HEAPTYPE);
    put(world, heap + 432, new_str(world, "Outer.C"));
    assert_names(world, heap, "Outer.C", "Outer.C");
    uint64_t keys = new_keys(world, 0);
    add_entry(world, keys, 0, new_str(world, "__module__"), new_str(world, "package.module"));
    put(world, heap + 264, new_dict(world, keys, 0, 1));
    assert_names(world, heap, "package.module.Outer.C", "Outer.C");
    put(world, heap + 432, NOWHERE);
    assert_names(world, heap, "C", "C");
    put(world, heap + 24, NOWHERE);
    assert_names(world, NOWHERE, "<type 0x7f00f0000000>", "<type 0x7f00f0000000>");
}

static void attributes_are_looked_up_along_the_mro(void **state)
{
    struct world *world = *state;
    uint64_t base = new_type(world, "base", world->object_type, 16, 0, 0);
    uint64_t type = new_type(world, "derived", base, 16, 0, 0), keys = new_keys(world, 0);
    uint64_t value = new_int(world, 1), owner = 0;
    add_entry(world, keys, 0, new_str(world, "method"), value);
    put(world, base + 264, new_dict(world, keys, 0, 1));
    const uint64_t mro[] = {type, NOWHERE, base};
    put(world, type + 344, new_tuple(world, mro, 3));
    assert_int_equal(type_lookup(&world->cpython, type, "method", &owner), value);
    assert_int_equal(owner, base);
    assert_int_equal(type_lookup(&world->cpython, type, "other", &owner), 0);
    put(world, type + 344, NOWHERE);
    assert_int_equal(type_lookup(&world->cpython, type, "method", NULL), 0);
}

#define BOTH(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, set_up_old, tear_down),                                  \
        cmocka_unit_test_setup_teardown(name, set_up_modern, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(strings_of_every_kind_are_utf8),
        BOTH(what_utf8_cannot_hold_is_escaped),
        BOTH(long_strings_are_cut),
        BOTH(legacy_strings_are_followed),
        BOTH(broken_strings_have_no_value),
        BOTH(ints_of_64_bits_are_read),
        BOTH(larger_and_broken_ints_are_refused),
        BOTH(dicts_give_their_entries),
        BOTH(split_dicts_take_their_values_from_elsewhere),
        BOTH(keys_beyond_ascii_are_found),
        BOTH(corrupt_dicts_end_softly),
        BOTH(sequences_give_their_items),
        BOTH(absurd_sequences_are_refused),
        BOTH(sets_skip_empty_and_deleted_entries),
        BOTH(rings_of_deque_blocks_end),
        BOTH(only_sane_types_are_believed),
        BOTH(absurd_dict_offsets_give_no_dict),
        BOTH(types_are_named_with_their_module),
        BOTH(attributes_are_looked_up_along_the_mro),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
