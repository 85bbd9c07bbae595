#include "analysis/diff_credits.h"

#include <string.h>

#include "analysis/noise.h"

/* ---- places ---------------------------------------------------------------------------------- */

/* Whether the first steps to `b` are all those to `a`. */
static bool begins_with(const struct heap_holding *b, const struct heap_holding *a)
{
    if (a->holder_steps > b->holder_steps)
        return false;
    for (size_t i = 0; i < a->holder_steps; i++)
        if (strcmp(a->path.steps.items[i], b->path.steps.items[i]) != 0)
            return false;
    return true;
}

static bool is_above(const struct heap_holding *a, const struct heap_holding *b)
{
    return a->holder_steps && a->holder_steps < b->holder_steps && begins_with(b, a);
}

static bool is_at(const struct heap_holding *a, const struct heap_holding *b)
{
    return a->holder_steps == b->holder_steps && begins_with(b, a);
}

/* ---- heirs ----------------------------------------------------------------------------------- */

/* The same one by its address, else by its place; NULL: the last look does not list it. */
static const struct heap_holding *same_in_last(const struct comparison *comparison,
                                               const struct diff_credits *credits,
                                               const struct heap_holding *holding)
{
    const struct heap_holding *found = NULL;
    for (size_t i = 0; i < credits->last.count; i++) {
        const struct heap_holding *last = credits->last.items[i];
        if (comparison->diff->same_process && last->holder == holding->holder)
            return last;
        if (!found && is_at(last, holding))
            found = last;
    }
    return found;
}

static const struct heap_holding *nearest_in_last(const struct diff_credits *credits,
                                                  const struct heap_holding *holding)
{
    const struct heap_holding *nearest = NULL;
    for (size_t i = 0; i < credits->last.count; i++) {
        const struct heap_holding *last = credits->last.items[i];
        if (is_above(last, holding) && (!nearest || last->holder_steps > nearest->holder_steps))
            nearest = last;
    }
    return nearest;
}

static void find_heir(const struct comparison *comparison, const struct diff_credits *credits,
                      struct diff_credit *credit)
{
    const struct heap_holding *holding = credit->holding;
    const struct heap_holding *same = same_in_last(comparison, credits, holding);
    credit->same = same != NULL;
    credit->heir = same ? same : nearest_in_last(credits, holding);
    credit->gone_count = diff_more(same ? same->count : 0, holding->count);
    credit->gone_bytes = diff_more(same ? same->bytes : 0, holding->bytes);
}

/* ---- one type -------------------------------------------------------------------------------- */

static void count_new(const struct diff_type *type, struct diff_credits *credits)
{
    uint64_t first = type->counts.items[0], last = type->counts.items[type->counts.count - 1];
    if (noise_exceeded(first, last, DIFF_OBJECTS))
        credits->new_count = last - first;
    if (noise_bytes_exceeded(type->bytes_before, type->bytes_after))
        credits->new_bytes = type->bytes_after - type->bytes_before;
    credits->unlisted_count = first;
    credits->unlisted_bytes = type->bytes_before;
}

static bool list_first(const struct heap_section *heap, const char *type,
                       struct diff_credits *credits)
{
    for (size_t i = 0; i < heap->holdings.count; i++) {
        const struct heap_holding *holding = &heap->holdings.items[i];
        if (strcmp(holding->type, type) != 0)
            continue;
        credits->unlisted_count = diff_more(holding->count, credits->unlisted_count);
        credits->unlisted_bytes = diff_more(holding->bytes, credits->unlisted_bytes);
        if (holding->holder &&
            !vector_push(&credits->first, ((struct diff_credit){.holding = holding})))
            return false;
    }
    return true;
}

static bool list_last(const struct heap_section *heap, const char *type,
                      struct diff_credits *credits)
{
    for (size_t i = 0; i < heap->holdings.count; i++) {
        const struct heap_holding *holding = &heap->holdings.items[i];
        if (holding->holder && strcmp(holding->type, type) == 0 &&
            !vector_push(&credits->last, holding))
            return false;
    }
    return true;
}

bool diff_credits_find(const struct comparison *comparison, const struct diff_type *type,
                       struct diff_credits *credits)
{
    count_new(type, credits);
    if (!list_first(&comparison->first->heap, type->type, credits) ||
        !list_last(&comparison->last->heap, type->type, credits))
        return false;
    for (size_t i = 0; i < credits->first.count; i++)
        find_heir(comparison, credits, &credits->first.items[i]);
    return true;
}

void diff_credits_free(struct diff_credits *credits)
{
    vector_free(&credits->first);
    vector_free(&credits->last);
}

/* ---- before ---------------------------------------------------------------------------------- */

/* What the first look counts for the nearest above `holding` and the last one does not. */
static void add_from_above(const struct diff_credits *credits, const struct heap_holding *holding,
                           struct diff_held *held)
{
    const struct diff_credit *nearest = NULL;
    for (size_t i = 0; i < credits->first.count; i++) {
        const struct diff_credit *credit = &credits->first.items[i];
        if (is_above(credit->holding, holding) &&
            (!nearest || credit->holding->holder_steps > nearest->holding->holder_steps))
            nearest = credit;
    }
    held->before += nearest ? nearest->gone_count : 0;
    held->bytes_before += nearest ? nearest->gone_bytes : 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

void diff_credit_before(const struct diff_credits *credits, const struct heap_holding *holding,
                        struct diff_held *held)
{
    bool listed = false;
    held->before = held->bytes_before = 0;
    for (size_t i = 0; i < credits->first.count; i++) {
        const struct diff_credit *credit = &credits->first.items[i];
        if (credit->heir != holding)
            continue;
        held->before += credit->holding->count;
        held->bytes_before += credit->holding->bytes;
        listed |= credit->same;
    }
    if (listed)
        return;
    held->before += credits->unlisted_count;
    held->bytes_before += credits->unlisted_bytes;
    add_from_above(credits, holding, held);
    held->before = least(held->after, held->before);
    held->bytes_before = least(held->bytes_after, held->bytes_before);
    held->at_most = held->before > 0;
}
