#include "cli/toml.h"

#include <stdlib.h>
#include <string.h>
#include <tree_sitter.h>

#include "base/cleanup.h"

const TSLanguage *tree_sitter_toml(void);

#define DEEPEST 16 /* inline tables inside of each other */

struct reader {
    const char *text;
    struct error *(*visit)(void *context, const struct toml_item *item);
    void *context;
    char *keys[TOML_KEYS_MOST + 1];
    size_t key_count;
    bool too_many;
};

static bool is(TSNode node, const char *type)
{
    return strcmp(ts_node_type(node), type) == 0;
}

static unsigned line_of(TSNode node)
{
    return ts_node_start_point(node).row + 1;
}

/* ---- strings --------------------------------------------------------------------------------- */

static char *put_code_point(char *end, unsigned long code)
{
    if (code < 0x80) {
        *end++ = (char)code;
        return end;
    }
    unsigned more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char leads[] = {0, 0xc0, 0xe0, 0xf0};
    *end++ = (char)(leads[more] | (code >> (6 * more)));
    while (more--)
        *end++ = (char)(0x80 | ((code >> (6 * more)) & 0x3f));
    return end;
}

/* The character behind a backslash; *at is moved behind what it takes. */
static char *put_escape(char *end, const char **at)
{
    static const char letters[] = "btnfre", meanings[] = "\b\t\n\f\r\033";
    char letter = *(*at)++;
    const char *known = letter ? strchr(letters, letter) : NULL;
    if (known) {
        *end++ = meanings[known - letters];
    } else if (letter == 'u' || letter == 'U') {
        char digits[9] = "";
        strncat(digits, *at, letter == 'u' ? 4 : 8);
        unsigned long code = strtoul(digits, NULL, 16);
        *at += strlen(digits);
        end = put_code_point(end, code > 0 && code < 0x110000 ? code : 0xfffd);
    } else if (letter == '\n' || letter == ' ' || letter == '\t' || letter == '\r') {
        *at += strspn(*at, " \t\r\n");
    } else {
        *end++ = letter;
    }
    return end;
}

/* The text of a string, or of a key: without its quotes, its escapes resolved. The caller frees. */
static char *unquote(const struct reader *reader, TSNode node)
{
    uint32_t start = ts_node_start_byte(node), end = ts_node_end_byte(node);
    const char *raw = reader->text + start;
    size_t size = end - start, quotes = 0;
    char quote = *raw;
    if (size && (quote == '"' || quote == '\''))
        quotes = size >= 6 && raw[1] == quote && raw[2] == quote ? 3 : 1;
    if (size < 2 * quotes)
        return strdup("");
    _cleanup_free_ char *inner = strndup(raw + quotes, size - 2 * quotes);
    if (!inner || quote != '"')
        return take_pointer(&inner);
    char *text = malloc(strlen(inner) + 1), *out = text;
    for (const char *at = inner; text && *at;) {
        if (*at == '\\' && at[1]) {
            at++;
            out = put_escape(out, &at);
        } else {
            *out++ = *at++;
        }
    }
    if (text)
        *out = '\0';
    return text;
}

/* ---- values ---------------------------------------------------------------------------------- */

static const char *word_for(TSNode node)
{
    if (is(node, "integer") || is(node, "float"))
        return "a number";
    if (is(node, "boolean"))
        return "true or false";
    if (is(node, "array"))
        return "a list that is not of strings";
    if (is(node, "inline_table"))
        return "a table";
    return "a date";
}

static bool add_text(const struct reader *reader, struct toml_item *item, TSNode node)
{
    struct toml_text text = {unquote(reader, node), line_of(node)};
    if (text.text && vector_push(&item->texts, text))
        return true;
    free(text.text);
    return false;
}

static bool read_value(const struct reader *reader, struct toml_item *item, TSNode value)
{
    item->kind = TOML_OTHER;
    item->word = word_for(value);
    if (is(value, "string")) {
        item->kind = TOML_STRING;
        item->word = "a string";
        return add_text(reader, item, value);
    }
    if (!is(value, "array"))
        return true;
    for (uint32_t i = 0; i < ts_node_named_child_count(value); i++) {
        TSNode one = ts_node_named_child(value, i);
        if (is(one, "comment"))
            continue;
        if (!is(one, "string"))
            return true;
        if (!add_text(reader, item, one))
            return false;
    }
    item->kind = TOML_STRINGS;
    item->word = "a list";
    return true;
}

static struct error *visit(struct reader *reader, struct toml_item *item)
{
    item->keys = (const char *const *)reader->keys;
    item->key_count = reader->key_count;
    return reader->too_many ? NULL : reader->visit(reader->context, item);
}

