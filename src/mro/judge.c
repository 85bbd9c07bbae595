/* judge.c: one class statement, tested in the order of CPython's type_new. */
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "mro/internal.h"
#include "mro/metaclass.h"

void judgement_free(struct judgement *judgement)
{
    free(judgement->reason);
    vector_free(&judgement->mro);
    *judgement = (struct judgement){0};
}

/* Takes `reason` over. */
static struct error *leave(struct judgement *judgement, char *reason)
{
    judgement->reason = reason;
    judgement->answer.answered = false;
    return reason ? NULL : error_no_memory();
}

/* ---- what it refers to ----------------------------------------------------------------------- */

static const char *fault_phrase(enum class_fault fault)
{
    switch (fault) {
    case CLASS_METACLASS_CONFLICT:
        return "metaclass conflict";
    case CLASS_BASE_FINAL:
        return "a base of it accepts no subclass";
    case CLASS_LAYOUT_CONFLICT:
        return "layout conflict";
    case CLASS_SLOTS_REFUSED:
        return "its __slots__ are refused";
    case CLASS_BASE_TWICE:
        return "duplicate base";
    case CLASS_NO_ORDER:
        return "no consistent order";
    case CLASS_SOUND:
        break;
    }
    return "sound";
}

/* Why a base makes an answer impossible, NULL when it does not. */
static char *base_obstacle(const struct hierarchy *hierarchy, const struct class_base *base,
                           bool *inherited)
{
    if (base->number == CLASS_UNKNOWN)
        return text_format("its base %s is not known", base->text ? base->text : "(an expression)");
    const struct class_entry *entry = entry_at(hierarchy, base->number);
    *inherited = true;
    if (entry->state != CLASS_ANSWERED) {
        *inherited = false;
        return text_format("its base %s leads back to it", entry->name);
    }
    if (!entry->answer.answered)
        return entry->inherits_reason
                   ? strdup(entry->answer.reason)
                   : text_format("its base %s: %s", entry->name, entry->answer.reason);
    if (entry->answer.fault != CLASS_SOUND)
        return text_format("its base %s cannot be made: %s", entry->name,
                           fault_phrase(entry->answer.fault));
    return NULL;
}

static bool base_usable(const struct hierarchy *hierarchy, const struct class_base *base)
{
    if (base->number == CLASS_UNKNOWN)
        return false;
    const struct class_entry *entry = entry_at(hierarchy, base->number);
    return entry->state == CLASS_ANSWERED && entry->answer.answered &&
           entry->answer.fault == CLASS_SOUND;
}

/* ---- metaclass ------------------------------------------------------------------------------- */

static bool metaclass_usable(const struct hierarchy *hierarchy, class_number metaclass)
{
    const struct class_base base = {.number = metaclass};
    return base_usable(hierarchy, &base);
}

/* Why the metaclass cannot be told: owned; *failed when there is no memory. NULL: it can. */
static char *metaclass_obstacle(const struct hierarchy *hierarchy, const struct class_facts *facts)
{
    if (facts->names_metaclass) {
        class_number named = facts->named_metaclass;
        if (named == CLASS_UNKNOWN || !metaclass_usable(hierarchy, named))
            return text_format("the metaclass that it names is not known");
        if (!class_is_metaclass(hierarchy, named))
            return text_format("the metaclass that it names, %s, does not derive from type",
                               class_name(hierarchy, named));
    }
    for (size_t i = 0; i < facts->base_count; i++) {
        const struct class_entry *base = entry_at(hierarchy, facts->bases[i].number);
        if (!metaclass_usable(hierarchy, base->answer.metaclass))
            return text_format("the metaclass of its base %s is not known", base->name);
    }
    return NULL;
}

static bool choose_metaclass(const struct hierarchy *hierarchy, const struct class_facts *facts,
                             struct class_answer *answer)
{
    if (facts->has_metaclass) {
        answer->metaclass = facts->metaclass;
        return true;
    }
    class_number winner;
    class_number named = facts->names_metaclass ? facts->named_metaclass : CLASS_UNKNOWN;
    if (metaclass_choose(hierarchy, named, facts->bases, facts->base_count, &winner,
                         &answer->clash_first, &answer->clash_second)) {
        answer->metaclass = winner;
        answer->clash_first = answer->clash_second = NO_BASE;
        return true;
    }
    answer->fault = CLASS_METACLASS_CONFLICT;
    return false;
}

/* The class that defines the mro() of such a metaclass; CLASS_UNKNOWN: type does. */
static class_number mro_override(const struct hierarchy *hierarchy, class_number metaclass)
{
    struct mro_walk walk = mro_begin(hierarchy, metaclass);
    for (class_number next; (next = mro_next(&walk)) != CLASS_UNKNOWN && next != CLASS_TYPE;)
        if (entry_at(hierarchy, next)->facts.overrides_mro)
            return next;
    return CLASS_UNKNOWN;
}

/* ---- bases ----------------------------------------------------------------------------------- */

