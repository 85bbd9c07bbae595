#include "cli/nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define NAME_LIMIT 40

/* Edits (insert, delete, replace, swap of neighbours) from `from` to `to`, without case. */
static size_t edits(const char *from, const char *to)
{
    size_t from_length = strlen(from), to_length = strlen(to);
    size_t rows[3][NAME_LIMIT + 1];
    if (from_length > NAME_LIMIT || to_length > NAME_LIMIT)
        return NAME_LIMIT;
    for (size_t j = 0; j <= to_length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= from_length; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= to_length; j++) {
            int a = tolower((unsigned char)from[i - 1]), b = tolower((unsigned char)to[j - 1]);
            size_t best = above[j - 1] + (a != b);
            if (above[j] + 1 < best)
                best = above[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            bool swapped = i > 1 && j > 1 && a == tolower((unsigned char)to[j - 2]) &&
                           b == tolower((unsigned char)from[i - 2]);
            if (swapped && two_above[j - 2] + 1 < best)
                best = two_above[j - 2] + 1;
            row[j] = best;
        }
    }
    return rows[from_length % 3][to_length];
}

struct nearest nearest_to(const char *typed)
{
    /* Farther than a third of the word, another word was meant. */
    return (struct nearest){.typed = typed, .distance = strlen(typed) / 3 + 2};
}

void nearest_offer(struct nearest *nearest, const char *candidate)
{
    size_t length = strlen(nearest->typed);
    bool begun = length > 1 && strncasecmp(nearest->typed, candidate, length) == 0;
    size_t distance = begun ? 1 : edits(nearest->typed, candidate);
    if (distance < nearest->distance) {
        nearest->distance = distance;
        nearest->name = candidate;
    }
}
