/* What holds the new instances of the types that grew. */
#include <stdlib.h>
#include <string.h>

#include "analysis/diff_parts.h"
#include "analysis/noise.h"

/* A holder is told that has at least so much of what is new of a type. */
#define HOLDER_SHARE 10

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

static bool add_held(struct diff_section *diff, const struct heap_holding *holding,
                     const struct heap_holding *before, const char *place)
{
    struct diff_holder *row = holder_row(diff, holding, place);
    const name_list *steps = &holding->path.steps;
    struct diff_held held = {
        .type = strdup(holding->type),
        .before = before ? before->count : 0,
        .after = holding->count,
        .bytes_before = before ? before->bytes : 0,
        .bytes_after = holding->bytes,
        .way = heap_steps_text(steps->items + holding->holder_steps,
                               steps->count - holding->holder_steps),
        .exact = holding->path.exact,
        .steps = steps->count - holding->holder_steps,
    };
    if (!row || !held.type || !held.way || !vector_push(&row->held, held)) {
        free(held.type);
        free(held.way);
        return false;
    }
    if (held.bytes_after > held.bytes_before)
        row->new_bytes += held.bytes_after - held.bytes_before;
    return true;
}

/* What is new of a type and not yet found below a holder. */
struct rest {
    uint64_t count, bytes; /* all of it at first */
    uint64_t least_count, least_bytes;
    bool by_bytes; /* the type grew in bytes */
};

static struct rest whole_rest(const struct diff_type *type)
{
    uint64_t first = type->counts.items[0], last = type->counts.items[type->counts.count - 1];
    struct rest rest = {.count = last > first ? last - first : 0,
                        .by_bytes = noise_bytes_exceeded(type->bytes_before, type->bytes_after)};
    if (rest.by_bytes)
        rest.bytes = type->bytes_after - type->bytes_before;
    rest.least_count = rest.count / HOLDER_SHARE;
    rest.least_bytes = rest.bytes / HOLDER_SHARE;
    return rest;
}

/* Whether `count` and `bytes` are a good part of what is new; takes them off the rest. */
static bool take_part(struct rest *rest, uint64_t count, uint64_t bytes)
{
    bool matters = (count && rest->least_count && count >= rest->least_count) ||
                   (rest->by_bytes && bytes >= rest->least_bytes);
    if (matters) {
        rest->count -= count < rest->count ? count : rest->count;
        rest->bytes -= bytes < rest->bytes ? bytes : rest->bytes;
    }
    return matters;
}

/* Of a holder that the first look does not list, there may have been some before: it is told only
 * where no more than the rest is claimed for it. */
static bool fits(const struct rest *rest, const struct heap_holding *holding)
{
    return holding->count <= rest->count + rest->count / HOLDER_SHARE ||
           (rest->by_bytes && holding->bytes <= rest->bytes + rest->bytes / HOLDER_SHARE);
}

static bool add_holding(struct comparison *comparison, const struct heap_holding *holding,
                        bool listed, struct rest *rest)
{
    char *place = holder_place(holding);
    if (!place)
        return false;
    const struct heap_holding *before = before_of(comparison, holding, place);
    bool good = true;
    if (listed == (before != NULL) && (before || fits(rest, holding))) {
        uint64_t count = before ? before->count : 0, bytes = before ? before->bytes : 0;
        count = holding->count > count ? holding->count - count : 0;
        bytes = holding->bytes > bytes ? holding->bytes - bytes : 0;
        if (take_part(rest, count, bytes))
            good = add_held(comparison->diff, holding, before, place);
    }
    free(place);
    return good;
}

static bool add_holders_of(struct comparison *comparison, const struct diff_type *type)
{
    const struct heap_section *heap = &comparison->last->heap;
    struct rest rest = whole_rest(type);
    for (int listed = 1; listed >= 0; listed--)
        for (size_t i = 0; i < heap->holdings.count; i++) {
            const struct heap_holding *holding = &heap->holdings.items[i];
            if (holding->holder && strcmp(holding->type, type->type) == 0 &&
                !add_holding(comparison, holding, listed, &rest))
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
