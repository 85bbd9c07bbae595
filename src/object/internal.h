/* internal.h: what the files of this room share. */
#ifndef STETH_OBJECT_INTERNAL_H
#define STETH_OBJECT_INTERNAL_H

#include <string.h>

#include "object/object.h"

/* Its dict, or its values, lie in front of the object. */
static inline bool type_has_managed_dict(const struct cpython *cpython,
                                         const struct type_view *type)
{
    return cpython->is.managed_dict != MANAGED_DICT_NONE && type->flags & TYPE_MANAGED_DICT;
}

/* ---- reading (read.c) ------------------------------------------------------------------------ */

/* The field at `offset` (LAYOUT_ABSENT: false) of the struct at `address`. */
bool field_word(const struct cpython *cpython, uint64_t address, int32_t offset, uint64_t *word);
bool field_int(const struct cpython *cpython, uint64_t address, int32_t offset, int32_t *value);
bool field_byte(const struct cpython *cpython, uint64_t address, int32_t offset, uint8_t *value);

/* The same for a pointer: 0 on a fault. */
uint64_t field_pointer(const struct cpython *cpython, uint64_t address, int32_t offset);

/* Unaligned loads from our own memory; 0 for an absent field. */
static inline uint64_t load_word(const uint8_t *bytes, int32_t offset)
{
    uint64_t word = 0;
    if (offset >= 0)
        memcpy(&word, bytes + offset, sizeof word);
    return word;
}

static inline uint32_t load_half(const uint8_t *bytes, int32_t offset)
{
    uint32_t half = 0;
    if (offset >= 0)
        memcpy(&half, bytes + offset, sizeof half);
    return half;
}

/*
 * Reads an array of words of any length through a small buffer:
 *     struct words words;
 *     words_begin(&words, cpython, address, count);
 *     for (uint64_t word; words_next(&words, &word);)
 * The last word must be readable, so that an absurd count fails at once.
 */
#define WORDS_BUFFERED 512
struct words {
    const struct cpython *cpython;
    uint64_t next;           /* address of what follows the buffer */
    uint64_t left;           /* words that follow the buffer */
    size_t position, filled; /* of `bytes`, in words */
    const uint8_t *bytes;    /* `buffer`, or what the target lends */
    bool fault;
    uint64_t buffer[WORDS_BUFFERED];
};
void words_begin(struct words *words, const struct cpython *cpython, uint64_t address,
                 uint64_t count);
/* What words_next does when the buffer is at its end. */
bool words_refill(struct words *words);

static inline bool words_next(struct words *words, uint64_t *word)
{
    if (words->position == words->filled && !words_refill(words))
        return false;
    memcpy(word, words->bytes + words->position++ * sizeof *word, sizeof *word);
    return true;
}

/* ---- types (type.c) -------------------------------------------------------------------------- */

/* How long a chain of bases, methods or partials is followed. */
#define CHAIN_MAX 64

/* tp_flags of the type of `object`, 0 on a fault; a cheap test of what `object` is. */
uint64_t object_type_flags(const struct cpython *cpython, uint64_t object);

/* tp_name, "" on a fault. */
#define TYPE_NAME_MAX 256
void type_c_name(const struct cpython *cpython, const struct type_view *type,
                 char name[TYPE_NAME_MAX]);

/*
 * Where 3.12+ keeps the namespace and the subclasses of a static builtin type, one an interpreter
 * (of the first one here): tp_subclasses holds the type's index + 1 (Objects/typeobject.c:
 * static_builtin_index_get, 3.12 to 3.13). 0 for other types.
 */
uint64_t static_type_state(const struct cpython *cpython, const struct type_view *type);

/* ---- strings (string.c) ---------------------------------------------------------------------- */

/* Whether PyASCIIObject.state describes characters that lie right behind the ASCII header. */
bool str_state_is_ascii(uint32_t state);

/* Bytes of a str object with its characters; 0 on a fault. */
uint64_t str_bytes(const struct cpython *cpython, uint64_t object, const struct type_view *type);
uint64_t str_lent_bytes(const struct cpython *cpython, const struct lent_object *object,
                        const struct type_view *type);

/* ---- dict (dict.c, dict_search.c)
 * ----------------------------------------------------------------------------- */

/*
 * The entries of a keys block; `values` is the address of the separate array of a split table,
 * 0 for a combined one. An early stop by the visitor is a success.
 */
bool dict_table_visit(const struct cpython *cpython, uint64_t keys, uint64_t values,
                      visit_entry visit, void *context);
uint64_t dict_table_get(const struct cpython *cpython, uint64_t keys, uint64_t values,
                        const char *key);

/* Bytes of a keys block; 0 when it is not sane. Those of one that was read. */
uint64_t dict_keys_bytes(const struct cpython *cpython, uint64_t keys);
uint64_t dict_keys_size(uint64_t address, const struct dict_keys *keys);

/* ---- sets and deques: the same as set_visit and deque_visit, of what is known to be one --------
 */

bool set_table_visit(const struct cpython *cpython, uint64_t set, visit_item visit, void *context);
bool deque_blocks_visit(const struct cpython *cpython, uint64_t deque, visit_item visit,
                        void *context);

