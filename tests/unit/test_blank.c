/* What a recording without values leaves out of a copy of the memory, and what stays. */
#include "object_world.h"

#include "record/blank_internal.h"

#define STATE_INTERNED_ASCII (1 << 2 | 1 << 5 | 1 << 6 | 1)

static int set_up(void **state)
{
    struct world *world = *state = world_new(MODERN);
    world->cpython.at.bytes_data = 32;
    return 0;
}

static int tear_down(void **state)
{
    world_free(*state);
    return 0;
}

static uint64_t bytes_class(struct world *world)
{
    return new_type(world, "bytes", world->object_type, 33, 1, 0);
}

static uint64_t new_bytes(struct world *world, uint64_t class, const char *text)
{
    uint64_t object = new_object(world, class, 32 + strlen(text) + 1);
    put(world, object + 16, strlen(text));
    put_bytes(world, object + 32, text, strlen(text) + 1);
    return object;
}

/* Blanks a copy of the world as two runs, which meet at `border`. */
static void blank_from(struct world *world, struct blanking *blanking, uint64_t border)
{
    blanking->cpython = &world->cpython;
    blanking->int_type = world->int_type;
    capture_run_vector runs = {0};
    assert_true(vector_push(&runs, ((struct capture_run){WORLD_BASE, border - WORLD_BASE})));
    assert_true(
        vector_push(&runs, ((struct capture_run){border, WORLD_BASE + WORLD_BYTES - border})));
    uint8_t *copy = malloc(WORLD_BYTES);
    assert_non_null(copy);
    memcpy(copy, world->bytes, WORLD_BYTES);
    struct copied_memory memory = {&runs, copy};
    assert_null(blanking_learn(blanking, memory));
    blanking_apply(blanking, memory);
    memcpy(world->bytes, copy, WORLD_BYTES);
    free(copy);
    vector_free(&runs);
}

static void blank(struct world *world, struct blanking *blanking)
{
    blank_from(world, blanking, WORLD_BASE + WORLD_BYTES / 2);
}

static void end(struct blanking *blanking)
{
    address_map_free(&blanking->kept);
    address_map_free(&blanking->dict_types);
    address_map_free(&blanking->tables);
    vector_free(&blanking->buffers);
}

static void assert_text(struct world *world, uint64_t text, const char *expected)
{
    char *value = str_value(&world->cpython, text, STR_LIMIT);
    assert_non_null(value);
    assert_string_equal(value, expected);
    free(value);
}

static void assert_words(struct world *world, uint64_t address, const void *expected, size_t size)
{
    assert_memory_equal(world->bytes + (address - WORLD_BASE), expected, size);
}

/* ---- objects --------------------------------------------------------------------------------- */

static void characters_go_and_lengths_stay(void **state)
{
    struct world *world = *state;
    struct blanking blanking = {0};
    const uint16_t two[] = {0x6f22, 'x', 0x3b1};
    const uint32_t four[] = {0x1f600, 'y'};
    uint64_t narrow = new_str(world, "secret"), wide = new_str_of_kind(world, two, 3, 2, false);
    uint64_t widest = new_str_of_kind(world, four, 2, 4, false), name = new_str(world, "a name");
    keep_address(&blanking, name);
    blank(world, &blanking);
    assert_text(world, narrow, "\?\?\?\?\?\?");
    assert_text(world, wide, "\?\?\?");
    assert_text(world, widest, "\?\?");
    assert_text(world, name, "a name");
    end(&blanking);
}

static void interned_identifiers_stay(void **state)
{
    struct world *world = *state;
    struct blanking blanking = {0};
    uint64_t name = new_str(world, "attribute_1"), sentence = new_str(world, "the secret");
    put(world, name + 32, STATE_INTERNED_ASCII);
    put(world, sentence + 32, STATE_INTERNED_ASCII);
    blank(world, &blanking);
    assert_text(world, name, "attribute_1");
    assert_text(world, sentence, "\?\?\?\?\?\?\?\?\?\?");
    end(&blanking);
}

static void bytes_go(void **state)
{
    struct world *world = *state;
    struct blanking blanking = {.bytes_type = bytes_class(world)};
    uint64_t code = new_bytes(world, blanking.bytes_type, "code");
    uint64_t value = new_bytes(world, blanking.bytes_type, "secret");
    keep_address(&blanking, code);
    blank(world, &blanking);
    assert_words(world, code + 32, "code", 5);
    assert_words(world, value + 16, (uint64_t[]){6}, sizeof(uint64_t));
    assert_words(world, value + 32, "\0\0\0\0\0\0", 7);
    end(&blanking);
}

static void numbers_stay(void **state)
{
    struct world *world = *state;
    struct blanking blanking = {0};
    uint64_t number = new_int(world, INT64_C(0x2121212121212121)), digits[2];
    memcpy(digits, world->bytes + (number + 16 - WORLD_BASE), sizeof digits);
    blank(world, &blanking);
    assert_words(world, number + 16, digits, sizeof digits);
    end(&blanking);
}

