/* What a frame is doing, in an image made by hand with a layout unlike any CPython's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "runtime/code_tables.h"
#include "runtime/frame_detail.h"

#define BASE  UINT64_C(0x10000)
#define BYTES 0x4000
#define WILD  UINT64_C(0x7fff00000000)

enum {
    FRAME = BASE + 0x100,
    CODE = BASE + 0x300,
    LINES = BASE + 0x400,
    HANDLERS = BASE + 0x480,
    KINDS = BASE + 0x500,
    NAMES = BASE + 0x580,
    FILE_NAME = BASE + 0x600,
    NAME_LOCK = BASE + 0x680,
    NAME_CELL = BASE + 0x700,
    CELL = BASE + 0x780,
    METHOD = BASE + 0x7c0,
    BUILTIN = BASE + 0x800,
    OPCODES = BASE + 0x840,
    MONITORING = BASE + 0x880,
    INSTRUCTIONS = BASE + 0x900,
    MANAGER = BASE + 0xa00,
    MANAGER_2 = BASE + 0xa40,
    TYPES = BASE + 0x1000,
    TYPE_BYTES = 0x200,
};

enum { TYPE, TUPLE, STR, BYTES_, CODE_, FRAME_, CELL_, METHOD_, BUILTIN_, OBJECT, TYPE_COUNT };
enum { OP_OTHER = 1, OP_PUSH = 2, OP_EXIT = 3, OP_AWAIT = 4, OP_INSTRUMENTED = 5, OP_SETUP = 6 };

struct world {
    _Alignas(8) uint8_t bytes[BYTES];
    struct target *target;
    struct cpython cpython;
    struct frame_view frame;
};

static uint64_t type_at(int which)
{
    return TYPES + (uint64_t)which * TYPE_BYTES;
}

static void put(struct world *world, uint64_t address, const void *bytes, size_t size)
{
    memcpy(world->bytes + (address - BASE), bytes, size);
}

static void set(struct world *world, uint64_t address, uint64_t word)
{
    put(world, address, &word, sizeof word);
}

static void set_int(struct world *world, uint64_t address, int32_t value)
{
    put(world, address, &value, sizeof value);
}

static void set_object(struct world *world, uint64_t address, int type)
{
    set(world, address, 1);
    set(world, address + 8, type_at(type));
}

static void set_bytes(struct world *world, uint64_t address, const void *bytes, size_t size)
{
    set_object(world, address, BYTES_);
    set(world, address + 16, size);
    put(world, address + 32, bytes, size);
}

static void set_str(struct world *world, uint64_t address, const char *text)
{
    set_object(world, address, STR);
    set(world, address + 16, strlen(text));
    set(world, address + 32, 1 << 2 | 1 << 5 | 1 << 6 | 1 << 7); /* one byte, compact, ASCII */
    put(world, address + 40, text, strlen(text) + 1);
}

static void lay_out(struct layout_offsets *at)
{
    memset(at, 0xff, sizeof *at);
    at->object_refcount = 0;
    at->object_type = 8;
    at->var_object_size = 16;
    at->tuple_items = 24;
    at->bytes_data = 32;
    at->cell_reference = 16;
    at->method_self = 24;
    at->builtin_self = 16;
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
    at->code_filename = 24;
    at->code_name = 32;
    at->code_qualname = 32;
    at->code_first_line = 40;
    at->code_local_count = 44;
    at->code_stack_size = 48;
    at->code_local_names = 56;
    at->code_local_kinds = 64;
    at->code_line_table = 72;
    at->code_exception_table = 80;
    at->code_monitoring = 88;
    at->code_units = 96;
    at->monitoring_opcodes = 8;
    at->local_kind_cell = 0x40;
    at->local_kind_free = 0x80;
    at->opcode_with_exit = OP_EXIT;
    at->opcode_get_awaitable = OP_AWAIT;
    at->opcode_instrumented = OP_INSTRUMENTED;
    at->frame_code = 0;
    at->frame_previous = 8;
    at->frame_owner = 16;
    at->frame_instruction = 24;
    at->frame_locals = 32;
}

