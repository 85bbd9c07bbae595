/* The census and what follows from it, on a heap made by hand. */
#include "heap_world.h"

#include "heap/confirm.h"
#include "heap/holders.h"
#include "heap/match.h"
#include "heap/owners.h"
#include "heap/range.h"
#include "heap/rings.h"

static int set_up(void **state)
{
    *state = heap_world_new();
    return 0;
}

static int tear_down(void **state)
{
    heap_world_free(*state);
    return 0;
}

static struct census *take(const struct heap_world *heap)
{
    const struct census_options options = {
        .keep_index = true, .keep_links = true, .keep_buffers = true, .pace = STREAM_FAST};
    struct census *census;
    assert_null(census_take(heap->cpython, &options, &census));
    return census;
}

static uint64_t count_of(const struct census *census, uint64_t type)
{
    for (uint32_t i = 0; i < type_table_count(census->types); i++)
        if (type_table_get(census->types, i)->view.address == type)
            return census->counts[i];
    return 0;
}

/* ---- census ---------------------------------------------------------------------------------- */

static void census_counts_objects_and_keeps_the_marked(void **state)
{
    struct heap_world *heap = *state;
    uint64_t marked[2];
    for (int i = 0; i < 3; i++)
        track(heap, new_list(heap->world, (uint64_t[]){0}, 0));
    for (int i = 0; i < 5; i++)
        new_node(heap);
    for (int i = 0; i < 2; i++)
        mark_finalized(heap, marked[i] = new_node(heap));
    struct census *census = take(heap);
    assert_int_equal(census->objects, 10);
    assert_int_equal(count_of(census, heap->cpython->list_type), 3);
    assert_int_equal(count_of(census, heap->node_type), 7);
    assert_int_equal(census->marked.count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(census->marked.items[i].address, marked[i]);
        assert_int_equal(type_table_get(census->types, census->marked.items[i].type)->view.address,
                         heap->node_type);
    }
    assert_int_equal(census->cost.bytes, WORLD_BYTES);
    assert_int_equal(census->cost.faults, 0);
    census_free(census);
}

static void census_counts_heads_of_a_running_collection(void **state)
{
    struct heap_world *heap = *state;
    uint64_t node = new_node(heap);
    put(heap->world, head_of(node) + 8, 5 << 2 | GC_PREV_COLLECTING | GC_PREV_FINALIZED);
    struct census *census = take(heap);
    assert_int_equal(census->objects, 1);
    assert_int_equal(census->marked.count, 1);
    census_free(census);
}

static void census_ignores_impostors(void **state)
{
    struct heap_world *heap = *state;
    struct world *world = heap->world;
    new_object(world, heap->node_type, NODE_BYTES); /* untracked: no links */
    put(world, new_node(heap), 0);                  /* freed */
    put(world, new_node(heap), (uint64_t)-1);       /* no count */
    put(world, new_node(heap) + 8, NOWHERE);        /* a type that is not mapped */
    put(world, new_node(heap) + 8, heap->node_type + 4);
    put(world, new_node(heap) + 8, 0);
    put(world, new_node(heap) + 8, world->object_type); /* without GC support */
    put(world, new_node(heap) + 8, place(world, 512));  /* not a type */
    uint64_t unlinked = new_node(heap);
    put(world, head_of(unlinked) + 8, 0); /* a next but no previous */
    track(heap, new_type(world, "Static", world->object_type, 16, 0, TYPE_HAVE_GC));
    put(world, head_of(new_node(heap)), NOWHERE);
    struct census *census = take(heap);
    assert_int_equal(census->objects, 0);
    census_free(census);
}

/* Gives the world a mapping below 2^32, as programs have that are linked to low addresses. */
static void map_low(struct heap_world *heap)
{
    static const uint8_t low[4096];
    const struct image_segment segments[] = {{0x400000, low, sizeof low},
                                             {WORLD_BASE, heap->world->bytes, WORLD_BYTES}};
    target_close(heap->world->target);
    assert_null(target_open_image(segments, 2, &heap->world->target));
    heap->cpython->target = heap->world->target;
}

