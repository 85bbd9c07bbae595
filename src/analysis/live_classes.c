/* live_classes.c: each class of a process is read once and put into a hierarchy. */
#include "analysis/live_classes.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

/* Entries of all bases and MROs together: more is no hierarchy but broken memory. */
#define RELATIVES_MAX (UINT64_C(1) << 25)

void live_classes_free(struct live_classes *live)
{
    class_list_free(&live->list);
    hierarchy_free(live->hierarchy);
    vector_free(&live->classes);
    for (size_t i = 0; i < live->modules.count; i++) {
        free(live->modules.items[i].name);
        free(live->modules.items[i].file);
        free(live->modules.items[i].package);
    }
    vector_free(&live->modules);
}

/* ---- one class ------------------------------------------------------------------------------- */

struct reading {
    const struct cpython *cpython;
    struct live_classes *live;
    struct module_finder *modules;
    struct name_cache *names;
    uint64_t relatives_left;
    VECTOR(struct class_namespace) namespaces; /* of each class */
};

/* Names are what Python would print: the module from the namespace, or from a static type's name.
 */
static char *read_name(struct reading *reading, const struct type_view *type,
                       const struct class_namespace *namespace, struct live_class *class)
{
    _cleanup_free_ char *name = type_short_name(reading->cpython, type->address);
    class->module = module_find(reading->modules, namespace->module);
    if (!(type->flags & TYPE_HEAPTYPE)) {
        char *whole = type_qualified_name(reading->cpython, type->address);
        char *dot = whole ? strrchr(whole, '.') : NULL;
        if (dot && class->module == NO_MODULE) {
            *dot = '\0';
            class->module = module_find_by_text(reading->modules, whole);
            *dot = '.';
        }
        return whole;
    }
    if (!name || class->module == NO_MODULE)
        return name ? strdup(name) : NULL;
    const char *module = reading->live->modules.items[class->module].name;
    return strcmp(module, "builtins") == 0 ? strdup(name) : text_format("%s.%s", module, name);
}

static bool declare(struct reading *reading, class_number number)
{
    const struct type_view *type = &reading->live->list.types.items[number];
    struct live_class class = {.is_python = type_is_python(reading->cpython, type),
                               .module = NO_MODULE};
    struct class_namespace namespace;
    (void)class_namespace_read(reading->cpython, type, reading->names, &namespace);
    _cleanup_free_ char *name = read_name(reading, type, &namespace, &class);
    if (!name || !vector_push(&reading->live->classes, class) ||
        !vector_push(&reading->namespaces, namespace))
        return false;
    return number <= CLASS_TYPE || hierarchy_declare(reading->live->hierarchy, name) == number;
}

/* ---- its facts ------------------------------------------------------------------------------- */

struct relatives {
    const struct address_map *numbers;
    uint64_t *left; /* how many may be read */
    class_numbers found;
    bool complete;
};

static bool add_relative(void *context, size_t index, uint64_t item)
{
    struct relatives *relatives = context;
    uint32_t number = address_map_get(relatives->numbers, item);
    (void)index;
    if (number == ADDRESS_MAP_ABSENT || !*relatives->left ||
        !vector_push(&relatives->found, number))
        relatives->complete = false;
    else
        --*relatives->left;
    return relatives->complete;
}

static void read_place(const struct reading *reading, class_number number,
                       struct class_facts *facts, struct source_place *place)
{
    const struct class_namespace *namespace = &reading->namespaces.items[number];
    const struct live_class *class = &reading->live->classes.items[number];
    int64_t line;
    if (!class->is_python)
        return;
    if (namespace->function)
        (void)function_place(reading->cpython, namespace->function, place);
    facts->file = place->file;
    facts->line = place->line;
    if (!facts->file && class->module != NO_MODULE)
        facts->file = reading->live->modules.items[class->module].file;
    if (namespace->line && int_value(reading->cpython, namespace->line, &line) && line > 0 &&
        line < INT32_MAX)
        facts->line = (unsigned)line;
}