/* The same frame, as a PyFrameObject with a block stack. */
static void use_frame_object(struct world *world)
{
    struct layout_offsets *at = &world->cpython.at;
    world->cpython.is.frames = FRAME_OBJECTS;
    world->cpython.is.frame_object_unit = 2;
    at->code_exception_table = LAYOUT_ABSENT;
    at->opcode_instrumented = LAYOUT_ABSENT;
    at->code_units = LAYOUT_ABSENT;
    at->code_bytes = 80;
    at->opcode_setup_finally = OP_SETUP;
    at->frame_object_back = 16;
    at->frame_object_code = 24;
    at->frame_object_instruction = 0x40;
    at->frame_object_block_count = 0x44;
    at->frame_object_blocks = 0x48;
    at->frame_object_locals = 0x48 + 2 * 12;
    at->frame_object_locals = (at->frame_object_locals + 7) & ~7;
    at->size_of_block = 12;
    at->block_type = 0;
    at->block_handler = 4;
    at->block_level = 8;
}

static void add_types(struct world *world)
{
    struct cpython *cpython = &world->cpython;
    for (int i = 0; i < TYPE_COUNT; i++) {
        uint64_t flags = i == TYPE     ? TYPE_TYPE_SUBCLASS
                         : i == TUPLE  ? TYPE_TUPLE_SUBCLASS
                         : i == STR    ? TYPE_UNICODE_SUBCLASS
                         : i == BYTES_ ? TYPE_BYTES_SUBCLASS
                                       : 0;
        set_object(world, type_at(i), TYPE);
        set(world, type_at(i) + 24, FILE_NAME + 40);
        set(world, type_at(i) + 32, 64);
        set(world, type_at(i) + 168, TYPE_READY | flags);
    }
    cpython->type_type = type_at(TYPE);
    cpython->tuple_type = type_at(TUPLE);
    cpython->str_type = type_at(STR);
    cpython->code_type = type_at(CODE_);
    cpython->frame_type = type_at(FRAME_);
    cpython->cell_type = type_at(CELL_);
    cpython->method_type = type_at(METHOD_);
    cpython->builtin_type = type_at(BUILTIN_);
}

/*
 * Units: 0-3 the body, in two with blocks; 4-6 the handler of the inner one, 7-9 that of the outer
 * one, which is async. The inner __exit__ is the word 1 of the stack, the outer one word 0.
 */
static void add_code(struct world *world)
{
    const uint8_t units[] = {OP_OTHER, 0, OP_OTHER, 0, OP_OTHER, 0, OP_OTHER, 0, OP_PUSH,  0,
                             OP_EXIT,  0, OP_OTHER, 0, OP_PUSH,  0, OP_EXIT,  0, OP_AWAIT, 0};
    const uint8_t handlers[] = {0x80, 4, 4, 2 << 1 | 1, 0x84, 3, 7, 1 << 1 | 1};
    const uint8_t lines[] = {0x80 | 11 << 3 | 7, 0, 0, 0x80 | 15 << 3 | 1};
    const uint8_t kinds[] = {0x20, 0x40};
    set_object(world, CODE, CODE_);
    set(world, CODE + 16, sizeof units / 2);
    set(world, CODE + 24, FILE_NAME);
    set(world, CODE + 32, NAME_LOCK);
    set_int(world, CODE + 40, 10);
    set_int(world, CODE + 44, 2);
    set_int(world, CODE + 48, 4);
    set(world, CODE + 56, NAMES);
    set(world, CODE + 64, KINDS);
    set(world, CODE + 72, LINES);
    set(world, CODE + 80, HANDLERS);
    put(world, CODE + 96, units, sizeof units);
    set_bytes(world, HANDLERS, handlers, sizeof handlers);
    set_bytes(world, LINES, lines, sizeof lines);
    set_bytes(world, KINDS, kinds, sizeof kinds);
    set_object(world, NAMES, TUPLE);
    set(world, NAMES + 16, 2);
    set(world, NAMES + 24, NAME_LOCK);
    set(world, NAMES + 32, NAME_CELL);
    set_str(world, FILE_NAME, "/lib/threading.py");
    set_str(world, NAME_LOCK, "lock");
    set_str(world, NAME_CELL, "cell");
}