static struct error *visit_value(struct reader *reader, TSNode value, unsigned line)
{
    struct toml_item item = {.line = line};
    struct error *error =
        read_value(reader, &item, value) ? visit(reader, &item) : error_no_memory();
    for (size_t i = 0; i < item.texts.count; i++)
        free(item.texts.items[i].text);
    vector_free(&item.texts);
    return error;
}

/* ---- keys ------------------------------------------------------------------------------------ */

static bool push_key(struct reader *reader, TSNode key)
{
    if (is(key, "dotted_key")) {
        for (uint32_t i = 0; i < ts_node_named_child_count(key); i++)
            if (!push_key(reader, ts_node_named_child(key, i)))
                return false;
        return true;
    }
    if (reader->key_count == TOML_KEYS_MOST) {
        reader->too_many = true;
        return true;
    }
    char *name = unquote(reader, key);
    if (name)
        reader->keys[reader->key_count++] = name;
    return name;
}

static void pop_keys(struct reader *reader, size_t count)
{
    while (reader->key_count > count)
        free(reader->keys[--reader->key_count]);
    reader->too_many = false;
}

static bool is_key(TSNode node)
{
    return is(node, "bare_key") || is(node, "quoted_key") || is(node, "dotted_key");
}

static struct error *read_pairs(struct reader *reader, TSNode table, unsigned depth);

static struct error *read_pair(struct reader *reader, TSNode pair, unsigned depth)
{
    size_t before = reader->key_count;
    TSNode key = ts_node_named_child(pair, 0);
    TSNode value = ts_node_named_child(pair, ts_node_named_child_count(pair) - 1);
    struct error *error = NULL;
    if (ts_node_is_null(key) || ts_node_eq(key, value) || !is_key(key))
        return NULL;
    if (!push_key(reader, key))
        error = error_no_memory();
    else if (is(value, "inline_table") && depth < DEEPEST)
        error = read_pairs(reader, value, depth + 1);
    else
        error = visit_value(reader, value, line_of(pair));
    pop_keys(reader, before);
    return error;
}

/* The pairs of a table; one without any is an item itself. */
static struct error *read_pairs(struct reader *reader, TSNode table, unsigned depth)
{
    bool any = false;
    struct error *error = NULL;
    for (uint32_t i = 0; !error && i < ts_node_named_child_count(table); i++) {
        TSNode child = ts_node_named_child(table, i);
        if (!is(child, "pair"))
            continue;
        any = true;
        error = read_pair(reader, child, depth);
    }
    struct toml_item empty = {.line = line_of(table), .kind = TOML_TABLE, .word = "a table"};
    return error || any ? error : visit(reader, &empty);
}

static struct error *read_table(struct reader *reader, TSNode table)
{
    TSNode key = ts_node_named_child(table, 0);
    struct error *error = NULL;
    if (ts_node_is_null(key) || !is_key(key))
        return NULL;
    if (!push_key(reader, key))
        error = error_no_memory();
    else
        error = read_pairs(reader, table, 0);
    pop_keys(reader, 0);
    return error;
}

static unsigned first_broken(TSNode node)
{
    for (unsigned depth = 0; ts_node_has_error(node) && depth < 100; depth++) {
        TSNode next = node;
        for (uint32_t i = 0; i < ts_node_child_count(node); i++) {
            next = ts_node_child(node, i);
            if (ts_node_is_error(next) || ts_node_is_missing(next))
                return line_of(next);
            if (ts_node_has_error(next))
                break;
        }
        node = next;
    }
    return ts_node_is_error(node) ? line_of(node) : 0;
}

struct error *toml_read(const char *text, size_t size, unsigned *broken,
                        struct error *(*visit_item)(void *context, const struct toml_item *item),
                        void *context)
{
    TSParser *parser = ts_parser_new();
    TSTree *tree = NULL;
    if (parser && ts_parser_set_language(parser, tree_sitter_toml()))
        tree = ts_parser_parse_string(parser, NULL, text, (uint32_t)size);
    struct error *error = tree ? NULL : error_no_memory();
    struct reader reader = {.text = text, .visit = visit_item, .context = context};
    if (tree) {
        TSNode root = ts_tree_root_node(tree);
        *broken = first_broken(root);
        for (uint32_t i = 0; !error && i < ts_node_named_child_count(root); i++) {
            TSNode child = ts_node_named_child(root, i);
            if (is(child, "pair"))
                error = read_pair(&reader, child, 0);
            else if (is(child, "table"))
                error = read_table(&reader, child);
        }
        pop_keys(&reader, 0);
        ts_tree_delete(tree);
    }
    if (parser)
        ts_parser_delete(parser);
    return error;
}
