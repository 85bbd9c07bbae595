#include "base/clock.h"
#include "waits/completers_search.h"

#define LEVELS_MAX  24
#define NODES_MAX   20000
#define SECONDS_MAX 5

uint32_t ways_node(struct completer_search *search, uint64_t address)
{
    uint32_t number = address_map_get(&search->by_address, address);
    if (number != ADDRESS_MAP_ABSENT)
        return number;
    number = (uint32_t)search->nodes.count;
    struct way_node node = {.address = address};
    if (!vector_push(&search->nodes, node) || !vector_push(&search->first_link, LINK_NONE) ||
        !address_map_put(&search->by_address, address, number))
        search->no_memory = true;
    return number;
}

void ways_add_link(struct completer_search *search, uint32_t held, uint32_t holder)
{
    struct way_link link = {.held = held, .holder = holder, .next = search->first_link.items[held]};
    search->first_link.items[held] = (uint32_t)search->links.count;
    if (!vector_push(&search->links, link))
        search->no_memory = true;
}

void ways_add_source(struct completer_search *search, uint32_t held, struct completer source)
{
    uint32_t number = (uint32_t)search->sources.count;
    if (!vector_push(&search->sources, source))
        search->no_memory = true;
    else
        ways_add_link(search, held, SOURCE_BIT | number);
}

/* A reference that was not found is held by C code, which may do anything. */
static void note_unseen(struct completer_search *search, uint32_t number)
{
    uint64_t count;
    const struct way_node *node = &search->nodes.items[number];
    bool known = object_refcount(search->snapshot->cpython, node->address, &count);
    if (known && node->references >= count)
        return;
    size_t thread =
        known ? ways_thread_calling(search->snapshot, node->address, count - node->references)
              : NOBODY;
    struct completer source = {.kind = thread == NOBODY ? COMPLETER_UNSEEN : COMPLETER_THREAD,
                               .thread = thread};
    ways_add_source(search, number, source);
}

typedef VECTOR(uint32_t) node_vector;

/*
 * Visits every source that reaches node `target`, until `visit` returns false; `reached` are the
 * nodes on the way, `target` first. False when it did not go to the end, also without memory.
 */
static bool walk_ways(struct completer_search *search, uint32_t target,
                      bool (*visit)(struct completer_search *search, uint32_t target,
                                    const struct completer *source),
                      node_vector *reached)
{
    struct address_map seen = {0};
    bool ok = vector_push(reached, target) &&
              address_map_put(&seen, search->nodes.items[target].address, 1);
    for (size_t i = 0; ok && i < reached->count; i++)
        for (uint32_t l = search->first_link.items[reached->items[i]]; ok && l != LINK_NONE;
             l = search->links.items[l].next) {
            uint32_t holder = search->links.items[l].holder;
            if (holder & SOURCE_BIT)
                ok = visit(search, target, &search->sources.items[holder & ~SOURCE_BIT]);
            else if (address_map_get(&seen, search->nodes.items[holder].address) ==
                     ADDRESS_MAP_ABSENT)
                ok = address_map_put(&seen, search->nodes.items[holder].address, 1) &&
                     vector_push(reached, holder);
        }
    address_map_free(&seen);
    return ok;
}

/* Whether nothing else matters to who waits for `target`. Who could complete a future is also told
 * to the reader. */
static bool suffices(const struct completer_search *search, uint32_t target,
                     const struct completer *source)
{
    switch (actors_role(search->snapshot->actors, search->nodes.items[target].address)) {
    case ROLE_TASK:
    case ROLE_FUTURE:
    case ROLE_GATHER:
    case ROLE_CONCURRENT_FUTURE:
        return false;
    default:
        return target >= search->strongly &&
               (source->kind == COMPLETER_UNSEEN ||
                (source->kind == COMPLETER_ANYBODY && search->anybody_moves));
    }
}

static bool leaves_open(struct completer_search *search, uint32_t target,
                        const struct completer *source)
{
    return !suffices(search, target, source);
}

