/* The variables of a frame. */
#include "runtime/frame_detail.h"

#include <string.h>

#include "base/cleanup.h"
#include "runtime/code_tables.h"

/* Where the variables lie, and which of them are in cells. */
struct variables {
    const struct cpython *cpython;
    const struct frame_view *frame;
    uint64_t slots;
    uint32_t count;
    int32_t plain;           /* up to 3.10: the variables before the cells */
    struct bytes_copy kinds; /* 3.11+: one byte a variable */
};

static bool variables_open(const struct cpython *cpython, const struct frame_view *frame,
                           struct variables *variables)
{
    struct code_extent extent;
    *variables = (struct variables){.cpython = cpython, .frame = frame};
    if (!frame_current(cpython, frame) || !code_extent_read(cpython, frame->code, &extent))
        return false;
    variables->slots = field_of(frame->address, frame_locals_place(cpython));
    variables->count = extent.locals;
    if (cpython->at.code_local_kinds != LAYOUT_ABSENT)
        return code_bytes_read(cpython, frame->code, cpython->at.code_local_kinds,
                               &variables->kinds);
    return target_read(cpython->target, field_of(frame->code, cpython->at.code_local_count),
                       &variables->plain, sizeof variables->plain);
}

static void variables_close(struct variables *variables)
{
    free(variables->kinds.bytes);
}

static bool may_be_cell(const struct variables *variables, uint32_t index)
{
    const struct layout_offsets *at = &variables->cpython->at;
    if (!variables->kinds.bytes)
        return (int64_t)index >= variables->plain;
    return index < variables->kinds.size &&
           variables->kinds.bytes[index] & (at->local_kind_cell | at->local_kind_free);
}

/*
 * What variable `index` refers to, 0 when it is unset. An argument that inner functions use is put
 * into its cell by the first instructions only.
 */
static bool variable_value(const struct variables *variables, uint32_t index, uint64_t *value)
{
    const struct cpython *cpython = variables->cpython;
    uint64_t word;
    if (!target_read_word(cpython->target, variables->slots + (uint64_t)index * sizeof word, &word))
        return false;
    *value = untagged_reference(cpython, word);
    if (!*value || !may_be_cell(variables, index) || !cpython->cell_type ||
        object_type(cpython, *value) != cpython->cell_type)
        return true;
    return target_read_word(cpython->target, field_of(*value, cpython->at.cell_reference), value);
}

static bool visit_variables(const struct variables *variables, visit_local visit, void *context)
{
    for (uint32_t i = 0; i < variables->count; i++) {
        uint64_t value;
        if (!variable_value(variables, i, &value))
            return false;
        if (!value)
            continue;
        _cleanup_free_ char *name = code_local_name(variables->cpython, variables->frame->code, i);
        if (!name)
            return false;
        if (!visit(context, name, value))
            return true;
    }
    return frame_current(variables->cpython, variables->frame);
}

bool frame_locals_visit(const struct cpython *cpython, const struct frame_view *frame,
                        visit_local visit, void *context)
{
    struct variables variables;
    bool whole =
        variables_open(cpython, frame, &variables) && visit_variables(&variables, visit, context);
    variables_close(&variables);
    return whole;
}

struct search {
    const char *name;
    uint64_t object;
};

static bool compare_name(void *context, const char *name, uint64_t object)
{
    struct search *search = context;
    if (strcmp(name, search->name) == 0)
        search->object = object;
    return !search->object;
}

uint64_t frame_local(const struct cpython *cpython, const struct frame_view *frame,
                     const char *name)
{
    struct search search = {name, 0};
    frame_locals_visit(cpython, frame, compare_name, &search);
    return search.object;
}

/* ---- the same variables again and again ------------------------------------------------------ */

#define LOCALS_MAX 8

bool code_local_find(const struct cpython *cpython, uint64_t code, const char *name,
                     uint32_t *place)
{
    int32_t plain;
    struct code_extent extent;
    if (!code_extent_read(cpython, code, &extent) ||
        !target_read(cpython->target, field_of(code, cpython->at.code_local_count), &plain,
                     sizeof plain))
        return false;
    for (uint32_t i = 0; i < extent.locals && (int64_t)i < plain; i++) {
        _cleanup_free_ char *local = code_local_name(cpython, code, i);
        if (!local)
            return false;
        *place = i;
        if (strcmp(local, name) == 0)
            return true;
    }
    return false;
}

bool frame_locals_read(const struct cpython *cpython, const struct frame_view *frame,
                       const uint32_t *places, uint64_t *objects, size_t count)
{
    uint64_t code, slots = field_of(frame->address, frame_locals_place(cpython));
    int32_t code_place = cpython->is.frames == FRAME_OBJECTS ? cpython->at.frame_object_code
                                                             : cpython->at.frame_code;
    struct read_request requests[LOCALS_MAX + 1] = {
        {.address = field_of(frame->address, code_place), .buffer = &code, .size = sizeof code}};
    if (count > LOCALS_MAX)
        return false;
    for (size_t i = 0; i < count; i++)
        requests[i + 1] = (struct read_request){.address = slots + (uint64_t)places[i] * 8,
                                                .buffer = &objects[i],
                                                .size = sizeof objects[i]};
    target_read_batch(cpython->target, requests, count + 1);
    for (size_t i = 0; i <= count; i++)
        if (!requests[i].ok)
            return false;
    for (size_t i = 0; i < count; i++)
        objects[i] = untagged_reference(cpython, objects[i]);
    return untagged_reference(cpython, code) == frame->code;
}
