/*
 * shape.c: the layout of instances, in numbers as CPython computes them (Objects/typeobject.c:
 * best_base, solid_base, extra_ivars of 3.8 to 3.11, shape_differs from 3.12, type_new_slots).
 */
#include <string.h>

#include "mro/internal.h"

#define WORD 8

/* ---- solid bases ----------------------------------------------------------------------------- */

static const struct shape *shape_at(const struct hierarchy *hierarchy, class_number number)
{
    return &entry_at(hierarchy, number)->shape;
}

/* Whether instances have fields that those of `base` lack. Trailing words for the dict and for weak
 * references do not count where they are part of the struct. */
static bool adds_fields(const struct class_rules *rules, const struct shape *shape,
                        const struct shape *base)
{
    int64_t size = shape->basicsize;
    if (shape->itemsize || base->itemsize || !rules->weakref_in_struct)
        return size != base->basicsize || shape->itemsize != base->itemsize;
    if (shape->heap_type && shape->weaklistoffset && !base->weaklistoffset &&
        shape->weaklistoffset + WORD == size)
        size -= WORD;
    if (shape->heap_type && shape->dictoffset && !base->dictoffset &&
        shape->dictoffset + WORD == size)
        size -= WORD;
    return size != base->basicsize;
}

bool shape_settle(struct hierarchy *hierarchy, class_number number)
{
    class_numbers chain = {0};
    class_number solid = CLASS_OBJECT;
    for (class_number next = number; next != CLASS_UNKNOWN && next != CLASS_OBJECT;
         next = entry_at(hierarchy, next)->best_base) {
        if (entry_at(hierarchy, next)->solid_base != CLASS_UNKNOWN) {
            solid = entry_at(hierarchy, next)->solid_base;
            break;
        }
        if (chain.count > hierarchy->entries.count || !vector_push(&chain, next)) {
            vector_free(&chain);
            return false;
        }
    }
    while (chain.count) {
        class_number next = chain.items[--chain.count];
        const struct shape *shape = shape_at(hierarchy, next), *base = shape_at(hierarchy, solid);
        if (shape->known && base->known && adds_fields(&hierarchy->rules, shape, base))
            solid = next;
        hierarchy->entries.items[next].solid_base = solid;
    }
    vector_free(&chain);
    hierarchy->entries.items[CLASS_OBJECT].solid_base = CLASS_OBJECT;
    return true;
}

class_number shape_best_base(const struct hierarchy *hierarchy, const struct class_facts *facts,
                             struct class_answer *answer)
{
    class_number winner = CLASS_UNKNOWN, best = CLASS_UNKNOWN;
    uint32_t best_index = 0;
    for (size_t i = 0; i < facts->base_count; i++) {
        class_number base = facts->bases[i].number;
        const struct class_entry *entry = entry_at(hierarchy, base);
        if (entry->facts.is_final) {
            answer->fault = CLASS_BASE_FINAL;
            answer->clash_first = answer->clash_second = (uint32_t)i;
            return base;
        }
        class_number candidate = entry->solid_base;
        if (!entry->shape.known || candidate == CLASS_UNKNOWN) {
            answer->layout_checked = false;
            candidate = CLASS_OBJECT;
        }
        if (winner == CLASS_UNKNOWN || (!class_derives(hierarchy, winner, candidate) &&
                                        class_derives(hierarchy, candidate, winner))) {
            winner = candidate;
            best = base;
            best_index = (uint32_t)i;
        } else if (!class_derives(hierarchy, winner, candidate)) {
            answer->fault = CLASS_LAYOUT_CONFLICT;
            answer->clash_first = best_index;
            answer->clash_second = (uint32_t)i;
            return best;
        }
    }
    return best;
}

/* ---- the shape of a class -------------------------------------------------------------------- */

static bool has_tuple(const struct hierarchy *hierarchy, class_number number)
{
    struct mro_walk walk = mro_begin(hierarchy, number);
    for (class_number next; (next = mro_next(&walk)) != CLASS_UNKNOWN;)
        if (strcmp(class_name(hierarchy, next), "tuple") == 0)
            return true;
    return false;
}

