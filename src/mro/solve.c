/* solve.c: answers classes after those they refer to, without recursion: bases may be deep. */
#include <string.h>

#include "base/cleanup.h"
#include "mro/internal.h"

typedef VECTOR(class_number) pending_vector;

/* Puts `number` before what waits, unless it is answered or waits already. */
static bool demand(struct hierarchy *hierarchy, pending_vector *pending, class_number number)
{
    if (number == CLASS_UNKNOWN || entry_at(hierarchy, number)->state != CLASS_DECLARED)
        return true;
    return vector_push(pending, number);
}

static bool demand_bases(struct hierarchy *hierarchy, pending_vector *pending, class_number number)
{
    const struct class_facts *facts = class_facts(hierarchy, number);
    for (size_t i = 0; i < facts->base_count; i++)
        if (!demand(hierarchy, pending, facts->bases[i].number))
            return false;
    if (facts->names_metaclass && !demand(hierarchy, pending, facts->named_metaclass))
        return false;
    return facts->layout.kind != LAYOUT_SIZES || facts->layout.base >= hierarchy->entries.count ||
           demand(hierarchy, pending, facts->layout.base);
}

/* The metaclasses of the bases, which are answered by then. */
static bool demand_metaclasses(struct hierarchy *hierarchy, pending_vector *pending,
                               class_number number)
{
    const struct class_facts *facts = class_facts(hierarchy, number);
    for (size_t i = 0; i < facts->base_count; i++) {
        class_number base = facts->bases[i].number;
        if (base != CLASS_UNKNOWN &&
            !demand(hierarchy, pending, class_answer(hierarchy, base)->metaclass))
            return false;
    }
    return !facts->has_metaclass || demand(hierarchy, pending, facts->metaclass);
}

/* ---- keeping an answer ----------------------------------------------------------------------- */

static struct error *keep_order(struct hierarchy *hierarchy, class_number number,
                                const class_numbers *order)
{
    class_number *mro = arena_take(&hierarchy->arena, (order->count + 1) * sizeof *mro);
    if (!mro)
        return error_no_memory();
    mro[0] = number;
    memcpy(mro + 1, order->items, order->count * sizeof *mro);
    hierarchy->mro_stored += order->count + 1;
    hierarchy->entries.items[number].mro = mro;
    return NULL;
}

static struct error *keep(struct hierarchy *hierarchy, class_number number,
                          struct judgement *judgement)
{
    struct class_entry *entry = &hierarchy->entries.items[number];
    entry->answer = judgement->answer;
    entry->shape = judgement->shape;
    entry->best_base = judgement->best_base;
    entry->inherits_reason = judgement->inherits_reason;
    if (judgement->reason) {
        entry->answer.reason = arena_text(&hierarchy->arena, judgement->reason);
        if (!entry->answer.reason)
            return error_no_memory();
    }
    if (!entry->answer.answered || entry->answer.fault)
        return NULL;
    if (judgement->mro.count && hierarchy->mro_stored > MRO_STORED_MAX) {
        entry->answer.answered = false;
        entry->answer.mro_length = 0;
        entry->answer.reason = "the orders of all classes are too long to be kept";
        return NULL;
    }
    if (judgement->mro.count) {
        struct error *error = keep_order(hierarchy, number, &judgement->mro);
        if (error)
            return error;
    } else {
        entry->chain = entry->facts.bases[0].number;
    }
    for (size_t i = 0; i < entry->facts.base_count; i++)
        entry->is_metaclass |= class_is_metaclass(hierarchy, entry->facts.bases[i].number);
    if (entry->is_metaclass && !vector_push(&hierarchy->metaclasses, number))
        return error_no_memory();
    return shape_settle(hierarchy, number) ? NULL : error_no_memory();
}

