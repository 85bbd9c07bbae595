/* Tests of if statements and outcomes of try statements, as far as they are known beforehand. */
#include "audit/resolver_internal.h"

#include <stdlib.h>
#include <string.h>

enum truth truth_of(const struct value *value)
{
    switch (value->kind) {
    case VALUE_TRUE:
    case VALUE_CLASS:
    case VALUE_MODULE:
    case VALUE_FUNCTION:
    case VALUE_SPECIAL:
    case VALUE_VERSION:
        return TRUTH_YES;
    case VALUE_FALSE:
    case VALUE_NONE:
        return TRUTH_NO;
    case VALUE_INTEGER:
        return value->number ? TRUTH_YES : TRUTH_NO;
    case VALUE_STRING:
        return *value->text ? TRUTH_YES : TRUTH_NO;
    default:
        return TRUTH_UNKNOWN;
    }
}

enum truth decide(struct resolver *resolver, struct place_of_use place, expression_id test)
{
    struct value value = evaluate(resolver, place, test);
    return truth_of(&value);
}

static struct value from_truth(bool truth)
{
    return value_of_kind(truth ? VALUE_TRUE : VALUE_FALSE);
}

#define VERSION_PARTS 3

/* The numbers of a tuple; 0: it is none. */
static unsigned numbers_of(struct resolver *resolver, const struct value *value,
                           int numbers[VERSION_PARTS])
{
    const struct module *module = resolver_module(resolver, value->module);
    if (value->kind != VALUE_SEQUENCE)
        return 0;
    const struct expression *list = module_expression(module, value->number);
    unsigned count = 0;
    for (uint32_t i = 0; i < list->count && i < VERSION_PARTS; i++) {
        const struct expression *item = module_expression(module, module_child(module, list, i));
        if (item->kind != EXPRESSION_INTEGER)
            return i; /* (3, 11, 0, "final") */
        numbers[count++] = item->number;
    }
    return count;
}

static bool holds(const char *sign, int order)
{
    if (strcmp(sign, "<") == 0)
        return order < 0;
    if (strcmp(sign, "<=") == 0)
        return order <= 0;
    if (strcmp(sign, ">") == 0)
        return order > 0;
    if (strcmp(sign, ">=") == 0)
        return order >= 0;
    return (strcmp(sign, "==") == 0 || strcmp(sign, "is") == 0) ? order == 0 : order != 0;
}

/* sys.version_info against a tuple: the patch level is not known, but rarely matters. */
static struct value compare_version(struct resolver *resolver, unsigned parts, const char *sign,
                                    const struct value *right)
{
    int wanted[VERSION_PARTS] = {0}, have[] = {3, (int)resolver->minor};
    unsigned count = numbers_of(resolver, right, wanted);
    unsigned own = parts && parts < 2 ? parts : 2;
    for (unsigned i = 0; i < count && i < own; i++) {
        if (have[i] != wanted[i])
            return from_truth(holds(sign, have[i] - wanted[i]));
    }
    if (count == 0)
        return value_unknown(resolver, "a test of the version that is not understood");
    if (parts && parts <= 2) /* a cut tuple: what is longer is greater */
        return from_truth(holds(sign, (int)parts - (int)count));
    if (count <= 2) /* the whole version is longer, so greater */
        return from_truth(holds(sign, 1));
    if (wanted[2] == 0 && (*sign == '>' || *sign == '<'))
        return from_truth(*sign == '>');
    return value_unknown(resolver, "a test of the patch version");
}

static struct value compare_words(struct resolver *resolver, const char *sign,
                                  const struct value *left, const struct value *right)
{
    if (left->kind == VALUE_STRING && right->kind == VALUE_STRING)
        return from_truth(holds(sign, strcmp(left->text, right->text)));
    if (left->kind == VALUE_INTEGER && right->kind == VALUE_INTEGER)
        return from_truth(holds(sign, (int)left->number - (int)right->number));
    bool equal = strcmp(sign, "is") == 0 || strcmp(sign, "==") == 0;
    bool different = strcmp(sign, "is not") == 0 || strcmp(sign, "!=") == 0;
    bool known = truth_of(left) != TRUTH_UNKNOWN && truth_of(right) != TRUTH_UNKNOWN;
    if ((equal || different) && known && left->kind != VALUE_STRING)
        return from_truth(value_same(left, right) == equal);
    return value_unknown(resolver, "a comparison that is decided when the program runs");
}

