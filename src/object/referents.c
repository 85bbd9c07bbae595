/* What an object refers to: its type, its attributes, its slots, its kind's own references. */
#include "object/referents_internal.h"

#include "base/cleanup.h"

#define LABEL_LIMIT 200

bool referents_tell(struct referents *visit, const struct edge *edge)
{
    if (referents_wants(visit, edge->referent) && !visit->visit(visit->context, edge))
        visit->stopped = true;
    return !visit->stopped;
}

bool referents_tell_attribute(struct referents *visit, uint64_t key, uint64_t value)
{
    if (!referents_wants(visit, value))
        return !visit->stopped;
    _cleanup_free_ char *label = visit->bare ? NULL : str_value(visit->cpython, key, LABEL_LIMIT);
    return referents_tell(visit, &(struct edge){
                                     .kind = label ? EDGE_ATTRIBUTE : EDGE_KEY_VALUE,
                                     .referent = value,
                                     .label = label,
                                     .key = key,
                                     .exact = true,
                                     .by_dict = visit->in_dict,
                                 });
}

void referents_explain(struct referents *visit, int64_t offset)
{
    size_t word = (size_t)offset / sizeof(uint64_t);
    if (offset >= 0 && offset < HEAD_BYTES_MAX)
        visit->told[word / 64] |= UINT64_C(1) << word % 64;
}

bool referents_explained(const struct referents *visit, uint64_t offset)
{
    size_t word = (size_t)offset / sizeof(uint64_t);
    return offset < HEAD_BYTES_MAX && visit->told[word / 64] >> word % 64 & 1;
}

static void tell_type(struct referents *visit)
{
    /* Instances own a reference to their type when it is a heap type (3.8+). */
    if (visit->shape.type.flags & TYPE_HEAPTYPE)
        referents_tell(visit, &(struct edge){
                                  .kind = EDGE_TYPE,
                                  .referent = visit->shape.type.address,
                                  .exact = true,
                              });
}

static bool tell_entry(void *context, uint64_t key, uint64_t value)
{
    return referents_tell_attribute(context, key, value);
}

/* The dict itself and, under their own names, the attributes in it. */
static void tell_attributes(struct referents *visit)
{
    const struct type_view *type = &visit->shape.type;
    if (type->dictoffset > 0 && referents_explained(visit, (uint64_t)type->dictoffset))
        return; /* the namespace of a class is its dict */
    uint64_t keys, values, dict = instance_dict(visit->cpython, visit->object, type);
    referents_explain(visit, type->dictoffset);
    if (dict) {
        referents_tell(visit, &(struct edge){
                                  .kind = EDGE_SLOT,
                                  .referent = dict,
                                  .label = "__dict__",
                                  .exact = true,
                              });
        visit->in_dict = true;
        if (!visit->bare && !visit->stopped && !dict_visit(visit->cpython, dict, tell_entry, visit))
            visit->incomplete = true;
        visit->in_dict = false;
    } else if (instance_values(visit->cpython, visit->object, type, &keys, &values)) {
        if (!dict_table_visit(visit->cpython, keys, values, tell_entry, visit))
            visit->incomplete = true;
    }
}

static bool tell_member(void *context, const char *name, uint64_t offset)
{
    struct referents *visit = context;
    uint64_t referent;
    if (referents_explained(visit, offset))
        return true;
    if (offset + sizeof referent <= visit->head_bytes)
        referent = load_word(visit->head, (int32_t)offset);
    else if (!field_word(visit->cpython, visit->object + offset, 0, &referent))
        return true;
    referents_explain(visit, (int64_t)offset);
    return referents_tell(visit, &(struct edge){
                                     .kind = EDGE_SLOT,
                                     .referent = referent,
                                     .label = name,
                                     .index = offset,
                                     .exact = true,
                                 });
}

/*
 * Of types whose struct is not known. The largest are the shapes of a memoryview and the nodes of a
 * context's map; what says more of itself is no object, but the inside of one: of the tuple
 * (memoryview, object), for instance.
 */
