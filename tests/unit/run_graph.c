/*
 * For tests/live/test_graph_algorithms.py: what the algorithms on graphs make of graphs.
 *
 *     run_graph < numbers
 *
 * For each graph: how many nodes, roots, targets, finalizers there are and how many paths to each
 * target are wanted; each node's own size, number of edges and their ends; each root and its rank;
 * the targets; the finalizers. Each is answered by the lines
 *
 *     dominators PARENT...        (-1: unreachable)
 *     retained BYTES...
 *     components NUMBER...        (-1: on no cycle)
 *     paths TARGET,HOLDER,...,ROOT ...
 *     weak COMPONENT:FROM-TO,FROM-TO-NODE,...,>TARGET,... ...
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "heap/paths.h"
#include "heap/retained.h"
#include "heap/weak_edge.h"

struct question {
    struct rows rows;
    uint32_t roots, targets, finalizers, ends;
    uint64_t *bytes;
    struct path_root *root;
    uint32_t *target, *finalizer;
};

static void require(bool good)
{
    if (!good) {
        fprintf(stderr, "run_graph: no memory, or no graph\n");
        exit(EXIT_FAILURE);
    }
}

static bool read_number(uint32_t *number)
{
    int character;
    while (isspace(character = getchar_unlocked()))
        continue;
    if (character == EOF)
        return false;
    for (*number = 0; isdigit(character); character = getchar_unlocked())
        *number = *number * 10 + (uint32_t)(character - '0');
    return true;
}

static uint32_t next_number(void)
{
    uint32_t number;
    require(read_number(&number));
    return number;
}

static uint32_t next_below(uint32_t bound)
{
    uint32_t number = next_number();
    require(number < bound);
    return number;
}

static void read_rows(struct question *question)
{
    struct rows *rows = &question->rows;
    VECTOR(uint32_t) to = {0};
    for (uint32_t node = 0; node < rows->count; node++) {
        question->bytes[node] = next_number();
        for (uint32_t left = next_number(); left; left--)
            require(vector_push(&to, next_below(rows->count)));
        rows->first[node + 1] = (uint32_t)to.count;
    }
    rows->to = to.items;
}

static bool read_question(struct question *question)
{
    uint32_t count;
    if (!read_number(&count))
        return false;
    require(rows_start(&question->rows, count));
    question->roots = next_number();
    question->targets = next_number();
    question->finalizers = next_number();
    question->ends = next_number();
    question->bytes = calloc((size_t)count + 1, sizeof *question->bytes);
    question->root = calloc((size_t)question->roots + 1, sizeof *question->root);
    question->target = calloc((size_t)question->targets + 1, sizeof *question->target);
    question->finalizer = calloc((size_t)question->finalizers + 1, sizeof *question->finalizer);
    require(question->bytes && question->root && question->target && question->finalizer);
    read_rows(question);
    for (uint32_t i = 0; i < question->roots; i++) {
        question->root[i].node = next_below(count);
        question->root[i].rank = next_number();
    }
    for (uint32_t i = 0; i < question->targets; i++)
        question->target[i] = next_below(count);
    for (uint32_t i = 0; i < question->finalizers; i++)
        question->finalizer[i] = next_below(count);
    return true;
}

static void print_numbers(const char *name, const uint32_t *numbers, uint32_t count)
{
    fputs(name, stdout);
    for (uint32_t i = 0; i < count; i++) {
        if (numbers[i] == NODE_NONE)
            fputs(" -1", stdout);
        else
            printf(" %" PRIu32, numbers[i]);
    }
    putchar('\n');
}

static void answer_dominators(const struct question *question, struct dominators *dominators)
{
    _cleanup_free_ uint32_t *roots = malloc((question->roots + 1) * sizeof *roots);
    require(roots);
    for (uint32_t i = 0; i < question->roots; i++)
        roots[i] = question->root[i].node;
    require(dominators_find(&question->rows, roots, question->roots, dominators));
    print_numbers("dominators", dominators->parent, dominators->count);
    dominators_retained(dominators, question->bytes);
    fputs("retained", stdout);
    for (uint32_t i = 0; i < dominators->count; i++)
        printf(" %" PRIu64, question->bytes[i]);
    putchar('\n');
}

static void answer_paths(const struct question *question)
{
    struct path_limits limits = {question->ends, SIZE_MAX};
    struct paths paths;
    _cleanup_free_ uint32_t *path = calloc((size_t)question->rows.count + 1, sizeof *path);
    require(path && paths_find(&question->rows, question->root, question->roots, question->target,
                               question->targets, &limits, &paths));
    fputs("paths", stdout);
    for (size_t i = 0; i < paths.ends.count; i++) {
        size_t length = paths_follow(&paths, &paths.ends.items[i], path, question->rows.count);
        for (size_t at = 0; at < length; at++)
            printf("%c%" PRIu32, at ? ',' : ' ', path[at]);
    }
    putchar('\n');
    paths_free(&paths);
}

static void print_weak(const struct weak_edges *weak, uint32_t component)
{
    printf(" %" PRIu32 ":", component);
    for (size_t i = 0; i < weak->edges.count; i++) {
        const struct weak_edge *edge = &weak->edges.items[i];
        printf("%" PRIu32 "-%" PRIu32, edge->from, edge->to);
        if (edge->effect == WEAK_BREAKS_NODE)
            printf("-%" PRIu32, edge->node);
        putchar(',');
    }
    for (size_t i = 0; i < weak->targets.count; i++)
        printf(">%" PRIu32 ",", weak->targets.items[i].node);
}

static void answer_cycles(const struct question *question, const struct dominators *dominators)
{
    struct components components;
    struct rows members;
    require(components_find(&question->rows, NULL, &components) &&
            components_members(&components, question->rows.count, &members));
    print_numbers("components", components.of, question->rows.count);
    answer_paths(question);
    fputs("weak", stdout);
    for (uint32_t i = 0; i < members.count; i++) {
        struct weak_edges weak;
        struct weak_question weak_question = {.edges = &question->rows,
                                              .components = &components,
                                              .component = i,
                                              .members = members.to + row_begin(&members, i),
                                              .finalizers = question->finalizer,
                                              .finalizer_count = question->finalizers,
                                              .dominators = dominators};
        require(weak_edges_find(&weak_question, &weak));
        print_weak(&weak, i);
        weak_edges_free(&weak);
    }
    putchar('\n');
    rows_free(&members);
    components_free(&components);
}

int main(void)
{
    struct question question = {0};
    while (read_question(&question)) {
        struct dominators dominators;
        answer_dominators(&question, &dominators);
        answer_cycles(&question, &dominators);
        fflush(stdout);
        dominators_free(&dominators);
        rows_free(&question.rows);
        free(question.bytes);
        free(question.root);
        free(question.target);
        free(question.finalizer);
    }
    return 0;
}