static void set_instruction(struct world *world, int32_t unit)
{
    set(world, FRAME + 24, CODE + 96 + 2 * (uint64_t)unit);
}

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    struct image_segment segment = {BASE, world->bytes, sizeof world->bytes};
    assert_null(target_open_image(&segment, 1, &world->target));
    world->cpython.target = world->target;
    lay_out(&world->cpython.at);
    world->cpython.is.frames = FRAME_CURRENT;
    world->cpython.is.frame_owner_shim = 3;
    world->cpython.is.line_table = LINE_TABLE_LOCATIONS;
    add_types(world);
    add_code(world);
    set_object(world, MANAGER, OBJECT);
    set_object(world, MANAGER_2, OBJECT);
    set_object(world, CELL, CELL_);
    set(world, CELL + 16, MANAGER_2);
    set_object(world, METHOD, METHOD_);
    set(world, METHOD + 24, MANAGER);
    set_object(world, BUILTIN, BUILTIN_);
    set(world, BUILTIN + 16, MANAGER_2);
    set(world, FRAME, CODE);
    set_instruction(world, 1);
    set(world, FRAME + 32, MANAGER);
    set(world, FRAME + 40, CELL);
    set(world, FRAME + 48, METHOD);
    set(world, FRAME + 56, BUILTIN);
    world->frame = (struct frame_view){.address = FRAME, .code = CODE};
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

/* ---- places and variables -------------------------------------------------------------------- */

static void expect_line(struct world *world, int32_t unit, int64_t instruction, unsigned line)
{
    struct source_place place;
    set_instruction(world, unit);
    assert_int_equal(frame_instruction(&world->cpython, &world->frame), instruction);
    assert_true(frame_place(&world->cpython, &world->frame, &place));
    assert_string_equal(place.file, "/lib/threading.py");
    assert_string_equal(place.function, "lock");
    assert_int_equal(place.line, line);
    source_place_free(&place);
}

static void the_line_is_that_of_the_instruction(void **state)
{
    struct world *world = *state;
    expect_line(world, 0, 0, 11);
    expect_line(world, 7, 14, 11);
    expect_line(world, 8, 16, 0);
    expect_line(world, -1, -1, 10);
    expect_line(world, 10, -1, 0); /* behind the code */
    expect_line(world, -2, -1, 0);
    set(world, CODE + 72, WILD);
    expect_line(world, 1, 2, 0);
    set(world, FRAME, CODE + 8);
    expect_line(world, 1, -1, 0); /* another code's frame by now */
}

static void a_function_is_recognised(void **state)
{
    struct world *world = *state;
    const struct cpython *cpython = &world->cpython;
    assert_true(frame_runs(cpython, &world->frame, "threading.py", "lock"));
    assert_true(frame_runs(cpython, &world->frame, "lib/threading.py", "lock"));
    assert_true(frame_runs(cpython, &world->frame, "/lib/threading.py", "lock"));
    assert_false(frame_runs(cpython, &world->frame, "ding.py", "lock"));
    assert_false(frame_runs(cpython, &world->frame, "threading.py", "unlock"));
    assert_false(frame_runs(cpython, &world->frame, "threading.py", "Condition.lock"));
    world->cpython.at.code_qualname = LAYOUT_ABSENT;
    assert_true(frame_runs(cpython, &world->frame, "threading.py", "Condition.lock"));
}

