/* Shortest paths from roots: against distances by the definition. */
#include "random_graph.h"

#include "heap/bits.h"
#include "heap/paths.h"

#define GRAPHS     20000
#define NODES_MOST 16
#define FAR        1000

struct world {
    struct rows rows;
    struct path_root roots[3];
    size_t root_count;
    uint32_t targets[3];
    size_t target_count;
    uint64_t is_target;
};

/* (distance, rank) of the best root, as distance * 10 + rank; nothing goes through a target. */
static void find_distances(const struct world *world, uint32_t *distance)
{
    const struct rows *rows = &world->rows;
    for (uint32_t node = 0; node < rows->count; node++)
        distance[node] = 10 * FAR;
    for (size_t i = 0; i < world->root_count; i++)
        if (world->roots[i].rank < distance[world->roots[i].node])
            distance[world->roots[i].node] = world->roots[i].rank;
    for (uint32_t round = 0; round < rows->count; round++)
        for (uint32_t node = 0; node < rows->count; node++)
            for (uint32_t i = row_begin(rows, node); i < row_end(rows, node); i++)
                if (!bit_is_set(&world->is_target, node) &&
                    distance[node] + 10 < distance[rows->to[i]])
                    distance[rows->to[i]] = distance[node] + 10;
}

static uint32_t rank_of(const struct world *world, uint32_t node)
{
    uint32_t rank = FAR;
    for (size_t i = 0; i < world->root_count; i++)
        if (world->roots[i].node == node && world->roots[i].rank < rank)
            rank = world->roots[i].rank;
    return rank;
}

static bool has_edge(const struct rows *rows, uint32_t from, uint32_t to)
{
    for (uint32_t i = row_begin(rows, from); i < row_end(rows, from); i++)
        if (rows->to[i] == to)
            return true;
    return false;
}

/* Returns (distance, rank) of the path. */
static uint32_t check_path(const struct world *world, const struct paths *paths,
                           const struct path_end *end)
{
    uint32_t path[NODES_MOST + 1];
    size_t length = paths_follow(paths, end, path, NODES_MOST + 1);
    assert_true(length >= 1 && length <= NODES_MOST);
    assert_int_equal(path[0], end->target);
    assert_int_equal(length == 1, end->holder == NODE_NONE);
    for (size_t i = 1; i < length; i++) {
        assert_true(has_edge(&world->rows, path[i], path[i - 1]));
        assert_false(bit_is_set(&world->is_target, path[i]));
    }
    uint32_t rank = rank_of(world, path[length - 1]);
    assert_int_not_equal(rank, FAR);
    return (uint32_t)(length - 1) * 10 + rank;
}

/* How many ends a target has, and whether `ends` paths to it are the nearest. */
static void check_target(const struct world *world, const struct paths *paths, uint32_t target,
                         uint32_t limit)
{
    uint32_t distance[NODES_MOST], possible = rank_of(world, target) != FAR, found = 0, last = 0;
    bool listed[NODES_MOST] = {false};
    find_distances(world, distance);
    for (uint32_t node = 0; node < world->rows.count; node++)
        possible += has_edge(&world->rows, node, target) && distance[node] < 10 * FAR &&
                    !bit_is_set(&world->is_target, node);
    for (size_t i = 0; i < paths->ends.count; i++) {
        const struct path_end *end = &paths->ends.items[i];
        if (end->target != target)
            continue;
        uint32_t length = check_path(world, paths, end);
        assert_true(length >= last);
        if (end->holder != NODE_NONE) {
            assert_false(listed[end->holder]);
            listed[end->holder] = true;
            assert_int_equal(length, distance[end->holder] + 10);
        }
        if (!found++)
            assert_int_equal(length, distance[target]);
        last = length;
    }
    assert_int_equal(found, possible < limit ? possible : limit);
    for (uint32_t node = 0; found && node < world->rows.count; node++)
        if (has_edge(&world->rows, node, target) && !listed[node] &&
            !bit_is_set(&world->is_target, node))
            assert_true(distance[node] + 10 >= last);
}

static void make_world(struct world *world)
{
    *world = (struct world){.root_count = random_below(4), .target_count = random_below(4)};
    random_rows(&world->rows, NODES_MOST);
    for (size_t i = 0; i < world->root_count; i++)
        world->roots[i] = (struct path_root){random_below(world->rows.count), random_below(3)};
    for (size_t i = 0; i < world->target_count; i++) {
        world->targets[i] = random_below(world->rows.count);
        bit_set(&world->is_target, world->targets[i]);
    }
}

static void paths_are_the_shortest(void **state)
{
    (void)state;
    for (int i = 0; i < GRAPHS; i++) {
        struct world world;
        struct paths paths;
        struct path_limits limits = {1 + random_below(4), SIZE_MAX};
        make_world(&world);
        assert_true(paths_find(&world.rows, world.roots, world.root_count, world.targets,
                               world.target_count, &limits, &paths));
        for (size_t target = 0; target < world.target_count; target++)
            check_target(&world, &paths, world.targets[target], limits.ends);
        assert_false(paths.cut);
        paths_free(&paths);
        rows_free(&world.rows);
    }
}

static void the_number_of_paths_is_bounded(void **state)
{
    (void)state;
    const struct pair pairs[] = {{0, 1}, {0, 2}, {0, 3}, {1, 4}, {2, 4}, {3, 4}};
    const struct path_root root = {0, 0};
    const uint32_t target = 4;
    const struct path_limits limits = {10, 2};
    struct rows rows;
    struct paths paths;
    rows_of(&rows, 5, pairs, 6);
    assert_true(paths_find(&rows, &root, 1, &target, 1, &limits, &paths));
    assert_int_equal(paths.ends.count, 2);
    assert_true(paths.cut);
    uint32_t path[2];
    assert_int_equal(paths_follow(&paths, &paths.ends.items[1], path, 2), 3);
    assert_true(path[0] == 4 && path[1] == 2);
    paths_free(&paths);
    rows_free(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_the_shortest),
        cmocka_unit_test(the_number_of_paths_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