/* Marks what is on the way to a target that is not settled. */
static void mark_open(struct completer_search *search)
{
    for (uint32_t i = 0; i < search->nodes.count; i++)
        search->nodes.items[i].open = false;
    for (uint32_t i = 0; i < search->targets; i++) {
        node_vector reached = {0};
        if (walk_ways(search, i, leaves_open, &reached))
            for (size_t k = 0; k < reached.count; k++)
                search->nodes.items[reached.items[k]].open = true;
        vector_free(&reached);
    }
}

static size_t want_next(struct completer_search *search)
{
    address_map_free(&search->wanted);
    mark_open(search);
    for (uint32_t i = 0; i < search->nodes.count; i++) {
        struct way_node *node = &search->nodes.items[i];
        if (node->expanded || !node->open)
            continue;
        node->expanded = true;
        if (!address_map_put(&search->wanted, node->address, i))
            search->no_memory = true;
    }
    return search->wanted.count;
}

static struct error *expand(struct completer_search *search)
{
    double end = monotonic_seconds() + SECONDS_MAX;
    struct error *error = NULL;
    for (unsigned level = 0; !error && want_next(search) && !search->no_memory; level++) {
        if (level == LEVELS_MAX || search->nodes.count > NODES_MAX || monotonic_seconds() > end) {
            search->completers->cut = true;
            break;
        }
        size_t known = search->nodes.count;
        error = ways_expand(search);
        for (uint32_t i = 0; i < known && !error; i++)
            if (address_map_get(&search->wanted, search->nodes.items[i].address) !=
                ADDRESS_MAP_ABSENT)
                note_unseen(search, i);
    }
    return !error && search->no_memory ? error_no_memory() : error;
}

/* ---- the result ------------------------------------------------------------------------------ */

static bool collect(struct completer_search *search, uint32_t target,
                    const struct completer *source)
{
    struct completer completer = *source;
    completer.target = search->nodes.items[target].address;
    return vector_push(&search->completers->items, completer);
}

static bool collect_all(struct completer_search *search)
{
    bool ok = true;
    for (uint32_t i = 0; i < search->targets && ok; i++) {
        node_vector reached = {0};
        ok = walk_ways(search, i, collect, &reached);
        vector_free(&reached);
    }
    return ok;
}

static struct error *find(struct snapshot *snapshot, const struct census *index,
                          struct roots *roots, const uint64_t *targets, size_t count, bool strongly,
                          bool anybody_moves, struct completers *completers)
{
    struct completer_search search = {
        .snapshot = snapshot,
        .roots = roots,
        .completers = completers,
        .anybody_moves = anybody_moves,
        .owners = {.cpython = snapshot->cpython,
                   .index = index->index,
                   .types = index->types,
                   .roots = roots},
    };
    for (size_t i = 0; i < count; i++)
        (void)ways_node(&search, targets[i]);
    search.targets = search.nodes.count;
    search.strongly = strongly ? search.targets : 0;
    struct error *error = expand(&search);
    if (!error && !collect_all(&search))
        error = error_no_memory();
    owner_search_free(&search.owners);
    vector_free(&search.nodes);
    vector_free(&search.links);
    vector_free(&search.first_link);
    vector_free(&search.sources);
    address_map_free(&search.by_address);
    address_map_free(&search.wanted);
    address_map_free(&search.examined);
    return error;
}

struct error *completers_find(struct snapshot *snapshot, const struct census *index,
                              struct roots *roots, const uint64_t *targets, size_t count,
                              bool anybody_moves, struct completers *completers)
{
    return find(snapshot, index, roots, targets, count, false, anybody_moves, completers);
}

struct error *referrers_find(struct snapshot *snapshot, const struct census *index,
                             struct roots *roots, const uint64_t *targets, size_t count,
                             struct completers *completers)
{
    return find(snapshot, index, roots, targets, count, true, false, completers);
}

void completers_free(struct completers *completers)
{
    vector_free(&completers->items);
}
