/*
 * suppress.h: findings that a comment asks to overlook:
 *
 *   class Both(A, B):  # steth: ignore[META001] until=2027-03-01 waits for release 3 of B
 *
 * It counts for the line it stands in, or, alone in its line, for the next line of code. Expired
 * (SUP001), unused (SUP002) and misspelt ones (SUP003) are findings themselves. The rules are named
 * by code or by name, several with commas.
 */
#ifndef STETH_AUDIT_SUPPRESS_H
#define STETH_AUDIT_SUPPRESS_H

#include "audit/rule.h"

#define SUPPRESSION_RULES 8 /* codes in one comment; more are not taken */

struct suppression_comment {
    char *file; /* as findings show it */
    unsigned line;
    unsigned covers;                      /* the line that it speaks of */
    const char *rules[SUPPRESSION_RULES]; /* static codes */
    size_t rule_count;
    bool used[SUPPRESSION_RULES];
    char until[11]; /* "2027-03-01"; empty: for ever */
    char *reason;   /* NULL: none */
    char *problem;  /* why it is not understood; NULL */
};

typedef VECTOR(struct suppression_comment) suppression_comments;

/* Appends the comments of a file. */
struct error *suppressions_collect(const struct rule_file *file, suppression_comments *comments);

/* Appends all of `from` to `comments` and leaves it empty. */
struct error *suppressions_move(suppression_comments *comments, suppression_comments *from);

/*
 * Marks the findings of `report` that a comment covers, and appends the findings about comments.
 * `today`: "2026-11-21"; the last day of a comment still counts. Call it once, when all findings
 * and what is ok are there: a comment for a rule that is neither is not called unused.
 */
struct error *suppressions_apply(suppression_comments *comments, const char *today,
                                 const struct rule_choice *choice, struct report *report);

/* The local date, or that of SOURCE_DATE_EPOCH. */
void suppressions_today(char today[11]);

void suppressions_free(suppression_comments *comments);

#endif
