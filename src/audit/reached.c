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
    case ARM_LOOP: /* while False: */
        return block.test != NONE && decide(resolver, place, block.test) == TRUTH_NO;
    default:
        return false;
    }
}

/* The line of the arm that runs and leaves, of an if before the position in the block; 0. */
static unsigned left_before(struct resolver *resolver, uint32_t module, uint32_t block,
                            uint32_t position)
{
    const struct module *source = resolver_module(resolver, module);
    for (size_t i = 0; i < source->leaving.count; i++) {
        const struct construct construct = source->constructs.items[source->leaving.items[i]];
        const struct block first = source->blocks.items[construct.first];
        if (first.parent != block || construct.end > position)
            continue;
        struct place_of_use place = {module, first.scope, block, construct.start};
        uint32_t arm = construct.first;
        enum truth truth = TRUTH_NO;
        for (; arm != NONE; arm = source->blocks.items[arm].next) {
            expression_id test = source->blocks.items[arm].test;
            truth = test == NONE ? TRUTH_YES : decide(resolver, place, test);
            if (truth != TRUTH_NO)
                break;
        }
        if (truth == TRUTH_YES && arm != NONE && source->blocks.items[arm].left_at != NONE)
            return source->blocks.items[arm].left_line;
    }
    return 0;
}

/* The line that leaves the block before the position; 0. */
static unsigned left_in(struct resolver *resolver, uint32_t module, uint32_t block,
                        uint32_t position)
{
    const struct block *found = &resolver_module(resolver, module)->blocks.items[block];
    if (found->left_at != NONE && found->left_at < position)
        return found->left_line;
    return left_before(resolver, module, block, position);
}

const char *never_reached(struct resolver *resolver, uint32_t module, uint32_t scope,
                          uint32_t block, uint32_t position)
{
    while (scope != NONE) {
        for (;;) {
            const struct block found = resolver_module(resolver, module)->blocks.items[block];
            unsigned line = left_in(resolver, module, block, position);
            if (!line && found.parent != NONE &&
                arm_is_dead(resolver, module, scope, block, position))
                line = found.line;
            if (line)
                return value_unknown(resolver, "Python 3.%u does not get there (see line %u)",
                                     resolver->minor, line)
                    .text;
            if (found.parent == NONE)
                break;
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
