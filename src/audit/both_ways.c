/* both_ways.c: RES003, objects with a finalizer that refer to their own kind both ways. */
#include <stdlib.h>

#include "audit/escape.h"
#include "audit/links.h"
#include "audit/rules.h"
#include "base/cleanup.h"
#include "base/text.h"

/* A class with a finalizer, and one method that its objects have. */
struct pair_look {
    const struct scopes *scopes;
    uint32_t class_scope;
    uint32_t method;
    struct slice self;
    link_list links;
};

struct pair {
    struct link weak, other; /* the link to make weak, and the one back */
    struct slice partner;
    enum confidence confidence;
};

/* ---- is it of the same kind ------------------------------------------------------------------ */

static bool mentions_word(struct slice text, struct slice word)
{
    for (const char *at = text.start, *end = text.start + text.size;
         word.size && (at = memmem(at, (size_t)(end - at), word.start, word.size)); at++) {
        bool begins = at == text.start || !(at[-1] == '_' || (at[-1] | 32) >= 'a');
        const char *after = at + word.size;
        bool ends = after == end || !(*after == '_' || (*after | 32) >= 'a');
        if (begins && ends)
            return true;
    }
    return false;
}

/* The class itself, a base of it, or one that derives from it. */
static bool is_own_kind(const struct scopes *scopes, uint32_t class_scope, uint32_t other)
{
    uint32_t base = NOWHERE;
    for (size_t i = 0; (base = scopes_ancestor(scopes, class_scope, i)) != NOWHERE; i++)
        if (base == other)
            return true;
    for (size_t i = 1; (base = scopes_ancestor(scopes, other, i)) != NOWHERE; i++)
        if (base == class_scope)
            return true;
    return false;
}

/* Node(…), type(self)(…), self.__class__(…) */
static bool makes_own_kind(const struct pair_look *look, TSNode call)
{
    TSNode function = node_bare(node_field(call, "function"));
    struct slice text = slice_of(look->scopes->source, function);
    if (node_is(function, "call"))
        return slice_is(slice_of(look->scopes->source, node_field(function, "function")), "type") &&
               mentions_word(text, look->self);
    if (node_is(function, "attribute"))
        return slice_is(slice_of(look->scopes->source, node_field(function, "attribute")),
                        "__class__");
    if (!node_is(function, "identifier"))
        return false;
    const struct binding *binding = scopes_find(look->scopes, look->method, text);
    uint32_t made = binding && binding->kind == BOUND_CLASS
                        ? scopes_of_node(look->scopes, binding->node)
                        : NOWHERE;
    return made != NOWHERE && is_own_kind(look->scopes, look->class_scope, made);
}

/* A parameter that is annotated with the class, or a name that is given a new object of it. */
static bool is_known_kind(const struct pair_look *look, struct slice name)
{
    const struct scopes *scopes = look->scopes;
    const struct binding *binding = scopes_in(scopes, look->method, name);
    if (!binding)
        return false;
    if (binding->kind == BOUND_VALUE)
        return node_is(node_bare(binding->node), "call") &&
               makes_own_kind(look, node_bare(binding->node));
    if (binding->kind != BOUND_PARAMETER)
        return false;
    struct slice type = slice_of(scopes->source, node_field(binding->node, "type"));
    uint32_t base = NOWHERE;
    for (size_t i = 0; (base = scopes_ancestor(scopes, look->class_scope, i)) != NOWHERE; i++)
        if (mentions_word(type, scopes->items.items[base].name))
            return true;
    return false;
}

static bool has_attribute(const struct pair_look *look, struct slice attribute)
{
    return scopes_member(look->scopes, look->class_scope, attribute, true) ||
           scopes_member(look->scopes, look->class_scope, attribute, false);
}

/* What the attribute holds keeps nothing alive: a WeakSet, a property that takes a weak reference.
 */
