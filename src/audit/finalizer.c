/* finalizer.c: RES002, finalizers that let self escape. */
#include <stdlib.h>

#include "audit/escape.h"
#include "audit/rules.h"
#include "base/cleanup.h"
#include "base/text.h"

#define EVIDENCE_MOST 8

static const struct slice finalizer_name = {"__del__", 7};

/* ---- which function is it -------------------------------------------------------------------- */

/* The function that a binding of `__del__` means: defined, or assigned by name. */
static uint32_t function_of(const struct scopes *scopes, const struct binding *binding,
                            unsigned steps)
{
    if (!binding || steps == 0)
        return NOWHERE;
    if (binding->kind == BOUND_FUNCTION)
        return scopes_of_node(scopes, binding->node);
    if (binding->kind != BOUND_VALUE)
        return NOWHERE;
    TSNode node = node_bare(binding->node);
    if (node_is(node, "lambda"))
        return scopes_of_node(scopes, node);
    if (node_is(node, "identifier"))
        return function_of(scopes,
                           scopes_find(scopes, binding->made_in, slice_of(scopes->source, node)),
                           steps - 1);
    if (node_is(node, "attribute")) { /* Base.close */
        struct value owner =
            value_of_form(scopes, binding->made_in, node_field(node, "object"), steps);
        if (owner.kind == KIND_CLASS && owner.scope != NOWHERE)
            return function_of(
                scopes,
                scopes_member(scopes, owner.scope,
                              slice_of(scopes->source, node_field(node, "attribute")), false),
                steps - 1);
    }
    return NOWHERE;
}

static int by_weight(const void *left, const void *right)
{
    const struct escape *a = left, *b = right;
    if (a->certainty != b->certainty)
        return a->certainty > b->certainty ? -1 : 1;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return (a->store_line > b->store_line) - (a->store_line < b->store_line);
}

static bool find_escapes(struct escape_search *search, const struct scopes *scopes,
                         uint32_t class_scope)
{
    *search = (struct escape_search){.scopes = scopes, .class_scope = class_scope};
    const struct binding *binding = scopes_member(scopes, class_scope, finalizer_name, false);
    for (unsigned i = 0; binding && i < EVIDENCE_MOST; i++) {
        uint32_t function = function_of(scopes, binding, 4);
        if (function != NOWHERE)
            escape_walk_finalizer(search, function);
        binding = binding_next(scopes, binding);
    }
    if (search->found.count)
        qsort(search->found.items, search->found.count, sizeof *search->found.items, by_weight);
    return search->found.count > 0;
}

/* ---- what is said about it ------------------------------------------------------------------- */

static void add_evidence(struct finding *finding, const struct escape *escape)
{
    static const char *const words[] = {"possible", "likely", "certain"};
    _cleanup_free_ char *statement = rule_quote(escape->statement);
    _cleanup_free_ char *container = rule_quote(escape->container);
    const char *certain = words[escape->certainty];
    if (!statement || !container)
        return;
    if (escape->by.size)
        finding_add_evidence(finding, "%s: line %u calls %.*s(), which keeps self in line %u: %s",
                             certain, escape->line, (int)escape->by.size, escape->by.start,
                             escape->store_line, statement);
    else
        finding_add_evidence(finding, "%s: line %u: %s", certain, escape->line, statement);
    finding_add_evidence(finding, "%s is %s", container, escape->where);
}

/* The class, and those of this file that inherit the finalizer from it. */
static void list_heirs(const struct scopes *scopes, uint32_t class_scope, name_list *names)
{
    const struct binding *own = scopes_member(scopes, class_scope, finalizer_name, false);
    for (uint32_t i = class_scope; i < scopes->items.count; i++) {
        if (scopes->items.items[i].kind != SCOPE_CLASS ||
            scopes_member(scopes, i, finalizer_name, false) != own)
            continue;
        /* What it calls may be another method there. */
        struct escape_search search = {0};
        bool escapes = i == class_scope || find_escapes(&search, scopes, i);
        vector_free(&search.found);
        _cleanup_free_ char *name = escapes ? scopes_qualified(scopes, i) : NULL;
        if (name)
            name_list_add(names, name);
    }
}

/* " (also of B, C)" */
static char *describe_heirs(const name_list *names)
{
    _cleanup_free_ char *list = strdup("");
    for (size_t i = 1; list && i < names->count; i++) {
        char *longer = text_format("%s%s%s", list, i > 1 ? ", " : "", names->items[i]);
        free(list);
        list = longer;
    }
    return !list || !*list ? take_pointer(&list) : text_format(" (also of %s)", list);
}

