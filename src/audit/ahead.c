/* ahead.c: modules that classes are made with, read by several threads before anybody asks for
 * them one by one. What is found does not depend on it: only names that class statements use are
 * followed, the others are read when they are needed. */
#include <stdatomic.h>
#include <stdlib.h>

#include "audit/audit_internal.h"
#include "audit/parallel.h"
#include "audit/resolver_internal.h"
#include "audit/tree_memory.h"
#include "base/cleanup.h"

#define DEEPEST_EXPRESSION 20

struct ahead {
    struct audit *audit;
    VECTOR(uint32_t) wanted; /* modules, in the order in which they were met */
    size_t read;             /* of them, in waves: each imports the next */
    atomic_size_t next;
    bool no_memory;
};

/* ---- what is wanted -------------------------------------------------------------------------- */

/* Marks the names in an expression, by symbol. */
static void mark_names(const struct module *module, expression_id id, bool *marks, unsigned depth)
{
    if (id == NONE || depth > DEEPEST_EXPRESSION)
        return;
    const struct expression *expression = module_expression(module, id);
    if (expression->kind == EXPRESSION_NAME)
        marks[expression->text] = true;
    for (uint32_t i = 0; i < expression->count; i++)
        mark_names(module, module_child(module, expression, i), marks, depth + 1);
}

static void want(struct ahead *ahead, uint32_t number)
{
    if (number == MODULES_NONE)
        return;
    struct module_entry *entry = modules_entry(&ahead->audit->modules, number);
    if (entry->loaded || entry->expected || entry->kind != MODULE_SOURCE)
        return;
    entry->expected = true;
    if (!vector_push(&ahead->wanted, number))
        ahead->no_memory = true;
}

/* Wants what a module imports and its class statements name. */
static void look_at(struct ahead *ahead, uint32_t number)
{
    const struct module *module = &modules_entry(&ahead->audit->modules, number)->module;
    _cleanup_free_ bool *marks = calloc(module->texts.count + 1, sizeof *marks);
    if (!marks) {
        ahead->no_memory = true;
        return;
    }
    for (size_t i = 0; i < module->classes.count; i++) {
        mark_names(module, module->classes.items[i].arguments, marks, 0);
        mark_names(module, module->classes.items[i].decorators, marks, 0);
    }
    for (size_t i = 0; i < module->events.count; i++) {
        const struct event *event = &module->events.items[i];
        if (event->kind == EVENT_IMPORT && (event->name == STAR_NAME || marks[event->name])) {
            struct import import = module->imports.items[event->index];
            want(ahead, import_module(&ahead->audit->resolver, number, &import));
        }
    }
}

/* ---- reading --------------------------------------------------------------------------------- */

static void *read_some(void *argument)
{
    struct ahead *ahead = *(struct ahead **)argument;
    if (!tree_memory_begin())
        return NULL;
    for (size_t i; (i = atomic_fetch_add(&ahead->next, 1)) < ahead->wanted.count;) {
        modules_load(&ahead->audit->modules, ahead->wanted.items[i]);
        tree_memory_take_back();
    }
    tree_memory_end();
    return NULL;
}

static void read_wave(struct ahead *ahead)
{
    struct ahead *arguments[PARALLEL_MOST];
    unsigned count = parallel_count(ahead->wanted.count - ahead->read);
    for (unsigned i = 0; i < count; i++)
        arguments[i] = ahead;
    ahead->next = ahead->read;
    parallel_run(read_some, arguments, sizeof *arguments, count);
}

struct error *audit_read_ahead(struct audit *audit)
{
    struct ahead ahead = {.audit = audit};
    for (size_t i = 0; i < audit->entries.count; i++) {
        if (audit->entries.items[i] != MODULES_NONE)
            look_at(&ahead, audit->entries.items[i]);
    }
    while (ahead.read < ahead.wanted.count && !ahead.no_memory) {
        size_t end = ahead.wanted.count;
        read_wave(&ahead);
        for (; ahead.read < end; ahead.read++)
            look_at(&ahead, ahead.wanted.items[ahead.read]);
    }
    vector_free(&ahead.wanted);
    return ahead.no_memory ? error_no_memory() : NULL;
}