static struct value membership(struct resolver *resolver, const struct value *left,
                               const struct value *right, bool wanted)
{
    struct value unknown =
        value_unknown(resolver, "a comparison that is decided when the program runs");
    if (left->kind != VALUE_STRING)
        return unknown;
    if (right->kind == VALUE_STRING)
        return from_truth((strstr(right->text, left->text) != NULL) == wanted);
    if (right->kind == VALUE_BUILTIN_NAMES)
        return from_truth((text_map_get(&resolver->modules->builtins.modules, left->text) !=
                           TEXT_MAP_ABSENT) == wanted);
    if (right->kind != VALUE_SEQUENCE)
        return unknown;
    const struct module *module = resolver_module(resolver, right->module);
    const struct expression *list = module_expression(module, right->number);
    for (uint32_t i = 0; i < list->count; i++) {
        const struct expression *item = module_expression(module, module_child(module, list, i));
        if (item->kind != EXPRESSION_STRING)
            return unknown;
        if (strcmp(module_text(module, item->text), left->text) == 0)
            return from_truth(wanted);
    }
    return from_truth(!wanted);
}

struct value compare(struct resolver *resolver, struct place_of_use place,
                     const struct expression *expression)
{
    const struct module *module = resolver_module(resolver, place.module);
    const char *sign = module_text(module, expression->text);
    expression_id sides[] = {module_child(module, expression, 0),
                             module_child(module, expression, 1)};
    struct value left = evaluate(resolver, place, sides[0]);
    struct value right = evaluate(resolver, place, sides[1]);
    if (left.kind == VALUE_VERSION)
        return compare_version(resolver, left.number, sign, &right);
    if (strcmp(sign, "in") == 0)
        return membership(resolver, &left, &right, true);
    if (strcmp(sign, "not in") == 0)
        return membership(resolver, &left, &right, false);
    return compare_words(resolver, sign, &left, &right);
}

/* ---- try ------------------------------------------------------------------------------------- */

/* What a handler catches. */
struct caught {
    bool import, name, attribute, more;
};

static void catch_word(const char *word, struct caught *caught)
{
    if (strcmp(word, "ImportError") == 0 || strcmp(word, "ModuleNotFoundError") == 0)
        caught->import = true;
    else if (strcmp(word, "NameError") == 0)
        caught->name = true;
    else if (strcmp(word, "AttributeError") == 0)
        caught->attribute = true;
    else if (strcmp(word, "Exception") == 0 || strcmp(word, "BaseException") == 0)
        *caught = (struct caught){true, true, true, true};
    else
        caught->more = true;
}

static struct caught caught_by(const struct module *module, expression_id test)
{
    struct caught caught = {0};
    if (test == NONE)
        return (struct caught){true, true, true, true};
    const struct expression *expression = module_expression(module, test);
    if (expression->kind == EXPRESSION_SEQUENCE) {
        for (uint32_t i = 0; i < expression->count; i++) {
            const struct expression *item =
                module_expression(module, module_child(module, expression, i));
            catch_word(item->kind == EXPRESSION_NAME ? module_text(module, item->text) : "?",
                       &caught);
        }
    } else {
        catch_word(expression->kind == EXPRESSION_NAME ? module_text(module, expression->text)
                                                       : "?",
                   &caught);
    }
    return caught;
}

/* The first handler that catches what `wanted` says; NONE. */
static uint32_t handler_for(const struct module *module, uint32_t first, struct caught wanted)
{
    for (uint32_t arm = first; arm != NONE; arm = module->blocks.items[arm].next) {
        if (module->blocks.items[arm].kind != ARM_EXCEPT)
            continue;
        struct caught caught = caught_by(module, module->blocks.items[arm].test);
        if ((wanted.import && caught.import) || (wanted.name && caught.name) ||
            (wanted.attribute && caught.attribute))
            return arm;
    }
    return NONE;
}

static bool catches_more(const struct module *module, uint32_t first)
{
    for (uint32_t arm = first; arm != NONE; arm = module->blocks.items[arm].next) {
        if (module->blocks.items[arm].kind != ARM_EXCEPT)
            continue;
        struct caught caught = caught_by(module, module->blocks.items[arm].test);
        if (caught.name || caught.attribute || caught.more)
            return true;
    }
    return false;
}

/* What one event of a body does. */
static enum outcome event_outcome(struct resolver *resolver, uint32_t module,
                                  const struct event *event, struct caught *raised)
{
    const struct module *source = resolver_module(resolver, module);
    struct place_of_use place = {module, source->blocks.items[event->block].scope, event->block,
                                 event->evaluated_at};
    if (event->kind == EVENT_IMPORT) {
        struct import import = source->imports.items[event->index];
        enum truth truth = import_succeeds(resolver, module, &import);
        raised->import = true;
        return truth == TRUTH_YES  ? OUTCOME_SUCCEEDS
               : truth == TRUTH_NO ? OUTCOME_FAILS
                                   : OUTCOME_UNKNOWN;
    }
    if (event->kind == EVENT_FUNCTION)
        return OUTCOME_SUCCEEDS;
    if (event->kind != EVENT_ASSIGN)
        return OUTCOME_UNKNOWN;
    enum expression_kind kind = module_expression(source, event->index)->kind;
    if (kind != EXPRESSION_NAME && kind != EXPRESSION_ATTRIBUTE)
        return kind == EXPRESSION_CALL || kind == EXPRESSION_OTHER || kind == EXPRESSION_SUBSCRIPT
                   ? OUTCOME_UNKNOWN
                   : OUTCOME_SUCCEEDS;
    struct value value = evaluate(resolver, place, event->index);
    raised->name = kind == EXPRESSION_NAME;
    raised->attribute = kind == EXPRESSION_ATTRIBUTE;
    if (value.kind == VALUE_UNBOUND)
        return OUTCOME_FAILS;
    return value.kind == VALUE_UNKNOWN ? OUTCOME_UNKNOWN : OUTCOME_SUCCEEDS;
}

