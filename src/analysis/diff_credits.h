/*
 * diff_credits.h: which holder of the last look has what the first look says of another.
 *
 * A look names a holder only of a good part of a type's instances, so what is a holder of its own
 * in one look may count for the holder above it in the other, though nothing has changed there. So
 * each holder of the first look counts for one of the last: for itself, or for the nearest above it
 * that the last look names.
 */
#ifndef STETH_ANALYSIS_DIFF_CREDITS_H
#define STETH_ANALYSIS_DIFF_CREDITS_H

#include "analysis/diff_parts.h"

/* A holder of the first look. */
struct diff_credit {
    const struct heap_holding *holding;
    const struct heap_holding *heir; /* of the last look; NULL: none is there or above it */
    bool same;                       /* it is the heir itself */
    uint64_t gone_count, gone_bytes; /* what it does not have any more */
};

/* Of one type: what is new, who holds it, who held it. */
struct diff_credits {
    uint64_t new_count, new_bytes; /* 0 unless the type grew by them */
    /* What the first look has below none of its holders. */
    uint64_t unlisted_count, unlisted_bytes;
    VECTOR(struct diff_credit) first;
    VECTOR(const struct heap_holding *) last;
};

/* False when there is no memory. The caller frees the credits in any case. */
bool diff_credits_find(const struct comparison *comparison, const struct diff_type *type,
                       struct diff_credits *credits);
void diff_credits_free(struct diff_credits *credits);

/*
 * What `holding`, of credits->last, had before: what the first look says, or else as much as it can
 * have had.
 */
void diff_credit_before(const struct diff_credits *credits, const struct heap_holding *holding,
                        struct diff_held *held);

/* By how much `after` is more than `before`; 0: it is not. */
static inline uint64_t diff_more(uint64_t before, uint64_t after)
{
    return after > before ? after - before : 0;
}

#endif
