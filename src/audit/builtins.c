#include "audit/builtins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const char builtins_table[];

/* "8-11" or "12" */
static bool holds_for(const char *span, unsigned minor)
{
    char *end;
    unsigned long first = strtoul(span, &end, 10);
    unsigned long last = *end == '-' ? strtoul(end + 1, NULL, 10) : first;
    return first <= minor && minor <= last;
}

/* The next word of a line; NULL at its end. */
static char *next_word(char **line)
{
    char *word;
    do
        word = strsep(line, " ");
    while (word && !*word);
    return word;
}

static bool add_module(struct builtins *builtins, char *rest)
{
    char *name = next_word(&rest);
    return name && vector_push(&builtins->lines, rest ? rest : "") &&
           text_map_put(&builtins->modules, name, (uint32_t)(builtins->lines.count - 1));
}

/* The words of a type's line; bases and the like stay words until all types are there. */
struct type_line {
    char *words[10];
};

#define TYPE_WORDS 10 /* KEY NAME BASES METACLASS BASE and five more */

static bool read_type(char *rest, struct type_line *line)
{
    for (int i = 0; i < TYPE_WORDS; i++) {
        line->words[i] = next_word(&rest);
        if (!line->words[i])
            return false;
    }
    return true;
}

static bool define_type(struct builtins *builtins, const struct type_line *line, uint32_t number)
{
    struct builtin_type *type = &builtins->types.items[number];
    char *const *words = line->words;
    type->name = words[1];
    type->metaclass = text_map_get(&builtins->types_by_key, words[3]);
    type->base = text_map_get(&builtins->types_by_key, words[4]);
    type->basicsize = strtoll(words[5], NULL, 10);
    type->itemsize = strtoll(words[6], NULL, 10);
    type->dictoffset = strtoll(words[7], NULL, 10);
    type->weakrefoffset = strtoll(words[8], NULL, 10);
    type->final = strchr(words[9], 'f');
    type->heap = strchr(words[9], 'h');
    if (strcmp(words[2], "-") == 0)
        return true;
    char *bases = words[2];
    for (char *base; (base = strsep(&bases, ","));) {
        uint32_t found = text_map_get(&builtins->types_by_key, base);
        if (found == TEXT_MAP_ABSENT || type->base_count == BUILTIN_MOST_BASES)
            return false;
        type->bases[type->base_count++] = found;
    }
    return true;
}

bool builtins_read(struct builtins *builtins, unsigned minor)
{
    *builtins = (struct builtins){.text = strdup(builtins_table)};
    VECTOR(struct type_line) lines = {0};
    bool good = builtins->text;
    char *text = builtins->text;
    for (char *line; good && (line = strsep(&text, "\n"));) {
        char *kind = next_word(&line), *span = kind ? next_word(&line) : NULL;
        if (!span || *kind == '#' || !holds_for(span, minor))
            continue;
        struct type_line words;
        if (*kind == 'm')
            good = add_module(builtins, line);
        else if (read_type(line, &words))
            good =
                vector_push(&lines, words) &&
                vector_push(&builtins->types, (struct builtin_type){0}) &&
                text_map_put(&builtins->types_by_key, words.words[0], (uint32_t)(lines.count - 1));
    }
    for (size_t i = 0; good && i < lines.count; i++)
        good = define_type(builtins, &lines.items[i], (uint32_t)i);
    vector_free(&lines);
    return good;
}

uint32_t builtins_get(const struct builtins *builtins, uint32_t module, const char *name)
{
    size_t length = strlen(name);
    for (const char *word = builtins->lines.items[module]; *word;) {
        size_t size = strcspn(word, " "), equals = strcspn(word, "= ");
        if (equals == length && memcmp(word, name, length) == 0) {
            char key[256];
            if (equals == size || size - equals >= sizeof key)
                return BUILTIN_NO_TYPE;
            snprintf(key, sizeof key, "%.*s", (int)(size - equals - 1), word + equals + 1);
            return text_map_get(&builtins->types_by_key, key);
        }
        word += size + (word[size] == ' ');
    }
    return BUILTIN_UNBOUND;
}

void builtins_free(struct builtins *builtins)
{
    text_map_free(&builtins->types_by_key);
    text_map_free(&builtins->modules);
    vector_free(&builtins->types);
    vector_free(&builtins->lines);
    free(builtins->text);
    *builtins = (struct builtins){0};
}
