#include "audit/grammar.h"

#include <stdlib.h>
#include <string.h>

static const char *const kind_names[] = {
    [NODE_OTHER] = "",
#define X(name) [NODE_##name] = #name,
    NODE_KINDS(X)
#undef X
        [NODE_TRUE] = "true",
    [NODE_FALSE] = "false",
};

bool grammar_read(struct grammar *grammar, const TSLanguage *language)
{
    *grammar = (struct grammar){.count = ts_language_symbol_count(language)};
    grammar->kinds = calloc(grammar->count ? grammar->count : 1, 1);
    if (!grammar->kinds)
        return false;
    for (uint32_t i = 0; i < grammar->count; i++) {
        if (ts_language_symbol_type(language, (TSSymbol)i) != TSSymbolTypeRegular)
            continue;
        const char *name = ts_language_symbol_name(language, (TSSymbol)i);
        for (size_t k = 1; name && k < sizeof kind_names / sizeof *kind_names; k++) {
            if (strcmp(name, kind_names[k]) == 0)
                grammar->kinds[i] = (uint8_t)k;
        }
    }
#define X(name)                                                                                    \
    grammar->field.name = ts_language_field_id_for_name(language, #name, sizeof #name - 1);
    NODE_FIELDS(X)
#undef X
    return true;
}

void grammar_free(struct grammar *grammar)
{
    free(grammar->kinds);
    *grammar = (struct grammar){0};
}
