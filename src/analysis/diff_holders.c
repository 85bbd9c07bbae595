/* What holds the new instances of the types that grew. */
#include <stdlib.h>
#include <string.h>

#include "analysis/diff_credits.h"

/* A holder is told that has at least so much of what is new of a type. */
#define HOLDER_SHARE 10

static char *holder_place(const struct heap_holding *holding)
{
    return heap_steps_text(holding->path.steps.items, holding->holder_steps);
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

/* Whether what is new below the holder is a good part of what is new of the type. */
static bool matters(const struct diff_credits *credits, const struct diff_held *held)
{
    uint64_t count = diff_more(held->before, held->after);
    uint64_t bytes = diff_more(held->bytes_before, held->bytes_after);
    return (count && credits->new_count && count >= credits->new_count / HOLDER_SHARE) ||
           (credits->new_bytes && bytes >= credits->new_bytes / HOLDER_SHARE);
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
    row->new_bytes += diff_more(held.bytes_before, held.bytes_after);
    return true;
}

static bool add_holding(struct comparison *comparison, const struct diff_credits *credits,
                        const struct heap_holding *holding)
{
    struct diff_held held = {.after = holding->count, .bytes_after = holding->bytes};
    diff_credit_before(credits, holding, &held);
    if (!matters(credits, &held))
        return true;
    char *place = holder_place(holding);
    bool good = place && add_held(comparison, holding, place, held);
    free(place);
    return good;
}

static bool add_holders_of(struct comparison *comparison, const struct diff_type *type)
{
    struct diff_credits credits = {0};
    bool good = diff_credits_find(comparison, type, &credits);
    for (size_t i = 0; i < credits.last.count && good; i++)
        good = add_holding(comparison, &credits, credits.last.items[i]);
    diff_credits_free(&credits);
    return good;
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
