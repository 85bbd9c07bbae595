/* scopes_internal.h: how the table of scopes is filled; only the scopes*.c files use it. */
#ifndef STETH_AUDIT_SCOPES_INTERNAL_H
#define STETH_AUDIT_SCOPES_INTERNAL_H

#include "audit/scopes.h"

/* A new scope, copied; NOWHERE: no memory. */
uint32_t scopes_add(struct scopes *scopes, const struct scope *scope);

/* Binds a name in `scope`, or where its global or nonlocal statement says. Takes `dotted`. */
void scopes_bind(struct scopes *scopes, uint32_t scope, const struct binding *binding);

/* The walk that fills it. */
struct scopes_walk {
    struct scopes *scopes;
    uint32_t scope;
    TSNode statement;
    unsigned depth;
};

/* Binds a name where the walk is. */
void scopes_bind_name(struct scopes_walk *walk, TSNode name, enum binding_kind kind, TSNode node);
/* Binds every name of an assignment's left side; `value` may be null. */
void scopes_bind_target(struct scopes_walk *walk, TSNode target, TSNode value);

/* Binds what an import statement names. */
void scopes_bind_import(struct scopes *scopes, uint32_t scope, TSNode statement);

#endif
