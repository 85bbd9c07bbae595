/* Classes: their relatives, and what their namespaces say of where they come from. */
#include "object/internal.h"

#include "base/address_map.h"
#include "base/cleanup.h"

#define FUNCTIONS_TRIED 8
#define NAMES_MAX       (1u << 20)

/* ---- relatives ------------------------------------------------------------------------------- */

bool type_bases_visit(const struct cpython *cpython, const struct type_view *type, visit_item visit,
                      void *context)
{
    uint64_t bases = field_pointer(cpython, type->address, cpython->at.type_bases);
    return bases && sequence_visit(cpython, bases, visit, context);
}

bool type_mro_visit(const struct cpython *cpython, const struct type_view *type, visit_item visit,
                    void *context)
{
    return type->mro && sequence_visit(cpython, type->mro, visit, context);
}

struct subclass_visit {
    const struct cpython *cpython;
    visit_item visit;
    void *context;
    size_t count;
};

/* {address: weak reference} in every version (Objects/typeobject.c: add_subclass). */
static bool visit_subclass(void *context, uint64_t key, uint64_t value)
{
    struct subclass_visit *visit = context;
    uint64_t subclass = field_pointer(visit->cpython, value, visit->cpython->at.weakref_object);
    (void)key;
    if (!subclass || subclass == visit->cpython->none)
        return true;
    return visit->visit(visit->context, visit->count++, subclass);
}

bool type_subclasses_visit(const struct cpython *cpython, const struct type_view *type,
                           visit_item visit, void *context)
{
    struct subclass_visit inner = {cpython, visit, context, 0};
    uint64_t subclasses = field_pointer(cpython, type->address, cpython->at.type_subclasses);
    uint64_t state = static_type_state(cpython, type);
    if (state)
        subclasses = field_pointer(cpython, state, cpython->at.static_type_subclasses);
    return !subclasses || dict_visit(cpython, subclasses, visit_subclass, &inner);
}

bool type_is_python(const struct cpython *cpython, const struct type_view *type)
{
    if (!(type->flags & TYPE_HEAPTYPE) || type->flags & TYPE_IMMUTABLE)
        return false;
    /* type_new() takes the name as it is; a PyType_Spec has the module in front of it. */
    char name[TYPE_NAME_MAX];
    type_c_name(cpython, type, name);
    return name[0] && !strchr(name, '.');
}

/* ---- namespaces ------------------------------------------------------------------------------ */

enum known_name { NAME_OTHER, NAME_MODULE, NAME_DEL, NAME_MRO, NAME_LINE };

struct name_cache {
    struct address_map known; /* str object -> enum known_name */
};

struct name_cache *name_cache_new(void)
{
    return calloc(1, sizeof(struct name_cache));
}

void name_cache_free(struct name_cache *cache)
{
    if (!cache)
        return;
    address_map_free(&cache->known);
    free(cache);
}

static enum known_name read_name(const struct cpython *cpython, uint64_t key)
{
    static const char *const names[] = {
        [NAME_MODULE] = "__module__",
        [NAME_DEL] = "__del__",
        [NAME_MRO] = "mro",
        [NAME_LINE] = "__firstlineno__",
    };
    _cleanup_free_ char *text = str_value(cpython, key, sizeof "__firstlineno__");
    for (size_t i = NAME_MODULE; text && i < sizeof names / sizeof *names; i++)
        if (strcmp(text, names[i]) == 0)
            return (enum known_name)i;
    return NAME_OTHER;
}

static enum known_name name_of(const struct cpython *cpython, struct name_cache *names,
                               uint64_t key)
{
    uint32_t known = address_map_get(&names->known, key);
    if (known != ADDRESS_MAP_ABSENT)
        return (enum known_name)known;
    enum known_name name = read_name(cpython, key);
    if (names->known.count < NAMES_MAX)
        (void)address_map_put(&names->known, key, name);
    return name;
}

struct namespace_visit {
    const struct cpython *cpython;
    struct name_cache *names;
    struct class_namespace *found;
    char *prefix; /* "Outer.Inner." */
    int tried;
};

/* Functions may be borrowed from other classes and modules: an own one bears the class's name. */
static bool is_own_function(const struct namespace_visit *visit, uint64_t function)
{
    const struct cpython *cpython = visit->cpython;
    uint64_t name = field_pointer(cpython, function, cpython->at.function_qualname);
    _cleanup_free_ char *text = name ? str_value(cpython, name, STR_LIMIT) : NULL;
    return text && visit->prefix && strncmp(text, visit->prefix, strlen(visit->prefix)) == 0;
}

static bool visit_name(void *context, uint64_t key, uint64_t value)
{
    struct namespace_visit *visit = context;
    struct class_namespace *found = visit->found;
    switch (name_of(visit->cpython, visit->names, key)) {
    case NAME_MODULE:
        found->module = value;
        break;
    case NAME_DEL:
        found->del = value;
        break;
    case NAME_MRO:
        found->mro = value;
        break;
    case NAME_LINE:
        found->line = value;
        break;
    case NAME_OTHER:
        break;
    }
    if (!found->function && visit->tried < FUNCTIONS_TRIED &&
        object_type(visit->cpython, value) == visit->cpython->function_type) {
        visit->tried++;
        if (is_own_function(visit, value))
            found->function = value;
    }
    return true;
}

bool class_namespace_read(const struct cpython *cpython, const struct type_view *type,
                          struct name_cache *names, struct class_namespace *found)
{
    struct namespace_visit visit = {.cpython = cpython, .names = names, .found = found};
    *found = (struct class_namespace){0};
    uint64_t namespace = type_namespace(cpython, type);
    if (!namespace)
        return false;
    if (type_is_python(cpython, type)) {
        char *name = type_short_name(cpython, type->address);
        if (name && asprintf(&visit.prefix, "%s.", name) < 0)
            visit.prefix = NULL;
        free(name);
    } else {
        visit.tried = FUNCTIONS_TRIED;
    }
    bool whole = dict_visit(cpython, namespace, visit_name, &visit);
    free(visit.prefix);
    return whole;
}
