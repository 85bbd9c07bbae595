/*
 * Arbitrary bytes as a file of Python, whole and as an outline: the classes that it has, their
 * bases and orders, what the rules of one file find, and comments that suppress. Nothing but the
 * table of builtins is there to import.
 */
#include <stdlib.h>
#include <string.h>

#include "analysis/classes.h"
#include "audit/outline.h"
#include "audit/resolver.h"
#include "audit/rule.h"
#include "audit/scan.h"
#include "audit/suppress.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ignore(struct error *error)
{
    if (error)
        error_free(error);
}

static void judge(struct modules *modules, struct resolver *resolver, struct hierarchy *hierarchy,
                  uint32_t module)
{
    struct report report = {0};
    struct class_findings_options options = {.command = "steth audit --explain"};
    size_t count = modules->entries.items[module]->module.classes.count;
    for (uint32_t i = 0; i < count; i++)
        resolver_class(resolver, module, i);
    resolver_make_called(resolver, module);
    resolver_add_paths(resolver, module);
    ignore(hierarchy_solve(hierarchy));
    for (class_number i = 0; i < hierarchy_count(hierarchy) && i < 400; i++) {
        ignore(class_finding(hierarchy, i, &options, &report));
        ignore(class_row_add(hierarchy, i, &report));
        ignore(class_explanation_add(hierarchy, i, &report));
    }
    report_free(&report);
}

static void resolve(const char *text, bool outline)
{
    static const struct environment environment = {.minor = 14};
    struct modules modules;
    struct resolver resolver = {0};
    struct class_rules rules = class_rules_for(environment.minor);
    struct hierarchy *hierarchy = hierarchy_new(&rules);
    struct error *error = modules_open(&modules, &environment);
    if (!error && hierarchy)
        error = resolver_open(&resolver, &modules, hierarchy, environment.minor);
    uint32_t module =
        error || !hierarchy ? MODULES_NONE : modules_add_text(&modules, "fuzzed", text, outline);
    if (module != MODULES_NONE)
        judge(&modules, &resolver, hierarchy, module);
    ignore(error);
    resolver_close(&resolver);
    hierarchy_free(hierarchy);
    modules_close(&modules);
}

static void read_rules(const char *bytes, size_t size, bool outline)
{
    struct source source;
    struct report report = {0};
    suppression_comments comments = {0};
    struct rule_choice choice = {0};
    TSParser *parser = source_parser();
    bool parsed = parser && (outline ? source_parse_outline(&source, parser, bytes, size, true)
                                     : source_parse(&source, parser, bytes, size));
    if (parsed) {
        struct rule_file file = {&source, "fuzzed.py", "fuzzed"};
        ignore(rules_read_file(&file, &choice, &report));
        ignore(suppressions_collect(&file, &comments));
        ignore(suppressions_apply(&comments, "2026-11-21", &choice, &report));
    }
    if (parser)
        source_free(&source);
    suppressions_free(&comments);
    report_free(&report);
    if (parser)
        ts_parser_delete(parser);
}

/* An outline has no more bytes than what it is of, and as many lines as its map. */
static void make_outlines(const char *text)
{
    size_t size = strlen(text);
    for (int purpose = OUTLINE_CLASSES; purpose <= OUTLINE_FUNCTIONS; purpose++) {
        struct outline outline;
        if (outline_make(text, size, SOURCE_DEEPEST, purpose, &outline)) {
            size_t rows = 0;
            for (size_t i = 0; i < outline.size; i++)
                rows += outline.text[i] == '\n';
            if (outline.size > size + 1 || rows != outline.lines.count)
                abort();
        }
        outline_free(&outline);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 20000)
        return -1;
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    read_rules(text, size, false);
    read_rules(text, size, true);
    make_outlines(text);
    resolve(text, false);
    resolve(text, true);
    free(text);
    return 0;
}
