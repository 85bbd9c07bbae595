/* Names that are bound without naming them as a target: through the dict of a module or class, as
 * an attribute of the module itself, by exec(). */
#include "audit/scan_internal.h"

#include <ctype.h>
#include <string.h>

#define MOST_WORDS 200 /* of a text that is executed */

static bool is_among(const struct scan *scan, TSNode node, const char *const *texts)
{
    for (; *texts; texts++) {
        if (scan_text_is(scan, node, *texts))
            return true;
    }
    return false;
}

bool scan_is_own_module(const struct scan *scan, TSNode node)
{
    if (scan_text_is(scan, node, SELF_NAME) || scan_text_is(scan, node, "_" SELF_NAME))
        return true;
    if (SCAN_KIND(scan, node) != NODE_identifier)
        return false;
    for (size_t i = 0; i < scan->own_module.count; i++) {
        if (scan_text_is(scan, node, module_text(scan->module, scan->own_module.items[i])))
            return true;
    }
    return false;
}

/* The scope whose names a dict holds: that of the module (0), of the class that is being read;
 * NONE: it is another dict, or the one of a function, which binds nothing. */
static uint32_t scope_of_dict(const struct scan *scan, TSNode dict)
{
    static const char *const local[] = {"locals()", "vars()", NULL};
    if (scan_text_is(scan, dict, "globals()"))
        return 0;
    if (is_among(scan, dict, local))
        return scan->module->scopes.items[scan->scope].kind == SCOPE_FUNCTION ? NONE : scan->scope;
    if (SCAN_KIND(scan, dict) == NODE_attribute &&
        scan_text_is(scan, SCAN_FIELD(scan, dict, attribute), "__dict__") &&
        scan_is_own_module(scan, SCAN_FIELD(scan, dict, object)))
        return 0;
    return NONE;
}

/* Of another scope than the one that is being read: when it happens is not known. */
static void bind_in(struct scan *scan, uint32_t scope, symbol_id name, struct event event,
                    TSNode node)
{
    if (scope == scan->scope)
        scan_bind(scan, name, event, node);
    else if (name != STAR_NAME && !vector_push(&scan->module->reassigned, name))
        scan->module->no_memory = true;
}

static const struct event unknown_value = {.kind = EVENT_OPAQUE,
                                           .why = "it is bound through a dict of names"};
/* Aliases are what is bound anew under computed names; classes only where all names are. */
static const struct event any_alias = {.kind = EVENT_OPAQUE,
                                       .why = "names are bound whose names the run decides"};
static const struct event any_name = {.kind = EVENT_OPAQUE,
                                      .index = OPAQUE_CLASSES,
                                      .why = "names are bound whose names the run decides"};

/* What is no class takes no class's place. */
static bool is_constant(const struct scan *scan, const struct event *event)
{
    if (event->kind != EVENT_ASSIGN)
        return false;
    enum expression_kind kind = module_expression(scan->module, event->index)->kind;
    return kind == EXPRESSION_FALSE || kind == EXPRESSION_TRUE || kind == EXPRESSION_NONE ||
           kind == EXPRESSION_STRING || kind == EXPRESSION_INTEGER;
}

/* ["name"] = the value of the event; where the name is not known, it may be any. */
static void bind_key(struct scan *scan, uint32_t scope, TSNode key, struct event event)
{
    symbol_list texts = {0};
    bool known = scan_key_texts(scan, key, &texts);
    for (size_t i = 0; known && i < texts.count; i++)
        bind_in(scan, scope, texts.items[i], scan->loops ? unknown_value : event, key);
    if (!known && !is_constant(scan, &event))
        bind_in(scan, scope, STAR_NAME, scan_loops_over_own_names(scan) ? any_name : any_alias,
                key);
    vector_free(&texts);
}

bool scan_bind_item(struct scan *scan, TSNode target, struct event event)
{
    uint32_t scope = scope_of_dict(scan, SCAN_FIELD(scan, target, value));
    if (scope == NONE || ts_node_named_child_count(target) != 2)
        return false;
    bind_key(scan, scope, ts_node_named_child(target, 1), event);
    return true;
}

