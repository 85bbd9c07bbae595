#include "audit/resolver_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static void memory_free(struct module_memory *memory)
{
    free(memory->events);
    free(memory->event_states);
    free(memory->classes);
    free(memory->tries);
    free(memory->failures);
}

/* One more than needed: none of them is empty. */
static bool memory_fill(struct module_memory *memory, const struct module *module)
{
    size_t classes = module->classes.count + 1, events = module->events.count + 1;
    size_t constructs = module->constructs.count + 1;
    memory->events = calloc(events, sizeof *memory->events);
    memory->event_states = calloc(events, 1);
    memory->classes = malloc(classes * sizeof *memory->classes);
    memory->tries = calloc(constructs, 1);
    memory->failures = calloc(constructs, 2 * sizeof *memory->failures);
    if (!memory->events || !memory->event_states || !memory->classes || !memory->tries ||
        !memory->failures)
        return false;
    for (size_t i = 0; i < classes; i++)
        memory->classes[i] = CLASS_UNKNOWN;
    return true;
}

struct module_memory *resolver_memory(struct resolver *resolver, uint32_t module)
{
    while (resolver->memories.count <= module) {
        if (!vector_push(&resolver->memories, (struct module_memory){0})) {
            resolver->no_memory = true;
            return NULL;
        }
    }
    struct module_memory *memory = &resolver->memories.items[module];
    if (!memory->classes && !memory_fill(memory, resolver_module(resolver, module))) {
        memory_free(memory);
        *memory = (struct module_memory){0};
        resolver->no_memory = true;
        return NULL;
    }
    return memory;
}

struct error *resolver_open(struct resolver *resolver, struct modules *modules,
                            struct hierarchy *hierarchy, unsigned minor)
{
    *resolver = (struct resolver){.modules = modules, .hierarchy = hierarchy, .minor = minor};
    struct known_class class = {.named_metaclass = CLASS_UNKNOWN, .metaclass = CLASS_TYPE};
    for (size_t i = 0; i < 2; i++) {
        if (!vector_push(&resolver->classes, class))
            return error_no_memory();
    }
    for (size_t i = 0; i < modules->builtins.types.count; i++) {
        if (!vector_push(&resolver->of_table, CLASS_UNKNOWN))
            return error_no_memory();
    }
    static const char *const first[] = {"object", "type"};
    for (size_t i = 0; i < 2; i++) {
        uint32_t type = text_map_get(&modules->builtins.types_by_key, first[i]);
        if (type == TEXT_MAP_ABSENT)
            return error_new(ERROR_INTERNAL, "the table of builtins has no %s", first[i]);
        class_from_table(resolver, type);
    }
    return resolver->no_memory ? error_no_memory() : NULL;
}

void resolver_close(struct resolver *resolver)
{
    for (size_t i = 0; i < resolver->classes.count; i++)
        vector_free(&resolver->classes.items[i].bases);
    vector_free(&resolver->classes);
    vector_free(&resolver->of_table);
    for (size_t i = 0; i < resolver->memories.count; i++)
        memory_free(&resolver->memories.items[i]);
    vector_free(&resolver->memories);
    for (size_t i = 0; i < resolver->stand_ins.count; i++) {
        vector_free(&resolver->stand_ins.items[i].bases);
        vector_free(&resolver->stand_ins.items[i].texts);
    }
    vector_free(&resolver->stand_ins);
    for (size_t i = 0; i < resolver->texts.count; i++)
        free(resolver->texts.items[i]);
    vector_free(&resolver->texts);
    address_map_free(&resolver->made_by_call);
    address_map_free(&resolver->attributes);
    address_map_free(&resolver->patches);
    vector_free(&resolver->attribute_values);
}

struct value resolver_dotted(struct resolver *resolver, uint32_t from, const char *name)
{
    _cleanup_free_ char *copy = strdup(name);
    char *rest = copy, *part = copy ? strsep(&rest, ".") : NULL;
    if (!part)
        return value_unknown(resolver, "there is no memory");
    struct value value = value_of_kind(VALUE_MODULE);
    value.number = modules_find(resolver->modules, from, part);
    if (value.number == MODULES_NONE)
        value = builtin_value(resolver, part);
    while (rest && (part = strsep(&rest, ".")))
        value = value_attribute(resolver, &value, part);
    return value;
}
