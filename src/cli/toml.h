/*
 * toml.h: the keys of a TOML file with their values, as far as settings need them: strings, lists
 * of strings, and what kind of value else it is.
 */
#ifndef STETH_CLI_TOML_H
#define STETH_CLI_TOML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/vector.h"

enum toml_kind { TOML_STRING, TOML_STRINGS, TOML_TABLE, TOML_OTHER };

#define TOML_KEYS_MOST 8 /* dots in a name; what is deeper is not visited */

struct toml_text {
    char *text;
    unsigned line;
};

struct toml_item {
    const char *const *keys; /* "tool", "steth", "only" */
    size_t key_count;
    unsigned line;
    enum toml_kind kind;
    const char *word;               /* what kind of value it is, for the reader: "a number" */
    VECTOR(struct toml_text) texts; /* one for a string */
};

/*
 * Calls `visit` for each value, in the order of the file, until it returns an error. Inline tables
 * are gone into; a table without values is an item of TOML_TABLE. `*broken`: the line of the first
 * thing that is no TOML; 0: none.
 */
struct error *toml_read(const char *text, size_t size, unsigned *broken,
                        struct error *(*visit)(void *context, const struct toml_item *item),
                        void *context);

#endif