bool scan_bind_own_attribute(struct scan *scan, TSNode target, struct event event)
{
    if (!scan_is_own_module(scan, SCAN_FIELD(scan, target, object)))
        return false;
    bind_in(scan, 0, scan_symbol(scan, SCAN_FIELD(scan, target, attribute)), event, target);
    return true;
}

/* ---- calls ----------------------------------------------------------------------------------- */

static struct event assigned(struct scan *scan, TSNode value)
{
    expression_id id = scan_expression(scan, value);
    return id == NONE ? unknown_value : (struct event){.kind = EVENT_ASSIGN, .index = id};
}

/* {"A": B, …} */
static void bind_pairs(struct scan *scan, uint32_t scope, TSNode dictionary)
{
    for (uint32_t i = 0; i < ts_node_named_child_count(dictionary) && i < SCAN_LONGEST_LIST; i++) {
        TSNode pair = ts_node_named_child(dictionary, i);
        if (SCAN_KIND(scan, pair) == NODE_pair)
            bind_key(scan, scope, SCAN_FIELD(scan, pair, key),
                     assigned(scan, SCAN_FIELD(scan, pair, value)));
        else if (SCAN_KIND(scan, pair) != NODE_comment)
            bind_in(scan, scope, STAR_NAME, any_name, pair);
    }
}

/* {name: … for name in …} */
static void bind_comprehension(struct scan *scan, uint32_t scope, TSNode node)
{
    TSNode pair = SCAN_FIELD(scan, node, body), clause = ts_node_named_child(node, 1);
    struct loop loop = {scan->loops, SCAN_FIELD(scan, clause, left),
                        SCAN_FIELD(scan, clause, right)};
    if (SCAN_KIND(scan, pair) != NODE_pair || ts_node_is_null(loop.target)) {
        bind_in(scan, scope, STAR_NAME, any_name, node);
        return;
    }
    scan->loops = &loop;
    bind_key(scan, scope, SCAN_FIELD(scan, pair, key), unknown_value);
    scan->loops = loop.outer;
}

/* What a dict brings that is no display: a name for one, a comprehension, the names of a module. */
static void bind_keys_of(struct scan *scan, uint32_t scope, TSNode dict)
{
    symbol_list texts = {0};
    bool known = scan_keys_of(scan, dict, &texts);
    if (strcmp(ts_node_type(dict), "dictionary_comprehension") == 0)
        bind_comprehension(scan, scope, dict);
    else if (!known)
        bind_in(scan, scope, STAR_NAME, any_name, dict);
    for (size_t i = 0; known && i < texts.count; i++)
        bind_in(scan, scope, texts.items[i], unknown_value, dict);
    vector_free(&texts);
}

/* Colour.__members__: those of an enumeration, which are no classes. */
static bool is_members(const struct scan *scan, TSNode node)
{
    return SCAN_KIND(scan, node) == NODE_attribute &&
           scan_text_is(scan, SCAN_FIELD(scan, node, attribute), "__members__");
}

/* globals().update({"A": B}, C=D) */
static void bind_update(struct scan *scan, uint32_t scope, TSNode arguments)
{
    for (uint32_t i = 0; i < ts_node_named_child_count(arguments) && i < SCAN_LONGEST_LIST; i++) {
        TSNode one = ts_node_named_child(arguments, i);
        enum node_kind kind = SCAN_KIND(scan, one);
        if (kind == NODE_dictionary)
            bind_pairs(scan, scope, one);
        else if (kind == NODE_keyword_argument)
            bind_in(scan, scope, scan_symbol(scan, SCAN_FIELD(scan, one, name)),
                    assigned(scan, SCAN_FIELD(scan, one, value)), one);
        else if (kind != NODE_comment && !is_members(scan, one))
            bind_keys_of(scan, scope, one);
    }
}

static size_t word_size(const char *text)
{
    size_t size = 0;
    while (isalnum((unsigned char)text[size]) || text[size] == '_')
        size++;
    return size;
}