/* Its length and its item look like the head of bytes, whose value the name would be. */
static void a_class_in_a_tuple_is_no_object(void **state)
{
    struct world *world = *state;
    struct blanking blanking = {.bytes_type = bytes_class(world)};
    uint64_t tuple = place(world, 32 + 64), name = tuple + 32;
    const uint64_t words[] = {1, world->cpython.tuple_type, 1, blanking.bytes_type};
    put_bytes(world, tuple, words, sizeof words);
    put(world, name, 1);
    put(world, name + 8, world->cpython.str_type);
    put(world, name + 16, 4);
    put(world, name + 32, 1 << 2 | 1 << 5 | 1 << 6);
    put_bytes(world, name + 40, "_ssl", 5);
    keep_address(&blanking, name);
    blank(world, &blanking);
    assert_text(world, name, "_ssl");
    end(&blanking);
}

static void a_text_goes_on_in_the_next_run(void **state)
{
    struct world *world = *state;
    struct blanking blanking = {0};
    uint64_t text = new_str(world, "something secret that two runs share");
    blank_from(world, &blanking, (text + 40 + 20) & ~UINT64_C(7));
    char *value = str_value(&world->cpython, text, STR_LIMIT);
    assert_non_null(value);
    assert_null(strstr(value, "thing"));
    assert_null(strstr(value, "runs"));
    free(value);
    end(&blanking);
}

static void absurd_lengths_claim_nothing(void **state)
{
    struct world *world = *state;
    struct blanking blanking = {.bytes_type = bytes_class(world)};
    uint64_t text = new_str(world, "freed"), value = new_bytes(world, blanking.bytes_type, "freed");
    uint64_t list = new_list(world, (uint64_t[]){text, value}, 2);
    put(world, text + 16, UINT64_MAX - 40);
    put(world, value + 16, UINT64_MAX - 32);
    blank(world, &blanking);
    assert_int_equal(object_type(&world->cpython, list), world->cpython.list_type);
    assert_words(world, list + 16, (uint64_t[]){2}, sizeof(uint64_t));
    end(&blanking);
}

/* ---- what no object claims ------------------------------------------------------------------- */

static void loose_text_goes_and_addresses_stay(void **state)
{
    struct world *world = *state;
    struct blanking blanking = {0};
    uint64_t buffer = place(world, 64);
    const uint64_t numbers[] = {buffer, 3, UINT64_MAX, 0x41420000};
    put_bytes(world, buffer, numbers, sizeof numbers);
    put_bytes(world, buffer + sizeof numbers, "password", 9);
    blank(world, &blanking);
    assert_words(world, buffer, numbers, sizeof numbers);
    assert_words(world, buffer + sizeof numbers, "\0\0\0\0\0\0\0\0", 9);
    end(&blanking);
}

static void tables_of_dicts_stay(void **state)
{
    struct world *world = *state;
    struct blanking blanking = {0};
    note(&blanking, &blanking.dict_types, world->cpython.dict_type);
    uint64_t keys = new_keys(world, 0), key = new_str(world, "key");
    uint64_t entry = keys + (uint64_t)world->cpython.at.size_of_dict_keys + 64;
    put(world, entry, UINT64_C(0x6262626262626262)); /* a hash that looks like text */
    add_entry(world, keys, 0, key, key);
    new_dict(world, keys, 0, 1);
    blank(world, &blanking);
    const uint64_t kept[] = {UINT64_C(0x6262626262626262), key, key};
    assert_words(world, entry, kept, sizeof kept);
    assert_text(world, key, "\?\?\?");
    end(&blanking);
}

static void buffers_of_bytearrays_go(void **state)
{
    struct world *world = *state;
    struct blanking blanking = {0};
    blanking.bytearray_type = new_type(world, "bytearray", world->object_type, 56, 0, 0);
    uint64_t array = new_object(world, blanking.bytearray_type, 56), buffer = place(world, 16);
    const uint64_t words[] = {4, 16, buffer, buffer};
    put_bytes(world, array + 16, words, sizeof words);
    put_bytes(world, buffer, "key\x01", 4); /* too short for a loose text */
    blank(world, &blanking);
    assert_words(world, array + 16, words, sizeof words);
    assert_words(world, buffer, "\0\0\0\0", 4);
    end(&blanking);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(characters_go_and_lengths_stay),
        TEST(interned_identifiers_stay),
        TEST(bytes_go),
        TEST(numbers_stay),
        TEST(a_class_in_a_tuple_is_no_object),
        TEST(a_text_goes_on_in_the_next_run),
        TEST(absurd_lengths_claim_nothing),
        TEST(loose_text_goes_and_addresses_stay),
        TEST(tables_of_dicts_stay),
        TEST(buffers_of_bytearrays_go),
    };
    return cmocka_run_group_tests_name("blank", tests, NULL, NULL);
}
