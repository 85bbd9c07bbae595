/* Which bindings of a name may be in force: what if, try, loops and matches leave bound. */
#include "audit/lookup_internal.h"

static bool is_constant(const struct value *value)
{
    return value->kind == VALUE_NONE || value->kind == VALUE_FALSE || value->kind == VALUE_UNBOUND;
}

void candidates_add(struct candidates *candidates, struct value value)
{
    struct value *sum = &candidates->value;
    if (candidates->count++ == 0) {
        *sum = value;
        return;
    }
    if (value_same(sum, &value) || is_constant(&value))
        return;
    if (is_constant(sum))
        *sum = value;
    else if (sum->kind != VALUE_UNKNOWN && value.kind == VALUE_UNKNOWN)
        *sum = value;
    else if (sum->kind != VALUE_UNKNOWN)
        *sum = value_unknown(candidates->resolver,
                             "which binding of %s holds is decided when the program runs",
                             module_text(resolver_module(candidates->resolver, candidates->module),
                                         candidates->name));
}

/* The last event of the name, or of *, before a position; NONE. */
static uint32_t event_before(const struct candidates *c, uint32_t position)
{
    const struct module *module = candidates_module(c);
    uint32_t event = module_last_event(module, c->scope, c->name);
    while (event != NONE && module->events.items[event].position >= position)
        event = module->events.items[event].previous;
    uint32_t star = module_last_event(module, c->scope, STAR_NAME);
    while (star != NONE && module->events.items[star].position >= position)
        star = module->events.items[star].previous;
    if (star == NONE)
        return event;
    if (event == NONE)
        return star;
    return module->events.items[star].position > module->events.items[event].position ? star
                                                                                      : event;
}

static bool collect_block(struct candidates *c, uint32_t block, uint32_t before);

/* The arm of a statement of `block` in which the event stands; NONE: not below it. */
static uint32_t arm_below(const struct module *module, uint32_t event_block, uint32_t block)
{
    while (event_block != NONE && module->blocks.items[event_block].parent != block)
        event_block = module->blocks.items[event_block].parent;
    return event_block;
}

static struct place_of_use place_at(const struct candidates *c, uint32_t block, uint32_t position)
{
    return (struct place_of_use){c->module, c->scope, block, position};
}

static bool collect_if(struct candidates *c, const struct construct *construct)
{
    const struct module *module = candidates_module(c);
    bool complete = true, some = false;
    for (uint32_t arm = construct->first; arm != NONE;) {
        const struct block block = module->blocks.items[arm];
        enum truth truth = TRUTH_YES;
        if (block.kind == ARM_IF)
            truth =
                block.test == NONE
                    ? TRUTH_UNKNOWN
                    : decide(c->resolver, place_at(c, block.parent, construct->start), block.test);
        if (truth != TRUTH_NO && !block.leaves) {
            complete &= collect_block(c, arm, block.end);
            some = true;
        }
        if (truth == TRUTH_YES)
            break;
        arm = block.next;
    }
    return !some || complete;
}

static uint32_t arm_of_kind(const struct module *module, uint32_t first, enum arm_kind kind)
{
    while (first != NONE && module->blocks.items[first].kind != kind)
        first = module->blocks.items[first].next;
    return first;
}

/* The body went through, then the else. */
static bool collect_success(struct candidates *c, uint32_t body)
{
    const struct module *module = candidates_module(c);
    uint32_t otherwise = arm_of_kind(module, body, ARM_ELSE);
    if (otherwise != NONE && collect_block(c, otherwise, module->blocks.items[otherwise].end))
        return true;
    return collect_block(c, body, module->blocks.items[body].end);
}

static bool collect_try(struct candidates *c, uint32_t number, const struct construct *construct)
{
    const struct module *module = candidates_module(c);
    uint32_t body = construct->first;
    uint32_t last = arm_of_kind(module, body, ARM_FINALLY);
    if (last != NONE && collect_block(c, last, module->blocks.items[last].end))
        return true;
    uint32_t handler, position;
    switch (decide_try(c->resolver, c->module, number, &handler, &position)) {
    case OUTCOME_SUCCEEDS:
        return collect_success(c, body);
    case OUTCOME_FAILS:
        if (module->blocks.items[handler].leaves)
            return true;
        return collect_block(c, handler, module->blocks.items[handler].end) ||
               collect_block(c, body, position);
    default:
        break;
    }
    bool complete = collect_success(c, body);
    for (uint32_t arm = body; arm != NONE; arm = module->blocks.items[arm].next) {
        if (module->blocks.items[arm].kind == ARM_EXCEPT && !module->blocks.items[arm].leaves)
            complete &= collect_block(c, arm, module->blocks.items[arm].end);
    }
    return complete;
}

