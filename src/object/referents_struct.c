/* The references in CPython's own structs that have a name: functions, methods, cells, types … */
#include "object/referents_internal.h"

struct named_field {
    enum shape_kind shape;
    enum edge_kind edge;
    size_t offset; /* of the field's place in struct layout_offsets */
    const char *label;
};

#define FIELD(shape, field, label)                                                                 \
    {                                                                                              \
        shape, EDGE_SLOT, offsetof(struct layout_offsets, field), label                            \
    }

static const struct named_field named_fields[] = {
    FIELD(SHAPE_FUNCTION, function_code, "__code__"),
    FIELD(SHAPE_FUNCTION, function_globals, "__globals__"),
    FIELD(SHAPE_FUNCTION, function_name, "__name__"),
    FIELD(SHAPE_FUNCTION, function_qualname, "__qualname__"),
    FIELD(SHAPE_FUNCTION, function_closure, "__closure__"),
    FIELD(SHAPE_FUNCTION, function_defaults, "__defaults__"),
    FIELD(SHAPE_FUNCTION, function_module, "__module__"),
    FIELD(SHAPE_METHOD, method_function, "__func__"),
    FIELD(SHAPE_METHOD, method_self, "__self__"),
    FIELD(SHAPE_BUILTIN, builtin_self, "__self__"),
    {SHAPE_CELL, EDGE_CELL, offsetof(struct layout_offsets, cell_reference), "cell_contents"},
    FIELD(SHAPE_WEAKREF, weakref_callback, "__callback__"),
    FIELD(SHAPE_EXCEPTION, exception_args, "args"),
    FIELD(SHAPE_EXCEPTION, exception_notes, "__notes__"),
    FIELD(SHAPE_EXCEPTION, exception_traceback, "__traceback__"),
    FIELD(SHAPE_EXCEPTION, exception_context, "__context__"),
    FIELD(SHAPE_EXCEPTION, exception_cause, "__cause__"),
    FIELD(SHAPE_TRACEBACK, traceback_next, "tb_next"),
    FIELD(SHAPE_TRACEBACK, traceback_frame, "tb_frame"),
    FIELD(SHAPE_BYTEARRAY, bytearray_bytes, "<buffer>"),
    FIELD(SHAPE_MODULE, module_name, "__name__"),
    FIELD(SHAPE_TYPE, type_base, "__base__"),
    FIELD(SHAPE_TYPE, type_bases, "__bases__"),
    FIELD(SHAPE_TYPE, type_mro, "__mro__"),
    FIELD(SHAPE_GENERATOR, generator_frame_object, "gi_frame"),
    FIELD(SHAPE_GENERATOR, generator_code, "gi_code"),
    FIELD(SHAPE_GENERATOR, generator_name, "__name__"),
    FIELD(SHAPE_GENERATOR, generator_qualname, "__qualname__"),
    FIELD(SHAPE_FRAME, frame_object_back, "f_back"),
    FIELD(SHAPE_FRAME, frame_object_code, "f_code"),
    FIELD(SHAPE_FRAME, frame_object_globals, "f_globals"),
    FIELD(SHAPE_FRAME, frame_object_trace, "f_trace"),
};

/* Names that a heap type has beyond those of any type. */
static const struct named_field heap_type_fields[] = {
    FIELD(SHAPE_TYPE, heap_type_name, "__name__"),
    FIELD(SHAPE_TYPE, heap_type_qualname, "__qualname__"),
    FIELD(SHAPE_TYPE, heap_type_module, "__module__"),
};

/* A dict that is told as one where labels do not matter: otherwise what is in the namespace is told
 * under its own names, and the weak references to the subclasses lead nowhere. */
static const struct named_field namespace_field = FIELD(SHAPE_TYPE, type_dict, "__dict__");
static const struct named_field subclasses_field =
    FIELD(SHAPE_TYPE, type_subclasses, "__subclasses__");

static void tell_field(struct referents *visit, const struct named_field *field)
{
    int32_t offset;
    memcpy(&offset, (const char *)&visit->cpython->at + field->offset, sizeof offset);
    if (offset < 0 || (size_t)offset + sizeof(uint64_t) > visit->head_bytes)
        return;
    referents_explain(visit, offset);
    referents_tell(visit, &(struct edge){
                              .kind = field->edge,
                              .referent = load_word(visit->head, offset),
                              .label = field->label,
                              .index = (size_t)offset,
                              .exact = true,
                          });
}

/*
 * functools.lru_cache keeps each result in a link {head, previous, next, hash, key, result} that
 * the collector does not see, under its key in a dict (Modules/_functoolsmodule.c, 3.8 to 3.15);
 * one without bound keeps the results themselves there. The neighbours are borrowed. Up to 3.10 the
 * type of links is never made ready: they are no objects to us, and theirs is the cache's own.
 */
#define LINK_WORDS    5
#define LINK_KEY_WORD 3

struct link_words {
    uint64_t key, result;
};

static uint64_t link_start(const struct cpython *cpython)
{
    return (uint64_t)cpython->at.object_type + sizeof(uint64_t);
}

static void tell_link_words(struct referents *visit, const struct link_words *words)
{
    referents_tell(visit, &(struct edge){.kind = EDGE_KEY, .referent = words->key, .exact = true});
    referents_tell(visit, &(struct edge){.kind = EDGE_KEY_VALUE,
                                         .referent = words->result,
                                         .key = words->key,
                                         .exact = true});
}

