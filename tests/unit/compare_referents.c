/*
 * For tests/live/test_referents.py: what the objects of a live process refer to, as graphs of
 * whole heaps see it, against what the process itself says (tests/targets/whole_library.py).
 *
 *     compare_referents PID ADDRESS WORDS
 *
 * One line a type, its parts separated by tabs: name, objects, references known inside, exact ones,
 * conservative ones, missed ones, ones that another object is seen to hold, and those that nobody
 * inside knows of: to objects that the collector tracks, to others; those to objects to which more
 * references are seen than are counted for them, exact ones and conservative ones: some of these
 * are none. A line "missed", "surplus" or "wrong" tells of one reference of such a type.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/vector.h"
#include "heap/kinds.h"
#include "target/copy.h"

#define DETOUR_MAX 3

struct kind_count {
    uint64_t objects, inside, exact, conservative, missed, elsewhere, surplus_tracked, surplus;
    uint64_t wrong_exact, wrong_conservative;
    uint64_t missed_example[2], surplus_example[2], wrong_example[2];
    bool surplus_exact;
};

struct referent {
    uint64_t address;
    bool exact;
};

struct comparison {
    const struct cpython *cpython;
    struct kind_cache kinds;
    VECTOR(struct kind_count) counts; /* by kind */
    VECTOR(struct referent) seen;     /* of one object */
    struct address_map found;         /* how many references to an object were seen */
    uint64_t holder;                  /* that is asked now */
    uint64_t unread;
};

#define require(good) require_at(good, __LINE__)

static void require_at(bool good, int line)
{
    if (!good) {
        fprintf(stderr, "compare_referents.c:%d: no memory, or not readable\n", line);
        exit(EXIT_FAILURE);
    }
}

static bool take(void *context, const struct edge *edge)
{
    struct comparison *comparison = context;
    struct referent referent = {edge->referent, edge->exact};
    require(vector_push(&comparison->seen, referent));
    uint32_t found = address_map_get(&comparison->found, edge->referent);
    found = found == ADDRESS_MAP_ABSENT ? 1 : found + 1;
    require(address_map_put(&comparison->found, edge->referent, found));
    return true;
}

static bool is_wrong(const struct comparison *comparison, uint64_t referent)
{
    const struct cpython *cpython = comparison->cpython;
    uint64_t word;
    uint32_t found = address_map_get(&comparison->found, referent);
    return found != ADDRESS_MAP_ABSENT &&
           target_read_word(cpython->target, referent + (uint64_t)cpython->at.object_refcount,
                            &word) &&
           found > refcount_decode(cpython, word);
}

static bool take_wrong(void *context, const struct edge *edge)
{
    struct comparison *comparison = context;
    uint64_t type = object_type(comparison->cpython, comparison->holder);
    if (!is_wrong(comparison, edge->referent))
        return true;
    struct kind_count *count =
        &comparison->counts.items[kind_cache_lookup(&comparison->kinds, type)];
    count->wrong_exact += edge->exact;
    count->wrong_conservative += !edge->exact;
    if (edge->exact || !count->wrong_exact) {
        count->wrong_example[0] = comparison->holder;
        count->wrong_example[1] = edge->referent;
    }
    return true;
}

