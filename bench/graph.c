/*
 * graph [MILLIONS...]: time and memory of the algorithms on graphs, on random ones that look like
 * heaps: a tree whose children mostly lie near their parents, half of it leaves; an edge of each
 * other node to one of a few types; more edges to a few shared leaves, to near nodes, to anywhere.
 * Prints a table: memory is the peak beyond the graph itself, results included.
 */
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "heap/components.h"
#include "heap/paths.h"
#include "heap/retained.h"

#define TYPES  64
#define SHARED 4096
#define NEAR   1024

static double now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* ---- the graph ------------------------------------------------------------------------------- */

static uint64_t mixed(uint64_t value)
{
    value = (value ^ (value >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94D049BB133111EB);
    return value ^ (value >> 31);
}

static bool is_leaf(uint32_t node)
{
    return node >= TYPES && mixed(node) % 2;
}

/* `node`, or the next smaller one that may hold others. */
static uint32_t holder(uint32_t node)
{
    while (is_leaf(node))
        node--;
    return node;
}

typedef void edge_use(struct rows *rows, uint32_t from, uint32_t to);

static void expect_edge(struct rows *rows, uint32_t from, uint32_t to)
{
    (void)to;
    rows_expect(rows, from);
}

/* Of numbers below 2^32: the smaller the more often, as far as `bound`. */
static uint32_t skewed(uint32_t random, uint32_t bound)
{
    double share = random / 4294967296.0;
    return (uint32_t)(share * share * share * bound);
}

static uint32_t shared_target(uint32_t count, uint32_t node, uint64_t random)
{
    uint32_t number = (uint32_t)random, kind = (uint32_t)(random >> 32) % 5;
    if (kind < 2)
        return TYPES + skewed(number, SHARED < count / 2 ? SHARED : count / 4);
    if (kind < 4)
        return (node + number % NEAR) % count;
    return number % count;
}

static void node_edges(struct rows *rows, uint32_t node, edge_use *use)
{
    uint64_t random = mixed(node + UINT64_C(0x5851F42D4C957F2D));
    uint32_t back = random % 10 ? 1 + (uint32_t)(random >> 40) % 64 : (uint32_t)(random >> 32);
    use(rows, holder(node - 1 - back % node), node);
    if (is_leaf(node))
        return;
    use(rows, node, skewed((uint32_t)(random >> 8), TYPES));
    for (uint32_t left = (uint32_t)mixed(random) % 4; left > 0; left--) {
        random = mixed(random + left);
        use(rows, node, shared_target(rows->count, node, random));
    }
}

static bool make_graph(struct rows *rows, uint32_t count)
{
    if (!rows_start(rows, count))
        return false;
    for (uint32_t node = 1; node < count; node++)
        node_edges(rows, node, expect_edge);
    if (!rows_allocate(rows))
        return false;
    for (uint32_t node = 1; node < count; node++)
        node_edges(rows, node, rows_add);
    return true;
}

/* ---- time and memory ------------------------------------------------------------------------- */

static double status_bytes(const char *name)
{
    char line[256];
    double kilobytes = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, name, strlen(name)) == 0)
            kilobytes = strtod(line + strlen(name), NULL);
    if (file)
        fclose(file);
    return kilobytes * 1024;
}

struct cost {
    double begin, begin_cpu, resident;
};

static struct cost measure(void)
{
    malloc_trim(0);
    FILE *file = fopen("/proc/self/clear_refs", "w");
    if (file) {
        fputs("5", file); /* the peak starts anew */
        fclose(file);
    }
    return (struct cost){now(CLOCK_MONOTONIC), now(CLOCK_PROCESS_CPUTIME_ID),
                         status_bytes("VmRSS:")};
}

static void print_row(const struct rows *rows, const char *name, double seconds, double cpu_seconds,
                      double bytes)
{
    printf("%10" PRIu32 " %10" PRIu32 "  %-12s %8.3f %8.3f %8.0f %8.1f\n", rows->count,
           rows_edges(rows), name, seconds, cpu_seconds, seconds * 1e9 / rows->count,
           bytes / rows->count);
    fflush(stdout);
}

static void print_cost(const char *name, struct cost cost, const struct rows *rows)
{
    double seconds = now(CLOCK_MONOTONIC) - cost.begin;
    double cpu_seconds = now(CLOCK_PROCESS_CPUTIME_ID) - cost.begin_cpu;
    print_row(rows, name, seconds, cpu_seconds, status_bytes("VmHWM:") - cost.resident);
}

static void fail(void)
{
    fprintf(stderr, "bench-graph: no memory\n");
    exit(EXIT_FAILURE);
}

/* ---- the algorithms -------------------------------------------------------------------------- */

static void measure_dominators(const struct rows *rows)
{
    const uint32_t root = 0;
    struct dominators dominators;
    struct cost cost = measure();
    if (!dominators_find(rows, &root, 1, &dominators))
        fail();
    print_cost("dominators", cost, rows);
    cost = measure();
    uint64_t *bytes = malloc(rows->count * sizeof *bytes);
    if (!bytes)
        fail();
    for (uint32_t node = 0; node < rows->count; node++)
        bytes[node] = 64;
    dominators_retained(&dominators, bytes);
    print_cost("retained", cost, rows);
    free(bytes);
    dominators_free(&dominators);
}

static void measure_others(const struct rows *rows)
{
    const struct path_root root = {0, 0};
    struct rows reverse;
    struct cost cost = measure();
    if (!rows_reverse(rows, &reverse))
        fail();
    print_cost("reverse", cost, rows);
    rows_free(&reverse);
    struct components components;
    cost = measure();
    if (!components_find(rows, NULL, &components))
        fail();
    print_cost("components", cost, rows);
    components_free(&components);
    struct paths paths;
    struct path_limits limits = {4, SIZE_MAX};
    uint32_t target = rows->count - 1;
    cost = measure();
    if (!paths_find(rows, &root, 1, &target, 1, &limits, &paths))
        fail();
    print_cost("paths", cost, rows);
    paths_free(&paths);
}

int main(int argc, char **argv)
{
    static const char *usual[] = {"", "0.1", "1", "5", "20"};
    const char **sizes = argc > 1 ? (const char **)argv : usual;
    int count = argc > 1 ? argc : (int)(sizeof usual / sizeof *usual);
    printf("%10s %10s  %-12s %8s %8s %8s %8s\n", "NODES", "EDGES", "", "SECONDS", "CPU", "NS/NODE",
           "B/NODE");
    for (int i = 1; i < count; i++) {
        struct rows rows;
        struct cost cost = measure();
        double nodes = strtod(sizes[i], NULL) * 1e6;
        if (nodes < 2 * TYPES || nodes > NODES_MAX || !make_graph(&rows, (uint32_t)nodes)) {
            fprintf(stderr, "usage: bench-graph [MILLIONS OF NODES...]\n");
            return 2;
        }
        print_row(&rows, "the graph", now(CLOCK_MONOTONIC) - cost.begin,
                  now(CLOCK_PROCESS_CPUTIME_ID) - cost.begin_cpu,
                  4.0 * rows.count + 4.0 * rows_edges(&rows));
        measure_dominators(&rows);
        measure_others(&rows);
        rows_free(&rows);
    }
    return 0;
}
