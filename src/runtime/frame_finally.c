/* What a frame does to locks in the finally blocks that it is going to run. */
#include "runtime/asyncio_internal.h"

#include <string.h>

#include "base/cleanup.h"
#include "runtime/code_names.h"
#include "runtime/code_tables.h"

#define UNIT 2 /* bytes of a code unit: opcode, argument */

#define STEPS_MAX  3 /* of `self.pool.lock.release` */
#define CACHES_MAX 9 /* of a step */
#define UNITS_READ (2 + STEPS_MAX * (1 + CACHES_MAX))

struct reading {
    const struct cpython *cpython;
    const struct frame_view *frame;
    const char *method; /* that is looked for */
    name_vector names;
    uint64_t start; /* of the instructions of one handler: */
    uint8_t bytes[UNITS_READ * UNIT];
    size_t units;
    /* From 3.11 on a handler begins with PUSH_EXC_INFO, and what looks a name up is followed by a
     * cache, of so many units. */
    bool caches;
    unsigned global_cache, attribute_cache;
};

/* ---- what an argument stands for ------------------------------------------------------------- */

static const char *name_at(const struct reading *reading, size_t index)
{
    return index < reading->names.count ? reading->names.items[index] : "";
}

static const char *attribute_name(const struct reading *reading, size_t unit)
{
    uint8_t argument = reading->bytes[unit * UNIT + 1];
    return name_at(reading, name_of_argument(reading->cpython, argument));
}

/* Of LOAD_GLOBAL, whose argument has a bit for something else from 3.11 on. */
static uint64_t global_at(const struct reading *reading, size_t unit)
{
    uint8_t argument = reading->bytes[unit * UNIT + 1];
    const char *name = name_at(reading, reading->caches ? argument >> 1 : argument);
    uint64_t globals = frame_globals(reading->cpython, reading->frame);
    return globals && *name ? dict_get(reading->cpython, globals, name) : 0;
}

/* The variable in slot `index`, through its cell if it has one. */
static uint64_t variable_at(const struct reading *reading, uint32_t index)
{
    const struct cpython *cpython = reading->cpython;
    struct code_extent extent;
    uint64_t value;
    if (!code_extent_read(cpython, reading->frame->code, &extent) || index >= extent.locals ||
        !frame_locals_read(cpython, reading->frame, &index, &value, 1) || !value)
        return 0;
    return object_type(cpython, value) == cpython->cell_type
               ? pointer_at(cpython, value, cpython->at.cell_reference)
               : value;
}

/* Up to 3.10 those in cells have numbers of their own, and lie behind the others. */
static uint64_t cell_at(const struct reading *reading, size_t unit)
{
    int32_t plain;
    if (reading->caches ||
        !target_read(reading->cpython->target,
                     field_of(reading->frame->code, reading->cpython->at.code_local_count), &plain,
                     sizeof plain) ||
        plain < 0)
        return 0;
    return variable_at(reading, (uint32_t)plain + reading->bytes[unit * UNIT + 1]);
}

/* ---- what the handler begins with ------------------------------------------------------------ */

static bool is_lock(const struct cpython *cpython, uint64_t object)
{
    switch (role_of(cpython, object)) {
    case ROLE_LOCK:
    case ROLE_RLOCK:
    case ROLE_CONDITION:
    case ROLE_SEMAPHORE:
    case ROLE_ASYNC_LOCK:
    case ROLE_ASYNC_CONDITION:
    case ROLE_ASYNC_SEMAPHORE:
        return true;
    default:
        return false;
    }
}

/* Whether the instruction at `unit` takes the method: others may have the same argument. */
static bool takes_method(const struct reading *reading, size_t unit)
{
    size_t name = name_of_argument(reading->cpython, reading->bytes[unit * UNIT + 1]);
    return strcmp(name_at(reading, name), reading->method) == 0 &&
           code_calls_at(reading->cpython, reading->frame->code,
                         (int64_t)(reading->start + unit * UNIT), name);
}

/* Whether the method of `value` is taken at `unit`, or that of an attribute that leads to a lock.
 */
static uint64_t lock_behind(const struct reading *reading, size_t unit, uint64_t value)
{
    const struct cpython *cpython = reading->cpython;
    for (unsigned step = 0; value && step < STEPS_MAX && unit < reading->units; step++) {
        if (is_lock(cpython, value))
            return takes_method(reading, unit) ? value : 0;
        const char *name = attribute_name(reading, unit);
        value = *name ? instance_get(cpython, value, name) : 0;
        unit += 1 + reading->attribute_cache;
    }
    return 0;
}

static uint64_t lock_of_handler(struct reading *reading, uint32_t handler)
{
    const struct cpython *cpython = reading->cpython;
    int64_t size = code_instructions_size(cpython, reading->frame->code);
    uint64_t start = handler + (reading->caches ? UNIT : 0);
    if (size < 0 || start >= (uint64_t)size)
        return 0;
    uint64_t left = ((uint64_t)size - start) / UNIT;
    reading->start = start;
    reading->units = left < UNITS_READ ? left : UNITS_READ;
    if (!reading->units || !code_instructions_read(cpython, reading->frame->code, start,
                                                   reading->bytes, reading->units * UNIT))
        return 0;
    uint64_t lock = lock_behind(reading, 1, variable_at(reading, reading->bytes[1]));
    if (!lock)
        lock = lock_behind(reading, 1, cell_at(reading, 0));
    return lock ? lock : lock_behind(reading, 1 + reading->global_cache, global_at(reading, 0));
}

static bool blocks_read(const struct reading *reading, struct with_blocks *blocks)
{
    struct frame_position position;
    struct read_request request;
    return frame_position_request(reading->cpython, reading->frame, &position, &request) &&
           target_read(reading->cpython->target, request.address, request.buffer, request.size) &&
           with_blocks_find(reading->cpython, reading->frame->code, &position, blocks);
}

void frame_finally_visit(const struct cpython *cpython, const struct frame_view *frame,
                         const char *method, visit_lock_of_finally visit, void *context)
{
    struct reading reading = {.cpython = cpython,
                              .frame = frame,
                              .method = method,
                              .caches = cpython->at.load_global_caches != LAYOUT_ABSENT};
    struct with_blocks blocks;
    if (reading.caches) {
        reading.global_cache = (unsigned)cpython->at.load_global_caches;
        reading.attribute_cache = (unsigned)cpython->at.load_attribute_caches;
    }
    if (code_names_read(cpython, frame->code, &reading.names) && blocks_read(&reading, &blocks))
        for (size_t i = 0; i < blocks.other_count; i++) {
            uint64_t lock = lock_of_handler(&reading, blocks.others[i]);
            if (lock && !visit(context, lock))
                break;
        }
    code_names_free(&reading.names);
}
