/* What holds the new instances of the types that grew. */
#include <stdlib.h>
#include <string.h>

#include "analysis/diff_parts.h"
#include "analysis/noise.h"

/* A holder is told that has at least so much of what is new of a type. */
#define HOLDER_SHARE 10

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static char *holder_place(const struct heap_holding *holding)
{
    return heap_steps_text(holding->path.steps.items, holding->holder_steps);
}

/* What of `type` the same holder had in the first look, by its address, else by its place; NULL:
 * none is listed there. */
static const struct heap_holding *before_of(const struct comparison *comparison,
                                            const struct heap_holding *after, const char *place)
{
    const struct heap_section *heap = &comparison->first->heap;
    const struct heap_holding *found = NULL;
    for (size_t i = 0; i < heap->holdings.count; i++) {
        const struct heap_holding *holding = &heap->holdings.items[i];
        if (!holding->holder || strcmp(holding->type, after->type) != 0)
            continue;
        if (comparison->diff->same_process && holding->holder == after->holder)
            return holding;
        char *text = holder_place(holding);
        if (!found && text && strcmp(text, place) == 0)
            found = holding;
        free(text);
    }
    return found;
}

/* The row of the holder, made when there is none; NULL: no memory. */
static struct diff_holder *holder_row(struct diff_section *diff, const struct heap_holding *holding,
                                      const char *place)
{
    for (size_t i = 0; i < diff->holders.count; i++)
        if (diff->holders.items[i].address == holding->holder ||
            strcmp(diff->holders.items[i].place, place) == 0)
            return &diff->holders.items[i];
    struct diff_holder row = {.place = strdup(place),
                              .address = holding->holder,
                              .type = holding->holder_type ? strdup(holding->holder_type) : NULL,
                              .root = holding->path.group};
    if (row.place && vector_push(&diff->holders, row))
        return &diff->holders.items[diff->holders.count - 1];
    free(row.place);
    free(row.type);
    return NULL;
}

/* What is new of a type, and what of it the first look has below holders that it does not list. */
struct growth {
    uint64_t count, bytes; /* bytes: 0 unless the type grew by them */
    uint64_t unlisted_count, unlisted_bytes;
};

static struct growth growth_of(const struct comparison *comparison, const struct diff_type *type)
{
    const struct heap_section *heap = &comparison->first->heap;
    uint64_t first = type->counts.items[0], last = type->counts.items[type->counts.count - 1];
    struct growth growth = {last > first ? last - first : 0, 0, first, type->bytes_before};
    if (noise_bytes_exceeded(type->bytes_before, type->bytes_after))
        growth.bytes = type->bytes_after - type->bytes_before;
    for (size_t i = 0; i < heap->holdings.count; i++) {
        const struct heap_holding *holding = &heap->holdings.items[i];
        if (strcmp(holding->type, type->type) != 0)
            continue;
        growth.unlisted_count -= least(growth.unlisted_count, holding->count);
        growth.unlisted_bytes -= least(growth.unlisted_bytes, holding->bytes);
    }
    return growth;
}

/* What the holder had before: what the first look says, or else as much as it can have had. */
static void fill_before(const struct growth *growth, const struct heap_holding *before,
                        struct diff_held *held)
{
    held->before = before ? before->count : least(held->after, growth->unlisted_count);
    held->bytes_before = before ? before->bytes : least(held->bytes_after, growth->unlisted_bytes);
}

/* Whether what is new below the holder is a good part of what is new of the type. */
static bool matters(const struct growth *growth, const struct diff_held *held)
{
    uint64_t count = held->after - least(held->after, held->before);
    uint64_t bytes = held->bytes_after - least(held->bytes_after, held->bytes_before);
    return (count && growth->count && count >= growth->count / HOLDER_SHARE) ||
           (growth->bytes && bytes >= growth->bytes / HOLDER_SHARE);
}

static bool add_held(struct comparison *comparison, const struct heap_holding *holding,
                     const char *place, struct diff_held held)
{
    struct diff_holder *row = holder_row(comparison->diff, holding, place);
    const name_list *steps = &holding->path.steps;
    size_t at = holding->holder_steps;
    held.type = strdup(holding->type);
    held.way = heap_steps_text(steps->items + at, steps->count - at);
    held.exact = holding->path.exact;
    held.steps = steps->count - at;
    if (!row || !held.type || !held.way || !vector_push(&row->held, held)) {
        free(held.type);
        free(held.way);
        return false;
    }
    row->new_bytes += held.bytes_after - least(held.bytes_after, held.bytes_before);
    return true;
}

static bool add_holding(struct comparison *comparison, const struct growth *growth,
                        const struct heap_holding *holding)
{
    char *place = holder_place(holding);
    if (!place)
        return false;
    struct diff_held held = {.after = holding->count, .bytes_after = holding->bytes};
    fill_before(growth, before_of(comparison, holding, place), &held);
    bool good = !matters(growth, &held) || add_held(comparison, holding, place, held);
    free(place);
    return good;
}

static bool add_holders_of(struct comparison *comparison, const struct diff_type *type)
{
    const struct heap_section *heap = &comparison->last->heap;
    struct growth growth = growth_of(comparison, type);
    for (size_t i = 0; i < heap->holdings.count; i++) {
        const struct heap_holding *holding = &heap->holdings.items[i];
        if (holding->holder && strcmp(holding->type, type->type) == 0 &&
            !add_holding(comparison, &growth, holding))
            return false;
    }
    return true;
}

static int nearest_first(const void *left, const void *right)
{
    const struct diff_held *a = left, *b = right;
    if (a->steps != b->steps)
        return a->steps > b->steps ? 1 : -1;
    return strcmp(a->type, b->type);
}

static int most_bytes_first(const void *left, const void *right)
{
    const struct diff_holder *a = left, *b = right;
    if (a->new_bytes != b->new_bytes)
        return a->new_bytes < b->new_bytes ? 1 : -1;
    return strcmp(a->place, b->place);
}

bool diff_add_holders(struct comparison *comparison)
{
    struct diff_section *diff = comparison->diff;
    for (size_t i = 0; i < diff->types.count; i++)
        if (strcmp(diff->types.items[i].verdict, "grew") == 0 &&
            !add_holders_of(comparison, &diff->types.items[i]))
            return false;
    for (size_t i = 0; i < diff->holders.count; i++)
        qsort(diff->holders.items[i].held.items, diff->holders.items[i].held.count,
              sizeof *diff->holders.items[i].held.items, nearest_first);
    if (diff->holders.count)
        qsort(diff->holders.items, diff->holders.count, sizeof *diff->holders.items,
              most_bytes_first);
    return true;
}