/* The order of resolution of a static type: its count, type, length and first class look like a
 * head, also to a worker that has just met an instance of that class. */
static void census_ignores_the_inside_of_immortal_tuples(void **state)
{
    struct heap_world *heap = *state;
    struct world *world = heap->world;
    map_low(heap);
    heap->cpython->is.refcount = REFCOUNT_IMMORTAL_MAX;
    const uint64_t order[] = {heap->node_type, world->object_type};
    new_node(heap);
    put(world, new_tuple(world, order, 2), UINT32_MAX);
    new_node(heap);
    put(world, new_tuple(world, order, 2), UINT32_MAX);
    struct census *census = take(heap);
    assert_int_equal(census->objects, 2);
    census_free(census);
}

static void census_counts_classes(void **state)
{
    struct heap_world *heap = *state;
    const uint64_t flags = TYPE_HAVE_GC | TYPE_HEAPTYPE;
    /* The type of types is tracked in what follows. */
    uint64_t type = heap->cpython->type_type;
    put(heap->world, type + 168, get(heap->world, type + 168) | TYPE_HAVE_GC);
    track(heap, new_type(heap->world, "Class", heap->world->object_type, 16, 0, flags));
    track(heap, new_type(heap->world, "static", heap->world->object_type, 16, 0, TYPE_HAVE_GC));
    struct census *census = take(heap);
    assert_int_equal(census->objects, 1);
    assert_int_equal(count_of(census, type), 1);
    census_free(census);
}

static void census_survives_a_ring_of_deque_blocks(void **state)
{
    struct heap_world *heap = *state;
    struct world *world = heap->world;
    uint64_t type = new_type(world, "collections.deque", world->object_type, 56, 0, TYPE_HAVE_GC);
    uint64_t block = place(world, 66 * 8);
    put(world, block + 65 * 8, block);
    for (int i = 0; i < 100; i++) {
        uint64_t deque = track(heap, new_object(world, type, 56));
        put(world, deque + 16, INT64_MAX);
        put(world, deque + 24, block);
    }
    struct census *census = take(heap);
    assert_int_equal(census->objects, 100);
    assert_true(census->index->buffers.count <= WORLD_BYTES / (66 * 8));
    census_free(census);
}

static void census_of_memory_at_address_zero(void **state)
{
    (void)state;
    static const uint64_t words[64] = {8, 8, 1, 0, 8, 8, 1, 0};
    struct image_segment segment = {0, (const uint8_t *)words, sizeof words};
    struct cpython cpython = {.is.refcount = REFCOUNT_WORD};
    const struct census_options options = {.keep_index = true};
    struct census *census;
    assert_null(target_open_image(&segment, 1, &cpython.target));
    assert_null(census_take(&cpython, &options, &census));
    assert_int_equal(census->objects, 0);
    census_free(census);
    target_close(cpython.target);
}

/* ---- index ----------------------------------------------------------------------------------- */

static void index_finds_objects_and_buffers(void **state)
{
    struct heap_world *heap = *state;
    uint64_t nodes[4];
    for (int i = 0; i < 4; i++)
        nodes[i] = new_node(heap);
    uint64_t list = track(heap, new_list(heap->world, nodes, 4));
    mark_finalized(heap, nodes[1]);
    struct census *census = take(heap);
    const struct heap_index *index = census->index;
    assert_int_equal(index->count, 5);
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t number = heap_index_find(index, nodes[i]);
        assert_int_equal(number, i);
        assert_int_equal(heap_index_before(index, nodes[i] + 39), number);
        assert_int_equal(heap_index_at(index, number).address, nodes[i]);
        assert_int_equal(heap_index_at(index, number).finalized, i == 1);
    }
    assert_int_equal(heap_index_at(index, 0).next, head_of(nodes[1]));
    assert_int_equal(heap_index_find(index, nodes[0] + 16), INDEX_NONE);
    assert_int_equal(heap_index_before(index, nodes[0] - 1), INDEX_NONE);
    uint64_t items = get(heap->world, list + 24);
    assert_null(heap_index_buffer(index, items - 1));
    assert_int_equal(heap_index_buffer(index, items)->owner, list);
    assert_int_equal(heap_index_buffer(index, items + 24)->start, items);
    census_free(census);
}