/* Whether `best` can carry the __slots__ of the statement. */
static bool slots_allowed(const struct hierarchy *hierarchy, const struct class_layout *layout,
                          class_number best)
{
    const struct class_rules *rules = &hierarchy->rules;
    const struct shape *base = shape_at(hierarchy, best);
    uint32_t names = layout->slots;
    if (!rules->tuple_slots)
        names += layout->slot_dict + layout->slot_weakref;
    if (names && base->itemsize && !(rules->tuple_slots && has_tuple(hierarchy, best)))
        return false;
    if (layout->slot_dict && base->dictoffset)
        return false;
    return !layout->slot_weakref || !base->weaklistoffset;
}

/* What other bases than the best one bring: a dict, weak references. */
static void borrow(const struct hierarchy *hierarchy, const struct class_facts *facts,
                   class_number best, bool *dict, bool *weakref)
{
    for (size_t i = 0; i < facts->base_count; i++) {
        if (facts->bases[i].number == best)
            continue;
        const struct shape *other = shape_at(hierarchy, facts->bases[i].number);
        *dict |= other->dictoffset != 0;
        *weakref |= other->weaklistoffset != 0;
    }
}

static void add_dict(const struct class_rules *rules, struct shape *shape)
{
    bool in_struct = shape->itemsize ? rules->dict_in_sized_struct : rules->dict_in_struct;
    shape->dictoffset = in_struct && !shape->itemsize ? shape->basicsize : -WORD;
    if (in_struct)
        shape->basicsize += WORD;
}

static void add_weakref(const struct class_rules *rules, struct shape *shape)
{
    shape->weaklistoffset = rules->weakref_in_struct ? shape->basicsize : -WORD;
    if (rules->weakref_in_struct)
        shape->basicsize += WORD;
}

bool shape_of_statement(const struct hierarchy *hierarchy, const struct class_facts *facts,
                        class_number best, struct shape *shape)
{
    const struct class_layout *layout = &facts->layout;
    const struct shape *base = shape_at(hierarchy, best);
    *shape = *base;
    shape->heap_type = true;
    if (!base->known || (layout->has_slots && layout->slots_unknown)) {
        shape->known = false;
        return true;
    }
    if (layout->has_slots && !slots_allowed(hierarchy, layout, best))
        return false;
    bool may_add_dict = !base->dictoffset;
    bool may_add_weakref = !base->weaklistoffset && !base->itemsize;
    bool dict = !layout->has_slots || layout->slot_dict;
    bool weakref = !layout->has_slots || layout->slot_weakref;
    if (layout->has_slots && facts->base_count > 1)
        borrow(hierarchy, facts, best, &dict, &weakref);
    shape->basicsize += (int64_t)layout->slots * WORD;
    if (dict && may_add_dict)
        add_dict(&hierarchy->rules, shape);
    if (weakref && (may_add_weakref || layout->slot_weakref))
        add_weakref(&hierarchy->rules, shape);
    return true;
}

struct shape shape_of_facts(const struct hierarchy *hierarchy, const struct class_facts *facts,
                            class_number best)
{
    const struct class_layout *layout = &facts->layout;
    struct shape shape = {0};
    if (best != CLASS_UNKNOWN)
        shape = *shape_at(hierarchy, best);
    switch (layout->kind) {
    case LAYOUT_SIZES:
        shape = (struct shape){
            .known = true,
            .basicsize = layout->basicsize,
            .itemsize = layout->itemsize,
            .dictoffset = layout->dictoffset,
            .weaklistoffset = layout->weaklistoffset,
        };
        break;
    case LAYOUT_OWN:
        shape.basicsize += WORD;
        break;
    case LAYOUT_UNKNOWN:
        shape.known = false;
        break;
    case LAYOUT_AS_BASE:
    case LAYOUT_STATEMENT:
        break;
    }
    shape.heap_type = layout->heap_type;
    return shape;
}
