#include "audit/blocking_calls.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

const struct blocking_call *blocking_call_find(const char *name)
{
    for (size_t i = 0; i < blocking_table_size; i++) {
        size_t length = strlen(blocking_table[i].name);
        if (blocking_table[i].name[length - 1] == '*'
                ? strncmp(blocking_table[i].name, name, length - 1) == 0
                : strcmp(blocking_table[i].name, name) == 0)
            return &blocking_table[i];
    }
    return NULL;
}

char *blocking_call_display(const char *name)
{
    static const char builtins[] = "builtins.";
    if (strncmp(name, builtins, sizeof builtins - 1) == 0)
        name += sizeof builtins - 1;
    char *shown = malloc(strlen(name) + 3), *end = shown;
    if (!shown)
        return NULL;
    for (; *name; name++)
        if (*name != '(' && *name != ')')
            *end++ = *name;
    strcpy(end, "()");
    return shown;
}

/* ---- the words of a text --------------------------------------------------------------------- */

#define SLOTS 1024 /* for some hundred words */

struct word_set {
    struct {
        const char *word;
        size_t size;
        bool seen;
    } slots[SLOTS];
};

static bool is_letter(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* The size of the word at `text`, and its hash. */
static size_t read_word(const char *text, const char *end, uint32_t *hash)
{
    const char *p = text;
    for (*hash = 2166136261u; p < end && is_letter(*p); p++)
        *hash = (*hash ^ (unsigned char)*p) * 16777619u;
    return (size_t)(p - text);
}

/* The slot of a word, or the empty one where it would be. */
static size_t slot_of(const struct word_set *set, const char *word, size_t size, uint32_t hash)
{
    size_t i = (hash ^ hash >> 16) % SLOTS;
    while (set->slots[i].word &&
           (set->slots[i].size != size || memcmp(set->slots[i].word, word, size) != 0))
        i = (i + 1) % SLOTS;
    return i;
}

/* The next word of a name; NULL: there are no more. builtins is never written. */
static const char *next_word(const char **name, size_t *size, uint32_t *hash)
{
    static const char builtins[] = "builtins.";
    if (strncmp(*name, builtins, sizeof builtins - 1) == 0)
        *name += sizeof builtins - 1;
    while (**name && !is_letter(**name))
        (*name)++;
    const char *word = *name;
    *size = read_word(word, word + strlen(word), hash);
    *name += *size;
    return *size ? word : NULL;
}

static void add_words(struct word_set *set, const char *name)
{
    size_t size;
    uint32_t hash;
    for (const char *word; (word = next_word(&name, &size, &hash));) {
        size_t i = slot_of(set, word, size, hash);
        set->slots[i].word = word;
        set->slots[i].size = size;
    }
}

static bool has_words(const struct word_set *set, const char *name)
{
    size_t size;
    uint32_t hash;
    for (const char *word; (word = next_word(&name, &size, &hash));) {
        if (!set->slots[slot_of(set, word, size, hash)].seen)
            return false;
    }
    return true;
}

static void see_words(struct word_set *set, const char *text, const char *end)
{
    while (text < end) {
        uint32_t hash;
        size_t size = read_word(text, end, &hash);
        if (size) {
            size_t i = slot_of(set, text, size, hash);
            set->slots[i].seen |= set->slots[i].word != NULL;
        }
        text += size + 1;
    }
}

bool blocking_calls_may_occur(const char *text, size_t size)
{
    static const char *const others[] = {"run_in_executor", "asyncio.to_thread",
                                         "asyncio.run_coroutine_threadsafe"};
    struct word_set set = {0};
    for (size_t i = 0; i < blocking_table_size; i++)
        add_words(&set, blocking_table[i].name);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        add_words(&set, others[i]);
    see_words(&set, text, text + size);
    bool may = false;
    for (size_t i = 0; !may && i < blocking_table_size; i++)
        may = has_words(&set, blocking_table[i].name);
    for (size_t i = 0; !may && i < sizeof others / sizeof *others; i++)
        may = has_words(&set, others[i]);
    return may;
}