static void index_of_nothing(void **state)
{
    (void)state;
    struct heap_index *index = heap_index_new(0);
    assert_true(heap_index_seal(index));
    assert_int_equal(heap_index_find(index, 16), INDEX_NONE);
    assert_int_equal(heap_index_before(index, UINT64_MAX), INDEX_NONE);
    assert_null(heap_index_buffer(index, 16));
    heap_index_free(index);
    heap_index_free(NULL);
}

static void what_has_no_type_is_unknown(void **state)
{
    struct heap_world *heap = *state;
    struct census *census = take(heap);
    struct type_cache cache = {.table = census->types};
    assert_int_equal(type_cache_lookup(&cache, 0), TYPE_UNKNOWN);
    assert_int_equal(type_cache_lookup(&cache, NOWHERE), TYPE_UNKNOWN);
    type_cache_free(&cache);
    census_free(census);
}

/* ---- rings ----------------------------------------------------------------------------------- */

static void assert_rings(const struct heap_world *heap, const int64_t counts[RING_COUNT])
{
    struct census *census = take(heap);
    struct rings rings = {0};
    assert_true(rings_walk(heap->cpython, census->index, &heap->state, &rings));
    for (int i = 0; i < RING_COUNT; i++)
        assert_int_equal(rings.counts[i], counts[i]);
    rings_free(&rings);
    census_free(census);
}

static void rings_are_counted(void **state)
{
    struct heap_world *heap = *state;
    assert_rings(heap, (int64_t[]){0, 0, 0, 0});
    for (int i = 0; i < 3; i++)
        mark_finalized(heap, new_node(heap));
    uint64_t young = new_object(heap->world, heap->node_type, NODE_BYTES);
    link_into(heap, heap->state.heads[0], young);
    uint64_t frozen = new_object(heap->world, heap->node_type, NODE_BYTES);
    link_into(heap, heap->state.permanent_head, frozen);
    assert_rings(heap, (int64_t[]){1, 0, 3, 1});
}

static void rings_with_a_loop_are_broken(void **state)
{
    struct heap_world *heap = *state;
    uint64_t first = new_node(heap), second = new_node(heap);
    put(heap->world, head_of(second), head_of(first));
    assert_rings(heap, (int64_t[]){0, 0, -1, 0});
    put(heap->world, head_of(second), head_of(second));
    assert_rings(heap, (int64_t[]){0, 0, -1, 0});
}

static void rings_with_a_wild_link_are_broken(void **state)
{
    struct heap_world *heap = *state;
    uint64_t node = new_node(heap);
    put(heap->world, head_of(node), heap->node_type);
    assert_rings(heap, (int64_t[]){0, 0, -1, 0});
    put(heap->world, head_of(node), 0);
    assert_rings(heap, (int64_t[]){0, 0, -1, 0});
    put(heap->world, heap->state.heads[1], NOWHERE);
    assert_rings(heap, (int64_t[]){0, -1, -1, 0});
    heap->state.heads[0] = 0;
    heap->state.permanent_head = NOWHERE;
    assert_rings(heap, (int64_t[]){-1, -1, -1, -1});
}

static void rings_that_share_objects_are_broken(void **state)
{
    struct heap_world *heap = *state;
    new_node(heap);
    put(heap->world, heap->state.heads[0], get(heap->world, heap->state.heads[2]));
    struct census *census = take(heap);
    struct rings rings = {0};
    assert_true(rings_walk(heap->cpython, census->index, &heap->state, &rings));
    assert_int_equal(rings.counts[2], -1);
    rings_free(&rings);
    census_free(census);
}

/* ---- confirmation ---------------------------------------------------------------------------- */

