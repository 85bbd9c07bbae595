#include "audit/module.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static void free_scopes(struct module *module)
{
    vector_free(&module->expressions);
    vector_free(&module->children);
    vector_free(&module->events);
    vector_free(&module->imports);
    vector_free(&module->blocks);
    vector_free(&module->constructs);
    vector_free(&module->leaving);
    vector_free(&module->scopes);
    vector_free(&module->parameters);
    vector_free(&module->returns);
    vector_free(&module->classes);
    vector_free(&module->fields);
}

static void free_side_effects(struct module *module)
{
    vector_free(&module->paths);
    vector_free(&module->reassigned);
    vector_free(&module->reassigned_around);
    vector_free(&module->attributes);
    vector_free(&module->attribute_sets);
}

void module_free(struct module *module)
{
    free(module->path);
    free(module->name);
    free(module->problem);
    for (size_t i = 0; i < module->texts.count; i++)
        free(module->texts.items[i]);
    vector_free(&module->texts);
    address_map_free(&module->by_hash);
    vector_free(&module->next_text);
    free_scopes(module);
    free_side_effects(module);
    address_map_free(&module->last_event);
    *module = (struct module){0};
}

/* FNV-1a; never 0. */
static uint64_t hash_text(const char *text, size_t size)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    return hash | 1;
}

static symbol_id find_text(const struct module *module, uint64_t hash, const char *text,
                           size_t size)
{
    uint32_t symbol = address_map_get(&module->by_hash, hash);
    while (symbol != NONE) {
        const char *known = module->texts.items[symbol];
        if (strncmp(known, text, size) == 0 && known[size] == '\0')
            return symbol;
        symbol = module->next_text.items[symbol];
    }
    return NONE;
}

symbol_id module_intern(struct module *module, const char *text, size_t size)
{
    uint64_t hash = hash_text(text, size);
    symbol_id symbol = find_text(module, hash, text, size);
    if (symbol != NONE)
        return symbol;
    char *copy = strndup(text, size);
    uint32_t next = address_map_get(&module->by_hash, hash);
    if (!copy || !vector_reserve(&module->texts, module->texts.count + 1) ||
        !vector_push(&module->next_text, next) ||
        !address_map_put(&module->by_hash, hash, (uint32_t)module->texts.count)) {
        free(copy);
        module->no_memory = true;
        return NONE;
    }
    module->texts.items[module->texts.count++] = copy;
    return (symbol_id)(module->texts.count - 1);
}

symbol_id module_symbol(const struct module *module, const char *text)
{
    size_t size = strlen(text);
    return find_text(module, hash_text(text, size), text, size);
}

static uint64_t event_key(uint32_t scope, symbol_id name)
{
    /* The map leaves the low three bits out of its hash. */
    return ((uint64_t)(scope + 1) << 35) | ((uint64_t)name << 3) | 1;
}

uint32_t module_last_event(const struct module *module, uint32_t scope, symbol_id name)
{
    return name == NONE ? NONE : address_map_get(&module->last_event, event_key(scope, name));
}

void module_set_last_event(struct module *module, uint32_t scope, symbol_id name, uint32_t event)
{
    if (!address_map_put(&module->last_event, event_key(scope, name), event))
        module->no_memory = true;
}

char *module_qualified_name(const struct module *module, uint32_t scope)
{
    const struct scope *self = &module->scopes.items[scope];
    const char *name = module_text(module, self->name);
    if (self->parent == NONE || module->scopes.items[self->parent].kind == SCOPE_MODULE)
        return strdup(name);
    _cleanup_free_ char *outer = module_qualified_name(module, self->parent);
    bool local = module->scopes.items[self->parent].kind == SCOPE_FUNCTION;
    char *result = NULL;
    if (!outer || asprintf(&result, "%s%s.%s", outer, local ? ".<locals>" : "", name) < 0)
        return NULL;
    return result;
}
