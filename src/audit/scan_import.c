#include "audit/scan_internal.h"

#include <string.h>

#include "audit/import_line.h"

static void bind_at(struct scan *scan, symbol_id name, struct import import, unsigned line)
{
    import.line = line;
    uint32_t index = (uint32_t)scan->module->imports.count;
    if (!vector_push(&scan->module->imports, import)) {
        scan->module->no_memory = true;
        return;
    }
    scan_bind_at(scan, name, (struct event){.kind = EVENT_IMPORT, .index = index}, line);
}

static void bind_import(struct scan *scan, symbol_id name, struct import import, TSNode node)
{
    bind_at(scan, name, import, SCAN_LINE(scan, node));
}

/* The part of a dotted name before its first dot. */
static symbol_id top_of(struct scan *scan, TSNode dotted)
{
    size_t size;
    const char *text = source_text(scan->source, dotted, &size);
    const char *dot = memchr(text, '.', size);
    return module_intern(scan->module, text, dot ? (size_t)(dot - text) : size);
}

/* import a.b, c as d */
void scan_import(struct scan *scan, TSNode node)
{
    uint32_t count = ts_node_named_child_count(node);
    for (uint32_t i = 0; i < count && i < SCAN_LONGEST_LIST; i++) {
        TSNode part = ts_node_named_child(node, i);
        TSNode alias = SCAN_FIELD(scan, part, alias);
        if (!ts_node_is_null(alias)) {
            struct import import = {.module = scan_symbol(scan, SCAN_FIELD(scan, part, name)),
                                    .name = NONE};
            bind_import(scan, scan_symbol(scan, alias), import, part);
        } else {
            struct import import = {
                .module = scan_symbol(scan, part), .name = NONE, .bind_top = true};
            bind_import(scan, top_of(scan, part), import, part);
        }
    }
}

/* "..pkg.mod": the dots, and what follows. */
static struct import origin(struct scan *scan, TSNode name)
{
    struct import import = {.module = NONE, .name = NONE};
    size_t size;
    const char *text = source_text(scan->source, name, &size);
    size_t at = 0;
    while (at < size && (text[at] == '.' || text[at] == ' ')) {
        import.level += text[at] == '.';
        at++;
    }
    if (at < size)
        import.module = module_intern(scan->module, text + at, size - at);
    return import;
}

/* from a.b import c, d as e; from a import * */
void scan_from(struct scan *scan, TSNode node)
{
    TSNode module_name = SCAN_FIELD(scan, node, module_name);
    if (ts_node_is_null(module_name))
        return;
    struct import import = origin(scan, module_name);
    TSTreeCursor cursor = ts_tree_cursor_new(node);
    for (bool more = ts_tree_cursor_goto_first_child(&cursor); more;
         more = ts_tree_cursor_goto_next_sibling(&cursor)) {
        TSNode part = ts_tree_cursor_current_node(&cursor);
        if (SCAN_KIND(scan, part) == NODE_wildcard_import) {
            import.name = STAR_NAME;
            bind_import(scan, STAR_NAME, import, part);
        } else if (ts_tree_cursor_current_field_id(&cursor) == scan->grammar->field.name) {
            TSNode alias = SCAN_FIELD(scan, part, alias);
            TSNode name = ts_node_is_null(alias) ? part : SCAN_FIELD(scan, part, name);
            import.name = scan_symbol(scan, name);
            bind_import(scan, ts_node_is_null(alias) ? import.name : scan_symbol(scan, alias),
                        import, part);
        }
    }
    ts_tree_cursor_delete(&cursor);
}

static symbol_id symbol(struct scan *scan, struct slice text)
{
    return module_intern(scan->module, text.start, text.size);
}

void scan_import_line(struct scan *scan, struct slice statement, unsigned line)
{
    struct import_line reader;
    struct slice name, alias;
    import_line_open(&reader, statement);
    if (slice_is(reader.module, "__future__"))
        return; /* it says how the file is compiled */
    struct import import = {.level = reader.level, .module = NONE, .name = NONE};
    if (reader.module.size)
        import.module = symbol(scan, reader.module);
    while (import_line_next(&reader, &name, &alias)) {
        struct slice bound = alias.size ? alias : name;
        if (reader.from) {
            import.name = symbol(scan, name);
        } else {
            const char *dot = memchr(name.start, '.', name.size);
            import.module = symbol(scan, name);
            import.bind_top = !alias.size;
            if (import.bind_top && dot)
                bound.size = (size_t)(dot - name.start);
        }
        bind_at(scan, symbol(scan, bound), import, line);
    }
}

void scan_folded(struct scan *scan, TSNode node)
{
    size_t count = 0;
    const struct folded *folded = source_folded(scan->source, node, &count);
    for (size_t i = 0; folded && i < count; i++) {
        struct slice text = {scan->source->whole + folded[i].start, folded[i].size};
        scan->position++;
        switch (folded[i].kind) {
        case FOLDED_IMPORT:
            scan_import_line(scan, text, folded[i].line);
            break;
        case FOLDED_FUNCTION:
            scan_function_name(scan, text, folded[i].line);
            break;
        default:
            scan_field(scan, text, folded[i].kind == FOLDED_ANNOTATED, folded[i].line);
        }
    }
}
