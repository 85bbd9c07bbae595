#include "audit/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/blocking_calls.h"
#include "audit/encoding.h"
#include "audit/finalizers.h"
#include "audit/lexical.h"
#include "audit/newer_syntax.h"
#include "audit/outline.h"
#include "audit/tree_memory.h"
#include "base/cleanup.h"
#include "base/text.h"

const TSLanguage *tree_sitter_python(void);

TSParser *source_parser(void)
{
    TSParser *parser = ts_parser_new();
    if (parser && !ts_parser_set_language(parser, tree_sitter_python())) {
        ts_parser_delete(parser);
        return NULL;
    }
    return parser;
}

void source_parser_free(TSParser *parser)
{
    if (parser && !tree_memory_has_begun())
        ts_parser_delete(parser);
}

/* The bytes of a regular file; NULL with a problem. */
static char *read_file(const char *path, size_t *size, char **problem)
{
    _cleanup_close_ int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat facts;
    if (file < 0 || fstat(file, &facts) != 0) {
        *problem = text_format("cannot be read: %s", strerror(errno));
        return NULL;
    }
    if (!S_ISREG(facts.st_mode)) {
        *problem = text_format("is not a file");
        return NULL;
    }
    if (facts.st_size < 0 || (size_t)facts.st_size > SOURCE_LARGEST) {
        *problem = text_format("has %lld MB, and files above %zu MB are not read",
                               (long long)facts.st_size >> 20, SOURCE_LARGEST >> 20);
        return NULL;
    }
    _cleanup_free_ char *bytes = malloc((size_t)facts.st_size + 1);
    if (!bytes)
        return NULL;
    *size = 0;
    while (*size < (size_t)facts.st_size) {
        ssize_t count = read(file, bytes + *size, (size_t)facts.st_size - *size);
        if (count < 0 && errno != EINTR) {
            *problem = text_format("cannot be read: %s", strerror(errno));
            return NULL;
        }
        if (count == 0)
            break;
        *size += count > 0 ? (size_t)count : 0;
    }
    bytes[*size] = '\0';
    return take_pointer(&bytes);
}

/* The first node that is no Python, in preorder; a null node when there is none. */
static unsigned first_error(const struct source *source, TSNode root)
{
    TSTreeCursor cursor = ts_tree_cursor_new(root);
    unsigned line = 0;
    for (;;) {
        TSNode node = ts_tree_cursor_current_node(&cursor);
        if (ts_node_is_error(node) || ts_node_is_missing(node)) {
            line = source_line(source, node);
            break;
        }
        if (ts_node_has_error(node) && ts_tree_cursor_goto_first_child(&cursor))
            continue;
        bool moved = false;
        while (!(moved = ts_tree_cursor_goto_next_sibling(&cursor))) {
            if (!ts_tree_cursor_goto_parent(&cursor))
                break;
        }
        if (!moved)
            break;
    }
    ts_tree_cursor_delete(&cursor);
    return line;
}

static TSTree *parse_text(struct source *source, TSParser *parser)
{
    return ts_parser_parse_string(parser, NULL, source->text, (uint32_t)source->size);
}

/* What of a file is parsed. */
enum extent { WHOLE, OUTLINE, OUTLINE_IF_ENOUGH };

/* What the grammar does not know is tried once more, in older words. */
static void parse(struct source *source, TSParser *parser)
{
    source->tree = parse_text(source, parser);
    if (!source->tree || !ts_node_has_error(ts_tree_root_node(source->tree)))
        return;
    if (newer_syntax_rewrite(source->text, source->size)) {
        ts_tree_delete(source->tree);
        source->tree = parse_text(source, parser);
    }
    if (source->tree)
        source->syntax_error = first_error(source, ts_tree_root_node(source->tree));
}

static void refuse_depth(struct source *source, unsigned line)
{
    source->problem =
        text_format("line %u: brackets nested more than %d deep", line, SOURCE_DEEPEST);
}

/* Whether a comment is for us: "steth:". There are not that many colons. */
static bool needs_whole(const struct source *source)
{
    static const char word[] = "steth";
    const size_t length = sizeof word - 1;
    const char *end = source->text + source->size;
    for (const char *at = source->text; (at = memchr(at, ':', (size_t)(end - at))); at++) {
        if ((size_t)(at - source->text) >= length && memcmp(at - length, word, length) == 0)
            return true;
    }
    return false;
}

static void take_outline(struct source *source, struct outline *outline)
{
    source->whole = source->text;
    source->outline = *outline;
    source->text = take_pointer(&source->outline.text);
    source->size = outline->size;
    *outline = (struct outline){0};
}

