/* scopes_table.c: what the walk found, and how it is looked up. */
#include <stdlib.h>

#include "audit/scopes_internal.h"
#include "base/cleanup.h"
#include "base/text.h"

#define NESTED_MOST    32 /* scopes around a name */
#define ANCESTORS_MOST 32

/* ---- filling --------------------------------------------------------------------------------- */

uint32_t scopes_add(struct scopes *scopes, const struct scope *scope)
{
    uint32_t number = (uint32_t)scopes->items.count;
    bool done = vector_push(&scopes->items, *scope);
    if (done && !ts_node_is_null(scope->node))
        done = address_map_put(&scopes->by_node, node_key(scope->node), number);
    scopes->no_memory |= !done;
    return done ? number : NOWHERE;
}

/* FNV-1a over the scope's number and the name; never 0. The number has its own turn: with the first
 * letter, the p of one scope would be the s of another. */
static uint64_t name_key(uint32_t scope, struct slice name)
{
    const uint64_t prime = UINT64_C(0x100000001b3);
    uint64_t key = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < name.size; i++)
        key = (key ^ (unsigned char)name.start[i]) * prime;
    for (unsigned shift = 0; shift < 32; shift += 8)
        key = (key ^ (scope >> shift & 0xFF)) * prime;
    return key << 1 | 1;
}

static uint32_t home_of(const struct scopes *scopes, uint32_t number, struct slice name)
{
    const struct scope *scope = &scopes->items.items[number];
    if (slice_in(name, scope->globals.items, scope->globals.count))
        return 0;
    if (!slice_in(name, scope->nonlocals.items, scope->nonlocals.count))
        return number;
    do {
        number = scope->parent;
        scope = &scopes->items.items[number];
    } while (number != 0 && scope->kind != SCOPE_FUNCTION);
    return number;
}

void scopes_bind(struct scopes *scopes, uint32_t scope, const struct binding *binding)
{
    struct binding added = *binding;
    added.scope = home_of(scopes, scope, binding->name);
    added.next = NOWHERE;
    uint64_t key = name_key(added.scope, added.name);
    uint32_t number = (uint32_t)scopes->bindings.count;
    if (!vector_push(&scopes->bindings, added)) {
        free(added.dotted);
        scopes->no_memory = true;
        return;
    }
    uint32_t first = address_map_get(&scopes->by_name, key);
    if (first == ADDRESS_MAP_ABSENT) {
        scopes->no_memory |= !address_map_put(&scopes->by_name, key, number);
        return;
    }
    /* A name that is bound very often is not looked at in order of its bindings. */
    struct binding *head = &scopes->bindings.items[first];
    scopes->bindings.items[number].next = head->next;
    head->next = number;
}

/* ---- imports --------------------------------------------------------------------------------- */

struct import {
    struct scopes *scopes;
    uint32_t scope;
    TSNode statement;
};

static void bind_import(const struct import *import, struct slice name, char *dotted)
{
    if (!dotted) {
        import->scopes->no_memory = true;
        return;
    }
    scopes_bind(import->scopes, import->scope,
                &(struct binding){.name = name,
                                  .kind = BOUND_IMPORT,
                                  .dotted = dotted,
                                  .statement = import->statement,
                                  .made_in = import->scope});
}

/* `import a.b` binds a; `import a.b as c` binds c to a.b. */
static void bind_module(const struct import *import, TSNode name)
{
    const struct source *source = import->scopes->source;
    TSNode alias = node_field(name, "alias");
    struct slice whole = slice_of(source, ts_node_is_null(alias) ? name : node_field(name, "name"));
    if (!ts_node_is_null(alias)) {
        bind_import(import, slice_of(source, alias), strndup(whole.start, whole.size));
        return;
    }
    const char *dot = memchr(whole.start, '.', whole.size);
    if (dot)
        whole.size = (size_t)(dot - whole.start);
    bind_import(import, whole, strndup(whole.start, whole.size));
}

/* `from a.b import c as d` binds d to a.b.c. */
static void bind_member(const struct import *import, struct slice module, TSNode name)
{
    const struct source *source = import->scopes->source;
    TSNode alias = node_field(name, "alias");
    struct slice member =
        slice_of(source, ts_node_is_null(alias) ? name : node_field(name, "name"));
    bool relative = module.size && module.start[module.size - 1] == '.';
    bind_import(import, ts_node_is_null(alias) ? member : slice_of(source, alias),
                text_format("%.*s%s%.*s", (int)module.size, module.start, relative ? "" : ".",
                            (int)member.size, member.start));
}

void scopes_bind_import(struct scopes *scopes, uint32_t scope, TSNode statement)
{
    const struct import import = {scopes, scope, statement};
    TSNode module = node_field(statement, "module_name");
    for (uint32_t i = 0; i < ts_node_named_child_count(statement); i++) {
        TSNode child = ts_node_named_child(statement, i);
        if (node_is(child, "wildcard_import"))
            scopes->star_import = true;
        else if (!ts_node_is_null(module) && !ts_node_eq(child, module))
            bind_member(&import, slice_of(scopes->source, module), child);
        else if (ts_node_is_null(module))
            bind_module(&import, child);
    }
}

