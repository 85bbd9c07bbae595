/* Names in scopes and blocks: which bindings may be in force at a place. */
#include "audit/resolver_internal.h"

#include <stdio.h>
#include <string.h>

/* The bindings found so far, folded into one value. */
struct candidates {
    struct resolver *resolver;
    uint32_t module, scope;
    symbol_id name;
    struct value value;
    unsigned count;
    unsigned depth;
};

static bool is_constant(const struct value *value)
{
    return value->kind == VALUE_NONE || value->kind == VALUE_FALSE || value->kind == VALUE_UNBOUND;
}

/* Where two bindings are possible: None beside a class would be an error anyway. */
static void add_candidate(struct candidates *candidates, struct value value)
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

static const struct module *module_of(const struct candidates *c)
{
    return resolver_module(c->resolver, c->module);
}

/* The last event of the name, or of *, before a position; NONE. */
static uint32_t event_before(const struct candidates *c, uint32_t position)
{
    const struct module *module = module_of(c);
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
    const struct module *module = module_of(c);
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
    const struct module *module = module_of(c);
    uint32_t otherwise = arm_of_kind(module, body, ARM_ELSE);
    if (otherwise != NONE && collect_block(c, otherwise, module->blocks.items[otherwise].end))
        return true;
    return collect_block(c, body, module->blocks.items[body].end);
}

