/* Maps, vectors, errors, text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/address_map.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "base/vector.h"

/* ---- address_map ----------------------------------------------------------------------------- */

static void an_empty_map_has_nothing(void **state)
{
    (void)state;
    struct address_map map = {0};
    assert_int_equal(address_map_get(&map, 16), ADDRESS_MAP_ABSENT);
    assert_int_equal(address_map_get(&map, 0), ADDRESS_MAP_ABSENT);
    address_map_free(&map);
}

static void a_map_grows_and_keeps_everything(void **state)
{
    (void)state;
    const uint32_t count = 100000;
    struct address_map map = {0};
    for (uint32_t i = 1; i <= count; i++)
        assert_true(address_map_put(&map, (uint64_t)i * 16, i));
    assert_int_equal(map.count, count);
    for (uint32_t i = 1; i <= count; i++) {
        assert_int_equal(address_map_get(&map, (uint64_t)i * 16), i);
        assert_int_equal(address_map_get(&map, (uint64_t)i * 16 + 8), ADDRESS_MAP_ABSENT);
    }
    address_map_free(&map);
    assert_int_equal(map.count, 0);
    assert_int_equal(address_map_get(&map, 16), ADDRESS_MAP_ABSENT);
}

static void a_key_has_one_value(void **state)
{
    (void)state;
    struct address_map map = {0};
    assert_true(address_map_put(&map, 16, 1));
    assert_true(address_map_put(&map, 16, 2));
    assert_true(address_map_put(&map, UINT64_MAX, 3));
    assert_int_equal(map.count, 2);
    assert_int_equal(address_map_get(&map, 16), 2);
    assert_int_equal(address_map_get(&map, UINT64_MAX), 3);
    assert_false(address_map_put(&map, 0, 1)); /* no address */
    address_map_free(&map);
}

/* Keys that fall into one slot, at the end of the table too, where the search wraps around. */
static void keys_that_collide_are_kept_apart(void **state)
{
    (void)state;
    struct address_map map = {0};
    uint64_t keys[32];
    size_t count = 0;
    for (uint64_t key = 8; count < 32; key += 8)
        if (address_hash(key) >> (64 - 6) == 63)
            keys[count++] = key;
    for (uint32_t i = 0; i < 32; i++)
        assert_true(address_map_put(&map, keys[i], i));
    for (uint32_t i = 0; i < 32; i++)
        assert_int_equal(address_map_get(&map, keys[i]), i);
    address_map_free(&map);
}

/* ---- vector ---------------------------------------------------------------------------------- */

static void a_vector_grows(void **state)
{
    (void)state;
    VECTOR(uint64_t) numbers = {0};
    for (uint64_t i = 0; i < 10000; i++)
        assert_true(vector_push(&numbers, i * i));
    assert_int_equal(numbers.count, 10000);
    for (uint64_t i = 0; i < 10000; i++)
        assert_int_equal(numbers.items[i], i * i);
    vector_free(&numbers);
    assert_null(numbers.items);
    assert_int_equal(numbers.count + numbers.capacity, 0);
}

static void a_vector_that_cannot_grow_stays_as_it_is(void **state)
{
    (void)state;
    VECTOR(uint64_t) numbers = {0};
    assert_true(vector_push(&numbers, 7));
    const uint64_t *items = numbers.items;
    assert_false(vector_reserve(&numbers, SIZE_MAX));
    assert_false(vector_reserve(&numbers, SIZE_MAX / sizeof(uint64_t) + 1));
    assert_ptr_equal(numbers.items, items);
    assert_int_equal(numbers.count, 1);
    assert_int_equal(numbers.items[0], 7);
    vector_free(&numbers);
}

/* ---- error, text, cleanup -------------------------------------------------------------------- */

static void errors_carry_message_and_hint(void **state)
{
    (void)state;
    struct error *error = error_new(ERROR_PERMISSION, "no access to %d", 7);
    assert_int_equal(error->code, ERROR_PERMISSION);
    assert_string_equal(error->message, "no access to 7");
    assert_null(error->hint);
    assert_ptr_equal(error_hint(error, "be %s", "root"), error);
    assert_string_equal(error->hint, "be root");
    error_hint(error, "or the owner");
    assert_string_equal(error->hint, "or the owner");
    error_free(error);
    error_free(NULL);
}

static void the_error_of_no_memory_needs_none(void **state)
{
    (void)state;
    struct error *error = error_no_memory();
    assert_ptr_equal(error, error_no_memory());
    assert_ptr_equal(error_hint(error, "a hint"), error);
    assert_null(error->hint);
    assert_int_equal(error->code, ERROR_CANNOT_LOOK);
    assert_string_equal(error->message, "out of memory");
    error_free(error);
    assert_string_equal(error->message, "out of memory");
}

/* Sanitizers end a process that has no memory left. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

/* In a process of its own, whose memory is used up. */
static int use_up_memory(void)
{
    const struct rlimit none = {0, 0};
    struct address_map map = {0};
    VECTOR(char) bytes = {0};
    if (!address_map_put(&map, 16, 1) || setrlimit(RLIMIT_AS, &none))
        return 2;
    while (malloc(1 << 20)) {
    }
    while (malloc(64)) {
    }
    while (malloc(1)) {
    }
    uint32_t kept = 0;
    while (kept < 10000 && address_map_put(&map, 32 + 16 * (uint64_t)kept, kept))
        kept++;
    if (kept == 10000 || address_map_get(&map, 16) != 1 || vector_reserve(&bytes, 1 << 20))
        return 3;
    for (uint32_t i = 0; i < kept; i++)
        if (address_map_get(&map, 32 + 16 * (uint64_t)i) != i)
            return 4;
    return error_new(ERROR_USAGE, "%s", "lost") == error_no_memory() ? 0 : 5;
}

static void without_memory_nothing_is_lost(void **state)
{
    (void)state;
    if (SANITIZED)
        return;
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child)
        _exit(use_up_memory());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void text_is_formatted(void **state)
{
    (void)state;
    _cleanup_free_ char *text = text_format("%s-%05d", "a", 42);
    assert_string_equal(text, "a-00042");
}

static char *hand_on(void)
{
    _cleanup_free_ char *text = strdup("kept");
    return take_pointer(&text);
}

static void taken_pointers_survive_their_scope(void **state)
{
    (void)state;
    _cleanup_free_ char *text = hand_on();
    assert_string_equal(text, "kept");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_map_has_nothing),
        cmocka_unit_test(a_map_grows_and_keeps_everything),
        cmocka_unit_test(a_key_has_one_value),
        cmocka_unit_test(keys_that_collide_are_kept_apart),
        cmocka_unit_test(a_vector_grows),
        cmocka_unit_test(a_vector_that_cannot_grow_stays_as_it_is),
        cmocka_unit_test(errors_carry_message_and_hint),
        cmocka_unit_test(the_error_of_no_memory_needs_none),
        cmocka_unit_test(without_memory_nothing_is_lost),
        cmocka_unit_test(text_is_formatted),
        cmocka_unit_test(taken_pointers_survive_their_scope),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
