/* --path TYPE|ADDRESS: how the instances of a type, or one object, are held. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/heap_parts.h"

/* Instances of a type that paths are looked for; of more an even sample. */
#define TARGETS_MAX 20000
/* Different holders of one object that are shown, unless --limit says otherwise. */
#define HOLDERS_SHOWN 10

/* ---- which objects --------------------------------------------------------------------------- */

static bool is_named(const char *name, const char *wanted)
{
    size_t length = strlen(name), tail = strlen(wanted);
    if (!strcmp(name, wanted))
        return true;
    return length > tail && name[length - tail - 1] == '.' && !strcmp(name + length - tail, wanted);
}

/* By whole name or by its last parts: "app.models.User", "models.User", "User". */
static bool find_instances(struct heap_work *work, const char *wanted, node_vector *targets)
{
    const struct object_graph *graph = work->view->graph;
    uint32_t kinds = kind_table_count(graph->kinds);
    bool *chosen = calloc((size_t)kinds + 1, sizeof *chosen);
    bool good = chosen != NULL;
    for (uint32_t kind = 0; kind < kinds && good; kind++)
        chosen[kind] = is_named(heap_kind_name(work, kind), wanted);
    for (size_t i = 0; i < graph->nodes->range_count && good; i++) {
        const struct node_range *range = &graph->nodes->ranges[i];
        uint32_t last = node_range_last(range);
        for (uint32_t node = range->ranks[0]; !range->of_file && node < last && good; node++)
            if (graph->kind_of[node] != KIND_NONE && chosen[graph->kind_of[node]])
                good = vector_push(targets, node);
    }
    free(chosen);
    return good;
}

/* "0x7f…" or decimal digits. */
static bool parse_address(const char *text, uint64_t *address)
{
    char *end;
    errno = 0;
    *address = strtoull(text, &end, 0);
    return text[0] >= '0' && text[0] <= '9' && !*end && !errno;
}

static struct error *find_targets(struct heap_work *work, node_vector *targets)
{
    const char *wanted = work->options->path;
    uint64_t address;
    if (parse_address(wanted, &address)) {
        uint32_t node = node_set_number(work->view->graph->nodes, address);
        if (node == NODE_NONE)
            return error_hint(error_new(ERROR_USAGE, "no object is at %s", wanted),
                              "addresses change from run to run; --path takes a type, too");
        return vector_push(targets, node) ? NULL : error_no_memory();
    }
    if (!find_instances(work, wanted, targets))
        return error_no_memory();
    if (!targets->count)
        return error_hint(error_new(ERROR_USAGE, "no object of type '%s' is in the heap", wanted),
                          "steth heap shows the types that are, by their whole names");
    return NULL;
}

/* ---- paths that are alike -------------------------------------------------------------------- */

/* Paths are alike when they go through objects of the same kinds from the same root. */
struct group {
    uint64_t likeness;
    size_t end; /* of paths->ends: the one that is shown */
    uint64_t count;
};

struct grouping {
    const struct object_graph *graph;
    const struct paths *paths;
    node_vector chain;
    VECTOR(struct group) groups;
};

static uint64_t mix(uint64_t hash, uint64_t word)
{
    return (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15) + (hash >> 29);
}

/* The chain of an end, the root first. */
static bool follow(struct grouping *grouping, const struct path_end *end)
{
    node_vector *chain = &grouping->chain;
    size_t count = paths_follow(grouping->paths, end, chain->items, chain->capacity);
    if (count > chain->capacity) {
        if (!vector_reserve(chain, count))
            return false;
        count = paths_follow(grouping->paths, end, chain->items, chain->capacity);
    }
    chain->count = count;
    for (size_t i = 0; i < count / 2; i++) {
        uint32_t swapped = chain->items[i];
        chain->items[i] = chain->items[count - 1 - i];
        chain->items[count - 1 - i] = swapped;
    }
    return true;
}