static void cells_are_followed(void **state)
{
    struct world *world = *state;
    const struct cpython *cpython = &world->cpython;
    assert_int_equal(frame_local(cpython, &world->frame, "lock"), MANAGER);
    assert_int_equal(frame_local(cpython, &world->frame, "cell"), MANAGER_2);
    assert_int_equal(frame_local(cpython, &world->frame, "none"), 0);
    set(world, FRAME + 32, CELL); /* a plain variable may be a cell itself */
    assert_int_equal(frame_local(cpython, &world->frame, "lock"), CELL);
    set(world, FRAME + 40, MANAGER); /* an argument not in its cell yet */
    assert_int_equal(frame_local(cpython, &world->frame, "cell"), MANAGER);
    set(world, FRAME + 40, WILD);
    assert_int_equal(frame_local(cpython, &world->frame, "cell"), WILD);
    set(world, FRAME + 40, 0);
    assert_int_equal(frame_local(cpython, &world->frame, "cell"), 0);
}

/* ---- managers -------------------------------------------------------------------------------- */

struct seen {
    size_t count;
    uint64_t managers[4];
    bool async[4];
};

static bool see(void *context, uint64_t manager, bool async)
{
    struct seen *seen = context;
    assert_true(seen->count < 4);
    seen->managers[seen->count] = manager;
    seen->async[seen->count++] = async;
    return true;
}

static void expect_managers(struct world *world, size_t count, uint64_t first, uint64_t second)
{
    struct seen seen = {0};
    assert_true(frame_managers_visit(&world->cpython, &world->frame, see, &seen));
    assert_int_equal(seen.count, count);
    assert_int_equal(seen.managers[0], first);
    assert_int_equal(seen.managers[1], second);
}

static void expect_unknown(struct world *world)
{
    struct seen seen = {0};
    assert_false(frame_managers_visit(&world->cpython, &world->frame, see, &seen));
    assert_int_equal(seen.count, 0);
}

static void managers_come_outermost_first(void **state)
{
    struct world *world = *state;
    struct seen seen = {0};
    assert_true(frame_managers_visit(&world->cpython, &world->frame, see, &seen));
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.managers[0], MANAGER);
    assert_int_equal(seen.managers[1], MANAGER_2);
    assert_true(seen.async[0]);
    assert_false(seen.async[1]);
    set_instruction(world, 5); /* while the inner __exit__ runs */
    expect_managers(world, 1, MANAGER, 0);
    set_instruction(world, 8);
    expect_managers(world, 0, 0, 0);
    set_instruction(world, -1);
    expect_managers(world, 0, 0, 0);
}

static void a_function_and_its_self_lie_in_two_slots(void **state)
{
    struct world *world = *state;
    const uint8_t handlers[] = {0x80, 4, 4, 4 << 1 | 1, 0x84, 3, 7, 2 << 1 | 1};
    set_bytes(world, HANDLERS, handlers, sizeof handlers);
    world->cpython.is.exit_in_two_slots = true;
    world->cpython.is.tagged_references = true;
    set(world, FRAME + 48, OPCODES);
    set(world, FRAME + 56, MANAGER_2 | 1);
    set(world, FRAME + 64, METHOD | 1);
    set(world, FRAME + 72, 1);
    expect_managers(world, 2, MANAGER_2, MANAGER);
}

static void an_exit_that_is_not_bound_names_no_manager(void **state)
{
    struct world *world = *state;
    set(world, FRAME + 48, MANAGER_2);
    expect_managers(world, 1, MANAGER_2, 0);
}

static void what_no_exit_can_be_is_not_known(void **state)
{
    struct world *world = *state;
    set(world, FRAME + 48, WILD);
    expect_unknown(world);
    set(world, FRAME + 48, 0);
    expect_unknown(world);
    set(world, FRAME + 48, METHOD);
    set(world, METHOD + 24, WILD);
    expect_unknown(world);
    set(world, METHOD + 24, MANAGER);
    set(world, FRAME + 24, WILD);
    expect_unknown(world);
    set_instruction(world, 1);
    set(world, FRAME, CODE + 8);
    expect_unknown(world);
}

static void expect_unknown_with(struct world *world, const uint8_t *handlers, size_t size)
{
    set_bytes(world, HANDLERS, handlers, size);
    expect_unknown(world);
}

