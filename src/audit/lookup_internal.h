/* lookup_internal.h: the bindings of a name that may be in force at a place. */
#ifndef STETH_AUDIT_LOOKUP_INTERNAL_H
#define STETH_AUDIT_LOOKUP_INTERNAL_H

#include "audit/resolver_internal.h"

/* The bindings found so far, folded into one value. */
struct candidates {
    struct resolver *resolver;
    uint32_t module, scope;
    symbol_id name;
    struct value value;
    unsigned count;
    unsigned depth;
};

/* Where two bindings are possible: None beside a class would be an error anyway. */
void candidates_add(struct candidates *candidates, struct value value);
/* Adds all that may be in force at a place of the scope; true: one is for certain. */
bool candidates_collect(struct candidates *candidates, uint32_t block, uint32_t position);

static inline const struct module *candidates_module(const struct candidates *candidates)
{
    return resolver_module(candidates->resolver, candidates->module);
}

#endif
