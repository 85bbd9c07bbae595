/* blank_internal.h: what blank*.c share. */
#ifndef STETH_RECORD_BLANK_INTERNAL_H
#define STETH_RECORD_BLANK_INTERNAL_H

#include <string.h>

#include "base/address_map.h"
#include "heap/classes.h"
#include "record/blank.h"

struct blanking {
    const struct cpython *cpython;
    struct class_list classes;
    struct address_map kept; /* objects that stay */
    struct address_map
        c_names; /* the words in which the C strings begin that classes are named by */
    struct address_map metatypes, task_types, dict_types;
    struct address_map tables; /* where those of dicts may begin */
    uint64_t bytes_type, bytearray_type, int_type, float_type;
    uint64_t code_basic, code_item;    /* sizes of a code object */
    uint64_t type_bytes;               /* of a class itself */
    uint64_t arguments, arguments_end; /* of the program, and its environment */
    capture_run_vector buffers;        /* of bytearray objects */
    bool no_memory;
};

/* Bytes of one run, or of the part of it in one kind of mapping. */
struct run_bytes {
    uint64_t address;
    uint8_t *bytes;
    size_t size;
    uint64_t end; /* of the mappings: an object may reach so far, over pages that are not there */
};

static inline uint64_t word_at(const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

static inline bool is_in(const struct address_map *map, uint64_t address)
{
    return address && address_map_get(map, address) != ADDRESS_MAP_ABSENT;
}

static inline uint32_t half_at(const uint8_t *bytes)
{
    uint32_t half;
    memcpy(&half, bytes, sizeof half);
    return half;
}

static inline void note(struct blanking *blanking, struct address_map *map, uint64_t address)
{
    if (address && !address_map_put(map, address, 1))
        blanking->no_memory = true;
}

static inline void keep_address(struct blanking *blanking, uint64_t address)
{
    note(blanking, &blanking->kept, address);
}

/* blank_text.c: whether something is mapped there. */
bool blank_is_address(const struct blanking *blanking, uint64_t word);

/* blank_text.c: whether the word may be a reference count: what stands before a type in an object,
 * and not in a list of types. */
bool blank_is_count(const struct blanking *blanking, uint64_t word);

/* blank_names.c: whether what has the type of code is code. */
bool blank_is_code(const struct blanking *blanking, const struct run_bytes *run, size_t object);

/* blank_tables.c: the end of the table of a dict that is at `at`; 0: there is none. */
size_t blank_table_end(const struct blanking *blanking, const struct run_bytes *run, size_t at);

/* blank_text.c: blanks what looks like text in [from, to) of a run. */
void blank_loose(const struct blanking *blanking, const struct run_bytes *run, size_t from,
                 size_t to);

#endif
