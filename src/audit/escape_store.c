/* escape_store.c: variables, and what keeps what. */

#include "audit/escape.h"

#define ESCAPES_MOST 64 /* of one finalizer */

/* ---- variables ------------------------------------------------------------------------------- */

static struct variable *variable_in(struct frame *frame, struct slice name)
{
    for (size_t i = 0; i < frame->variables.count; i++)
        if (slice_equal(frame->variables.items[i].name, name))
            return &frame->variables.items[i];
    return NULL;
}

struct variable *frame_variable(const struct scopes *scopes, struct frame *frame, struct slice name)
{
    for (; frame; frame = frame->outer) {
        const struct scope *scope = &scopes->items.items[frame->scope];
        if (slice_in(name, scope->globals.items, scope->globals.count))
            return NULL;
        struct variable *variable = variable_in(frame, name);
        if (variable)
            return variable;
    }
    return NULL;
}

static void set_variable(struct escape_search *search, struct frame *frame, struct slice name,
                         struct value value)
{
    struct variable *variable = variable_in(frame, name);
    if (variable)
        variable->value = frame->branches ? value_join(variable->value, value) : value;
    else if (!vector_push(&frame->variables, ((struct variable){name, value})))
        search->no_memory = true;
}

void frame_assign(struct escape_search *search, struct frame *frame, TSNode name,
                  struct value value)
{
    struct slice text = slice_of(search->scopes->source, name);
    const struct scope *scope = &search->scopes->items.items[frame->scope];
    bool global = slice_in(text, scope->globals.items, scope->globals.count);
    bool outer = slice_in(text, scope->nonlocals.items, scope->nonlocals.count);
    struct variable *walked =
        outer && frame->outer ? frame_variable(search->scopes, frame->outer, text) : NULL;
    if (walked) {
        walked->value = value_join(walked->value, value);
    } else if (!global && !outer) {
        set_variable(search, frame, text, value);
    } else if (value.holds && !value.weak) {
        escape_note(search, frame, ESCAPE_CERTAIN,
                    global ? "a global name" : "a name of the function around the class", text,
                    text);
    } else {
        escape_retract(search, frame, text);
    }
}

/* ---- escapes --------------------------------------------------------------------------------- */

static bool is_known(const struct escape_search *search, unsigned line, struct slice container,
                     unsigned store_line)
{
    for (size_t i = 0; i < search->found.count; i++) {
        const struct escape *one = &search->found.items[i];
        if (one->line == line && one->store_line == store_line &&
            slice_equal(one->container, container))
            return true;
    }
    return search->found.count >= ESCAPES_MOST;
}

void escape_note(struct escape_search *search, struct frame *frame, enum certainty certainty,
                 const char *where, struct slice container, struct slice target)
{
    unsigned line = source_line(search->scopes->source, frame->statement);
    if (is_known(search, search->line, container, line))
        return;
    struct escape escape = {
        .certainty = certainty,
        .line = search->line,
        .store_line = line,
        .statement = slice_of(search->scopes->source, frame->statement),
        .container = container,
        .target = target,
        .where = where,
        .by =
            frame->caller ? search->scopes->items.items[frame->scope].name : (struct slice){"", 0},
        .frame = frame->number,
        .branches = frame->branches,
    };
    search->no_memory |= !vector_push(&search->found, escape);
}

void escape_retract(struct escape_search *search, struct frame *frame, struct slice text)
{
    size_t kept = 0;
    for (size_t i = 0; i < search->found.count; i++) {
        const struct escape *one = &search->found.items[i];
        bool same = slice_equal(one->container, text) || slice_equal(one->target, text);
        if (one->frame != frame->number || frame->branches > one->branches || !same)
            search->found.items[kept++] = *one;
    }
    search->found.count = kept;
}

/* ---- stores ---------------------------------------------------------------------------------- */

/* What something lives on as, for the reader. */
static const char *describe(const struct value *into)
{
    switch (into->origin) {
    case ORIGIN_LIVE:
        return into->kind == KIND_CLASS ? "a class" : "something of the module or of a class";
    case ORIGIN_GIVEN:
        return "an object that was handed to it and may live on";
    case ORIGIN_OWN:
        return "an attribute of itself: a cycle that only the collector ends";
    case ORIGIN_PART:
        return "an attribute of it, which may belong to something that lives on";
    case ORIGIN_UNKNOWN:
    case ORIGIN_FRESH:
    case ORIGIN_OTHER:
        break;
    }
    return "the result of a call, which may live on";
}

/* Methods with which nothing but a container keeps what it is given. */
static bool is_plain_method(struct slice method)
{
    static const char *const plain[] = {"append",     "appendleft", "insert",      "extend",
                                        "extendleft", "setdefault", "__setitem__", "put",
                                        "put_nowait", NULL};
    return slice_among(method, plain);
}

static enum certainty certainty_of(const struct store *store)
{
    const struct value *into = &store->into;
    bool subscript = node_is(store->target, "subscript");
    switch (into->origin) {
    case ORIGIN_LIVE:
        if (into->kind == KIND_CONTAINER || into->kind == KIND_CLASS)
            return ESCAPE_CERTAIN;
        if (store->method.size)
            return is_plain_method(store->method) ? ESCAPE_LIKELY : ESCAPE_POSSIBLE;
        return subscript ? ESCAPE_LIKELY : ESCAPE_CERTAIN;
    case ORIGIN_GIVEN:
        if (store->method.size && !is_plain_method(store->method) && into->kind != KIND_CONTAINER)
            return ESCAPE_POSSIBLE;
        return ESCAPE_LIKELY;
    case ORIGIN_OWN:
    case ORIGIN_PART:
    case ORIGIN_UNKNOWN:
    case ORIGIN_FRESH:
    case ORIGIN_OTHER:
        break;
    }
    return ESCAPE_POSSIBLE;
}

/* The variable at the root of `a.b[c]`; NULL: it has none. */
static struct variable *root_variable(struct escape_search *search, struct frame *frame,
                                      TSNode node)
{
    for (unsigned i = 0; i < SYNTAX_DEEPEST; i++) {
        node = node_bare(node);
        if (node_is(node, "attribute"))
            node = node_field(node, "object");
        else if (node_is(node, "subscript"))
            node = node_field(node, "value");
        else
            break;
    }
    return node_is(node, "identifier")
               ? frame_variable(search->scopes, frame, slice_of(search->scopes->source, node))
               : NULL;
}

void escape_store(struct escape_search *search, struct frame *frame, const struct store *store)
{
    const struct source *source = search->scopes->source;
    struct slice container = slice_of(source, store->container);
    if (!ts_node_is_null(frame->type_of)) { /* the word `type` is no part of the node */
        const char *start = slice_of(source, frame->statement).start;
        container.size += (size_t)(container.start - start);
        container.start = start;
    }
    if (store->into.weak)
        return;
    if (store->into.is_self) {
        escape_note(search, frame, ESCAPE_POSSIBLE,
                    "an attribute of itself: a cycle that only the collector ends", container,
                    slice_of(source, store->target));
        return;
    }
    if (store->into.origin <= ORIGIN_FRESH || store->into.origin == ORIGIN_UNKNOWN) {
        struct variable *root = root_variable(search, frame, store->container);
        if (root && !root->value.is_self)
            root->value.holds = true;
        if (store->into.origin != ORIGIN_UNKNOWN)
            return;
    }
    escape_note(search, frame, certainty_of(store), describe(&store->into), container,
                slice_of(source, store->target));
}
