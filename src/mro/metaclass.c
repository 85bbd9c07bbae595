/* metaclass.c: the most derived metaclass (Objects/typeobject.c: _PyType_CalculateMetaclass), and
 * the combination that there is not yet. */
#include "mro/metaclass.h"

#include <string.h>

#include "mro/internal.h"
#include "mro/merge.h"

#define PERMUTED_MAX 6

bool metaclass_choose(const struct hierarchy *hierarchy, class_number named,
                      const struct class_base *bases, size_t count, class_number *winner,
                      uint32_t *from, uint32_t *clash)
{
    *from = NO_BASE;
    *winner = named;
    for (uint32_t i = 0; i < count; i++) {
        class_number metaclass = class_answer(hierarchy, bases[i].number)->metaclass;
        if (*winner == CLASS_UNKNOWN || (!class_derives(hierarchy, *winner, metaclass) &&
                                         class_derives(hierarchy, metaclass, *winner))) {
            *winner = metaclass;
            *from = i;
        } else if (!class_derives(hierarchy, *winner, metaclass)) {
            *clash = i;
            return false;
        }
    }
    return true;
}

/* ---- combining ------------------------------------------------------------------------------- */

static bool contains(const class_numbers *numbers, class_number number)
{
    for (size_t i = 0; i < numbers->count; i++)
        if (numbers->items[i] == number)
            return true;
    return false;
}

static bool add_once(class_numbers *numbers, class_number number)
{
    return contains(numbers, number) || vector_push(numbers, number);
}

static bool collect(const struct hierarchy *hierarchy, const struct class_facts *facts,
                    class_numbers *metaclasses)
{
    if (facts->names_metaclass && !add_once(metaclasses, facts->named_metaclass))
        return false;
    for (size_t i = 0; i < facts->base_count; i++)
        if (!add_once(metaclasses, class_answer(hierarchy, facts->bases[i].number)->metaclass))
            return false;
    return true;
}

/* Keeps those from which no other one derives. */
static bool prune(const struct hierarchy *hierarchy, const class_numbers *metaclasses,
                  struct metaclass_combination *combination)
{
    for (size_t i = 0; i < metaclasses->count; i++) {
        class_number one = metaclasses->items[i];
        bool derived_from = false;
        for (size_t j = 0; j < metaclasses->count && !derived_from; j++)
            derived_from = j != i && class_derives(hierarchy, metaclasses->items[j], one);
        if (!vector_push(derived_from ? &combination->dropped : &combination->bases, one))
            return false;
    }
    return true;
}

/* What the statement `class Combined(*bases)` does. */
static struct error *try_order(const struct hierarchy *hierarchy, const class_numbers *order,
                               struct scratch *scratch, struct judgement *judgement)
{
    struct class_base *bases = calloc(order->count + 1, sizeof *bases);
    if (!bases)
        return error_no_memory();
    for (size_t i = 0; i < order->count; i++)
        bases[i].number = order->items[i];
    const struct class_facts facts = {.bases = bases, .base_count = order->count};
    struct error *error = judge(hierarchy, &facts, scratch, judgement);
    free(bases);
    return error;
}

/* The next order of the places 0, 1 … in `places`; false after the last. */
static bool next_permutation(size_t *places, size_t count)
{
    size_t i = count - 1;
    while (i > 0 && places[i - 1] > places[i])
        i--;
    if (i == 0)
        return false;
    size_t j = count - 1;
    while (places[j] < places[i - 1])
        j--;
    size_t swap = places[i - 1];
    places[i - 1] = places[j];
    places[j] = swap;
    for (size_t k = count - 1; i < k; i++, k--) {
        swap = places[i];
        places[i] = places[k];
        places[k] = swap;
    }
    return true;
}

/* Puts the combination's bases in the first order that makes a class. */
static struct error *find_order(const struct hierarchy *hierarchy, struct scratch *scratch,
                                struct metaclass_combination *combination)
{
    class_number given[PERMUTED_MAX];
    size_t places[PERMUTED_MAX];
    class_numbers *bases = &combination->bases;
    size_t count = bases->count <= PERMUTED_MAX ? bases->count : 0;
    for (size_t i = 0; i < count; i++) {
        given[i] = bases->items[i];
        places[i] = i;
    }
    do {
        for (size_t i = 0; i < count; i++)
            bases->items[i] = given[places[i]];
        struct judgement judgement = {0};
        struct error *error = try_order(hierarchy, bases, scratch, &judgement);
        bool made = !error && judgement.answer.answered && !judgement.answer.fault;
        if (!combination->reordered)
            combination->obstacle = judgement.answer.fault;
        if (made)
            combination->mro = judgement.mro;
        judgement.mro = made ? (class_numbers){0} : judgement.mro;
        judgement_free(&judgement);
        if (error || made)
            return error;
        combination->reordered = true;
    } while (count && next_permutation(places, count));
    bases->count = 0;
    return NULL;
}

static class_number find_ready(const struct hierarchy *hierarchy, const class_numbers *bases)
{
    for (size_t i = 0; i < hierarchy->metaclasses.count; i++) {
        size_t found = 0;
        class_number one = hierarchy->metaclasses.items[i];
        while (found < bases->count && class_derives(hierarchy, one, bases->items[found]))
            found++;
        if (found == bases->count)
            return one;
    }
    return CLASS_UNKNOWN;
}

/* What the class itself meets next. */
static struct error *look_ahead(const struct hierarchy *hierarchy, const struct class_facts *given,
                                struct scratch *scratch, struct metaclass_combination *combination)
{
    struct class_facts facts = *given;
    struct judgement judgement = {0};
    facts.has_metaclass = true;
    facts.metaclass = CLASS_TYPE;
    facts.not_checked = NULL;
    struct error *error = judge(hierarchy, &facts, scratch, &judgement);
    combination->next = judgement.answer.fault;
    combination->next_first = judgement.answer.clash_first;
    combination->next_second = judgement.answer.clash_second;
    judgement_free(&judgement);
    return error;
}

struct error *metaclass_combine(const struct hierarchy *hierarchy, class_number number,
                                struct metaclass_combination *combination)
{
    const struct class_facts *facts = class_facts(hierarchy, number);
    struct scratch scratch;
    class_numbers metaclasses = {0};
    *combination = (struct metaclass_combination){.ready = CLASS_UNKNOWN};
    if (!scratch_new(hierarchy, &scratch))
        return error_no_memory();
    struct error *error = NULL;
    if (!collect(hierarchy, facts, &metaclasses) || !prune(hierarchy, &metaclasses, combination))
        error = error_no_memory();
    if (!error)
        combination->ready = find_ready(hierarchy, &combination->bases);
    if (!error)
        error = find_order(hierarchy, &scratch, combination);
    if (!error)
        error = look_ahead(hierarchy, facts, &scratch, combination);
    vector_free(&metaclasses);
    scratch_free(&scratch);
    return error;
}

void metaclass_combination_free(struct metaclass_combination *combination)
{
    vector_free(&combination->bases);
    vector_free(&combination->dropped);
    vector_free(&combination->mro);
}