static void tell_link(struct referents *visit)
{
    struct link_words words;
    size_t offset = (size_t)link_start(visit->cpython) + LINK_KEY_WORD * sizeof(uint64_t);
    if (offset + sizeof words > visit->head_bytes)
        return;
    memcpy(&words, visit->head + offset, sizeof words);
    tell_link_words(visit, &words);
}

static bool tell_entry_of_cache(void *context, uint64_t key, uint64_t link)
{
    struct referents *visit = context;
    const struct cpython *cpython = visit->cpython;
    struct link_words words;
    struct type_view type;
    if (!visit->bare)
        referents_tell(visit, &(struct edge){.kind = EDGE_KEY_VALUE, .referent = link, .key = key});
    uint64_t address = link + link_start(cpython) + LINK_KEY_WORD * sizeof(uint64_t);
    if (target_read(cpython->target, address, &words, sizeof words) && words.key == key &&
        (!visit->bare || !type_read(cpython, object_type(cpython, link), &type)))
        tell_link_words(visit, &words);
    return !visit->stopped;
}

/* It begins with a link that holds nothing. */
static void tell_lru_cache(struct referents *visit)
{
    const int32_t start = (int32_t)link_start(visit->cpython), size = sizeof(uint64_t);
    for (int32_t word = 0; word < LINK_WORDS; word++)
        referents_explain(visit, start + word * size);
    for (size_t offset = 0; offset + sizeof(uint64_t) <= visit->head_bytes && !visit->stopped;
         offset += sizeof(uint64_t)) {
        uint64_t word = load_word(visit->head, (int32_t)offset);
        if ((int64_t)offset != visit->shape.type.dictoffset &&
            object_type(visit->cpython, word) == visit->cpython->dict_type)
            dict_visit(visit->cpython, word, tell_entry_of_cache, visit);
    }
}

/* A ContextVar keeps name and default, and borrows the value that was got last: PyObject_HEAD,
 * var_name, var_default, var_cached (Include/internal/pycore_context.h, 3.8 to 3.15). */
#define CACHED_WORD 2

static void tell_context_variable(struct referents *visit)
{
    int32_t first = (int32_t)link_start(visit->cpython);
    referents_explain(visit, first + CACHED_WORD * (int32_t)sizeof(uint64_t));
}

/* The C state of a module: a block of its own, whose size the module's definition tells. */
static void tell_module_state(struct referents *visit)
{
    const struct cpython *cpython = visit->cpython;
    const struct layout_offsets *at = &cpython->at;
    uint64_t state = field_pointer(cpython, visit->object, at->module_state);
    uint64_t size;
    if (at->module_state_size >= 0) {
        size = field_pointer(cpython, visit->object, at->module_state_size);
    } else {
        uint64_t definition = field_pointer(cpython, visit->object, at->module_definition);
        size = field_pointer(cpython, definition, at->module_definition_size);
    }
    if (state && size <= SCAN_BYTES_MAX)
        referents_scan(visit, state, size);
}

static bool tell_class_attribute(void *context, uint64_t key, uint64_t value)
{
    return referents_tell_attribute(context, key, value);
}

/* Weak: the list of subclasses and of weak references. 3.12+ keeps a static type's namespace apart.
 */
static void tell_type_object(struct referents *visit)
{
    const struct cpython *cpython = visit->cpython;
    struct type_view view;
    referents_explain(visit, cpython->at.type_subclasses);
    referents_explain(visit, cpython->at.type_weaklist);
    if (visit->bare) {
        tell_field(visit, &namespace_field);
        tell_field(visit, &subclasses_field);
    }
    if (!type_read(cpython, visit->object, &view))
        return; /* one of C that nobody has made ready has nothing either */
    if (view.flags & TYPE_HEAPTYPE)
        for (size_t i = 0; i < sizeof heap_type_fields / sizeof *heap_type_fields; i++)
            tell_field(visit, &heap_type_fields[i]);
    uint64_t namespace = view.dict ? 0 : type_namespace(cpython, &view);
    if (namespace && !dict_visit(cpython, namespace, tell_class_attribute, visit))
        visit->incomplete = true;
}

static bool has_named_fields(enum shape_kind kind)
{
    switch (kind) {
    case SHAPE_OTHER:
    case SHAPE_ATOMIC:
    case SHAPE_DICT:
    case SHAPE_LIST:
    case SHAPE_TUPLE:
    case SHAPE_SET:
    case SHAPE_DEQUE:
        return false;
    default:
        return true;
    }
}

void referents_of_struct(struct referents *visit)
{
    if (!has_named_fields(visit->shape.kind))
        return;
    for (size_t i = 0; i < sizeof named_fields / sizeof *named_fields; i++)
        if (named_fields[i].shape == visit->shape.kind && !visit->stopped)
            tell_field(visit, &named_fields[i]);
    if (visit->shape.kind == SHAPE_MODULE)
        tell_module_state(visit);
    else if (visit->shape.kind == SHAPE_TYPE)
        tell_type_object(visit);
    else if (visit->shape.kind == SHAPE_LRU_LINK)
        tell_link(visit);
    else if (visit->shape.kind == SHAPE_LRU_CACHE)
        tell_lru_cache(visit);
    else if (visit->shape.kind == SHAPE_CONTEXT_VARIABLE)
        tell_context_variable(visit);
}