/* ---- instances (instance.c) ------------------------------------------------------------------ */

/* Where an instance keeps attributes outside a dict: the values of a split table. */
bool instance_values(const struct cpython *cpython, uint64_t object, const struct type_view *type,
                     uint64_t *keys, uint64_t *values);

/* ---- members of C structs and __slots__ (member.c) ------------------------------------------- */

/* One object-valued PyMemberDef. `name` is borrowed for the call. */
typedef bool (*visit_member)(void *context, const char *name, uint64_t offset);

/* Along the chain of bases, most derived first; false when the visitor stopped it. */
bool members_visit(const struct cpython *cpython, const struct type_view *type, visit_member visit,
                   void *context);

/* ---- shapes (shape.c) ------------------------------------------------------------------------ */

/* What kind of struct begins an object: that of its nearest base type whose layout is known. */
enum shape_kind {
    SHAPE_OTHER,
    SHAPE_ATOMIC, /* str, bytes, int, float, complex: no references of its own */
    SHAPE_DICT,
    SHAPE_LIST,
    SHAPE_TUPLE,
    SHAPE_SET,
    SHAPE_DEQUE,
    SHAPE_QUEUE,
    SHAPE_BYTEARRAY,
    SHAPE_ARRAY,
    SHAPE_WEAKREF,
    SHAPE_EXCEPTION,
    SHAPE_TRACEBACK,
    SHAPE_TYPE,
    SHAPE_MODULE,
    SHAPE_FUNCTION,
    SHAPE_METHOD,
    SHAPE_BUILTIN,
    SHAPE_LRU_CACHE,
    SHAPE_LRU_LINK,
    SHAPE_CELL,
    SHAPE_CODE,
    SHAPE_FRAME,
    SHAPE_GENERATOR, /* coroutines and asynchronous generators too */
    SHAPE_CONTEXT_VARIABLE,
};

struct shape {
    struct type_view type;
    enum shape_kind kind;
    uint64_t known_bytes;  /* from the start, that the kind accounts for; 0: scan them */
    uint64_t hidden_items; /* of a tuple, behind those that its size counts: os.stat_result … */
};
bool shape_read(const struct cpython *cpython, uint64_t type, struct shape *shape);

/* ---- sizes (size.c) -------------------------------------------------------------------------- */

/* Bytes of the items behind tp_basicsize, from ob_size or what stands for it; false when absurd. */
bool object_item_bytes(const struct cpython *cpython, uint64_t object, const struct type_view *type,
                       uint64_t *bytes);

/* The same in two steps, for a type whose instances have items: where the word lies that says how
 * many, and what it says. */
int32_t object_items_at(const struct cpython *cpython, const struct type_view *type);
bool object_items_from(const struct cpython *cpython, const struct type_view *type, uint64_t word,
                       uint64_t *bytes);

uint64_t object_body_size(const struct cpython *cpython, uint64_t object,
                          const struct shape *shape);
uint64_t object_bytes_before(const struct cpython *cpython, const struct type_view *type);

/* What an object owns outside its body: tables, blocks, values (size_tables.c). */
uint64_t object_table_bytes(const struct cpython *cpython, uint64_t object,
                            const struct shape *shape);
/* That of a list or a dict whose fields are known. */
uint64_t list_table_bytes(const struct cpython *cpython, uint64_t items, uint64_t length,
                          uint64_t allocated);
uint64_t dict_table_bytes(const struct cpython *cpython, uint64_t keys, uint64_t values);
uint64_t object_attribute_bytes(const struct cpython *cpython, uint64_t object,
                                const struct shape *shape);

/* PyDictValues with room for `capacity` values (3.13+: header, values, insertion order). */
uint64_t dict_values_bytes(const struct cpython *cpython, uint64_t capacity);

#define GC_HEAD_BYTES  16
#define BODY_BYTES_MAX (UINT64_C(1) << 40)

/* ---- frames (frame.c) ------------------------------------------------------------------------ */

/* Where the variables and the value stack of a frame lie. */
struct frame_slots {
    uint64_t code;
    uint64_t first;  /* address of the first variable */
    uint64_t locals; /* how many variables, cells and free variables included */
    uint64_t stack_size;
    uint64_t live; /* words in use from `first` on; `locals` while the frame runs, which then
                      keeps its stack pointer elsewhere */
};

/* Of an interpreter frame (3.11+). */
bool frame_slots_read(const struct cpython *cpython, uint64_t frame, struct frame_slots *slots);
/* Of a frame object that holds its variables itself (up to 3.10). */
bool frame_object_slots_read(const struct cpython *cpython, uint64_t object,
                             struct frame_slots *slots);

/* The interpreter frame inside a frame object or a generator, 0 when none is left there. */
uint64_t frame_inside(const struct cpython *cpython, uint64_t object, const struct shape *shape);

/* The address behind a reference as a frame stores it, 0 for none (and for a tagged int). */
uint64_t frame_reference(const struct cpython *cpython, uint64_t word);

#endif
