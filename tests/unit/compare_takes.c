/*
 * For tests/live/test_referents.py: whether references that are taken many at a time, from memory
 * that is lent, are those that a visit tells, and whether the sizes are the same.
 *
 *     compare_takes PID ADDRESS WORDS
 *
 * The words at ADDRESS as for compare_referents. Prints how many objects there are, how many of
 * them have a type with a plan, and how many references were compared; then a line "differs" for
 * each type of whose instances one gives other answers.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "heap/kinds.h"
#include "object/referents_internal.h"
#include "target/copy.h"

struct word {
    uint64_t word;
    bool exact;
};
typedef VECTOR(struct word) word_vector;

struct comparison {
    struct cpython cpython; /* of the copy */
    struct kind_cache kinds;
    word_vector visited, taken;
    uint64_t objects, planned, references;
    VECTOR(uint32_t) differing; /* kinds */
};

static void require(bool good)
{
    if (!good) {
        fprintf(stderr, "compare_takes.c: no memory, or not readable\n");
        exit(EXIT_FAILURE);
    }
}

/* What a scan does not even consider. */
static bool is_address(uint64_t word)
{
    return word >= 4096 && word % sizeof word == 0 && !(word >> 56);
}

static bool any_word(void *context, uint64_t address)
{
    (void)context;
    (void)address;
    return true;
}

static bool add_visited(void *context, const struct edge *edge)
{
    struct word word = {edge->referent, edge->exact};
    require(vector_push((word_vector *)context, word));
    return true;
}

static void add_taken(void *context, const uint64_t *words, size_t count, bool exact)
{
    for (size_t i = 0; i < count; i++)
        if (exact ? words[i] != 0 : is_address(words[i]))
            require(vector_push((word_vector *)context, ((struct word){words[i], exact})));
}

static bool are_same(const word_vector *left, const word_vector *right)
{
    bool same = left->count == right->count;
    for (size_t i = 0; i < left->count && same; i++)
        same = left->items[i].word == right->items[i].word &&
               left->items[i].exact == right->items[i].exact;
    return same;
}

static void note_difference(struct comparison *comparison, uint32_t kind)
{
    for (size_t i = 0; i < comparison->differing.count; i++)
        if (comparison->differing.items[i] == kind)
            return;
    require(vector_push(&comparison->differing, kind));
}

static void compare(struct comparison *comparison, uint64_t address)
{
    const struct cpython *cpython = &comparison->cpython;
    uint32_t kind = kind_cache_lookup(&comparison->kinds, object_type(cpython, address));
    if (kind == KIND_NONE)
        return;
    const struct referents_type *type = kind_table_get(comparison->kinds.table, kind)->referents;
    struct lent_object lent = {.address = address}, read = {.address = address};
    lent.bytes = target_lend_all(cpython->target, address, &lent.size);
    if (!lent.bytes)
        lent.size = 0;
    comparison->visited.count = comparison->taken.count = 0;
    bool visited =
        referents_visit_bare(cpython, address, type, any_word, add_visited, &comparison->visited);
    bool taken = referents_take(cpython, &lent, type, add_taken, &comparison->taken);
    if (visited != taken || !are_same(&comparison->visited, &comparison->taken) ||
        referents_own_bytes(cpython, &lent, type) != referents_own_bytes(cpython, &read, type))
        note_difference(comparison, kind);
    comparison->objects++;
    comparison->planned += type->plan.made && lent.bytes;
    comparison->references += comparison->visited.count;
}

static void compare_all(struct comparison *comparison, uint64_t address, size_t count)
{
    uint64_t *words = calloc(count + 1, sizeof *words);
    require(words &&
            target_read(comparison->cpython.target, address, words, count * sizeof *words));
    for (size_t at = 0; at + 2 <= count; at += words[at + 1] + 2)
        compare(comparison, words[at]);
    free(words);
    printf("%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n", comparison->objects, comparison->planned,
           comparison->references);
    for (size_t i = 0; i < comparison->differing.count; i++) {
        const struct kind *kind =
            kind_table_get(comparison->kinds.table, comparison->differing.items[i]);
        char *name = type_qualified_name(&comparison->cpython, kind->type);
        printf("differs\t%s\n", name);
        free(name);
    }
}

int main(int count, char **words)
{
    struct target *live = NULL, *copy = NULL;
    struct cpython *cpython = NULL;
    struct stream_cost cost = {0};
    if (count != 4)
        return 2;
    struct error *error = target_open_live((pid_t)strtol(words[1], NULL, 10), &live);
    if (!error)
        error = cpython_attach(live, &cpython);
    if (!error)
        error = target_open_copy(live, STREAM_FAST, &copy, &cost);
    if (error) {
        fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    struct comparison comparison = {.cpython = *cpython};
    comparison.cpython.target = copy;
    comparison.kinds.table = kind_table_new(&comparison.cpython);
    require(comparison.kinds.table);
    compare_all(&comparison, strtoull(words[2], NULL, 10), strtoull(words[3], NULL, 10));
    kind_cache_free(&comparison.kinds);
    kind_table_free(comparison.kinds.table);
    vector_free(&comparison.visited);
    vector_free(&comparison.taken);
    vector_free(&comparison.differing);
    target_close(copy);
    cpython_detach(cpython);
    target_close(live);
    return 0;
}