/* All bindings that a statement with arms may leave; true: it leaves one for certain. */
static bool collect_construct(struct candidates *c, uint32_t number)
{
    const struct module *module = candidates_module(c);
    const struct construct construct = module->constructs.items[number];
    if (construct.first == NONE)
        return false;
    switch (module->blocks.items[construct.first].kind) {
    case ARM_IF:
        return collect_if(c, &construct);
    case ARM_TRY:
        return collect_try(c, number, &construct);
    default: /* a loop or a match: none of its arms needs to run */
        for (uint32_t arm = construct.first; arm != NONE; arm = module->blocks.items[arm].next)
            collect_block(c, arm, module->blocks.items[arm].end);
        return false;
    }
}

/* Whether names that the run decides may be this one: an alias, a class; what is imported, and
 * what comes from around, is hardly bound anew. */
static bool may_be_bound(const struct candidates *c, const struct event *any)
{
    const struct module *module = candidates_module(c);
    uint32_t event = module_last_event(module, c->scope, c->name);
    while (event != NONE && module->events.items[event].position >= any->position)
        event = module->events.items[event].previous;
    enum event_kind kind = event == NONE ? EVENT_IMPORT : module->events.items[event].kind;
    return kind == EVENT_ASSIGN || kind == EVENT_OPAQUE ||
           (kind == EVENT_CLASS && any->index == OPAQUE_CLASSES);
}

/* Adds what an event binds; false: a star import that does not bring the name. */
static bool collect_event(struct candidates *c, uint32_t number)
{
    const struct module *module = candidates_module(c);
    const struct event *event = &module->events.items[number];
    if (event->name != STAR_NAME || c->name == STAR_NAME) {
        candidates_add(c, lookup_event(c->resolver, c->module, number));
        return true;
    }
    if (event->kind == EVENT_OPAQUE && !may_be_bound(c, event))
        return false;
    if (event->kind == EVENT_OPAQUE) {
        const char *text = module_text(module, c->name);
        candidates_add(c, value_unknown(c->resolver, "%s may be bound in line %u: %s", text,
                                        event->line, event->why));
        return false;
    }
    struct import import = module->imports.items[event->index];
    bool certain;
    struct value value =
        import_star(c->resolver, c->module, &import, module_text(module, c->name), &certain);
    if (value.kind == VALUE_UNBOUND)
        return false;
    candidates_add(c, value);
    return certain;
}

static bool collect_block(struct candidates *c, uint32_t block, uint32_t before)
{
    if (++c->depth > 200) {
        c->depth--;
        candidates_add(c, value_unknown(c->resolver, "its statements are nested too deep"));
        return true;
    }
    bool complete = false;
    for (unsigned steps = 0; !complete; steps++) {
        const struct module *module = candidates_module(c);
        uint32_t event = event_before(c, before);
        if (event == NONE || steps > 10000 ||
            module->events.items[event].position < module->blocks.items[block].start)
            break;
        const struct event found = module->events.items[event];
        if (found.block == block) {
            complete = collect_event(c, event);
            before = found.position;
            continue;
        }
        uint32_t arm = arm_below(module, found.block, block);
        if (arm == NONE)
            break;
        uint32_t construct = module->blocks.items[arm].construct;
        complete = collect_construct(c, construct);
        uint32_t start = candidates_module(c)->constructs.items[construct].start + 1;
        before = start < before ? start : before;
    }
    c->depth--;
    return complete;
}

/* What earlier arms of the same statement have bound when `arm` runs. */
static bool collect_siblings(struct candidates *c, uint32_t arm)
{
    const struct module *module = candidates_module(c);
    const struct block block = module->blocks.items[arm];
    uint32_t first = module->constructs.items[block.construct].first;
    if (first == NONE || module->blocks.items[first].kind != ARM_TRY || first == arm)
        return false;
    if (block.kind == ARM_ELSE)
        return collect_block(c, first, module->blocks.items[first].end);
    uint32_t handler, position;
    if (block.kind == ARM_EXCEPT &&
        decide_try(c->resolver, c->module, block.construct, &handler, &position) == OUTCOME_FAILS)
        return collect_block(c, first, position);
    for (uint32_t other = first; other != arm && other != NONE;
         other = module->blocks.items[other].next) {
        if (block.kind == ARM_FINALLY || other == first)
            collect_block(c, other, module->blocks.items[other].end);
    }
    return false;
}

/* A loop's body runs again: what stands below the use may be in force. */
static void collect_later_turns(struct candidates *c, uint32_t arm, uint32_t position)
{
    const struct module *module = candidates_module(c);
    if (module->blocks.items[arm].kind != ARM_LOOP)
        return;
    uint32_t event = event_before(c, module->blocks.items[arm].end);
    if (event != NONE && module->events.items[event].position > position &&
        module->events.items[event].name == c->name)
        collect_event(c, event);
}

bool candidates_collect(struct candidates *c, uint32_t block, uint32_t position)
{
    while (block != NONE) {
        collect_later_turns(c, block, position);
        if (collect_block(c, block, position))
            return true;
        const struct block found = candidates_module(c)->blocks.items[block];
        if (found.parent == NONE)
            return false;
        if (collect_siblings(c, block))
            return true;
        position = candidates_module(c)->constructs.items[found.construct].start + 1;
        block = found.parent;
    }
    return false;
}
