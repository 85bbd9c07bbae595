/* Types of which there is more. */
#include <stdlib.h>
#include <string.h>

#include "analysis/diff_parts.h"
#include "analysis/noise.h"

/* In every interval there must come at least so much of what one brings on average. */
#define INTERVAL_SHARE 4

static int compare_names(const void *left, const void *right)
{
    const struct heap_type_row *a = left, *b = right;
    return strcmp(a->type, b->type);
}

/* The rows of a look by name; NULL: no memory. The caller frees the array. */
static struct heap_type_row *sorted_rows(const struct report *look)
{
    size_t count = look->heap.types.count;
    struct heap_type_row *rows = calloc(count + 1, sizeof *rows);
    if (rows && count) {
        memcpy(rows, look->heap.types.items, count * sizeof *rows);
        qsort(rows, count, sizeof *rows, compare_names);
    }
    return rows;
}

static struct heap_type_row find_row(const struct heap_type_row *rows, size_t count, char *type)
{
    const struct heap_type_row wanted = {.type = type};
    const struct heap_type_row *row =
        count ? bsearch(&wanted, rows, count, sizeof *rows, compare_names) : NULL;
    return row ? *row : (struct heap_type_row){0};
}

/* Instances that wait for the collector. */
static uint64_t lost_instances(const struct report *look, const char *type)
{
    uint64_t lost = 0;
    for (size_t i = 0; i < look->heap.holdings.count; i++) {
        const struct heap_holding *holding = &look->heap.holdings.items[i];
        if (!holding->holder && strcmp(holding->type, type) == 0)
            lost += holding->count;
    }
    return lost;
}

static const char *judge(const struct comparison *comparison, struct diff_type *row)
{
    uint64_t first = row->counts.items[0], last = row->counts.items[row->counts.count - 1];
    size_t intervals = row->counts.count - 1;
    bool by_count = noise_exceeded(first, last, DIFF_OBJECTS);
    if (!by_count && !noise_bytes_exceeded(row->bytes_before, row->bytes_after))
        return NULL;
    bool steadily = true;
    for (size_t i = 0; i < intervals; i++) {
        uint64_t from = row->counts.items[i], to = row->counts.items[i + 1];
        row->rises += to > from;
        if (by_count && (to < from || to - from < (last - first) / intervals / INTERVAL_SHARE))
            steadily = false;
    }
    if (!steadily)
        return "settled";
    uint64_t lost_before = lost_instances(comparison->first, row->type);
    uint64_t lost = lost_instances(comparison->last, row->type);
    if (by_count && lost > lost_before && lost - lost_before > (last - first) / 2)
        return "garbage";
    return "grew";
}

/* Fills the counts of `row` from all looks; false when there is no memory. */
static bool count_instances(const struct comparison *comparison,
                            struct heap_type_row *const *sorted, struct diff_type *row)
{
    for (size_t i = 0; i < comparison->count; i++) {
        struct heap_type_row found =
            find_row(sorted[i], comparison->looks[i]->heap.types.count, row->type);
        if (!vector_push(&row->counts, found.count))
            return false;
        if (i == 0) {
            row->bytes_before = found.bytes;
            row->retained_before = found.retained_bytes;
        }
    }
    return true;
}

static bool add_type(const struct comparison *comparison, struct heap_type_row *const *sorted,
                     const struct heap_type_row *found)
{
    struct diff_type row = {.type = strdup(found->type),
                            .bytes_after = found->bytes,
                            .retained_after = found->retained_bytes};
    bool good = row.type && count_instances(comparison, sorted, &row);
    row.verdict = good ? judge(comparison, &row) : NULL;
    if (good && row.verdict) {
        comparison->diff->grew |= strcmp(row.verdict, "grew") == 0;
        if (vector_push(&comparison->diff->types, row))
            return true;
        good = false;
    }
    free(row.type);
    vector_free(&row.counts);
    return good;
}

static int64_t new_bytes(const struct diff_type *row)
{
    return (int64_t)row->bytes_after - (int64_t)row->bytes_before;
}

static int most_new_bytes_first(const void *left, const void *right)
{
    const struct diff_type *a = left, *b = right;
    if (new_bytes(a) != new_bytes(b))
        return new_bytes(a) < new_bytes(b) ? 1 : -1;
    return strcmp(a->type, b->type);
}

bool diff_add_types(struct comparison *comparison)
{
    if (!comparison->diff->has_heap)
        return true;
    struct heap_type_row **sorted = calloc(comparison->count, sizeof *sorted);
    bool good = sorted != NULL;
    for (size_t i = 0; i < comparison->count && good; i++) {
        sorted[i] = sorted_rows(comparison->looks[i]);
        good = sorted[i] != NULL;
    }
    const struct heap_section *last = &comparison->last->heap;
    for (size_t i = 0; i < last->types.count && good; i++)
        good = add_type(comparison, sorted, &last->types.items[i]);
    for (size_t i = 0; i < comparison->count && sorted; i++)
        free(sorted[i]);
    free(sorted);
    struct diff_section *diff = comparison->diff;
    if (diff->types.count)
        qsort(diff->types.items, diff->types.count, sizeof *diff->types.items,
              most_new_bytes_first);
    return good;
}
