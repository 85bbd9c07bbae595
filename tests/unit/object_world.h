/*
 * object_world.h: a small heap of Python objects made by hand, for the tests of the object room.
 * The struct offsets are the test's own; two flavours differ in kind as CPython's versions do.
 */
#ifndef STETH_TESTS_OBJECT_WORLD_H
#define STETH_TESTS_OBJECT_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "object/referents.h"

#define WORLD_BASE  UINT64_C(0x7f0000100000)
#define WORLD_BYTES (64 * 1024)
#define NOWHERE     UINT64_C(0x7f00f0000000)

enum flavour { OLD, MODERN };

struct world {
    uint8_t bytes[WORLD_BYTES];
    size_t used;
    enum flavour flavour;
    struct target *target;
    struct cpython cpython;
    uint64_t object_type, int_type;
};

static inline void put(struct world *world, uint64_t address, uint64_t word)
{
    assert(address >= WORLD_BASE && address + sizeof word <= WORLD_BASE + WORLD_BYTES);
    memcpy(world->bytes + (address - WORLD_BASE), &word, sizeof word);
}

static inline void put_bytes(struct world *world, uint64_t address, const void *bytes, size_t size)
{
    assert(address >= WORLD_BASE && address + size <= WORLD_BASE + WORLD_BYTES);
    memcpy(world->bytes + (address - WORLD_BASE), bytes, size);
}

/* Room for a thing and for the words in front of it. */
static inline uint64_t place(struct world *world, size_t size)
{
    uint64_t address = WORLD_BASE + world->used + 32;
    world->used += (size + 32 + 15) / 16 * 16;
    assert(world->used <= WORLD_BYTES);
    return address;
}

static inline uint64_t new_object(struct world *world, uint64_t type, size_t size)
{
    uint64_t object = place(world, size);
    put(world, object, 1);
    put(world, object + 8, type);
    return object;
}

#define TYPE_SIZE 408

static inline uint64_t new_type(struct world *world, const char *name, uint64_t base,
                                uint64_t basicsize, uint64_t itemsize, uint64_t flags)
{
    uint64_t text = place(world, strlen(name) + 1);
    put_bytes(world, text, name, strlen(name) + 1);
    uint64_t type = new_object(world, world->cpython.type_type, TYPE_SIZE + 128);
    const struct layout_offsets *at = &world->cpython.at;
    put(world, type + (uint64_t)at->type_name, text);
    put(world, type + (uint64_t)at->type_basicsize, basicsize);
    put(world, type + (uint64_t)at->type_itemsize, itemsize);
    put(world, type + (uint64_t)at->type_flags, flags | TYPE_READY);
    put(world, type + (uint64_t)at->type_base, base);
    return type;
}

static inline uint64_t new_str_of_kind(struct world *world, const void *characters, size_t count,
                                       unsigned kind, bool ascii)
{
    const struct layout_offsets *at = &world->cpython.at;
    size_t head = (size_t)(ascii ? at->str_ascii_data : at->str_compact_data);
    uint64_t text = new_object(world, world->cpython.str_type, head + (count + 1) * kind);
    put(world, text + (uint64_t)at->str_length, count);
    put(world, text + (uint64_t)at->str_state, kind << 2 | 1 << 5 | (ascii ? 1 << 6 : 0));
    put_bytes(world, text + head, characters, count * kind);
    return text;
}

static inline uint64_t new_str(struct world *world, const char *text)
{
    return new_str_of_kind(world, text, strlen(text), 1, true);
}

static inline uint64_t new_int(struct world *world, int64_t value)
{
    uint64_t object = new_object(world, world->int_type, 40);
    uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value, digits = 0;
    for (; magnitude; magnitude >>= 30, digits++) {
        uint32_t digit = magnitude & ((1U << 30) - 1);
        put_bytes(world, object + 24 + digits * 4, &digit, sizeof digit);
    }
    if (world->flavour == OLD)
        put(world, object + 16, value < 0 ? -digits : digits);
    else
        put(world, object + 16, digits << 3 | (value < 0 ? 2 : value ? 0 : 1));
    return object;
}

#define KEYS_LOG2 6 /* 64 slots */

/* An empty keys block with room for 42 entries. `kind` 0: {hash, key, value}; else {key, value}. */
static inline uint64_t new_keys(struct world *world, unsigned kind)
{
    size_t header = (size_t)world->cpython.at.size_of_dict_keys;
    uint64_t keys = place(world, header + 64 + 42 * 24);
    put(world, keys, 1);
    if (world->flavour == OLD) {
        put(world, keys + 8, 64);
    } else {
        uint8_t log2[] = {KEYS_LOG2, KEYS_LOG2, (uint8_t)kind};
        put_bytes(world, keys + 8, log2, sizeof log2);
    }
    return keys;
}

static inline uint64_t keys_count_at(const struct world *world, uint64_t keys)
{
    return keys + (uint64_t)world->cpython.at.dict_keys_entries_used;
}

static inline void add_entry(struct world *world, uint64_t keys, unsigned kind, uint64_t key,
                             uint64_t value)
{
    uint64_t count;
    memcpy(&count, world->bytes + (keys_count_at(world, keys) - WORLD_BASE), sizeof count);
    unsigned words = world->flavour == OLD || !kind ? 3 : 2;
    uint64_t entry = keys + (uint64_t)world->cpython.at.size_of_dict_keys + 64 +
                     count * words * sizeof(uint64_t);
    put(world, entry + (words - 2) * 8, key);
    put(world, entry + (words - 1) * 8, value);
    put(world, keys_count_at(world, keys), count + 1);
}