static void read_layout(const struct live_classes *live, const struct type_view *type,
                        struct class_facts *facts)
{
    facts->layout = (struct class_layout){
        .kind = LAYOUT_SIZES,
        .basicsize = type->basicsize,
        .itemsize = type->itemsize,
        .dictoffset = type->dictoffset,
        .weaklistoffset = type->weaklistoffset,
        .base = type->base ? address_map_get(&live->list.numbers, type->base) : CLASS_UNKNOWN,
        .heap_type = type->flags & TYPE_HEAPTYPE,
    };
    facts->is_final = !(type->flags & TYPE_BASETYPE);
}

static bool define(struct reading *reading, class_number number)
{
    struct live_classes *live = reading->live;
    const struct type_view *type = &live->list.types.items[number];
    const struct class_namespace *namespace = &reading->namespaces.items[number];
    struct relatives bases = {
        .numbers = &live->list.numbers, .left = &reading->relatives_left, .complete = true};
    struct relatives mro = bases;
    struct source_place place = {0}, finalizer = {0};
    struct class_facts facts = {
        .has_metaclass = true,
        .metaclass = address_map_get(&live->list.numbers, type->metatype),
        .made_by_statement = live->classes.items[number].is_python,
        .has_finalizer = namespace->del && live->classes.items[number].is_python,
        .overrides_mro = namespace->mro && number != CLASS_TYPE,
    };
    bool whole = type_bases_visit(reading->cpython, type, add_relative, &bases) &&
                 type_mro_visit(reading->cpython, type, add_relative, &mro) && bases.complete &&
                 mro.complete;
    _cleanup_free_ struct class_base *listed = calloc(bases.found.count + 1, sizeof *listed);
    for (size_t i = 0; listed && i < bases.found.count; i++)
        listed[i].number = bases.found.items[i];
    facts.bases = listed;
    facts.base_count = listed ? bases.found.count : 0;
    facts.mro = mro.found.items;
    facts.mro_length = whole ? mro.found.count : 0;
    facts.not_checked = whole && mro.found.count ? NULL : "it changed or could not be read";
    read_place(reading, number, &facts, &place);
    read_layout(live, type, &facts);
    if (facts.has_finalizer && function_place(reading->cpython, namespace->del, &finalizer)) {
        facts.finalizer_file = finalizer.file;
        facts.finalizer_line = finalizer.line;
    }
    bool defined = listed && hierarchy_define(live->hierarchy, number, &facts);
    source_place_free(&place);
    source_place_free(&finalizer);
    vector_free(&bases.found);
    vector_free(&mro.found);
    return defined;
}

/* ---- all ------------------------------------------------------------------------------------- */

static bool note_own_order(void *context, class_number number)
{
    struct live_classes *live = context;
    live->classes.items[number].own_order = true;
    return true;
}

static struct error *read_classes(struct reading *reading)
{
    struct live_classes *live = reading->live;
    class_number count = (class_number)live->list.types.count;
    for (class_number i = 0; i < count; i++)
        if (!declare(reading, i))
            return error_no_memory();
    for (class_number i = 0; i < count; i++)
        if (!define(reading, i))
            return error_no_memory();
    struct error *error = hierarchy_solve(live->hierarchy);
    return error ? error : mro_compare(live->hierarchy, note_own_order, live);
}

struct error *live_classes_read(const struct look *look, struct live_classes *live)
{
    const struct class_rules rules = class_rules_for(look->cpython->version.minor);
    struct cpython reader;
    struct error *error = class_list_read(look->cpython, &look->interpreters, &live->list);
    if (error)
        return error;
    cpython_remember(look->cpython, &reader);
    live->hierarchy = hierarchy_new(&rules);
    struct reading reading = {
        .cpython = &reader,
        .live = live,
        .modules = module_finder_new(&reader, &look->interpreters, live),
        .names = name_cache_new(),
        .relatives_left = RELATIVES_MAX,
    };
    if (live->hierarchy && reading.modules && reading.names)
        error = read_classes(&reading);
    else
        error = error_no_memory();
    module_finder_free(reading.modules);
    name_cache_free(reading.names);
    vector_free(&reading.namespaces);
    cpython_forget(look->cpython, &reader);
    return error;
}
