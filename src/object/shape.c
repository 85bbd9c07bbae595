/* What kind of struct an object begins with, by its type and its type's bases. */
#include "object/internal.h"

#define HIDDEN_FIELDS_MAX 100

struct named_shape {
    const char *name;
    enum shape_kind kind;
};

/* Types whose address no symbol gives, by tp_name; the older spelling of a name beside the newer.
 */
static const struct named_shape named_shapes[] = {
    {"collections.deque", SHAPE_DEQUE},
    {"weakref.ReferenceType", SHAPE_WEAKREF},
    {"weakref.ProxyType", SHAPE_WEAKREF},
    {"weakref.CallableProxyType", SHAPE_WEAKREF},
    {"weakref", SHAPE_WEAKREF},
    {"weakproxy", SHAPE_WEAKREF},
    {"weakcallableproxy", SHAPE_WEAKREF},
    {"frozendict", SHAPE_DICT},
    {"float", SHAPE_ATOMIC},
    {"complex", SHAPE_ATOMIC},
    {"bytearray", SHAPE_BYTEARRAY},
    {"array.array", SHAPE_ARRAY},
    {"functools._lru_cache_wrapper", SHAPE_LRU_CACHE},
    {"functools._lru_list_elem", SHAPE_LRU_LINK},
    {"_queue.SimpleQueue", SHAPE_QUEUE},
    {"BaseException", SHAPE_EXCEPTION},
    {"traceback", SHAPE_TRACEBACK},
    {"ContextVar", SHAPE_CONTEXT_VARIABLE}, /* up to 3.9 */
    {"_contextvars.ContextVar", SHAPE_CONTEXT_VARIABLE},
};

/* The least basicsize, so that a class of the same name in Python does not pass for one. */
static int64_t least_size(const struct cpython *cpython, enum shape_kind kind)
{
    int32_t last = kind == SHAPE_DEQUE       ? cpython->at.deque_right_index
                   : kind == SHAPE_DICT      ? cpython->at.dict_values
                   : kind == SHAPE_WEAKREF   ? cpython->at.weakref_callback
                   : kind == SHAPE_BYTEARRAY ? cpython->at.bytearray_allocated
                   : kind == SHAPE_ARRAY     ? cpython->at.array_descriptor
                   : kind == SHAPE_EXCEPTION ? cpython->at.exception_cause
                   : kind == SHAPE_TRACEBACK ? cpython->at.traceback_frame
                   : kind == SHAPE_QUEUE     ? cpython->at.simple_queue_list >= 0
                                                   ? cpython->at.simple_queue_position
                                                   : cpython->at.simple_queue_ring_count
                                             : cpython->at.object_type;
    return last + (int64_t)sizeof(uint64_t);
}

static enum shape_kind kind_by_name(const struct cpython *cpython, const struct type_view *type)
{
    char name[TYPE_NAME_MAX];
    type_c_name(cpython, type, name);
    for (size_t i = 0; i < sizeof named_shapes / sizeof *named_shapes; i++)
        if (!strcmp(name, named_shapes[i].name) &&
            type->basicsize >= least_size(cpython, named_shapes[i].kind) &&
            !(named_shapes[i].kind == SHAPE_CONTEXT_VARIABLE && type->flags & TYPE_HEAPTYPE))
            return named_shapes[i].kind;
    return SHAPE_OTHER;
}