static bool is_weak(const struct pair_look *look, struct slice attribute)
{
    const struct binding *own = scopes_member(look->scopes, look->class_scope, attribute, true);
    const struct binding *shared = scopes_member(look->scopes, look->class_scope, attribute, false);
    if (shared && shared->kind == BOUND_FUNCTION)
        return true;
    for (; own; own = binding_next(look->scopes, own))
        if (own->kind == BOUND_VALUE &&
            value_of_form(look->scopes, own->made_in, own->node, 4).weak)
            return true;
    return false;
}

/* ---- pairs ----------------------------------------------------------------------------------- */

/* `Node(self)` refers back when __init__ keeps that argument. */
static bool made_with_self(const struct pair_look *look, TSNode call, struct link *back)
{
    const struct scopes *scopes = look->scopes;
    const struct binding *init =
        scopes_member(scopes, look->class_scope, (struct slice){"__init__", 8}, false);
    uint32_t method = init ? scopes_of_node(scopes, init->node) : NOWHERE;
    TSNode list = node_field(call, "arguments");
    if (method == NOWHERE || !makes_own_kind(look, call))
        return false;
    bool passed = false;
    for (uint32_t i = 0; node_is(list, "argument_list") && i < ts_node_named_child_count(list);
         i++) {
        TSNode one = ts_node_named_child(list, i);
        if (node_is(one, "keyword_argument"))
            one = node_field(one, "value");
        passed |= slice_equal(slice_of(scopes->source, one), look->self);
    }
    link_list links = {0};
    struct error *error = passed ? links_of(scopes, method, &links) : NULL;
    error_free(error);
    struct slice self = slice_of(scopes->source, scopes->items.items[method].first_parameter);
    bool found = false;
    for (size_t i = 0; i < links.count && !found; i++) {
        const struct link *one = &links.items[i];
        const struct binding *stored = scopes_in(scopes, method, one->to);
        found = !one->many && slice_equal(one->from, self) && stored &&
                stored->kind == BOUND_PARAMETER && !is_weak(look, one->attribute) &&
                (is_known_kind(&(struct pair_look){scopes, look->class_scope, method, self, {0}},
                               one->to) ||
                 ts_node_named_child_count(list) == 1);
        if (found)
            *back = *one;
    }
    vector_free(&links);
    return found;
}

/* The link that should give way: the one to a parent; not the one that keeps many. */
static void choose(struct pair *pair, const struct link *one, const struct link *two)
{
    static const char *const upward[] = {"parent",    "_parent",  "owner", "_owner", "prev",
                                         "_prev",     "previous", "root",  "up",     "back",
                                         "container", "manager",  NULL};
    bool first = two->many || (!one->many && slice_among(one->attribute, upward) &&
                               !slice_among(two->attribute, upward));
    pair->weak = first ? *one : *two;
    pair->other = first ? *two : *one;
}

static bool find_pair(const struct pair_look *look, struct pair *pair)
{
    for (size_t i = 0; i < look->links.count; i++) {
        const struct link *one = &look->links.items[i];
        struct link back;
        if (!slice_equal(one->from, look->self) || slice_equal(one->to, look->self) ||
            is_weak(look, one->attribute))
            continue;
        TSNode value = one->value;
        const struct binding *made =
            one->to.size ? scopes_in(look->scopes, look->method, one->to) : NULL;
        if (made && made->kind == BOUND_VALUE)
            value = node_bare(made->node);
        if (node_is(value, "call") && made_with_self(look, value, &back)) {
            pair->confidence = CONFIDENCE_HIGH;
            pair->partner = one->to;
            choose(pair, &back, one);
            return true;
        }
        for (size_t j = 0; one->to.size && j < look->links.count; j++) {
            const struct link *two = &look->links.items[j];
            if (!slice_equal(two->from, one->to) || !slice_equal(two->to, look->self) ||
                is_weak(look, two->attribute))
                continue;
            bool known = is_known_kind(look, one->to);
            if (!known && !has_attribute(look, two->attribute))
                continue;
            pair->confidence = known ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
            pair->partner = one->to;
            choose(pair, two, one);
            return true;
        }
    }
    return false;
}

