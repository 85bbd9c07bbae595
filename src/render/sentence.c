#include "render/sentence.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"

/* Whether the word that ends at `end` says that the number after it names something. */
static bool names_number(const char *sentence, const char *end)
{
    static const char *const names[] = {"pid ", "tid ", "fd ", "line ", "port ", "thread "};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t length = strlen(names[i]);
        if ((size_t)(end - sentence) >= length && memcmp(end - length, names[i], length) == 0)
            return true;
    }
    return false;
}

static bool is_count(const char *sentence, const char *number, size_t length, const char *before)
{
    return length > 3 && (number == sentence || strchr(before, number[-1])) &&
           number[length] == ' ' && islower((unsigned char)number[length + 1]) &&
           !names_number(sentence, number);
}

char *sentence_counts(const char *sentence, const char *before)
{
    char *counted = malloc(strlen(sentence) * 2 + 1);
    char *end = counted;
    for (const char *at = sentence; counted && *at;) {
        size_t length = strspn(at, DIGITS);
        bool count = is_count(sentence, at, length, before);
        for (size_t left = length ? length : strcspn(at, DIGITS); left > 0; left--) {
            *end++ = *at++;
            if (count && left > 1 && left % 3 == 1)
                *end++ = ',';
        }
    }
    if (counted)
        *end = '\0';
    return counted;
}