static enum shape_kind kind_by_address(const struct cpython *cpython, uint64_t type)
{
    const struct {
        uint64_t type;
        enum shape_kind kind;
    } known[] = {
        {cpython->set_type, SHAPE_SET},
        {cpython->frozenset_type, SHAPE_SET},
        {cpython->module_type, SHAPE_MODULE},
        {cpython->function_type, SHAPE_FUNCTION},
        {cpython->method_type, SHAPE_METHOD},
        {cpython->builtin_type, SHAPE_BUILTIN},
        {cpython->cell_type, SHAPE_CELL},
        {cpython->code_type, SHAPE_CODE},
        {cpython->frame_type, SHAPE_FRAME},
        {cpython->generator_type, SHAPE_GENERATOR},
        {cpython->coroutine_type, SHAPE_GENERATOR},
        {cpython->async_generator_type, SHAPE_GENERATOR},
    };
    for (size_t i = 0; type && i < sizeof known / sizeof *known; i++)
        if (known[i].type == type)
            return known[i].kind;
    return SHAPE_OTHER;
}

static enum shape_kind kind_by_flags(uint64_t flags)
{
    if (flags & TYPE_DICT_SUBCLASS)
        return SHAPE_DICT;
    if (flags & TYPE_TUPLE_SUBCLASS)
        return SHAPE_TUPLE;
    if (flags & TYPE_LIST_SUBCLASS)
        return SHAPE_LIST;
    if (flags & TYPE_TYPE_SUBCLASS)
        return SHAPE_TYPE;
    if (flags & (TYPE_UNICODE_SUBCLASS | TYPE_BYTES_SUBCLASS | TYPE_LONG_SUBCLASS))
        return SHAPE_ATOMIC;
    return SHAPE_OTHER;
}

/* Bytes that the kind alone explains; only for kinds whose every reference is known. */
static uint64_t known_bytes(const struct cpython *cpython, enum shape_kind kind,
                            const struct type_view *base)
{
    switch (kind) {
    case SHAPE_DICT:
        return (uint64_t)cpython->at.size_of_dict;
    case SHAPE_LIST:
        return (uint64_t)cpython->at.list_allocated + sizeof(uint64_t);
    case SHAPE_TUPLE:
    case SHAPE_ATOMIC:
        return UINT64_MAX;
    case SHAPE_SET:
    case SHAPE_DEQUE:
    case SHAPE_WEAKREF:
    case SHAPE_BYTEARRAY:
    case SHAPE_ARRAY:
    case SHAPE_TRACEBACK:
    case SHAPE_METHOD:
    case SHAPE_CELL:
    case SHAPE_LRU_LINK:
        return (uint64_t)base->basicsize;
    default:
        return 0;
    }
}

/* Structs of C that are tuples have more fields than items (Objects/structseq.c, 3.8 to 3.15). */
static uint64_t hidden_items(const struct cpython *cpython, const struct shape *shape)
{
    int64_t fields, items, unnamed;
    if (shape->kind != SHAPE_TUPLE || shape->type.base != cpython->tuple_type)
        return 0;
    uint64_t namespace = type_namespace(cpython, &shape->type);
    return int_value(cpython, dict_get(cpython, namespace, "n_fields"), &fields) &&
                   int_value(cpython, dict_get(cpython, namespace, "n_sequence_fields"), &items) &&
                   int_value(cpython, dict_get(cpython, namespace, "n_unnamed_fields"), &unnamed) &&
                   items >= 0 && fields >= items && fields < HIDDEN_FIELDS_MAX
               ? (uint64_t)(fields - items)
               : 0;
}

bool shape_read(const struct cpython *cpython, uint64_t type, struct shape *shape)
{
    if (!type_read_compiled(cpython, type, &shape->type))
        return false;
    struct type_view base = shape->type;
    shape->kind = kind_by_flags(base.flags);
    for (int depth = 0; shape->kind == SHAPE_OTHER && depth < CHAIN_MAX; depth++) {
        shape->kind = kind_by_address(cpython, base.address);
        if (shape->kind != SHAPE_OTHER || !base.base)
            break;
        shape->kind = kind_by_name(cpython, &base);
        if (shape->kind == SHAPE_OTHER && !type_read(cpython, base.base, &base))
            break;
    }
    shape->known_bytes = known_bytes(cpython, shape->kind, &base);
    shape->hidden_items = hidden_items(cpython, shape);
    return true;
}
