/* class_usage.c: how many classes have which metaclass. */
#include "analysis/class_usage.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* Public names first, then the shorter MRO, then the name. */
static bool nearer(const struct hierarchy *hierarchy, class_number one, class_number other)
{
    if (other == CLASS_UNKNOWN)
        return true;
    const char *name = class_short_name(hierarchy, one);
    const char *other_name = class_short_name(hierarchy, other);
    if ((name[0] == '_') != (other_name[0] == '_'))
        return name[0] != '_';
    size_t length = class_answer(hierarchy, one)->mro_length;
    size_t other_length = class_answer(hierarchy, other)->mro_length;
    if (length != other_length)
        return length < other_length;
    return strcmp(class_name(hierarchy, one), class_name(hierarchy, other)) < 0;
}

/* Whether the class is where its metaclass comes in: no base of it has that. */
static bool introduces(const struct hierarchy *hierarchy, class_number number)
{
    const struct class_facts *facts = class_facts(hierarchy, number);
    class_number metaclass = class_answer(hierarchy, number)->metaclass;
    for (size_t i = 0; i < facts->base_count; i++)
        if (facts->bases[i].number != CLASS_UNKNOWN &&
            class_answer(hierarchy, facts->bases[i].number)->metaclass == metaclass)
            return false;
    return true;
}

bool class_usages_count(const struct live_classes *live, class_usages *usages)
{
    const struct hierarchy *hierarchy = live->hierarchy;
    size_t count = hierarchy_count(hierarchy);
    _cleanup_free_ uint32_t *places = calloc(count + 1, sizeof *places); /* place + 1 */
    if (!places)
        return false;
    for (class_number i = 0; i < count; i++) {
        class_number metaclass = class_answer(hierarchy, i)->metaclass;
        if (metaclass >= count || class_is_metaclass(hierarchy, i))
            continue;
        if (!places[metaclass]) {
            struct class_usage usage = {.metaclass = metaclass, .root = CLASS_UNKNOWN};
            if (!vector_push(usages, usage))
                return false;
            places[metaclass] = (uint32_t)usages->count;
        }
        struct class_usage *usage = &usages->items[places[metaclass] - 1];
        usage->count++;
        if (!class_facts(hierarchy, i)->is_final && introduces(hierarchy, i) &&
            nearer(hierarchy, i, usage->root))
            usage->root = i;
    }
    return true;
}

uint64_t class_usage_of(const class_usages *usages, class_number metaclass)
{
    for (size_t i = 0; i < usages->count; i++)
        if (usages->items[i].metaclass == metaclass)
            return usages->items[i].count;
    return 0;
}
