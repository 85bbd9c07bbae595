/* One edge as a step of a path that a person can follow. */
#include "object/referents_internal.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"

#define KEY_LIMIT 60

/* The edge that says most, when several lead to the same object. */
struct best_edge {
    struct edge edge;
    unsigned rank; /* 0: none yet */
    char *label;   /* owned copy of edge.label */
};

static bool is_name(const struct cpython *cpython, uint64_t key)
{
    return object_type_flags(cpython, key) & (TYPE_UNICODE_SUBCLASS | TYPE_LONG_SUBCLASS);
}

static unsigned rank_of(const struct cpython *cpython, const struct edge *edge)
{
    switch (edge->kind) {
    case EDGE_ATTRIBUTE:
        return 11;
    case EDGE_LOCAL:
        return edge->label ? 10 : 3;
    case EDGE_KEY_VALUE:
        return is_name(cpython, edge->key) ? 9 : 5;
    case EDGE_SLOT:
        return 8;
    case EDGE_ITEM:
        return 7;
    case EDGE_CELL:
    case EDGE_ELEMENT:
        return 6;
    case EDGE_KEY:
        return 4;
    case EDGE_STACK:
        return 3;
    case EDGE_TYPE:
        return 2;
    case EDGE_INTERNAL:
        return 1;
    }
    return 1;
}

struct step_search {
    const struct cpython *cpython;
    uint64_t referent;
    struct best_edge best;
};

static bool keep_best(void *context, const struct edge *edge)
{
    struct step_search *search = context;
    unsigned rank = rank_of(search->cpython, edge);
    if (rank <= search->best.rank)
        return true;
    free(search->best.label);
    search->best = (struct best_edge){
        .edge = *edge,
        .rank = rank,
        .label = edge->label ? strdup(edge->label) : NULL,
    };
    return edge->kind != EDGE_ATTRIBUTE;
}

static bool is_referent(void *context, uint64_t address)
{
    return address == ((struct step_search *)context)->referent;
}

/* `text` between two others, as Python would write it: nothing in it disturbs a terminal. */
static char *escaped(const char *before, const char *text, const char *after)
{
    char *out = malloc(strlen(before) + strlen(text) * 4 + strlen(after) + 1);
    if (!out)
        return NULL;
    char *end = stpcpy(out, before);
    for (const char *at = text; *at; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte < 0x20 || byte == 0x7F)
            end += sprintf(end, "\\x%02x", byte);
        else if (byte == '\'')
            end = stpcpy(end, "\\'");
        else
            *end++ = *at;
    }
    strcpy(end, after);
    return out;
}

/* A str or int key when values may be shown; of any other its type. */
static char *key_step(const struct cpython *cpython, uint64_t key, bool values)
{
    char *step = NULL;
    int64_t number;
    _cleanup_free_ char *text = values ? str_value(cpython, key, KEY_LIMIT) : NULL;
    if (text)
        return escaped("['", text, "']");
    if (values && int_value(cpython, key, &number))
        return asprintf(&step, "[%" PRId64 "]", number) < 0 ? NULL : step;
    _cleanup_free_ char *type = type_short_name(cpython, object_type(cpython, key));
    return asprintf(&step, "[<%s>]", type ? type : "?") < 0 ? NULL : step;
}

static char *step_of(const struct cpython *cpython, const struct best_edge *best, bool values)
{
    char *step = NULL;
    int length = 0;
    switch (best->edge.kind) {
    case EDGE_ATTRIBUTE:
    case EDGE_SLOT:
    case EDGE_CELL:
    case EDGE_LOCAL:
        if (best->label)
            return escaped(best->label[0] == '<' ? "" : ".", best->label, "");
        length = asprintf(&step, "<local %zu>", best->edge.index);
        break;
    case EDGE_KEY_VALUE:
        return key_step(cpython, best->edge.key, values);
    case EDGE_ITEM:
        length = asprintf(&step, "[%zu]", best->edge.index);
        break;
    case EDGE_ELEMENT:
        return strdup("{…}");
    case EDGE_KEY:
        return strdup("<key>");
    case EDGE_STACK:
        return strdup("<value stack>");
    case EDGE_TYPE:
        return strdup(".__class__");
    case EDGE_INTERNAL:
        length = asprintf(&step, "<+%zu>", best->edge.index);
        break;
    }
    return length < 0 ? NULL : step;
}

char *referents_step(const struct cpython *cpython, uint64_t holder, uint64_t referent, bool values,
                     bool *exact)
{
    struct step_search search = {.cpython = cpython, .referent = referent};
    struct referents visit = {
        .cpython = cpython,
        .object = holder,
        .is_object = is_referent,
        .visit = keep_best,
        .context = &search,
        .only = referent,
    };
    if (referent && shape_read(cpython, object_type(cpython, holder), &visit.shape))
        referents_run(&visit);
    if (!search.best.rank)
        return NULL;
    if (exact)
        *exact = search.best.edge.exact;
    char *step = step_of(cpython, &search.best, values);
    free(search.best.label);
    return step;
}