static void confirmation_keeps_the_linked_and_drops_the_stale(void **state)
{
    struct heap_world *heap = *state;
    struct world *world = heap->world;
    uint64_t nodes[7];
    for (int i = 0; i < 7; i++)
        mark_finalized(heap, nodes[i] = new_node(heap));
    struct census *census = take(heap);
    assert_int_equal(census->marked.count, 7);
    put(world, nodes[1], 0);                                     /* freed meanwhile */
    put(world, nodes[2] + 8, heap->cpython->list_type);          /* another object by now */
    put(world, head_of(nodes[3]) + 8, head_of(nodes[2]));        /* the mark is gone */
    put(world, head_of(nodes[4]), heap->state.heads[0]);         /* a neighbour disagrees */
    put(world, head_of(nodes[5]) + 8, heap->state.heads[1] | 1); /* the other one does */
    put(world, head_of(nodes[6]) + 8, NOWHERE | 1);              /* none there to ask */
    struct confirmation confirmation = {0};
    assert_null(confirm_marked(heap->cpython, &heap->interpreters, census->types, &census->marked,
                               &confirmation));
    assert_int_equal(census->marked.count, 1);
    assert_int_equal(census->marked.items[0].address, nodes[0]);
    assert_int_equal(confirmation.undecided, 0);
    assert_int_equal(confirmation.torn_reads, 0); /* wrong, but not moving */
    census_free(census);
}

/* While a collection runs, an old object is known by its list; a young one is not. */
static void confirmation_asks_the_lists_while_a_collection_runs(void **state)
{
    struct heap_world *heap = *state;
    int32_t collecting = 1;
    uint64_t old = new_node(heap);
    uint64_t young = new_object(heap->world, heap->node_type, NODE_BYTES);
    mark_finalized(heap, old);
    link_into(heap, heap->state.heads[0], young);
    mark_finalized(heap, young);
    struct census *census = take(heap);
    assert_int_equal(census->marked.count, 2);
    put_bytes(heap->world, heap->gc + (uint64_t)heap->cpython->at.gc_collecting, &collecting, 4);
    struct confirmation confirmation = {0};
    assert_null(confirm_marked(heap->cpython, &heap->interpreters, census->types, &census->marked,
                               &confirmation));
    assert_int_equal(census->marked.count, 1);
    assert_int_equal(census->marked.items[0].address, old);
    assert_int_equal(confirmation.undecided, 1);
    census_free(census);
}

static void confirmation_of_many(void **state)
{
    struct heap_world *heap = *state;
    for (int i = 0; i < 300; i++)
        mark_finalized(heap, new_node(heap));
    struct census *census = take(heap);
    struct confirmation confirmation = {0};
    assert_null(confirm_marked(heap->cpython, &heap->interpreters, census->types, &census->marked,
                               &confirmation));
    assert_int_equal(census->marked.count, 300);
    for (size_t i = 1; i < 300; i++)
        assert_true(census->marked.items[i - 1].address < census->marked.items[i].address);
    census_free(census);
}

/* ---- matches and owners ---------------------------------------------------------------------- */

static void matches_are_words_with_or_without_tags(void **state)
{
    struct heap_world *heap = *state;
    struct address_map wanted = {0};
    match_vector matches = {0};
    struct stream_cost cost = {0};
    bool cut = false;
    uint64_t node = new_node(heap), other = new_node(heap), words = place(heap->world, 48);
    put(heap->world, words, node);
    put(heap->world, words + 8, node | 1);
    put(heap->world, words + 16, node | 3);
    put(heap->world, words + 24, node | 4);
    put(heap->world, words + 32, other);
    assert_true(address_map_put(&wanted, node, 7));
    assert_null(match_words(heap->world->target, &wanted, &matches, &cut, &cost));
    assert_false(cut);
    size_t found = 0;
    for (size_t i = 0; i < matches.count; i++) {
        assert_int_equal(matches.items[i].object, node);
        if (matches.items[i].location >= words)
            assert_int_equal(matches.items[i].location, words + 8 * found++);
    }
    assert_int_equal(found, 3);
    vector_free(&matches);
    address_map_free(&wanted);
}

static size_t propose(const struct heap_world *heap, const struct census *census,
                      struct roots *roots, uint64_t location, struct owner owners[OWNERS_MAX])
{
    struct owner_search search = {
        .cpython = heap->cpython,
        .index = census->index,
        .types = census->types,
        .roots = roots,
    };
    size_t count = owners_propose(&search, location, owners);
    owner_search_free(&search);
    return count;
}

