/*
 * modules.h: modules by name, as imports find them: the project's folders, the standard library,
 * installed packages, stubs, and the table of what is written in C.
 */
#ifndef STETH_AUDIT_MODULES_H
#define STETH_AUDIT_MODULES_H

#include "audit/builtins.h"
#include "audit/environment.h"
#include "audit/grammar.h"
#include "audit/module.h"

enum module_kind {
    MODULE_SOURCE,    /* a file of Python; also a stub */
    MODULE_TABLE,     /* written in C, in the table */
    MODULE_NAMESPACE, /* folders without a file */
    MODULE_COMPILED,  /* an extension module without a stub */
};

struct module_entry {
    enum module_kind kind;
    char *name;
    char *path;             /* MODULE_SOURCE */
    VECTOR(char *) folders; /* where its submodules are; empty: it is no package */
    char *root;             /* folder in which the first part of its name lies */
    uint32_t table;         /* index into the table's modules; TEXT_MAP_ABSENT */
    bool loaded;
    bool expected; /* it is going to be read ahead */
    bool audited;
    struct module module; /* once it is loaded */
};

#define MODULES_NONE UINT32_MAX

struct modules {
    const struct environment *environment;
    struct builtins builtins;
    struct grammar grammar;
    VECTOR(char *) roots; /* of the project */
    VECTOR(struct module_entry *) entries;
    struct text_map by_path;
    struct text_map found;    /* what imports found, or did not */
    struct text_map packages; /* folders: whether they are packages, as far as that was asked */
    struct text_map listed;   /* folders: whether `contents` has what is in them */
    struct text_map contents; /* folder/name, without endings */
};

struct error *modules_open(struct modules *modules, const struct environment *environment);
void modules_close(struct modules *modules);

/* Adds a folder that imports look in before all others. */
bool modules_add_root(struct modules *modules, const char *folder);
/* The module of a file to be audited, named after its place below `top` (a folder, or NULL). */
uint32_t modules_add_file(struct modules *modules, const char *path, const char *top);

/* A module of a given text, scanned: whole, or as its outline. */
uint32_t modules_add_text(struct modules *modules, const char *name, const char *text,
                          bool outline);

/* The module `name` (dotted, absolute) as `from` imports it; MODULES_NONE: there is none. */
uint32_t modules_find(struct modules *modules, uint32_t from, const char *name);
/* The name that a module gives itself: importlib's core is frozen under another one. */
const char *modules_name_inside(const char *name);
/* A submodule of a package. */
uint32_t modules_find_in(struct modules *modules, uint32_t package, const char *name);

/* Reads and scans the file of a module, unless that is done. Several threads may do so with modules
 * of their own. */
void modules_load(struct modules *modules, uint32_t number);

static inline struct module_entry *modules_entry(const struct modules *modules, uint32_t number)
{
    return modules->entries.items[number];
}

#endif
