/* Type objects: their fixed facts, their names, what their MRO says. */
#include "object/internal.h"

#include <stdio.h>

#include "base/cleanup.h"

#define TYPE_BYTES_MAX   1024
#define BASIC_SIZE_MAX   (INT64_C(1) << 30)
#define ITEM_SIZE_MAX    (INT64_C(1) << 20)
#define METATYPE_DEPTH   4
#define MRO_LENGTH_MAX   512
#define STATIC_TYPES_MAX 4096

/* Sizes are checked, nothing else. */
static bool read_sizes(const struct cpython *cpython, uint64_t address, struct type_view *view)
{
    const struct layout_offsets *at = &cpython->at;
    uint8_t bytes[TYPE_BYTES_MAX];
    size_t size = (size_t)at->size_of_type;
    if (!address || at->size_of_type <= 0 || size > sizeof bytes ||
        !target_read(cpython->target, address, bytes, size))
        return false;
    *view = (struct type_view){
        .address = address,
        .metatype = load_word(bytes, at->object_type),
        .flags = load_word(bytes, at->type_flags),
        .name = load_word(bytes, at->type_name),
        .basicsize = (int64_t)load_word(bytes, at->type_basicsize),
        .itemsize = (int64_t)load_word(bytes, at->type_itemsize),
        .dictoffset = (int64_t)load_word(bytes, at->type_dictoffset),
        .weaklistoffset = (int64_t)load_word(bytes, at->type_weaklistoffset),
        .base = load_word(bytes, at->type_base),
        .dict = load_word(bytes, at->type_dict),
        .mro = load_word(bytes, at->type_mro),
        .finalize = load_word(bytes, at->type_finalize),
    };
    return view->basicsize >= 8 && view->basicsize <= BASIC_SIZE_MAX && view->itemsize >= 0 &&
           view->itemsize <= ITEM_SIZE_MAX;
}

/* Everything but the metatype is checked. */
static bool read_unproved(const struct cpython *cpython, uint64_t address, struct type_view *view)
{
    return read_sizes(cpython, address, view) && view->flags & TYPE_READY;
}

static bool is_metatype(const struct cpython *cpython, uint64_t address)
{
    for (int depth = 0; depth < METATYPE_DEPTH; depth++) {
        if (address == cpython->type_type)
            return address != 0;
        struct type_view view;
        if (!read_unproved(cpython, address, &view) || !(view.flags & TYPE_TYPE_SUBCLASS))
            return false;
        address = view.metatype;
    }
    return false;
}

bool type_read(const struct cpython *cpython, uint64_t address, struct type_view *view)
{
    return read_unproved(cpython, address, view) && is_metatype(cpython, view->metatype);
}

bool type_read_compiled(const struct cpython *cpython, uint64_t address, struct type_view *view)
{
    if (!read_sizes(cpython, address, view))
        return false;
    if (view->flags & TYPE_READY)
        return is_metatype(cpython, view->metatype);
    return view->metatype == cpython->type_type && !view->mro && !view->dict &&
           !(view->flags & TYPE_HEAPTYPE);
}

uint64_t object_type(const struct cpython *cpython, uint64_t object)
{
    return field_pointer(cpython, object, cpython->at.object_type);
}

uint64_t object_type_flags(const struct cpython *cpython, uint64_t object)
{
    return field_pointer(cpython, object_type(cpython, object), cpython->at.type_flags);
}

/* ---- reference counts ------------------------------------------------------------------------ */

bool object_refcount(const struct cpython *cpython, uint64_t object, uint64_t *count)
{
    uint64_t word;
    if (!field_word(cpython, object, cpython->at.object_refcount, &word))
        return false;
    *count = refcount_decode(cpython, word);
    return true;
}

/* ---- names ----------------------------------------------------------------------------------- */

void type_c_name(const struct cpython *cpython, const struct type_view *type,
                 char name[TYPE_NAME_MAX])
{
    if (!target_read_c_string(cpython->target, type->name, name, TYPE_NAME_MAX))
        name[0] = '\0';
}

