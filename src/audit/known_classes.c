/* The classes met so far, also those of the table; their ancestors and metaclasses, before the
 * hierarchy is solved. */
#include "audit/resolver_internal.h"

#include <string.h>

#define MOST_ANCESTORS 4096

class_number declare_class(struct resolver *resolver, const char *name, enum class_origin origin,
                           uint32_t module, uint32_t index)
{
    class_number number = name ? hierarchy_declare(resolver->hierarchy, name) : CLASS_UNKNOWN;
    struct known_class class = {.origin = origin,
                                .module = module,
                                .index = index,
                                .named_metaclass = CLASS_UNKNOWN,
                                .metaclass = CLASS_UNKNOWN};
    while (number != CLASS_UNKNOWN && resolver->classes.count <= number) {
        if (!vector_push(&resolver->classes, class))
            number = CLASS_UNKNOWN;
    }
    if (number == CLASS_UNKNOWN)
        resolver->no_memory = true;
    return number;
}

/* The number of a table's type, new or known. */
static class_number table_number(struct resolver *resolver, uint32_t type)
{
    const char *name = resolver->modules->builtins.types.items[type].name;
    if (strcmp(name, "object") == 0)
        return CLASS_OBJECT;
    if (strcmp(name, "type") == 0)
        return CLASS_TYPE;
    return declare_class(resolver, name, CLASS_FROM_TABLE, MODULES_NONE, type);
}

bool remember_bases(struct known_class *class, const struct class_base *bases, size_t count)
{
    class->bases_known = true;
    for (size_t i = 0; i < count; i++) {
        if (bases[i].number == CLASS_UNKNOWN)
            class->bases_known = false;
        else if (!vector_push(&class->bases, bases[i].number))
            return false;
    }
    return true;
}

class_number class_from_table(struct resolver *resolver, uint32_t type)
{
    class_number known = resolver->of_table.items[type];
    if (known != CLASS_UNKNOWN)
        return known;
    class_number number = table_number(resolver, type);
    resolver->of_table.items[type] = number;
    if (number == CLASS_UNKNOWN)
        return number;
    const struct builtin_type facts = resolver->modules->builtins.types.items[type];
    struct class_base bases[BUILTIN_MOST_BASES] = {0};
    for (uint32_t i = 0; i < facts.base_count; i++)
        bases[i].number = class_from_table(resolver, facts.bases[i]);
    class_number metaclass = facts.metaclass == TEXT_MAP_ABSENT
                                 ? CLASS_UNKNOWN
                                 : class_from_table(resolver, facts.metaclass);
    struct class_facts class = {
        .bases = bases,
        .base_count = facts.base_count,
        .has_metaclass = metaclass != CLASS_UNKNOWN,
        .metaclass = metaclass,
        .layout = {.kind = LAYOUT_SIZES,
                   .basicsize = facts.basicsize,
                   .itemsize = facts.itemsize,
                   .dictoffset = facts.dictoffset,
                   .weaklistoffset = facts.weakrefoffset,
                   .base = facts.base == TEXT_MAP_ABSENT ? CLASS_UNKNOWN
                                                         : class_from_table(resolver, facts.base),
                   .heap_type = facts.heap},
        .is_final = facts.final,
    };
    struct known_class *entry = &resolver->classes.items[number];
    entry->origin = CLASS_FROM_TABLE;
    entry->index = type;
    entry->metaclass = metaclass;
    entry->metaclass_done = entry->defined = true;
    if (!remember_bases(entry, bases, facts.base_count) ||
        (number > CLASS_TYPE && !hierarchy_define(resolver->hierarchy, number, &class)))
        resolver->no_memory = true;
    return number;
}

class_number known_class_named(struct resolver *resolver, const char *module, const char *name)
{
    uint32_t number = modules_find(resolver->modules, MODULES_NONE, module);
    if (number == MODULES_NONE)
        return CLASS_UNKNOWN;
    struct value value = module_attribute(resolver, number, name);
    return value.kind == VALUE_CLASS ? value.number : CLASS_UNKNOWN;
}

bool derives(const struct resolver *resolver, class_number number, class_number ancestor)
{
    VECTOR(class_number) left = {0};
    struct address_map seen = {0};
    bool found = false;
    bool room = vector_push(&left, number);
    while (room && left.count && !found && seen.count < MOST_ANCESTORS) {
        class_number one = left.items[--left.count];
        if (one == CLASS_UNKNOWN || one >= resolver->classes.count)
            continue;
        uint64_t key = ((uint64_t)one + 1) << 3;
        found = one == ancestor || ancestor == CLASS_OBJECT;
        if (found || address_map_get(&seen, key) != ADDRESS_MAP_ABSENT)
            continue;
        room = address_map_put(&seen, key, 1);
        const struct known_class *class = &resolver->classes.items[one];
        for (size_t i = 0; room && i < class->bases.count; i++)
            room = vector_push(&left, class->bases.items[i]);
    }
    vector_free(&left);
    address_map_free(&seen);
    return found;
}

static class_number choose_metaclass(struct resolver *resolver, class_number number)
{
    struct known_class class = resolver->classes.items[number];
    if (!class.defined || !class.bases_known ||
        (class.names_metaclass && class.named_metaclass == CLASS_UNKNOWN))
        return CLASS_UNKNOWN;
    class_number winner = class.names_metaclass ? class.named_metaclass : CLASS_TYPE;
    for (size_t i = 0; i < class.bases.count; i++) {
        class_number base = resolver->classes.items[number].bases.items[i];
        class_number one = metaclass_of(resolver, base);
        if (one == CLASS_UNKNOWN)
            return CLASS_UNKNOWN;
        if (derives(resolver, winner, one))
            continue;
        if (!derives(resolver, one, winner))
            return CLASS_UNKNOWN;
        winner = one;
    }
    return winner;
}

class_number metaclass_of(struct resolver *resolver, class_number number)
{
    if (number == CLASS_UNKNOWN || number >= resolver->classes.count ||
        resolver->depth >= RESOLVER_DEEPEST)
        return CLASS_UNKNOWN;
    struct known_class *class = &resolver->classes.items[number];
    if (class->metaclass_done || class->defining || !class->defined)
        return class->metaclass;
    class->metaclass_done = true;
    resolver->depth++;
    class_number metaclass = choose_metaclass(resolver, number);
    resolver->depth--;
    resolver->classes.items[number].metaclass = metaclass;
    return metaclass;
}