static int compare_words(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static int compare_seen(const void *left, const void *right)
{
    const struct referent *a = left, *b = right;
    return (a->address > b->address) - (a->address < b->address);
}

static bool is_tracked(const struct comparison *comparison, uint64_t object)
{
    struct type_view type;
    return type_read(comparison->cpython, object_type(comparison->cpython, object), &type) &&
           type.flags & TYPE_HAVE_GC;
}

static void count_surplus(struct comparison *comparison, struct kind_count *count, uint64_t holder,
                          const struct referent *referent)
{
    bool tracked = is_tracked(comparison, referent->address);
    count->surplus_tracked += tracked;
    count->surplus += !tracked;
    if (tracked) {
        count->surplus_example[0] = holder;
        count->surplus_example[1] = referent->address;
        count->surplus_exact = referent->exact;
    }
}

/* ---- references that another object than the one that says so holds -------------------------- */

struct detour {
    const struct comparison *comparison;
    uint64_t wanted;
    int depth;
    bool found;
};

static bool follow(void *context, const struct edge *edge);

static void follow_all(struct detour *detour, uint64_t object)
{
    struct kind_cache cache = {.table = detour->comparison->kinds.table};
    const struct cpython *cpython = detour->comparison->cpython;
    uint32_t kind = kind_cache_lookup(&cache, object_type(cpython, object));
    if (kind != KIND_NONE)
        (void)referents_visit_bare(cpython, object, kind_table_get(cache.table, kind)->referents,
                                   NULL, follow, detour);
    kind_cache_free(&cache);
}

/* Through dicts and what the collector does not track. */
static bool follow(void *context, const struct edge *edge)
{
    struct detour *detour = context;
    struct type_view type;
    const struct cpython *cpython = detour->comparison->cpython;
    detour->found |= edge->referent == detour->wanted;
    if (detour->found || detour->depth == DETOUR_MAX ||
        !type_read(cpython, object_type(cpython, edge->referent), &type) ||
        (type.flags & TYPE_HAVE_GC && !(type.flags & TYPE_DICT_SUBCLASS)))
        return !detour->found;
    detour->depth++;
    follow_all(detour, edge->referent);
    detour->depth--;
    return !detour->found;
}

static void count_missed(struct comparison *comparison, struct kind_count *count, uint64_t holder,
                         uint64_t referent)
{
    struct detour detour = {.comparison = comparison, .wanted = referent};
    follow_all(&detour, holder);
    count->elsewhere += detour.found;
    count->missed += !detour.found;
    if (detour.found)
        return;
    count->missed_example[0] = holder;
    count->missed_example[1] = referent;
}

/* Both sides are sorted; a reference counts as often as it is there. */
static void count_differences(struct comparison *comparison, struct kind_count *count,
                              uint64_t holder, const uint64_t *inside, size_t size)
{
    size_t at = 0;
    for (size_t i = 0; i < comparison->seen.count; i++) {
        const struct referent *seen = &comparison->seen.items[i];
        count->exact += seen->exact;
        count->conservative += !seen->exact;
        for (; at < size && inside[at] < seen->address; at++)
            count_missed(comparison, count, holder, inside[at]);
        if (at < size && inside[at] == seen->address)
            at++;
        else
            count_surplus(comparison, count, holder, seen);
    }
    for (; at < size; at++)
        count_missed(comparison, count, holder, inside[at]);
}

/* Up to 3.10 some types of C libraries are never made ready, so that nobody can tell them. */
static void print_unknown(const struct comparison *comparison, uint64_t object)
{
    const struct cpython *cpython = comparison->cpython;
    uint64_t type = object_type(cpython, object), name = 0;
    char text[100] = "";
    if (target_read_word(cpython->target, type + (uint64_t)cpython->at.type_name, &name))
        target_read_c_string(cpython->target, name, text, sizeof text);
    printf("unknown\t%s\n", text);
}

static void compare_object(struct comparison *comparison, uint64_t object, uint64_t *inside,
                           size_t size)
{
    uint32_t kind = kind_cache_lookup(&comparison->kinds, object_type(comparison->cpython, object));
    if (kind == KIND_NONE) {
        print_unknown(comparison, object);
        return;
    }
    while (comparison->counts.count <= kind)
        require(vector_push(&comparison->counts, (struct kind_count){0}));
    struct kind_count *count = &comparison->counts.items[kind];
    const struct kind *known = kind_table_get(comparison->kinds.table, kind);
    comparison->seen.count = 0;
    if (!known->leaf && !referents_visit_bare(comparison->cpython, object, known->referents, NULL,
                                              take, comparison))
        comparison->unread++;
    qsort(inside, size, sizeof *inside, compare_words);
    if (comparison->seen.count)
        qsort(comparison->seen.items, comparison->seen.count, sizeof *comparison->seen.items,
              compare_seen);
    count->objects++;
    count->inside += size;
    count_differences(comparison, count, object, inside, size);
}

static void find_wrong(struct comparison *comparison, uint64_t object)
{
    uint64_t type = object_type(comparison->cpython, object);
    uint32_t kind = kind_cache_lookup(&comparison->kinds, type);
    comparison->holder = object;
    if (kind == KIND_NONE)
        return;
    const struct kind *known = kind_table_get(comparison->kinds.table, kind);
    if (!known->leaf)
        (void)referents_visit_bare(comparison->cpython, object, known->referents, NULL, take_wrong,
                                   comparison);
}

static void print_example(const struct comparison *comparison, const char *word,
                          const uint64_t example[2], bool exact)
{
    const struct cpython *cpython = comparison->cpython;
    _cleanup_free_ char *holder = type_qualified_name(cpython, object_type(cpython, example[0]));
    _cleanup_free_ char *referent = type_qualified_name(cpython, object_type(cpython, example[1]));
    printf("%s\t%s\t%s\t%#" PRIx64 "\t%#" PRIx64 "\t%s\n", word, holder, referent, example[0],
           example[1], exact ? "exact" : "conservative");
}

static void print_counts(const struct comparison *comparison)
{
    for (uint32_t kind = 0; kind < comparison->counts.count; kind++) {
        const struct kind_count *count = &comparison->counts.items[kind];
        uint64_t type = kind_table_get(comparison->kinds.table, kind)->type;
        _cleanup_free_ char *name = type_qualified_name(comparison->cpython, type);
        printf("%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
               "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n",
               name, count->objects, count->inside, count->exact, count->conservative,
               count->missed, count->elsewhere, count->surplus_tracked, count->surplus,
               count->wrong_exact, count->wrong_conservative);
        if (count->missed)
            print_example(comparison, "missed", count->missed_example, true);
        if (count->surplus_tracked)
            print_example(comparison, "surplus", count->surplus_example, count->surplus_exact);
        if (count->wrong_exact || count->wrong_conservative)
            print_example(comparison, "wrong", count->wrong_example, count->wrong_exact);
    }
    printf("unread\t%" PRIu64 "\n", comparison->unread);
}

static void compare_all(struct comparison *comparison, uint64_t address, size_t count)
{
    _cleanup_free_ uint64_t *words = calloc(count + 1, sizeof *words);
    require(words &&
            target_read(comparison->cpython->target, address, words, count * sizeof *words));
    for (size_t at = 0; at + 2 <= count;) {
        uint64_t object = words[at], size = words[at + 1];
        require(size <= count - at - 2);
        compare_object(comparison, object, words + at + 2, size);
        at += size + 2;
    }
    for (size_t at = 0; at + 2 <= count; at += words[at + 1] + 2)
        find_wrong(comparison, words[at]);
    print_counts(comparison);
}

static struct error *open_copy(pid_t pid, struct target **live, struct target **copy,
                               struct cpython **cpython)
{
    struct stream_cost cost = {0};
    struct error *error = target_open_live(pid, live);
    if (!error)
        error = cpython_attach(*live, cpython);
    return error ? error : target_open_copy(*live, STREAM_FAST, copy, &cost);
}

int main(int count, char **words)
{
    struct target *live = NULL, *copy = NULL;
    struct cpython *cpython = NULL;
    if (count != 4)
        return 2;
    struct error *error = open_copy((pid_t)strtol(words[1], NULL, 10), &live, &copy, &cpython);
    if (error) {
        fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    struct cpython of_copy = *cpython;
    of_copy.target = copy;
    struct comparison comparison = {.cpython = &of_copy};
    comparison.kinds.table = kind_table_new(&of_copy);
    require(comparison.kinds.table);
    compare_all(&comparison, strtoull(words[2], NULL, 10), strtoull(words[3], NULL, 10));
    kind_cache_free(&comparison.kinds);
    kind_table_free(comparison.kinds.table);
    vector_free(&comparison.counts);
    vector_free(&comparison.seen);
    address_map_free(&comparison.found);
    target_close(copy);
    cpython_detach(cpython);
    target_close(live);
    return 0;
}