static bool outline_for(const struct source *source, enum outline_purpose purpose,
                        struct outline *outline)
{
    return outline_make(source->text, source->size, SOURCE_DEEPEST, purpose, outline);
}

/* The outline in which the rules of one file may find something; false: no memory. */
static bool outline_for_rules(const struct source *source, bool coroutines, struct outline *outline)
{
    *outline = (struct outline){0};
    if (finalizers_may_occur(source->text, source->size))
        return outline_for(source, OUTLINE_FUNCTIONS, outline);
    if (!coroutines || !blocking_calls_may_occur(source->text, source->size))
        return true;
    if (!outline_for(source, OUTLINE_COROUTINES, outline))
        return false;
    /* Many words stand in comments and in what is no coroutine alone. */
    if (!blocking_calls_may_occur(outline->text, outline->size))
        outline_free(outline);
    return true;
}

/* `outline` is that of its names and classes. */
static bool choose_outline(struct source *source, struct outline *outline)
{
    if (needs_whole(source))
        return true;
    struct outline for_rules;
    bool made = outline_for_rules(source, outline->coroutines, &for_rules);
    source->has_rules = for_rules.text != NULL;
    source->is_empty = made && !source->has_rules && !outline->classes && !outline->sets &&
                       outline_makes_nothing(source->text, source->size);
    if (made && source->has_rules)
        take_outline(source, &for_rules);
    else if (made && !source->is_empty)
        take_outline(source, outline);
    outline_free(&for_rules);
    return made;
}

static void parse_outline(struct source *source, TSParser *parser, enum extent extent)
{
    struct outline outline;
    bool made = outline_for(source, OUTLINE_CLASSES, &outline);
    source->whole_size = source->size;
    source->whole_lines = outline.whole_lines;
    if (made && outline.too_deep)
        refuse_depth(source, outline.too_deep);
    else if (made && extent == OUTLINE)
        take_outline(source, &outline);
    else if (made)
        made = choose_outline(source, &outline);
    outline_free(&outline);
    if (made && !source->problem && !source->is_empty)
        parse(source, parser);
}

static void parse_whole(struct source *source, TSParser *parser)
{
    unsigned line = lexical_too_deep(source->text, source->size, SOURCE_DEEPEST);
    source->whole_size = source->size;
    if (line)
        refuse_depth(source, line);
    else
        parse(source, parser);
}

/* Parses source->text, unless there is none. */
static bool parse_extent(struct source *source, TSParser *parser, enum extent extent)
{
    source->has_rules = extent != OUTLINE;
    if (source->text && parser && extent == WHOLE)
        parse_whole(source, parser);
    else if (source->text && parser)
        parse_outline(source, parser, extent);
    if (!source->tree && !source->problem && !source->is_empty)
        source->problem = text_format("there is no memory to read it");
    return source->tree;
}

static bool read_path(struct source *source, TSParser *parser, const char *path, enum extent extent)
{
    *source = (struct source){0};
    size_t size = 0;
    _cleanup_free_ char *bytes = read_file(path, &size, &source->problem);
    if (bytes && encoding_is_plain(bytes, size)) {
        source->text = take_pointer(&bytes);
        source->size = size;
    } else if (bytes) {
        source->text = encoding_to_utf8(bytes, size, &source->size, &source->problem);
    }
    return parse_extent(source, parser, extent);
}

static bool parse_bytes(struct source *source, TSParser *parser, const char *bytes, size_t size,
                        enum extent extent)
{
    *source = (struct source){0};
    if (size > SOURCE_LARGEST)
        source->problem = text_format("is too large");
    else
        source->text = encoding_to_utf8(bytes, size, &source->size, &source->problem);
    return parse_extent(source, parser, extent);
}

bool source_parse(struct source *source, TSParser *parser, const char *bytes, size_t size)
{
    return parse_bytes(source, parser, bytes, size, WHOLE);
}

bool source_parse_outline(struct source *source, TSParser *parser, const char *bytes, size_t size,
                          bool rules)
{
    return parse_bytes(source, parser, bytes, size, rules ? OUTLINE_IF_ENOUGH : OUTLINE);
}

bool source_read(struct source *source, TSParser *parser, const char *path)
{
    return read_path(source, parser, path, WHOLE);
}

bool source_read_outline(struct source *source, TSParser *parser, const char *path, bool rules)
{
    return read_path(source, parser, path, rules ? OUTLINE_IF_ENOUGH : OUTLINE);
}

void source_free(struct source *source)
{
    if (source->tree && !tree_memory_has_begun())
        ts_tree_delete(source->tree);
    free(source->text);
    free(source->whole);
    outline_free(&source->outline);
    free(source->problem);
    *source = (struct source){0};
}