static uint64_t likeness(const struct grouping *grouping)
{
    const node_vector *chain = &grouping->chain;
    const struct object_root *root = object_graph_root(grouping->graph, chain->items[0]);
    uint64_t hash = mix(chain->count, root ? root->root : ROOT_NONE);
    for (size_t i = 0; i < chain->count; i++)
        hash = mix(hash, grouping->graph->kind_of[chain->items[i]]);
    /* What a root holds by a name of its own differs in its first object. */
    return root && root->root != ROOT_NONE && chain->count > 2 ? mix(hash, chain->items[1]) : hash;
}

static bool add_to_group(struct grouping *grouping, size_t end)
{
    uint64_t hash = likeness(grouping);
    for (size_t i = 0; i < grouping->groups.count; i++)
        if (grouping->groups.items[i].likeness == hash) {
            grouping->groups.items[i].count++;
            return true;
        }
    return vector_push(&grouping->groups, ((struct group){hash, end, 1}));
}

static int compare_groups(const void *left, const void *right)
{
    const struct group *a = left, *b = right;
    if (a->count != b->count)
        return a->count < b->count ? 1 : -1;
    return (a->end > b->end) - (a->end < b->end);
}

static bool show_groups(struct heap_work *work, struct grouping *grouping)
{
    struct heap_section *section = &work->report->heap;
    if (grouping->groups.count)
        qsort(grouping->groups.items, grouping->groups.count, sizeof *grouping->groups.items,
              compare_groups);
    for (size_t i = 0; i < grouping->groups.count; i++) {
        const struct group *group = &grouping->groups.items[i];
        const struct path_end *end = &grouping->paths->ends.items[group->end];
        struct heap_path path = {0};
        bool good =
            (!work->options->paths || i < work->options->paths) && follow(grouping, end) &&
            heap_path_fill(work, end->target, grouping->chain.items, grouping->chain.count, &path);
        path.alike = group->count;
        if (!path.type)
            break;
        if (!vector_push(&section->paths, path) || !good) {
            return false;
        }
    }
    return true;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void thin_out(node_vector *targets)
{
    size_t stride = (targets->count + TARGETS_MAX - 1) / TARGETS_MAX, kept = 0;
    for (size_t i = 0; i < targets->count; i += stride)
        targets->items[kept++] = targets->items[i];
    targets->count = kept;
}

static void count_unheld(struct heap_work *work, const node_vector *targets, size_t found)
{
    struct heap_section *section = &work->report->heap;
    uint64_t unreachable = 0;
    for (size_t i = 0; i < targets->count; i++)
        unreachable += work->view->dominators.parent[targets->items[i]] == NODE_NONE;
    section->path_unreachable = unreachable;
    section->path_behind = targets->count - unreachable - found;
}

static bool show(struct heap_work *work, const node_vector *targets, const struct paths *paths)
{
    struct grouping grouping = {.graph = work->view->graph, .paths = paths};
    uint32_t last = NODE_NONE;
    size_t found = 0;
    bool good = true;
    for (size_t i = 0; i < paths->ends.count && good; i++) {
        found += paths->ends.items[i].target != last;
        last = paths->ends.items[i].target;
        good = follow(&grouping, &paths->ends.items[i]) && add_to_group(&grouping, i);
    }
    good = good && show_groups(work, &grouping);
    count_unheld(work, targets, targets->count == 1 ? found > 0 : found);
    vector_free(&grouping.chain);
    vector_free(&grouping.groups);
    return good;
}

struct error *heap_add_paths(struct heap_work *work)
{
    node_vector targets = {0};
    struct paths paths = {0};
    struct error *error = find_targets(work, &targets);
    work->report->heap.path_instances = targets.count;
    if (targets.count > TARGETS_MAX) {
        report_add_not_checked(work->report, NULL,
                               "paths of %zu instances: an even sample of %u is looked at",
                               targets.count, TARGETS_MAX);
        thin_out(&targets);
    }
    const struct path_limits limits = {
        .ends = targets.count == 1 ? HOLDERS_SHOWN : 1,
        .most = TARGETS_MAX + HOLDERS_SHOWN,
    };
    if (!error && !paths_find(&work->view->graph->edges, work->roots.items, work->roots.count,
                              targets.items, targets.count, &limits, &paths))
        error = error_no_memory();
    if (!error && !show(work, &targets, &paths))
        error = error_no_memory();
    paths_free(&paths);
    vector_free(&targets);
    return error;
}