static enum outcome work_out_try(struct resolver *resolver, uint32_t module, uint32_t first,
                                 uint32_t *arm, uint32_t *position)
{
    const struct module *source = resolver_module(resolver, module);
    const struct block body = source->blocks.items[first];
    bool more = catches_more(source, first);
    enum outcome outcome = OUTCOME_SUCCEEDS;
    for (uint32_t i = body.first_event; i < body.end_event; i++) {
        const struct event event = source->events.items[i];
        if (event.block != first)
            continue;
        struct caught raised = {0};
        enum outcome one = event_outcome(resolver, module, &event, &raised);
        if (one == OUTCOME_FAILS) {
            *arm = handler_for(source, first, raised);
            *position = event.position;
            if (outcome == OUTCOME_UNKNOWN || *arm == NONE)
                return OUTCOME_UNKNOWN;
            return OUTCOME_FAILS;
        }
        if (one == OUTCOME_UNKNOWN && (more || event.kind == EVENT_IMPORT))
            outcome = OUTCOME_UNKNOWN;
    }
    if (body.leaves && outcome == OUTCOME_SUCCEEDS)
        return OUTCOME_UNKNOWN;
    return outcome;
}

enum outcome decide_try(struct resolver *resolver, uint32_t module, uint32_t construct,
                        uint32_t *arm, uint32_t *position)
{
    struct module_memory *memory = resolver_memory(resolver, module);
    if (!memory)
        return OUTCOME_UNKNOWN;
    uint8_t state = memory->tries[construct];
    *arm = memory->failures[construct * 2];
    *position = memory->failures[construct * 2 + 1];
    if (state)
        return state - 1;
    memory->tries[construct] = OUTCOME_UNKNOWN + 1;
    uint32_t first = resolver_module(resolver, module)->constructs.items[construct].first;
    enum outcome outcome = work_out_try(resolver, module, first, arm, position);
    memory = resolver_memory(resolver, module);
    memory->failures[construct * 2] = *arm;
    memory->failures[construct * 2 + 1] = *position;
    memory->tries[construct] = (uint8_t)(outcome + 1);
    return outcome;
}

/* ---- what is never reached ------------------------------------------------------------------- */

static bool arm_is_dead(struct resolver *resolver, uint32_t module, uint32_t scope, uint32_t arm,
                        uint32_t position)
{
    const struct module *source = resolver_module(resolver, module);
    const struct block block = source->blocks.items[arm];
    const struct construct construct = source->constructs.items[block.construct];
    struct place_of_use place = {module, scope, block.parent, construct.start};
    uint32_t handler, stop;
    switch (source->blocks.items[construct.first].kind) {
    case ARM_IF:
        for (uint32_t other = construct.first; other != arm && other != NONE;
             other = source->blocks.items[other].next) {
            expression_id test = source->blocks.items[other].test;
            if (test != NONE && decide(resolver, place, test) == TRUTH_YES)
                return true;
        }
        return block.test != NONE && decide(resolver, place, block.test) == TRUTH_NO;
    case ARM_TRY:
        switch (decide_try(resolver, module, block.construct, &handler, &stop)) {
        case OUTCOME_SUCCEEDS:
            return block.kind == ARM_EXCEPT;
        case OUTCOME_FAILS:
            return block.kind == ARM_ELSE || (block.kind == ARM_EXCEPT && arm != handler) ||
                   (block.kind == ARM_TRY && position > stop);
        default:
            return false;
        }
    default:
        return false;
    }
}

const char *never_reached(struct resolver *resolver, uint32_t module, uint32_t scope,
                          uint32_t block, uint32_t position)
{
    while (scope != NONE) {
        while (block != NONE &&
               resolver_module(resolver, module)->blocks.items[block].parent != NONE) {
            const struct block found = resolver_module(resolver, module)->blocks.items[block];
            if (arm_is_dead(resolver, module, scope, block, position)) {
                struct value why =
                    value_unknown(resolver, "Python 3.%u does not get there (see line %u)",
                                  resolver->minor, found.line);
                return why.text;
            }
            position = resolver_module(resolver, module)->constructs.items[found.construct].start;
            block = found.parent;
        }
        const struct scope *left = &resolver_module(resolver, module)->scopes.items[scope];
        scope = left->parent;
        block = left->block;
        position = left->position;
    }
    return NULL;
}