/* A class whose order is known, that is, which exists. */
static struct error *keep_known(struct hierarchy *hierarchy, class_number number)
{
    struct class_entry *entry = &hierarchy->entries.items[number];
    const struct class_facts *facts = &entry->facts;
    entry->answer = (struct class_answer){
        .answered = true,
        .metaclass = facts->has_metaclass ? facts->metaclass : CLASS_UNKNOWN,
        .clash_first = NO_BASE,
        .clash_second = NO_BASE,
        .mro_length = facts->mro_length,
        .layout_checked = true,
    };
    entry->mro = facts->mro;
    entry->best_base =
        facts->layout.base < hierarchy->entries.count ? facts->layout.base : CLASS_UNKNOWN;
    if (entry->best_base == CLASS_UNKNOWN && facts->base_count)
        entry->best_base = facts->bases[0].number;
    entry->shape = shape_of_facts(hierarchy, facts, entry->best_base);
    entry->is_metaclass = class_derives(hierarchy, number, CLASS_TYPE);
    bool kept = !entry->is_metaclass || vector_push(&hierarchy->metaclasses, number);
    return kept ? NULL : error_no_memory();
}

static struct error *answer(struct hierarchy *hierarchy, class_number number,
                            struct scratch *scratch)
{
    struct class_entry *entry = &hierarchy->entries.items[number];
    struct error *error;
    if (entry->facts.mro) {
        error = keep_known(hierarchy, number);
    } else {
        struct judgement judgement = {0};
        scratch->steps = hierarchy->steps;
        error = judge(hierarchy, &entry->facts, scratch, &judgement);
        hierarchy->steps = scratch->steps;
        if (!error)
            error = keep(hierarchy, number, &judgement);
        judgement_free(&judgement);
    }
    entry->state = CLASS_ANSWERED;
    return error;
}

/* ---- in order -------------------------------------------------------------------------------- */

/* Looks at the last of `pending`: puts what it needs behind it, or answers it. */
static struct error *step(struct hierarchy *hierarchy, pending_vector *pending,
                          struct scratch *scratch)
{
    class_number number = pending->items[pending->count - 1];
    struct class_entry *entry = &hierarchy->entries.items[number];
    size_t before = pending->count;
    if (entry->state == CLASS_ANSWERED) {
        pending->count--;
        return NULL;
    }
    bool first = entry->state == CLASS_DECLARED;
    entry->state = CLASS_WAITING;
    if (first && !entry->facts.mro && !demand_bases(hierarchy, pending, number))
        return error_no_memory();
    if (pending->count > before)
        return NULL;
    if (!entry->facts.mro && !demand_metaclasses(hierarchy, pending, number))
        return error_no_memory();
    if (pending->count > before)
        return NULL;
    pending->count--;
    return answer(hierarchy, number, scratch);
}

static void mark_undefined(struct hierarchy *hierarchy)
{
    for (size_t i = 0; i < hierarchy->entries.count; i++) {
        struct class_entry *entry = &hierarchy->entries.items[i];
        if (!entry->defined)
            entry->facts.not_checked = "nothing is known of it";
    }
}

/* Classes that exist are known before others refer to them, whatever their numbers. */
static struct error *answer_known(struct hierarchy *hierarchy)
{
    for (class_number i = 0; i < hierarchy->entries.count; i++) {
        struct class_entry *entry = &hierarchy->entries.items[i];
        if (entry->state != CLASS_DECLARED || !entry->facts.mro)
            continue;
        struct error *error = keep_known(hierarchy, i);
        if (error)
            return error;
        entry->state = CLASS_ANSWERED;
    }
    for (class_number i = 0; i < hierarchy->entries.count; i++) {
        const struct class_entry *entry = entry_at(hierarchy, i);
        if (entry->facts.mro && entry->state == CLASS_ANSWERED && !shape_settle(hierarchy, i))
            return error_no_memory();
    }
    return NULL;
}

struct error *hierarchy_solve(struct hierarchy *hierarchy)
{
    pending_vector pending = {0};
    struct scratch scratch;
    if (!scratch_new(hierarchy, &scratch))
        return error_no_memory();
    mark_undefined(hierarchy);
    struct error *error = answer_known(hierarchy);
    for (class_number i = 0; !error && i < hierarchy->entries.count; i++) {
        if (entry_at(hierarchy, i)->state == CLASS_ANSWERED)
            continue;
        if (!vector_push(&pending, i))
            error = error_no_memory();
        while (!error && pending.count)
            error = step(hierarchy, &pending, &scratch);
    }
    vector_free(&pending);
    scratch_free(&scratch);
    return error;
}