#define ITEM_BYTES_MAX 4096

/* Where the words of unknown meaning end. */
static uint64_t scan_end(const struct referents *visit)
{
    const struct layout_offsets *at = &visit->cpython->at;
    const struct type_view *type = &visit->shape.type;
    uint64_t basic = (uint64_t)type->basicsize, items;
    switch (visit->shape.kind) {
    case SHAPE_FRAME: /* what follows is told by name */
        return at->frame_locals >= 0 && type->basicsize > at->frame_locals
                   ? basic - (uint64_t)at->frame_locals
                   : (uint64_t)at->frame_object_value_stack;
    case SHAPE_GENERATOR:
        return at->generator_frame >= 0 ? (uint64_t)at->generator_frame : basic;
    case SHAPE_TYPE:
        return visit->head_bytes;
    case SHAPE_CODE: /* then come caches, counters and, from 3.14 on, an id that nobody sets */
        return type->weaklistoffset > 0 ? (uint64_t)type->weaklistoffset : basic;
    case SHAPE_OTHER:
        return object_item_bytes(visit->cpython, visit->object, type, &items) &&
                       items <= ITEM_BYTES_MAX
                   ? basic + items
                   : basic;
    default:
        return basic;
    }
}

static void tell_rest(struct referents *visit)
{
    uint64_t start = (uint64_t)visit->cpython->at.object_type + sizeof(uint64_t);
    uint64_t end = scan_end(visit);
    if (visit->shape.known_bytes > start)
        start = visit->shape.known_bytes;
    if (end > SCAN_BYTES_MAX)
        end = SCAN_BYTES_MAX;
    referents_explain(visit, visit->shape.type.weaklistoffset); /* weak references to the object */
    if (start < end)
        referents_scan_body(visit, start, end);
}

static bool read_head(struct referents *visit)
{
    size_t size = visit->shape.type.basicsize < HEAD_BYTES_MAX ? (size_t)visit->shape.type.basicsize
                                                               : HEAD_BYTES_MAX;
    if (visit->shape.kind == SHAPE_TYPE) {
        uint64_t flags =
            field_pointer(visit->cpython, visit->object, visit->cpython->at.type_flags);
        int32_t of_static = visit->cpython->at.size_of_type;
        if (!(flags & TYPE_HEAPTYPE) && of_static > 0 && (size_t)of_static < size)
            size = (size_t)of_static;
    }
    visit->head_bytes = size;
    return target_read(visit->cpython->target, visit->object, visit->head, size);
}

static void tell_members(struct referents *visit)
{
    if (!visit->bare)
        members_visit(visit->cpython, &visit->shape.type, tell_member, visit);
    for (size_t i = 0; visit->bare && i < visit->bare->members.count && !visit->stopped; i++)
        tell_member(visit, NULL, visit->bare->members.items[i]);
}

bool referents_run(struct referents *visit)
{
    static void (*const steps[])(struct referents * visit) = {
        tell_type, referents_of_container, referents_of_struct, referents_of_frame, tell_attributes,
    };
    if (!read_head(visit))
        return false;
    for (size_t i = 0; i < sizeof steps / sizeof *steps && !visit->stopped; i++)
        steps[i](visit);
    bool explained = visit->shape.known_bytes >= (uint64_t)visit->shape.type.basicsize;
    if (!visit->stopped) /* a str has no place for references, but a class derived from it may */
        tell_members(visit);
    if (!visit->stopped && !explained)
        tell_rest(visit);
    return !visit->incomplete;
}

bool referents_visit(const struct cpython *cpython, uint64_t object,
                     bool (*is_object)(void *context, uint64_t address), visit_edge visit_one,
                     void *context)
{
    struct referents visit = {
        .cpython = cpython,
        .object = object,
        .is_object = is_object,
        .visit = visit_one,
        .context = context,
    };
    return shape_read(cpython, object_type(cpython, object), &visit.shape) && referents_run(&visit);
}
