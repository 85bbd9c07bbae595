/* asyncio_internal.h: what the files that read asyncio's objects share. */
#ifndef STETH_RUNTIME_ASYNCIO_INTERNAL_H
#define STETH_RUNTIME_ASYNCIO_INTERNAL_H

#include "runtime/asyncio.h"
#include "runtime/internal.h"

/* How long a chain of bases or of wrappers is followed. */
#define BASES_MAX      64
#define BASES_EXPECTED 16 /* to be read at once */

/* The pointer in the field at `offset` of the struct at `address`; 0 on a fault. */
static inline uint64_t pointer_at(const struct cpython *cpython, uint64_t address, int32_t offset)
{
    uint64_t pointer;
    return address && offset >= 0 &&
                   target_read_word(cpython->target, field_of(address, offset), &pointer)
               ? pointer
               : 0;
}

/* `object`, or 0 when it is None. */
static inline uint64_t unless_none(const struct cpython *cpython, uint64_t object)
{
    return object == cpython->none ? 0 : object;
}

/* Of generators, coroutines and asynchronous generators. */
static inline bool is_generator_type(const struct cpython *cpython, uint64_t type)
{
    return type && (type == cpython->generator_type || type == cpython->coroutine_type ||
                    type == cpython->async_generator_type);
}

/* An attribute that may be None; its numbers and truth. */
uint64_t attribute_object(const struct cpython *cpython, uint64_t object, const char *name);
int64_t attribute_int(const struct cpython *cpython, uint64_t object, const char *name,
                      int64_t otherwise);
bool attribute_true(const struct cpython *cpython, uint64_t object, const char *name);

/* Item `index` of a tuple, 0 when it has none. */
uint64_t tuple_item(const struct cpython *cpython, uint64_t tuple, uint64_t index);

/* The dict of a module in sys.modules, 0 when it is not imported. */
uint64_t module_namespace(const struct cpython *cpython, const struct interpreter *interpreter,
                          const char *name);

/* ---- roles.c --------------------------------------------------------------------------------- */

/*
 * The full name of a type that is implemented in C, as its tp_name says; false for a class made by
 * Python code, whatever it is called.
 */
#define NATIVE_NAME_MAX 64
bool native_name(const struct cpython *cpython, const struct type_view *type,
                 char name[NATIVE_NAME_MAX]);

/* Whether `object` is an instance of just this C type, with room for the field at `offset`. */
bool is_native(const struct cpython *cpython, uint64_t object, const char *name, int32_t offset);

/* ---- handle.c -------------------------------------------------------------------------------- */

/* Where the handles of one type keep their parts. A visit of many reads it once for each type. */
struct handle_layout {
    uint64_t type; /* 0: not read yet */
    bool readable;
    int64_t size_uv;                                  /* of uvloop's, which have no slots; else 0 */
    uint64_t callback, arguments, context, cancelled; /* offsets */
    uint64_t when;                                    /* 0: no timer */
    /* What was met so far, that others refer to as well. */
    uint64_t float_type, not_cancelled;
};
bool handle_read_with(const struct cpython *cpython, uint64_t object, struct handle_layout *layout,
                      struct handle_view *view);

/* ---- handle_uv.c ------------------------------------------------------------------------------
 */

/* Fills callback and arguments of a uvloop.loop.Handle or .TimerHandle of `size` bytes. */
bool handle_uv_read(const struct cpython *cpython, uint64_t object, int64_t size,
                    struct handle_view *view);

/* ---- loop_uv.c ------------------------------------------------------------------------------- */

/* Fills what can be known of a uvloop.loop.Loop. */
void loop_uv_read(const struct cpython *cpython, struct loop_view *view);

#endif