/* ---- reading --------------------------------------------------------------------------------- */

uint32_t scopes_of_node(const struct scopes *scopes, TSNode node)
{
    uint32_t number =
        ts_node_is_null(node) ? NOWHERE : address_map_get(&scopes->by_node, node_key(node));
    return number == ADDRESS_MAP_ABSENT ? NOWHERE : number;
}

const struct binding *scopes_in(const struct scopes *scopes, uint32_t scope, struct slice name)
{
    uint32_t first = address_map_get(&scopes->by_name, name_key(scope, name));
    if (first == ADDRESS_MAP_ABSENT)
        return NULL;
    const struct binding *binding = &scopes->bindings.items[first];
    /* Two names with the same key: then neither is known. */
    return binding->scope == scope && slice_equal(binding->name, name) ? binding : NULL;
}

const struct binding *binding_next(const struct scopes *scopes, const struct binding *binding)
{
    return binding->next == NOWHERE ? NULL : &scopes->bindings.items[binding->next];
}

const struct binding *scopes_find(const struct scopes *scopes, uint32_t scope, struct slice name)
{
    bool inside = true; /* only code directly in a class sees its names */
    for (unsigned i = 0; i < NESTED_MOST && scope != NOWHERE; i++) {
        const struct scope *one = &scopes->items.items[scope];
        if (slice_in(name, one->globals.items, one->globals.count))
            return scopes_in(scopes, 0, name);
        const struct binding *found =
            inside || one->kind != SCOPE_CLASS ? scopes_in(scopes, scope, name) : NULL;
        if (found)
            return found;
        inside = false;
        scope = one->parent;
    }
    return NULL;
}

uint32_t scopes_class_of(const struct scopes *scopes, uint32_t function)
{
    const struct scope *scope = &scopes->items.items[function];
    return scope->is_method ? scope->parent : NOWHERE;
}

/* Appends the class and its ancestors to `found`, each once. */
static void gather_ancestors(const struct scopes *scopes, uint32_t class_scope, uint32_t *found,
                             size_t *count, unsigned depth)
{
    for (size_t i = 0; i < *count; i++)
        if (found[i] == class_scope)
            return;
    if (*count == ANCESTORS_MOST || depth > ANCESTORS_MOST)
        return;
    found[(*count)++] = class_scope;
    const struct scope *scope = &scopes->items.items[class_scope];
    TSNode bases = node_field(scope->node, "superclasses");
    for (uint32_t i = 0; !ts_node_is_null(bases) && i < ts_node_named_child_count(bases); i++) {
        TSNode base = ts_node_named_child(bases, i);
        if (node_is(base, "subscript"))
            base = node_field(base, "value");
        if (!node_is(base, "identifier"))
            continue;
        const struct binding *binding =
            scopes_find(scopes, scope->parent, slice_of(scopes->source, base));
        uint32_t number = binding && binding->kind == BOUND_CLASS
                              ? scopes_of_node(scopes, binding->node)
                              : NOWHERE;
        if (number != NOWHERE)
            gather_ancestors(scopes, number, found, count, depth + 1);
    }
}

uint32_t scopes_ancestor(const struct scopes *scopes, uint32_t class_scope, size_t number)
{
    uint32_t found[ANCESTORS_MOST];
    size_t count = 0;
    gather_ancestors(scopes, class_scope, found, &count, 0);
    return number < count ? found[number] : NOWHERE;
}

const struct binding *scopes_member(const struct scopes *scopes, uint32_t class_scope,
                                    struct slice name, bool instance)
{
    uint32_t found[ANCESTORS_MOST];
    size_t count = 0;
    gather_ancestors(scopes, class_scope, found, &count, 0);
    for (size_t i = 0; i < count; i++) {
        const struct binding *binding = scopes_in(scopes, found[i] + (instance ? 1 : 0), name);
        if (binding)
            return binding;
    }
    return NULL;
}

char *scopes_qualified(const struct scopes *scopes, uint32_t scope)
{
    const struct scope *one = &scopes->items.items[scope];
    struct slice name = one->name.size ? one->name : (struct slice){"<lambda>", 8};
    if (one->parent == NOWHERE)
        return strdup("<module>");
    if (one->parent == 0)
        return strndup(name.start, name.size);
    _cleanup_free_ char *outer = scopes_qualified(scopes, one->parent);
    bool local = scopes->items.items[one->parent].kind == SCOPE_FUNCTION;
    return outer ? text_format("%s.%s%.*s", outer, local ? "<locals>." : "", (int)name.size,
                               name.start)
                 : NULL;
}

void scopes_free(struct scopes *scopes)
{
    for (size_t i = 0; i < scopes->items.count; i++) {
        vector_free(&scopes->items.items[i].globals);
        vector_free(&scopes->items.items[i].nonlocals);
    }
    for (size_t i = 0; i < scopes->bindings.count; i++)
        free(scopes->bindings.items[i].dotted);
    vector_free(&scopes->items);
    vector_free(&scopes->bindings);
    address_map_free(&scopes->by_node);
    address_map_free(&scopes->by_name);
    *scopes = (struct scopes){0};
}