static inline uint64_t new_dict(struct world *world, uint64_t keys, uint64_t values, uint64_t used)
{
    uint64_t dict = new_object(world, world->cpython.dict_type, 48);
    put(world, dict + 16, used);
    put(world, dict + 32, keys);
    put(world, dict + 40, values);
    return dict;
}

static inline uint64_t new_list(struct world *world, const uint64_t *items, size_t count)
{
    uint64_t list = new_object(world, world->cpython.list_type, 40);
    uint64_t array = place(world, (count + 1) * sizeof(uint64_t));
    put_bytes(world, array, items, count * sizeof *items);
    put(world, list + 16, count);
    put(world, list + 24, array);
    put(world, list + 32, count);
    return list;
}

static inline uint64_t new_tuple(struct world *world, const uint64_t *items, size_t count)
{
    uint64_t tuple = new_object(world, world->cpython.tuple_type, 24 + count * sizeof(uint64_t));
    put(world, tuple + 16, count);
    put_bytes(world, tuple + 24, items, count * sizeof *items);
    return tuple;
}

static inline void world_offsets(struct world *world)
{
    struct layout_offsets *at = &world->cpython.at;
    bool old = world->flavour == OLD;
    memset(at, 0xff, sizeof *at); /* LAYOUT_ABSENT */
    at->object_refcount = 0;
    at->object_type = 8;
    at->var_object_size = 16;
    at->size_of_type = TYPE_SIZE;
    at->type_name = 24;
    at->type_basicsize = 32;
    at->type_itemsize = 40;
    at->type_flags = 168;
    at->type_weaklistoffset = 208;
    at->type_members = 240;
    at->type_base = 256;
    at->type_dict = 264;
    at->type_dictoffset = 288;
    at->type_bases = 336;
    at->type_mro = 344;
    at->type_subclasses = 360;
    at->type_weaklist = 368;
    at->type_finalize = 392;
    at->heap_type_qualname = 432;
    at->heap_type_cached_keys = 440;
    at->size_of_member = 40;
    at->member_name = 0;
    at->member_type = 8;
    at->member_offset = 16;
    at->tuple_items = 24;
    at->list_items = 24;
    at->list_allocated = 32;
    at->set_used = 24;
    at->set_mask = 32;
    at->set_table = 40;
    at->set_smalltable = 72;
    at->size_of_dict = 48;
    at->dict_used = 16;
    at->dict_keys = 32;
    at->dict_values = 40;
    at->dict_keys_refcount = 0;
    at->dict_keys_size = 8;
    at->size_of_dict_keys = old ? 40 : 32;
    at->dict_keys_entries_used = old ? 32 : 24;
    at->dict_keys_usable = old ? 24 : 16;
    at->dict_values_items = old ? 0 : 8;
    at->deque_left_block = 24;
    at->deque_left_index = 40;
    at->deque_right_index = 48;
    at->str_length = 16;
    at->str_state = 32;
    at->str_ascii_data = 40;
    at->str_compact_data = 56;
    at->str_legacy_data = 56;
    at->int_digits = 24;
    at->weakref_callback = 24;
    at->cell_reference = 16;
    if (!old) {
        at->dict_keys_log2_index_bytes = 9;
        at->dict_keys_kind = 10;
        at->dict_values_capacity = 0;
        at->dict_values_embedded = 2;
        at->dict_values_valid = 3;
        at->int_tag = 16;
    }
}

static inline void world_types(struct world *world)
{
    struct cpython *cpython = &world->cpython;
    const uint64_t gc = TYPE_HAVE_GC;
    cpython->type_type = WORLD_BASE + 32; /* the first thing placed */
    uint64_t type = new_object(world, cpython->type_type, TYPE_SIZE + 128);
    assert(type == cpython->type_type);
    put(world, type + 32, TYPE_SIZE);
    put(world, type + 168, TYPE_READY | TYPE_TYPE_SUBCLASS);
    uint64_t object = world->object_type = new_type(world, "object", 0, 16, 0, 0);
    cpython->str_type = new_type(world, "str", object, 64, 0, TYPE_UNICODE_SUBCLASS);
    world->int_type = new_type(world, "int", object, 24, 4, TYPE_LONG_SUBCLASS);
    cpython->dict_type = new_type(world, "dict", object, 48, 0, gc | TYPE_DICT_SUBCLASS);
    cpython->list_type = new_type(world, "list", object, 40, 0, gc | TYPE_LIST_SUBCLASS);
    cpython->tuple_type = new_type(world, "tuple", object, 24, 8, gc | TYPE_TUPLE_SUBCLASS);
    cpython->set_type = new_type(world, "set", object, 200, 0, gc);
    cpython->cell_type = new_type(world, "cell", object, 24, 0, gc);
}

/* A world of one flavour; the caller ends it with world_free. */
static inline struct world *world_new(enum flavour flavour)
{
    struct world *world = calloc(1, sizeof *world);
    assert(world);
    world->flavour = flavour;
    world_offsets(world);
    world->cpython.is = (struct layout_traits){
        .refcount = flavour == OLD ? REFCOUNT_WORD : REFCOUNT_IMMORTAL_MAX,
        .managed_dict = flavour == OLD ? MANAGED_DICT_NONE : MANAGED_DICT_INLINE,
        .dict_keys = flavour == OLD ? DICT_KEYS_SIZE_WORD : DICT_KEYS_LOG2,
        .tagged_ints = flavour == MODERN,
    };
    world_types(world);
    struct image_segment segment = {WORLD_BASE, world->bytes, WORLD_BYTES};
    assert_null(target_open_image(&segment, 1, &world->target));
    world->cpython.target = world->target;
    return world;
}

static inline void world_free(struct world *world)
{
    target_close(world->target);
    free(world);
}

#endif