static bool collect_try(struct candidates *c, uint32_t number, const struct construct *construct)
{
    const struct module *module = module_of(c);
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
    const struct module *module = module_of(c);
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

/* Adds what an event binds; false: a star import that does not bring the name. */
static bool collect_event(struct candidates *c, uint32_t number)
{
    const struct module *module = module_of(c);
    const struct event *event = &module->events.items[number];
    if (event->name != STAR_NAME || c->name == STAR_NAME) {
        add_candidate(c, lookup_event(c->resolver, c->module, number));
        return true;
    }
    struct import import = module->imports.items[event->index];
    struct value value = import_star(c->resolver, c->module, &import, module_text(module, c->name));
    if (value.kind == VALUE_UNBOUND)
        return false;
    add_candidate(c, value);
    return true;
}

static bool collect_block(struct candidates *c, uint32_t block, uint32_t before)
{
    if (++c->depth > 200) {
        c->depth--;
        add_candidate(c, value_unknown(c->resolver, "its statements are nested too deep"));
        return true;
    }
    bool complete = false;
    for (unsigned steps = 0; !complete; steps++) {
        const struct module *module = module_of(c);
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
        uint32_t start = module_of(c)->constructs.items[construct].start + 1;
        before = start < before ? start : before;
    }
    c->depth--;
    return complete;
}

/* What earlier arms of the same statement have bound when `arm` runs. */
static bool collect_siblings(struct candidates *c, uint32_t arm)
{
    const struct module *module = module_of(c);
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
    const struct module *module = module_of(c);
    if (module->blocks.items[arm].kind != ARM_LOOP)
        return;
    uint32_t event = event_before(c, module->blocks.items[arm].end);
    if (event != NONE && module->events.items[event].position > position &&
        module->events.items[event].name == c->name)
        collect_event(c, event);
}

/* All bindings that may be in force at a place of a scope; true: one is for certain. */
static bool collect_from(struct candidates *c, uint32_t block, uint32_t position)
{
    while (block != NONE) {
        collect_later_turns(c, block, position);
        if (collect_block(c, block, position))
            return true;
        const struct block found = module_of(c)->blocks.items[block];
        if (found.parent == NONE)
            return false;
        if (collect_siblings(c, block))
            return true;
        position = module_of(c)->constructs.items[found.construct].start + 1;
        block = found.parent;
    }
    return false;
}

static bool is_reassigned(const struct module *module, symbol_id name)
{
    for (size_t i = 0; i < module->reassigned.count; i++) {
        if (module->reassigned.items[i] == name)
            return true;
    }
    return false;
}

/* A function runs later, and nobody knows when: all bindings of the name must agree. */
static void check_all_events(struct candidates *c)
{
    const struct module *module = module_of(c);
    if (c->value.kind != VALUE_CLASS && c->value.kind != VALUE_ALIAS)
        return;
    uint32_t event = module_last_event(module, c->scope, c->name);
    for (unsigned steps = 0; event != NONE && steps < 20; steps++) {
        struct value value = lookup_event(c->resolver, c->module, event);
        bool matters = value.kind == VALUE_CLASS || value.kind == VALUE_ALIAS;
        const struct event found = module_of(c)->events.items[event];
        if (matters && !value_same(&value, &c->value) &&
            !never_reached(c->resolver, c->module, c->scope, found.block, found.position)) {
            c->value = value_unknown(
                c->resolver,
                "%s is bound to one class and later to another, and a function uses it",
                module_text(module_of(c), c->name));
            return;
        }
        event = found.previous;
    }
}

static struct value not_bound(struct resolver *resolver, const char *name)
{
    struct value value = value_unknown(resolver, "%s is not bound in the module", name);
    value.kind = VALUE_UNBOUND;
    return value;
}

struct value lookup_name(struct resolver *resolver, struct place_of_use place, symbol_id name)
{
    const struct module *module = resolver_module(resolver, place.module);
    struct candidates c = {.resolver = resolver, .module = place.module, .name = name};
    bool late = false; /* the scope is left by the time the name is used */
    for (bool first = true;; first = false) {
        const struct scope scope = module->scopes.items[place.scope];
        bool sees = scope.kind != SCOPE_CLASS || first;
        c.scope = place.scope;
        if (sees && is_reassigned(module, name) &&
            module_last_event(module, place.scope, name) != NONE)
            return value_unknown(resolver, "a function assigns %s, which is a name around it",
                                 module_text(module, name));
        bool complete = sees && collect_from(&c, place.block, place.position);
        if (sees && late && c.count)
            check_all_events(&c);
        if (complete)
            return c.value;
        if (scope.parent == NONE)
            break;
        if (scope.kind == SCOPE_FUNCTION)
            late = true;
        const struct scope *parent = &module->scopes.items[scope.parent];
        bool now = !late;
        place.scope = scope.parent;
        place.block = now ? scope.block : parent->body;
        place.position = now ? scope.position : parent->end;
    }
    const char *text = module_text(module, name);
    struct value builtin = builtin_value(resolver, text);
    if (builtin.kind != VALUE_UNBOUND)
        add_candidate(&c, builtin);
    return c.count ? c.value : not_bound(resolver, text);
}

struct value lookup_in_scope(struct resolver *resolver, uint32_t module, uint32_t scope,
                             symbol_id name)
{
    const struct module *source = resolver_module(resolver, module);
    struct candidates c = {.resolver = resolver, .module = module, .scope = scope, .name = name};
    if (scope == 0 && is_reassigned(source, name))
        return value_unknown(resolver, "a function of %s assigns %s",
                             resolver->modules->entries.items[module]->name,
                             module_text(source, name));
    const struct scope *found = &source->scopes.items[scope];
    collect_from(&c, found->body, found->end);
    return c.count ? c.value : not_bound(resolver, module_text(source, name));
}

static enum special special_in(const struct module *module, uint32_t scope, const char *module_name,
                               const char *name)
{
    const struct scope *found = &module->scopes.items[scope];
    if (scope == 0)
        return special_for(module_name, name);
    if (found->kind != SCOPE_CLASS || found->parent != 0)
        return SPECIAL_NONE;
    char full[200];
    snprintf(full, sizeof full, "%s.%s", module_text(module, found->name), name);
    return special_for(module_name, full);
}

static struct value event_value(struct resolver *resolver, uint32_t module, struct event event)
{
    const struct module *source = resolver_module(resolver, module);
    struct place_of_use place = {module, source->blocks.items[event.block].scope, event.block,
                                 event.evaluated_at};
    const char *name = module_text(source, event.name);
    const char *module_name = resolver->modules->entries.items[module]->name;
    enum special special = special_in(source, place.scope, module_name, name);
    if (special == SPECIAL_ALIAS_MAKER && event.kind == EVENT_CLASS)
        special = SPECIAL_NONE; /* a class as well: see call_class */
    if (special != SPECIAL_NONE && event.kind != EVENT_IMPORT) {
        struct value value = value_of_kind(VALUE_SPECIAL);
        value.number = special;
        value.module = module;
        return value;
    }
    struct value value;
    switch (event.kind) {
    case EVENT_ASSIGN:
        return evaluate(resolver, place, event.index);
    case EVENT_CLASS:
        return decorated_class(resolver, module, event.index);
    case EVENT_FUNCTION:
        value = value_of_kind(VALUE_FUNCTION);
        value.module = module;
        value.number = event.index;
        return value;
    case EVENT_IMPORT: {
        struct import import = source->imports.items[event.index];
        return import_value(resolver, module, &import);
    }
    case EVENT_DELETE:
        value = value_unknown(resolver, "%s is deleted in line %u", name, event.line);
        value.kind = VALUE_UNBOUND;
        return value;
    default:
        return value_unknown(resolver, "%s (line %u): %s", name, event.line, event.why);
    }
}

/* types.FunctionType = type(f): what the table says of a module that has source, too. */
static struct value type_from_table(struct resolver *resolver, uint32_t module, uint32_t event,
                                    struct value otherwise)
{
    const struct module_entry *entry = resolver->modules->entries.items[module];
    const struct event *found = &entry->module.events.items[event];
    if (entry->table == TEXT_MAP_ABSENT || entry->module.blocks.items[found->block].scope != 0)
        return otherwise;
    uint32_t type = builtins_get(&resolver->modules->builtins, entry->table,
                                 module_text(&entry->module, found->name));
    return type < BUILTIN_UNBOUND ? value_class(class_from_table(resolver, type)) : otherwise;
}

struct value lookup_event(struct resolver *resolver, uint32_t module, uint32_t event)
{
    struct module_memory *memory = resolver_memory(resolver, module);
    if (!memory)
        return value_unknown(resolver, "there is no memory");
    /* TYPE_CHECKING may be remembered as what it is when the program runs. */
    bool other_truth = resolver->type_checking && memory->events[event].kind == VALUE_FALSE;
    if (memory->event_states[event] == 2 && !other_truth)
        return memory->events[event];
    if (memory->event_states[event] == 1 || resolver->depth >= RESOLVER_DEEPEST) {
        resolver->circles++;
        return value_unknown(
            resolver, "%s depends on itself",
            module_text(resolver_module(resolver, module),
                        resolver_module(resolver, module)->events.items[event].name));
    }
    unsigned circles = resolver->circles;
    memory->event_states[event] = 1;
    resolver->depth++;
    struct value value =
        event_value(resolver, module, resolver_module(resolver, module)->events.items[event]);
    if (value.kind != VALUE_CLASS)
        value = type_from_table(resolver, module, event, value);
    resolver->depth--;
    memory = resolver_memory(resolver, module);
    /* What was not known only because it was asked for within itself is asked again. */
    bool lasting = value.kind != VALUE_UNKNOWN || circles == resolver->circles;
    memory->event_states[event] = lasting && !resolver->type_checking ? 2 : 0;
    memory->events[event] = value;
    return value;
}