static bool is_owner(const struct heap_world *heap, const struct census *census, uint64_t object,
                     uint64_t location)
{
    struct roots roots = {.target = heap->world->target};
    struct owner owners[OWNERS_MAX];
    size_t count = propose(heap, census, &roots, location, owners);
    roots_free(&roots);
    for (size_t i = 0; i < count; i++)
        if (owners[i].object == object)
            return true;
    return false;
}

static void every_way_of_testing_a_range_agrees(void **state)
{
    (void)state;
    static const uint64_t lows[] = {1, 0x10000, UINT64_C(0x7f0000000000), UINT64_C(1) << 63};
    for (size_t i = 0; i < sizeof lows / sizeof *lows; i++) {
        struct range_test test = {.low = lows[i], .span = 100};
        range_prepare(&test);
        uint64_t words[RANGE_BLOCK];
        for (uint64_t k = 0; k < RANGE_BLOCK; k++)
            words[k] = lows[i] - 50 + k * 4;
        uint64_t inside = range_sieve(&test, words);
        assert_true(inside == range_sieve_some(&test, words, RANGE_BLOCK));
        assert_int_equal(__builtin_popcountll(inside), 25);
        words[0] = 0;
        words[1] = UINT64_MAX;
        assert_int_equal(range_sieve(&test, words) & 3, 0);
    }
}

static void owners_are_bodies_buffers_and_small_objects(void **state)
{
    struct heap_world *heap = *state;
    uint64_t node = new_node(heap), list = track(heap, new_list(heap->world, &node, 1));
    uint64_t slots = new_object(heap->world, heap->world->object_type, 16);
    uint64_t small_type = new_type(heap->world, "small", heap->world->object_type, 32, 0, 0);
    uint64_t small = new_object(heap->world, small_type, 32);
    struct census *census = take(heap);
    assert_true(is_owner(heap, census, node, node + 24));
    assert_true(is_owner(heap, census, list, list + 32));
    assert_true(is_owner(heap, census, list, get(heap->world, list + 24)));
    assert_true(is_owner(heap, census, small, small + 24));
    assert_false(is_owner(heap, census, slots, slots + 24)); /* behind its end */
    census_free(census);
}

static void owners_may_be_roots(void **state)
{
    struct heap_world *heap = *state;
    struct roots roots = {.target = heap->world->target};
    struct census *census = take(heap);
    struct owner owners[OWNERS_MAX];
    uint64_t block = place(heap->world, 64);
    struct root root = {.kind = ROOT_REGISTRY, .name = strdup("state")};
    assert_true(vector_push(&roots.items, root));
    assert_true(vector_push(&roots.ranges, ((struct root_range){block, block + 64, 0, 0})));
    assert_int_equal(propose(heap, census, &roots, block + 56, owners), 1);
    assert_int_equal(owners[0].object, 0);
    assert_int_equal(owners[0].root, 0);
    roots_free(&roots);
    census_free(census);
}

/* ---- roots ----------------------------------------------------------------------------------- */

static enum root_kind kind_at(const struct roots *roots, uint64_t location)
{
    uint32_t root = roots_at(roots, location);
    assert_int_not_equal(root, ROOT_NONE);
    return roots->items.items[root].kind;
}

