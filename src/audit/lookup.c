/* Names in scopes: from the innermost outwards. */
#include "audit/lookup_internal.h"

/* By a function within the scope: `global` reaches the module, `nonlocal` the functions around. */
static bool is_reassigned(const struct module *module, const struct scope *scope, symbol_id name)
{
    if (scope->kind == SCOPE_CLASS)
        return false;
    bool around = scope->kind == SCOPE_FUNCTION;
    const symbol_id *names = around ? module->reassigned_around.items : module->reassigned.items;
    size_t count = around ? module->reassigned_around.count : module->reassigned.count;
    for (size_t i = 0; i < count; i++) {
        if (names[i] == name)
            return true;
    }
    return false;
}

/* A function runs later, and nobody knows when: all bindings of the name must agree. */
static void check_all_events(struct candidates *c)
{
    const struct module *module = candidates_module(c);
    if (c->value.kind != VALUE_CLASS && c->value.kind != VALUE_ALIAS)
        return;
    uint32_t event = module_last_event(module, c->scope, c->name);
    for (unsigned steps = 0; event != NONE && steps < 20; steps++) {
        struct value value = lookup_event(c->resolver, c->module, event);
        bool matters = value.kind == VALUE_CLASS || value.kind == VALUE_ALIAS;
        const struct event found = candidates_module(c)->events.items[event];
        if (matters && !value_same(&value, &c->value) &&
            !never_reached(c->resolver, c->module, c->scope, found.block, found.position)) {
            c->value = value_unknown(
                c->resolver,
                "%s is bound to one class and later to another, and a function uses it",
                module_text(candidates_module(c), c->name));
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
        if (sees && is_reassigned(module, &scope, name) &&
            module_last_event(module, place.scope, name) != NONE)
            return value_unknown(resolver, "a function assigns %s, which is a name around it",
                                 module_text(module, name));
        bool complete = sees && candidates_collect(&c, place.block, place.position);
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
        candidates_add(&c, builtin);
    return c.count ? c.value : not_bound(resolver, text);
}

struct value lookup_in_scope(struct resolver *resolver, uint32_t module, uint32_t scope,
                             symbol_id name)
{
    const struct module *source = resolver_module(resolver, module);
    struct candidates c = {.resolver = resolver, .module = module, .scope = scope, .name = name};
    if (scope == 0 && is_reassigned(source, &source->scopes.items[0], name))
        return value_unknown(resolver, "a function of %s assigns %s",
                             resolver->modules->entries.items[module]->name,
                             module_text(source, name));
    const struct scope *found = &source->scopes.items[scope];
    candidates_collect(&c, found->body, found->end);
    return c.count ? c.value : not_bound(resolver, module_text(source, name));
}