static bool any_twice(const struct class_facts *facts, struct scratch *scratch)
{
    bool twice = false;
    for (size_t i = 0; i < facts->base_count; i++)
        twice |= scratch->counts[facts->bases[i].number]++ > 0;
    for (size_t i = 0; i < facts->base_count; i++)
        scratch->counts[facts->bases[i].number] = 0;
    return twice;
}

static void find_twice(const struct class_facts *facts, struct class_answer *answer)
{
    for (size_t i = 0; i < facts->base_count; i++) {
        for (size_t j = i + 1; j < facts->base_count; j++) {
            if (facts->bases[i].number != facts->bases[j].number)
                continue;
            answer->fault = CLASS_BASE_TWICE;
            answer->clash_first = (uint32_t)i;
            answer->clash_second = (uint32_t)j;
            return;
        }
    }
}

static struct error *merge_several(const struct hierarchy *hierarchy,
                                   const struct class_facts *facts, struct scratch *scratch,
                                   struct judgement *judgement)
{
    _cleanup_free_ class_number *bases = malloc(facts->base_count * sizeof *bases);
    if (!bases)
        return error_no_memory();
    for (size_t i = 0; i < facts->base_count; i++)
        bases[i] = facts->bases[i].number;
    enum merge_result result =
        merge_run(hierarchy, bases, facts->base_count, scratch, &judgement->mro, NULL);
    switch (result) {
    case MERGE_NO_MEMORY:
        return error_no_memory();
    case MERGE_TOO_LONG:
        return leave(judgement, text_format("its linearisation takes more steps than are made"));
    case MERGE_FAILED:
        judgement->answer.fault = CLASS_NO_ORDER;
        return NULL;
    case MERGE_DONE:
        judgement->answer.mro_length = judgement->mro.count + 1;
        return NULL;
    }
    return NULL;
}

static struct error *order_bases(const struct hierarchy *hierarchy, const struct class_facts *facts,
                                 struct scratch *scratch, struct judgement *judgement)
{
    if (facts->base_count > 1 && any_twice(facts, scratch)) {
        find_twice(facts, &judgement->answer);
        return NULL;
    }
    class_number override = mro_override(hierarchy, judgement->answer.metaclass);
    if (override != CLASS_UNKNOWN)
        return leave(judgement, text_format("mro() of its metaclass %s decides the order",
                                            class_name(hierarchy, override)));
    if (facts->base_count > 1)
        return merge_several(hierarchy, facts, scratch, judgement);
    judgement->answer.mro_length =
        entry_at(hierarchy, facts->bases[0].number)->answer.mro_length + 1;
    if (judgement->answer.mro_length > MRO_LENGTH_MAX)
        return leave(judgement, text_format("its order is longer than is followed"));
    return NULL;
}

/* ---- */

static uint32_t base_index(const struct class_facts *facts, class_number base)
{
    for (uint32_t i = 0; i < facts->base_count; i++)
        if (facts->bases[i].number == base)
            return i;
    return NO_BASE;
}

static struct error *judge_shape(const struct hierarchy *hierarchy, const struct class_facts *facts,
                                 struct judgement *judgement)
{
    struct class_answer *answer = &judgement->answer;
    judgement->best_base = shape_best_base(hierarchy, facts, answer);
    if (answer->fault)
        return NULL;
    if (facts->layout.kind != LAYOUT_STATEMENT) {
        if (facts->layout.kind == LAYOUT_SIZES && facts->layout.base < hierarchy->entries.count)
            judgement->best_base = facts->layout.base;
        judgement->shape = shape_of_facts(hierarchy, facts, judgement->best_base);
    } else if (!shape_of_statement(hierarchy, facts, judgement->best_base, &judgement->shape)) {
        answer->fault = CLASS_SLOTS_REFUSED;
        answer->clash_first = answer->clash_second = base_index(facts, judgement->best_base);
    }
    return NULL;
}

struct error *judge(const struct hierarchy *hierarchy, const struct class_facts *facts,
                    struct scratch *scratch, struct judgement *judgement)
{
    struct class_answer *answer = &judgement->answer;
    *answer = (struct class_answer){.answered = true,
                                    .metaclass = CLASS_UNKNOWN,
                                    .clash_first = NO_BASE,
                                    .clash_second = NO_BASE,
                                    .layout_checked = true};
    judgement->best_base = CLASS_UNKNOWN;
    if (facts->not_checked)
        return leave(judgement, strdup(facts->not_checked));
    for (size_t i = 0; i < facts->base_count; i++)
        if (!base_usable(hierarchy, &facts->bases[i]))
            return leave(judgement,
                         base_obstacle(hierarchy, &facts->bases[i], &judgement->inherits_reason));
    if (!facts->has_metaclass) {
        char *obstacle = metaclass_obstacle(hierarchy, facts);
        if (obstacle)
            return leave(judgement, obstacle);
    }
    if (!choose_metaclass(hierarchy, facts, answer))
        return NULL;
    struct error *error = judge_shape(hierarchy, facts, judgement);
    if (error || answer->fault)
        return error;
    return order_bases(hierarchy, facts, scratch, judgement);
}