/* The state of a first thread lies inside that of its interpreter. */
static void roots_are_the_innermost(void **state)
{
    struct heap_world *heap = *state;
    struct world *world = heap->world;
    const struct interpreter *interpreter = &heap->interpreters.items[0];
    uint64_t inside = interpreter->address + 400, apart = place(world, 64);
    put(world, interpreter->address + 16, inside);
    put(world, inside + 8, apart);
    put(world, inside + 16, interpreter->address);
    put(world, apart + 16, interpreter->address);
    struct roots roots = {0};
    assert_null(roots_collect(heap->cpython, &heap->interpreters, &roots));
    assert_int_equal(roots.ranges.count, 3);
    assert_int_equal(kind_at(&roots, interpreter->address), ROOT_REGISTRY);
    assert_int_equal(kind_at(&roots, inside - 8), ROOT_REGISTRY);
    assert_int_equal(kind_at(&roots, inside), ROOT_THREAD);
    assert_int_equal(kind_at(&roots, inside + 56), ROOT_THREAD);
    assert_int_equal(kind_at(&roots, inside + 64), ROOT_REGISTRY);
    assert_int_equal(kind_at(&roots, interpreter->address + 504), ROOT_REGISTRY);
    assert_int_equal(roots_at(&roots, interpreter->address + 512), ROOT_NONE);
    assert_int_equal(roots_at(&roots, interpreter->address - 8), ROOT_NONE);
    assert_int_equal(kind_at(&roots, apart + 8), ROOT_THREAD);
    assert_int_not_equal(roots_at(&roots, apart), roots_at(&roots, inside));
    assert_int_equal(roots_at(&roots, UINT64_MAX), ROOT_NONE);
    roots_free(&roots);
}

/* ---- holders --------------------------------------------------------------------------------- */

struct search {
    struct census *census;
    struct roots roots;
    struct holder_graph *graph;
};

/* A cycle of two nodes; the first may have references that nobody is found for. */
static uint64_t new_cycle(struct heap_world *heap, uint64_t unaccounted)
{
    uint64_t first = new_node(heap), second = new_node(heap);
    put(heap->world, first, unaccounted);
    put(heap->world, second, 0);
    hold(heap, first, 0, second);
    hold(heap, second, 2, first);
    return first;
}

/* A search whose one root are the globals of `module` (0: none). */
static struct search new_search(const struct heap_world *heap, uint64_t module)
{
    struct search search = {.census = take(heap), .roots.target = heap->world->target};
    if (module) {
        uint64_t dict = get(heap->world, module + (uint64_t)heap->cpython->at.module_dict);
        struct root root = {.kind = ROOT_MODULE, .name = strdup("m"), .object = dict};
        assert_true(vector_push(&search.roots.items, root));
        assert_true(address_map_put(&search.roots.objects, dict, 0));
    }
    return search;
}

static void explore(struct search *search, const struct heap_world *heap, uint64_t module,
                    uint64_t target)
{
    *search = new_search(heap, module);
    assert_null(holders_explore(heap->cpython, search->census->index, search->census->types,
                                &search->roots, &target, 1, &holder_limits_default,
                                &search->graph));
}

static void search_free(struct search *search)
{
    holders_free(search->graph);
    roots_free(&search->roots);
    census_free(search->census);
}

