/* contextvars.Context: a hash array mapped trie of variables and values (Python/hamt.c, 3.8-3.15).
 */
#include "runtime/context.h"

#include <string.h>

#include "runtime/asyncio_internal.h"

/* Seven levels of five bits of a hash, and one of equal hashes. */
#define DEPTH_MAX     8
#define ENTRIES_MAX   65536
#define ITEMS_AT_ONCE 64 /* as many as a bitmap of 32 pairs can have */
/* A node on the way to an entry may have no other below it. */
#define NODES_PER_ENTRY DEPTH_MAX

enum node_kind { NODE_BITMAP, NODE_ARRAY, NODE_COLLISION, NODE_KINDS };

static const char *const node_names[NODE_KINDS] = {
    [NODE_BITMAP] = "hamt_bitmap_node",
    [NODE_ARRAY] = "hamt_array_node",
    [NODE_COLLISION] = "hamt_collision_node",
};

/* The names of types got their module in 3.12. */
static bool is_named(const struct cpython *cpython, uint64_t object, const char *name,
                     const char *full_name, int32_t offset)
{
    return plausible_link(object) && (is_native(cpython, object, name, offset) ||
                                      is_native(cpython, object, full_name, offset));
}

static bool is_variable(const struct cpython *cpython, uint64_t object)
{
    return is_named(cpython, object, "ContextVar", "_contextvars.ContextVar",
                    cpython->at.context_variable_name);
}

struct walk {
    const struct cpython *cpython;
    context_entries *entries;
    uint64_t count;                  /* of entries, as the tree says */
    uint64_t nodes;                  /* that may still be met: a tree that is a circle ends */
    uint64_t node_types[NODE_KINDS]; /* 0: not met yet */
    uint64_t variable_type;
    bool no_memory;
};

static bool kind_of_node(struct walk *walk, uint64_t node, enum node_kind *kind)
{
    const struct cpython *cpython = walk->cpython;
    uint64_t type = plausible_link(node) ? object_type(cpython, node) : 0;
    for (int i = 0; type && i < NODE_KINDS; i++) {
        if (!walk->node_types[i] &&
            is_native(cpython, node, node_names[i], cpython->at.var_object_size))
            walk->node_types[i] = type;
        *kind = (enum node_kind)i;
        if (walk->node_types[i] == type)
            return true;
    }
    return false;
}

static bool add_entry(struct walk *walk, uint64_t variable, uint64_t value)
{
    const struct cpython *cpython = walk->cpython;
    struct context_entry entry = {variable, value};
    uint64_t type = plausible_link(variable) ? object_type(cpython, variable) : 0;
    if (!walk->variable_type && is_variable(cpython, variable))
        walk->variable_type = type;
    if (!type || type != walk->variable_type || !plausible_link(value) ||
        walk->entries->count >= walk->count)
        return false;
    walk->no_memory = !vector_push(walk->entries, entry);
    return !walk->no_memory;
}

static bool walk_node(struct walk *walk, uint64_t node, unsigned depth);

/* Pairs of a variable and its value; where there is no variable, the value is a node. */
static bool walk_pairs(struct walk *walk, const uint64_t *words, uint64_t count, unsigned depth)
{
    for (uint64_t i = 0; i + 1 < count; i += 2)
        if (!(words[i] ? add_entry(walk, words[i], words[i + 1])
                       : walk_node(walk, words[i + 1], depth + 1)))
            return false;
    return true;
}

static bool walk_nodes(struct walk *walk, const uint64_t *words, uint64_t count, unsigned depth)
{
    for (uint64_t i = 0; i < count; i++)
        if (words[i] && !walk_node(walk, words[i], depth + 1))
            return false;
    return true;
}

/* Where the items of a node lie, and how many words they are. */
static bool place_items(const struct walk *walk, uint64_t node, enum node_kind kind,
                        uint64_t *address, uint64_t *count)
{
    const struct layout_offsets *at = &walk->cpython->at;
    if (kind == NODE_ARRAY) {
        *address = field_of(node, at->hamt_array_items);
        *count = (uint64_t)at->size_of_hamt_array / sizeof *count;
        return true;
    }
    *address =
        field_of(node, kind == NODE_BITMAP ? at->hamt_bitmap_items : at->hamt_collision_items);
    return target_read_word(walk->cpython->target, field_of(node, at->var_object_size), count) &&
           *count <= (kind == NODE_BITMAP ? ITEMS_AT_ONCE : 2 * walk->count) && *count % 2 == 0;
}

static bool walk_node(struct walk *walk, uint64_t node, unsigned depth)
{
    uint64_t words[ITEMS_AT_ONCE], address, count;
    enum node_kind kind;
    if (depth >= DEPTH_MAX || !walk->nodes-- || !kind_of_node(walk, node, &kind) ||
        !place_items(walk, node, kind, &address, &count))
        return false;
    for (uint64_t done = 0; done < count; done += ITEMS_AT_ONCE) {
        uint64_t now = count - done < ITEMS_AT_ONCE ? count - done : ITEMS_AT_ONCE;
        if (!target_read(walk->cpython->target, address + done * sizeof *words, words,
                         now * sizeof *words) ||
            !(kind == NODE_ARRAY ? walk_nodes : walk_pairs)(walk, words, now, depth))
            return false;
    }
    return true;
}

/* False when the tree changed, or is none: it has as many entries as it says, or it is not whole.
 */
static bool read_tree(const struct cpython *cpython, uint64_t tree, context_entries *entries,
                      bool *no_memory)
{
    const struct layout_offsets *at = &cpython->at;
    struct walk walk = {.cpython = cpython, .entries = entries};
    entries->count = 0;
    if (!plausible_link(tree) || !is_native(cpython, tree, "hamt", at->hamt_count) ||
        !target_read_word(cpython->target, field_of(tree, at->hamt_count), &walk.count) ||
        walk.count > ENTRIES_MAX)
        return false;
    walk.nodes = 1 + walk.count * NODES_PER_ENTRY;
    bool whole = walk_node(&walk, pointer_at(cpython, tree, at->hamt_root), 0);
    *no_memory = walk.no_memory;
    return whole && entries->count == walk.count;
}

bool context_read(const struct cpython *cpython, uint64_t context, context_entries *entries)
{
    int32_t place = cpython->at.context_variables;
    bool no_memory = false;
    *entries = (context_entries){0};
    if (!context)
        return true;
    if (!is_named(cpython, context, "Context", "_contextvars.Context", place))
        return false;
    /* Setting a variable makes another tree; the one before may go while it is read. */
    for (int i = 0; i < CHAIN_ATTEMPTS && !no_memory; i++)
        if (read_tree(cpython, pointer_at(cpython, context, place), entries, &no_memory))
            return true;
    vector_free(entries);
    *entries = (context_entries){0};
    return false;
}

bool context_has(const context_entries *entries, uint64_t variable)
{
    for (size_t i = 0; i < entries->count; i++)
        if (entries->items[i].variable == variable)
            return true;
    return false;
}

char *context_variable_name(const struct cpython *cpython, uint64_t object)
{
    if (!is_variable(cpython, object))
        return NULL;
    uint64_t name = pointer_at(cpython, object, cpython->at.context_variable_name);
    return name ? str_value(cpython, name, STR_LIMIT) : NULL;
}

bool thread_context_read(const struct cpython *cpython, const struct thread_view *thread,
                         uint64_t *context)
{
    int32_t place = cpython->at.thread_context;
    return place != LAYOUT_ABSENT &&
           target_read_word(cpython->target, field_of(thread->address, place), context);
}
