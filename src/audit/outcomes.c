/* Outcomes of try statements, as far as they are known beforehand. */
#include "audit/resolver_internal.h"

#include <string.h>

/* What a handler catches. */
struct caught {
    bool import, name, attribute, type, more;
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
        *caught = (struct caught){true, true, true, true, true};
    else
        caught->more = true;
    caught->type |= strcmp(word, "TypeError") == 0;
}

static struct caught caught_by(const struct module *module, expression_id test)
{
    struct caught caught = {0};
    if (test == NONE)
        return (struct caught){true, true, true, true, true};
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

/* import_module("a"), __import__("a") */
static bool is_import(const struct module *module, expression_id call)
{
    const struct expression *head =
        module_expression(module, module_child(module, module_expression(module, call), 0));
    const char *name = head->kind == EXPRESSION_NAME || head->kind == EXPRESSION_ATTRIBUTE
                           ? module_text(module, head->text)
                           : "";
    return strcmp(name, "import_module") == 0 || strcmp(name, "__import__") == 0;
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
    if (kind == EXPRESSION_CALL && is_import(source, event->index)) {
        enum value_kind found = evaluate(resolver, place, event->index).kind;
        raised->import = true;
        return found == VALUE_MODULE    ? OUTCOME_SUCCEEDS
               : found == VALUE_UNBOUND ? OUTCOME_FAILS
                                        : OUTCOME_UNKNOWN;
    }
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

/* The line in which a test asserts that the body raises TypeError; 0. */
static unsigned type_error_assertion(const struct module *module, uint32_t first)
{
    for (uint32_t arm = first; arm != NONE; arm = module->blocks.items[arm].next) {
        const struct block *block = &module->blocks.items[arm];
        if (block->kind == ARM_EXCEPT && block->asserted && caught_by(module, block->test).type)
            return block->line;
    }
    return 0;
}

unsigned type_error_asserted(const struct module *module, uint32_t scope, uint32_t block)
{
    for (;;) {
        for (; block != NONE; block = module->blocks.items[block].parent) {
            unsigned line = module->blocks.items[block].kind == ARM_TRY
                                ? type_error_assertion(module, block)
                                : 0;
            if (line)
                return line;
        }
        const struct scope *left = &module->scopes.items[scope];
        if (left->kind != SCOPE_CLASS || left->parent == NONE)
            return 0;
        scope = left->parent;
        block = left->block;
    }
}