static void assert_path(const struct search *search, uint64_t target, const char *const *steps,
                        size_t count)
{
    struct holder_path path;
    assert_true(holders_path(search->graph, target, true, &path));
    assert_true(path.exact);
    assert_int_equal(path.steps.count, count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(path.steps.items[i], steps[i]);
    holder_path_free(&path);
}

static const char *const the_steps[] = {"m", ".bin", "[1]", "[1]"};

/* m.bin[1][1] */
static uint64_t new_path(struct heap_world *heap, uint64_t *node)
{
    uint64_t inner = new_node(heap);
    *node = new_node(heap);
    uint64_t tuple = track(heap, new_tuple(heap->world, (uint64_t[]){inner, *node}, 2));
    return new_module(heap, track(heap, new_list(heap->world, (uint64_t[]){inner, tuple}, 2)));
}

static void holders_lead_to_a_global(void **state)
{
    struct heap_world *heap = *state;
    uint64_t node, module = new_path(heap, &node);
    struct search search;
    explore(&search, heap, module, node);
    assert_path(&search, node, the_steps, 4);
    assert_true(holders_reach(search.graph, node));
    assert_string_equal(holders_name(search.graph, node), "m.bin");
    assert_true(holders_passes(search.graph, node, "list"));
    assert_false(holders_passes(search.graph, node, "m.Node"));
    assert_false(holders_prove_garbage(search.graph, node));
    assert_false(holders_cut(search.graph));
    search_free(&search);
}

static void holders_near_a_module_need_no_pass(void **state)
{
    struct heap_world *heap = *state;
    uint64_t node, module = new_path(heap, &node);
    struct search search = new_search(heap, module);
    assert_null(holders_begin(heap->cpython, &search.roots, &node, 1, &search.graph));
    assert_true(holders_reach_all(search.graph));
    assert_path(&search, node, the_steps, 4);
    assert_string_equal(holders_name(search.graph, node), "m.bin");
    assert_false(holders_prove_garbage(search.graph, node));
    search_free(&search);
}

/* One in a list, one in a C struct inside of that list. */
static void what_is_not_near_is_searched_for(void **state)
{
    struct heap_world *heap = *state;
    uint64_t holder = new_node(heap), nodes[] = {new_node(heap), new_node(heap)};
    hold(heap, holder, 1, nodes[1]);
    uint64_t list = track(heap, new_list(heap->world, (uint64_t[]){holder, nodes[0]}, 2));
    struct search search = new_search(heap, new_module(heap, list));
    assert_null(holders_begin(heap->cpython, &search.roots, nodes, 2, &search.graph));
    assert_true(holders_reach(search.graph, nodes[0]));
    assert_false(holders_reach(search.graph, nodes[1]));
    assert_false(holders_reach_all(search.graph));
    assert_null(holders_search(search.graph, search.census->index, search.census->types,
                               &holder_limits_default));
    assert_true(holders_reach_all(search.graph));
    assert_path(&search, nodes[0], (const char *[]){"m", ".bin", "[1]"}, 3);
    struct holder_path path;
    assert_true(holders_path(search.graph, nodes[1], true, &path));
    assert_false(path.exact);
    assert_string_equal(path.steps.items[2], "[0]");
    holder_path_free(&path);
    search_free(&search);
}

static void nothing_is_near_to_nothing(void **state)
{
    struct heap_world *heap = *state;
    uint64_t node = new_cycle(heap, 0);
    new_module(heap, node);
    struct search search = new_search(heap, 0);
    assert_null(holders_begin(heap->cpython, &search.roots, &node, 1, &search.graph));
    assert_false(holders_reach_all(search.graph));
    search_free(&search);
}

static void conservative_edges_make_a_path_inexact(void **state)
{
    struct heap_world *heap = *state;
    uint64_t node = new_node(heap), holder = new_node(heap);
    hold(heap, holder, 1, node);
    struct search search;
    explore(&search, heap, new_module(heap, holder), node);
    struct holder_path path;
    assert_true(holders_path(search.graph, node, true, &path));
    assert_false(path.exact);
    assert_string_equal(path.steps.items[path.steps.count - 1], "<+24>");
    holder_path_free(&path);
    search_free(&search);
}

static void a_cycle_is_proved_garbage(void **state)
{
    struct heap_world *heap = *state;
    uint64_t node = new_cycle(heap, 0);
    struct search search;
    explore(&search, heap, 0, node);
    struct holder_path path;
    assert_true(holders_path(search.graph, node, true, &path));
    assert_false(holders_reach(search.graph, node));
    assert_null(holders_name(search.graph, node));
    assert_int_equal(path.steps.count, 0);
    assert_true(holders_prove_garbage(search.graph, node));
    assert_false(holders_prove_garbage(search.graph, NOWHERE));
    holder_path_free(&path);
    search_free(&search);
}

static void one_unaccounted_reference_is_no_proof(void **state)
{
    struct heap_world *heap = *state;
    uint64_t node = new_cycle(heap, 1);
    struct search search;
    explore(&search, heap, 0, node);
    assert_false(holders_prove_garbage(search.graph, node));
    search_free(&search);
}

static void a_cycle_that_a_module_holds_is_no_garbage(void **state)
{
    struct heap_world *heap = *state;
    uint64_t node = new_cycle(heap, 1);
    struct search search;
    explore(&search, heap, new_module(heap, node), node);
    assert_false(holders_prove_garbage(search.graph, node));
    search_free(&search);
}

static void a_search_that_was_cut_proves_nothing(void **state)
{
    struct heap_world *heap = *state;
    uint64_t node = new_cycle(heap, 0);
    struct search search = {.census = take(heap), .roots.target = heap->world->target};
    const struct holder_limits limits = {.levels = 1, .nodes = 10, .seconds = 10};
    assert_null(holders_explore(heap->cpython, search.census->index, search.census->types,
                                &search.roots, &node, 1, &limits, &search.graph));
    assert_true(holders_cut(search.graph));
    assert_false(holders_prove_garbage(search.graph, node));
    search_free(&search);
}

/* A root of a kind that a search for paths would go on from: who is held by it, is no garbage. */
static void any_root_ends_a_search_for_garbage(void **state)
{
    struct heap_world *heap = *state;
    uint64_t held = new_cycle(heap, 1), garbage = new_cycle(heap, 0);
    uint64_t slot = new_node(heap), targets[] = {held, garbage};
    hold(heap, slot, 1, held);
    struct search search = {.census = take(heap), .roots.target = heap->world->target};
    struct root root = {.kind = ROOT_THREAD, .name = strdup("thread")};
    assert_true(vector_push(&search.roots.items, root));
    assert_true(vector_push(&search.roots.ranges, ((struct root_range){slot, slot + 64, 0, 0})));
    struct holder_limits limits = holder_limits_default;
    for (limits.garbage = 1; limits.garbage <= 2; limits.garbage++) {
        assert_null(holders_explore(heap->cpython, search.census->index, search.census->types,
                                    &search.roots, targets, 2, &limits, &search.graph));
        assert_true(holders_reach(search.graph, held));
        assert_false(holders_prove_garbage(search.graph, held));
        /* When two are asked for and one is held, the other does not matter any more. */
        assert_int_equal(holders_prove_garbage(search.graph, garbage), limits.garbage == 1);
        holders_free(search.graph);
    }
    search.graph = NULL;
    search_free(&search);
}

#define HEAP_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HEAP_TEST(census_counts_objects_and_keeps_the_marked),
        HEAP_TEST(census_counts_heads_of_a_running_collection),
        HEAP_TEST(census_ignores_impostors),
        HEAP_TEST(census_ignores_the_inside_of_immortal_tuples),
        HEAP_TEST(census_counts_classes),
        HEAP_TEST(census_survives_a_ring_of_deque_blocks),
        cmocka_unit_test(census_of_memory_at_address_zero),
        HEAP_TEST(index_finds_objects_and_buffers),
        cmocka_unit_test(index_of_nothing),
        HEAP_TEST(what_has_no_type_is_unknown),
        HEAP_TEST(rings_are_counted),
        HEAP_TEST(rings_with_a_loop_are_broken),
        HEAP_TEST(rings_with_a_wild_link_are_broken),
        HEAP_TEST(rings_that_share_objects_are_broken),
        HEAP_TEST(confirmation_keeps_the_linked_and_drops_the_stale),
        HEAP_TEST(confirmation_asks_the_lists_while_a_collection_runs),
        HEAP_TEST(confirmation_of_many),
        HEAP_TEST(matches_are_words_with_or_without_tags),
        cmocka_unit_test(every_way_of_testing_a_range_agrees),
        HEAP_TEST(owners_are_bodies_buffers_and_small_objects),
        HEAP_TEST(owners_may_be_roots),
        HEAP_TEST(roots_are_the_innermost),
        HEAP_TEST(holders_lead_to_a_global),
        HEAP_TEST(holders_near_a_module_need_no_pass),
        HEAP_TEST(what_is_not_near_is_searched_for),
        HEAP_TEST(nothing_is_near_to_nothing),
        HEAP_TEST(conservative_edges_make_a_path_inexact),
        HEAP_TEST(a_cycle_is_proved_garbage),
        HEAP_TEST(one_unaccounted_reference_is_no_proof),
        HEAP_TEST(a_cycle_that_a_module_holds_is_no_garbage),
        HEAP_TEST(a_search_that_was_cut_proves_nothing),
        HEAP_TEST(any_root_ends_a_search_for_garbage),
    };
    return cmocka_run_group_tests_name("heap", tests, NULL, NULL);
}
