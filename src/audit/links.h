/*
 * links.h: the references that a method sets up between two names: "child.parent = self",
 * "self.children.append(child)", "other.next[0] = self".
 */
#ifndef STETH_AUDIT_LINKS_H
#define STETH_AUDIT_LINKS_H

#include "audit/scopes.h"

struct link {
    struct slice from, to; /* names in the method */
    struct slice attribute;
    TSNode value;     /* what is stored: a name, or a call that makes the object */
    TSNode statement; /* the expression that stores */
    bool many;        /* into a container that the attribute holds */
};
typedef VECTOR(struct link) link_list;

/* Appends the links that the method sets up itself. */
struct error *links_of(const struct scopes *scopes, uint32_t method, link_list *links);

#endif