static char *unreadable_name(uint64_t type)
{
    char *name = NULL;
    return asprintf(&name, "<type 0x%llx>", (unsigned long long)type) < 0 ? NULL : name;
}

/* ht_qualname, NULL for static types and on a fault. */
static char *heap_qualified_name(const struct cpython *cpython, const struct type_view *view)
{
    if (!(view->flags & TYPE_HEAPTYPE))
        return NULL;
    uint64_t name = field_pointer(cpython, view->address, cpython->at.heap_type_qualname);
    return name ? str_value(cpython, name, STR_LIMIT) : NULL;
}

char *type_short_name(const struct cpython *cpython, uint64_t type)
{
    struct type_view view;
    if (!type_read(cpython, type, &view))
        return unreadable_name(type);
    char *qualified = heap_qualified_name(cpython, &view);
    if (qualified)
        return qualified;
    char name[TYPE_NAME_MAX];
    type_c_name(cpython, &view, name);
    if (!name[0])
        return unreadable_name(type);
    const char *dot = strrchr(name, '.');
    return strdup(dot && dot[1] ? dot + 1 : name);
}

char *type_qualified_name(const struct cpython *cpython, uint64_t type)
{
    struct type_view view;
    if (!type_read(cpython, type, &view))
        return unreadable_name(type);
    _cleanup_free_ char *qualified = heap_qualified_name(cpython, &view);
    if (!qualified) {
        char name[TYPE_NAME_MAX];
        type_c_name(cpython, &view, name);
        return name[0] ? strdup(name) : unreadable_name(type);
    }
    uint64_t module = view.dict ? dict_get(cpython, view.dict, "__module__") : 0;
    _cleanup_free_ char *module_name = module ? str_value(cpython, module, STR_LIMIT) : NULL;
    if (!module_name || !strcmp(module_name, "builtins"))
        return take_pointer(&qualified);
    char *name = NULL;
    return asprintf(&name, "%s.%s", module_name, qualified) < 0 ? NULL : name;
}

/* ---- namespaces ------------------------------------------------------------------------------ */

uint64_t static_type_state(const struct cpython *cpython, const struct type_view *type)
{
    const struct layout_offsets *at = &cpython->at;
    uint64_t index = field_pointer(cpython, type->address, at->type_subclasses);
    uint64_t interpreter = field_pointer(cpython, cpython->runtime, at->runtime_interpreters_head);
    if (!index || index > STATIC_TYPES_MAX || !interpreter || at->interpreter_static_types < 0 ||
        at->size_of_static_type <= 0)
        return 0;
    uint64_t state = interpreter + (uint64_t)at->interpreter_static_types +
                     (index - 1) * (uint64_t)at->size_of_static_type;
    return field_pointer(cpython, state, at->static_type_type) == type->address ? state : 0;
}

uint64_t type_namespace(const struct cpython *cpython, const struct type_view *type)
{
    if (type->dict || type->flags & TYPE_HEAPTYPE)
        return type->dict;
    return field_pointer(cpython, static_type_state(cpython, type), cpython->at.static_type_dict);
}

uint64_t type_lookup(const struct cpython *cpython, uint64_t type, const char *name,
                     uint64_t *owner)
{
    struct type_view view;
    if (!type_read(cpython, type, &view))
        return 0;
    int64_t length = sequence_length(cpython, view.mro);
    if (length < 0 || length > MRO_LENGTH_MAX)
        return 0;
    struct words mro;
    words_begin(&mro, cpython, view.mro + (uint64_t)cpython->at.tuple_items, (uint64_t)length);
    for (uint64_t base; words_next(&mro, &base);) {
        struct type_view base_view;
        if (!type_read(cpython, base, &base_view))
            continue;
        uint64_t namespace = type_namespace(cpython, &base_view);
        uint64_t found = namespace ? dict_get(cpython, namespace, name) : 0;
        if (found) {
            if (owner)
                *owner = base;
            return found;
        }
    }
    return 0;
}