/* ---- the rule -------------------------------------------------------------------------------- */

static struct error *report_pair(const struct rule_file *file, const struct pair_look *look,
                                 const struct pair *pair, struct report *report)
{
    const struct scopes *scopes = look->scopes;
    _cleanup_free_ char *name = scopes_qualified(scopes, look->class_scope);
    _cleanup_free_ char *weak = rule_quote(slice_of(scopes->source, pair->weak.statement));
    _cleanup_free_ char *other = rule_quote(slice_of(scopes->source, pair->other.statement));
    unsigned line = source_line(scopes->source, pair->weak.statement);
    struct finding *finding =
        name && weak && other ? rule_finding(file, scopes, look->method, "RES003", SEVERITY_WARNING,
                                             pair->confidence, line, name, report)
                              : NULL;
    if (!finding)
        return error_no_memory();
    finding->summary = text_format(
        "%s objects have a finalizer and refer to each other both ways, by %.*s and by %.*s", name,
        (int)pair->other.attribute.size, pair->other.attribute.start,
        (int)pair->weak.attribute.size, pair->weak.attribute.start);
    finding_add_text(finding, "class", name);
    finding_add_evidence(finding, "line %u: %s", source_line(scopes->source, pair->other.statement),
                         other);
    finding_add_evidence(finding, "line %u: %s", line, weak);
    finding_add_evidence(finding,
                         "only the cyclic collector can end such a pair, in an order of its own");
    finding_add_fix(finding, "line %u: %.*s.%.*s = weakref.ref(%.*s)", line,
                    (int)pair->weak.from.size, pair->weak.from.start,
                    (int)pair->weak.attribute.size, pair->weak.attribute.start,
                    (int)pair->weak.to.size, pair->weak.to.start);
    finding_add_fix(finding, "read it by a call: %.*s() is None when the object is gone",
                    (int)pair->weak.attribute.size, pair->weak.attribute.start);
    finding->confirm = text_format("steth audit --only RES003 %s", file->path);
    return NULL;
}

static struct error *read_method(const struct rule_file *file, const struct scopes *scopes,
                                 uint32_t class_scope, uint32_t method, bool *found,
                                 struct report *report)
{
    struct pair_look look = {.scopes = scopes, .class_scope = class_scope, .method = method};
    struct pair pair;
    look.self = slice_of(scopes->source, scopes->items.items[method].first_parameter);
    struct error *error = links_of(scopes, method, &look.links);
    if (!error && look.self.size && find_pair(&look, &pair)) {
        *found = true;
        error = report_pair(file, &look, &pair, report);
    }
    vector_free(&look.links);
    return error;
}

/* One finding a class: in its own methods, or in those that it inherits from classes without a
 * finalizer. */
static struct error *read_class(const struct rule_file *file, const struct scopes *scopes,
                                uint32_t class_scope, struct report *report)
{
    static const struct slice finalizer = {"__del__", 7};
    bool found = false;
    uint32_t base = NOWHERE;
    struct error *error = NULL;
    for (size_t i = 0; (base = scopes_ancestor(scopes, class_scope, i)) != NOWHERE; i++) {
        if (i > 0 && scopes_member(scopes, base, finalizer, false))
            continue;
        for (uint32_t j = base + 1; !error && !found && j < scopes->items.count; j++)
            if (scopes->items.items[j].parent == base && scopes->items.items[j].is_method)
                error = read_method(file, scopes, class_scope, j, &found, report);
    }
    return error;
}

struct error *rule_both_ways(const struct rule_file *file, const struct scopes *scopes,
                             struct report *report)
{
    static const struct slice finalizer = {"__del__", 7};
    struct error *error = NULL;
    for (uint32_t i = 1; !error && i < scopes->items.count; i++)
        if (scopes->items.items[i].kind == SCOPE_CLASS &&
            scopes_member(scopes, i, finalizer, false))
            error = read_class(file, scopes, i, report);
    return error;
}