/* Whether a word in the code may be bound there: X = …, class X, import X, for X, X, Y. */
static bool may_bind(struct slice before, char last, const char *behind)
{
    static const char *const binding[] = {"class", "def", "import", "as", "for", "del", NULL};
    behind += strspn(behind, " \t");
    bool sign = *behind && strchr("=:,+-*/%&|^@<>)", *behind) && strncmp(behind, "==", 2) != 0;
    return sign || last == ',' || slice_among(before, binding);
}

/* The names that a text binds which is executed. */
static void bind_words(struct scan *scan, uint32_t scope, const char *text, TSNode node)
{
    bool star = strstr(text, "import *") != NULL;
    struct slice before = {"", 0};
    char last = 0;
    unsigned count = 0;
    for (; *text && count < MOST_WORDS; text++) {
        struct slice word = {text, word_size(text)};
        if (!word.size) {
            if (*text != ' ')
                last = *text;
            continue;
        }
        text += word.size - 1;
        if (!isdigit((unsigned char)*word.start) && may_bind(before, last, text + 1)) {
            bind_in(scan, scope, module_intern(scan->module, word.start, word.size), unknown_value,
                    node);
            count++;
        }
        before = word;
        last = 0;
    }
    if (*text || star)
        bind_in(scan, scope, STAR_NAME, any_name, node);
}

/* exec(text), exec(text, globals()) */
static void bind_executed(struct scan *scan, TSNode arguments)
{
    uint32_t count = ts_node_named_child_count(arguments);
    uint32_t scope = scan->scope;
    if (count > 1)
        scope = scope_of_dict(scan, ts_node_named_child(arguments, 1));
    else if (scan->module->scopes.items[scope].kind == SCOPE_FUNCTION)
        scope = NONE;
    if (!count || scope == NONE)
        return;
    expression_id code = scan_expression(scan, ts_node_named_child(arguments, 0));
    if (code != NONE && module_expression(scan->module, code)->kind == EXPRESSION_STRING)
        bind_words(scan, scope,
                   module_text(scan->module, module_expression(scan->module, code)->text),
                   arguments);
    else
        bind_in(scan, scope, STAR_NAME, any_name, arguments);
}

/* setattr(A, "b", c) is A.b = c. */
static void bind_setattr(struct scan *scan, TSNode arguments)
{
    if (ts_node_named_child_count(arguments) != 3)
        return;
    TSNode object = ts_node_named_child(arguments, 0), key = ts_node_named_child(arguments, 1);
    if (scan_is_own_module(scan, object)) {
        bind_key(scan, 0, key, assigned(scan, ts_node_named_child(arguments, 2)));
        return;
    }
    expression_id name = scan_expression(scan, key);
    if (name != NONE && module_expression(scan->module, name)->kind == EXPRESSION_STRING)
        scan_set_attribute(scan, object, module_expression(scan->module, name)->text);
}

void scan_bind_by_call(struct scan *scan, TSNode call)
{
    TSNode function = SCAN_FIELD(scan, call, function);
    TSNode arguments = SCAN_FIELD(scan, call, arguments);
    if (SCAN_KIND(scan, arguments) != NODE_argument_list)
        return;
    if (scan_text_is(scan, function, "setattr"))
        bind_setattr(scan, arguments);
    else if (scan_text_is(scan, function, "exec"))
        bind_executed(scan, arguments);
    if (SCAN_KIND(scan, function) != NODE_attribute)
        return;
    TSNode object = SCAN_FIELD(scan, function, object);
    TSNode method = SCAN_FIELD(scan, function, attribute);
    static const char *const changing[] = {"setdefault", "__setitem__", "pop", "__ior__", NULL};
    if (scan_text_is(scan, object, "__all__")) /* append, extend, remove */
        scan_bind(scan, scan_symbol(scan, object), unknown_value, call);
    uint32_t scope = scope_of_dict(scan, object);
    if (scope == NONE)
        return;
    if (scan_text_is(scan, method, "update"))
        bind_update(scan, scope, arguments);
    else if (is_among(scan, method, changing) && ts_node_named_child_count(arguments))
        bind_key(scan, scope, ts_node_named_child(arguments, 0), unknown_value);
}