static void add_classes(struct finding *finding, const struct scopes *scopes, uint32_t class_scope,
                        const char *class_name)
{
    name_list names = {0};
    list_heirs(scopes, class_scope, &names);
    _cleanup_free_ char *heirs = describe_heirs(&names);
    char *summary = heirs && *heirs
                        ? text_format("%s.__del__%s%s", class_name, heirs,
                                      finding->summary + strlen(class_name) + strlen(".__del__"))
                        : NULL;
    if (summary) {
        free(finding->summary);
        finding->summary = summary;
    }
    finding_add_text(finding, "class", class_name);
    if (names.count > 1)
        finding_add_list(finding, "classes", &names);
    name_list_free(&names);
}

static const struct {
    enum severity severity;
    enum confidence confidence;
    const char *verb;
} weights[] = {
    [ESCAPE_POSSIBLE] = {SEVERITY_INFO, CONFIDENCE_LOW, "might let self escape"},
    [ESCAPE_LIKELY] = {SEVERITY_WARNING, CONFIDENCE_MEDIUM, "probably lets self escape"},
    [ESCAPE_CERTAIN] = {SEVERITY_WARNING, CONFIDENCE_HIGH, "lets self escape"},
};

static void add_fixes(struct finding *finding, const char *class_name, const struct escape *escape)
{
    finding_add_fix(finding,
                    "take self out of line %u: keep what is needed of it (a name, a number) "
                    "instead of the object",
                    escape->line);
    finding_add_fix(finding,
                    "objects that go back to a pool go back in an explicit close() or in "
                    "__exit__(), not in %s.__del__",
                    class_name);
    finding_add_fix(finding,
                    "clean-up at death: weakref.finalize(self, release, resource) in __init__(), "
                    "with a function that does not get self");
}

static struct error *report_class(const struct rule_file *file, const struct scopes *scopes,
                                  uint32_t class_scope, const struct escape_search *search,
                                  struct report *report)
{
    const struct escape *worst = &search->found.items[0];
    _cleanup_free_ char *class_name = scopes_qualified(scopes, class_scope);
    _cleanup_free_ char *container = rule_quote(worst->container);
    _cleanup_free_ char *what =
        class_name && container ? text_format("%s:%s", class_name, container) : NULL;
    struct finding *finding =
        what ? rule_finding(file, scopes, NOWHERE, "RES002", weights[worst->certainty].severity,
                            weights[worst->certainty].confidence, worst->line, what, report)
             : NULL;
    if (!finding)
        return error_no_memory();
    finding->location.function = text_format("%s.__del__", class_name);
    finding->summary =
        text_format("%s.__del__ %s: %s %s it", class_name, weights[worst->certainty].verb,
                    container, worst->certainty == ESCAPE_CERTAIN ? "keeps" : "may keep");
    if (!finding->summary)
        return error_no_memory();
    add_classes(finding, scopes, class_scope, class_name);
    finding_add_text(finding, "kept_by", container);
    for (size_t i = 0; i < search->found.count && i < EVIDENCE_MOST; i++)
        add_evidence(finding, &search->found.items[i]);
    add_fixes(finding, class_name, worst);
    finding->confirm = text_format("steth audit --only RES002 %s", file->path);
    return NULL;
}

/* Whether the class has a finalizer of its own. */
static bool is_owner(const struct scopes *scopes, uint32_t class_scope)
{
    return scopes_in(scopes, class_scope, finalizer_name);
}

static bool is_reported(const bool *reported, const struct scopes *scopes, uint32_t class_scope)
{
    uint32_t base = NOWHERE;
    for (size_t i = 1; (base = scopes_ancestor(scopes, class_scope, i)) != NOWHERE; i++)
        if (reported[base])
            return true;
    return false;
}

static struct error *read_class(const struct rule_file *file, const struct scopes *scopes,
                                uint32_t class_scope, bool *reported, struct report *report)
{
    struct escape_search search;
    struct error *error = NULL;
    bool found = find_escapes(&search, scopes, class_scope);
    if (search.no_memory)
        error = error_no_memory();
    /* What a class inherits is reported once, unless its own methods are what keeps self. */
    else if (found &&
             (is_owner(scopes, class_scope) || !is_reported(reported, scopes, class_scope)))
        error = report_class(file, scopes, class_scope, &search, report);
    reported[class_scope] = found;
    vector_free(&search.found);
    return error;
}

struct error *rule_finalizer_escapes(const struct rule_file *file, const struct scopes *scopes,
                                     struct report *report)
{
    _cleanup_free_ bool *reported = calloc(scopes->items.count, sizeof *reported);
    struct error *error = reported ? NULL : error_no_memory();
    for (uint32_t i = 1; !error && i < scopes->items.count; i++)
        if (scopes->items.items[i].kind == SCOPE_CLASS &&
            scopes_member(scopes, i, finalizer_name, false))
            error = read_class(file, scopes, i, reported, report);
    return error;
}
