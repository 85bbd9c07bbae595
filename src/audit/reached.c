/* What this Python never reaches: arms whose tests or outcomes are known. */
#include "audit/resolver_internal.h"

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