static void absurd_tables_are_not_followed(void **state)
{
    struct world *world = *state;
    const uint8_t deep[] = {0x80, 4, 4, 5 << 1};             /* beyond the stack */
    const uint8_t empty[] = {0x80, 4, 4, 0};                 /* no word for its __exit__ */
    const uint8_t beyond[] = {0x80, 4, 0x41, 0, 2};          /* behind the code */
    const uint8_t circle[] = {0x80, 4, 4, 2, 0x84, 4, 0, 2}; /* 0 to 4, 4 to 0 */
    expect_unknown_with(world, deep, sizeof deep);
    expect_unknown_with(world, empty, sizeof empty);
    expect_unknown_with(world, beyond, sizeof beyond);
    expect_unknown_with(world, circle, sizeof circle);
    set(world, CODE + 80, WILD);
    expect_unknown(world);
}

static void opcodes_that_were_put_aside_are_found(void **state)
{
    struct world *world = *state;
    const uint8_t opcodes[] = {1, 1, 1, 1, OP_PUSH, OP_EXIT, OP_AWAIT, OP_PUSH, OP_EXIT, OP_OTHER};
    const uint8_t instrumented = OP_INSTRUMENTED;
    for (unsigned i = 4; i < 10; i++)
        put(world, CODE + 96 + 2 * i, &instrumented, 1);
    expect_unknown(world);
    set(world, CODE + 88, MONITORING);
    set(world, MONITORING + 8, OPCODES);
    put(world, OPCODES, opcodes, sizeof opcodes);
    expect_managers(world, 2, MANAGER, MANAGER_2);
}

static void set_block(struct world *world, unsigned index, int32_t type, int32_t handler,
                      int32_t level)
{
    uint64_t block = FRAME + 0x48 + 12 * index;
    set_int(world, block, type);
    set_int(world, block + 4, handler);
    set_int(world, block + 8, level);
}

static void the_block_stack_tells_the_depth(void **state)
{
    struct world *world = *state;
    const uint8_t units[] = {OP_EXIT, 0, OP_OTHER, 0, OP_OTHER, 0, OP_EXIT, 0, OP_AWAIT, 0};
    use_frame_object(world);
    set_bytes(world, INSTRUCTIONS, units, sizeof units);
    set(world, CODE + 80, INSTRUCTIONS);
    set_object(world, FRAME, FRAME_);
    set(world, FRAME + 16, 0);
    set(world, FRAME + 24, CODE);
    set_int(world, FRAME + 0x40, 1);
    set_int(world, FRAME + 0x44, 2);
    set(world, FRAME + 0x60 + 16, METHOD);
    set(world, FRAME + 0x60 + 24, BUILTIN);
    set_block(world, 0, OP_SETUP, 3, 1);
    set_block(world, 1, OP_SETUP, 0, 2);
    expect_managers(world, 2, MANAGER, MANAGER_2);
    assert_int_equal(frame_instruction(&world->cpython, &world->frame), 2);
    set_block(world, 0, OP_SETUP, 1, 1); /* of a try */
    expect_managers(world, 1, MANAGER_2, 0);
    set_block(world, 1, OP_SETUP + 1, 0, 2); /* an exception is being handled */
    expect_managers(world, 0, 0, 0);
    set_block(world, 1, OP_SETUP, -3, 2);
    expect_unknown(world);
    set_block(world, 1, OP_SETUP, 0, -2);
    expect_unknown(world);
    set_block(world, 1, OP_SETUP, INT32_MAX, 2);
    expect_unknown(world);
    set_int(world, FRAME + 0x44, 4);
    expect_unknown(world);
    set_int(world, FRAME + 0x44, -1);
    expect_unknown(world);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_line_is_that_of_the_instruction),
        TEST(a_function_is_recognised),
        TEST(cells_are_followed),
        TEST(managers_come_outermost_first),
        TEST(a_function_and_its_self_lie_in_two_slots),
        TEST(an_exit_that_is_not_bound_names_no_manager),
        TEST(what_no_exit_can_be_is_not_known),
        TEST(absurd_tables_are_not_followed),
        TEST(opcodes_that_were_put_aside_are_found),
        TEST(the_block_stack_tells_the_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
