/*
 * class_rows.h: what `steth classes` and `steth audit --classes` list. Part of report.h.
 */
#ifndef STETH_FINDING_CLASS_ROWS_H
#define STETH_FINDING_CLASS_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vector.h"

/* Names of classes: "pkg.mod.Outer.Inner", builtins bare. */
typedef VECTOR(char *) name_list;

struct class_row {
    char *name;
    char *file; /* NULL: unknown, or implemented in C */
    unsigned line;
    name_list bases; /* as the class has them (after __mro_entries__); unknown ones as written */
    char *metaclass; /* NULL: not known, or the statement fails */
    name_list mro;   /* itself first; empty: not known, or there is none */
    bool answered;
    char *reason;      /* why it is not answered; NULL */
    const char *error; /* "none", "metaclass-conflict", "layout-conflict", "duplicate-base",
                          "inconsistent-mro" …; static; NULL: not answered */
    const char *kind;  /* "python", "c"; static */
    bool is_library;   /* live: of the standard library, or built in */
    bool own_order;    /* its metaclass's mro() put another order than C3's */
    bool has_finalizer;
    char *finalizer_file; /* NULL: unknown */
    unsigned finalizer_line;
    char *distribution, *version; /* NULL: none or unknown */
};

/* A metaclass that combines several and belongs to none of the packages that these come from. */
struct combined_metaclass {
    char *name;
    char *file;
    unsigned line;
    name_list bases;
    uint64_t instances; /* classes that have it */
};

/* Base classes of two packages that cannot be combined. */
struct class_collision {
    char *first_package, *second_package;
    char *first, *second; /* one class of each */
    char *first_metaclass, *second_metaclass;
    uint64_t first_count, second_count; /* classes of each package with such a metaclass */
    name_list fix;                      /* bases of a metaclass that would do; empty: none would */
    char *ready;                        /* a metaclass that is there already; NULL */
    bool with_library;                  /* the second one is of the standard library */
};

/* How one class got its metaclass and its MRO, in lines. */
struct class_explanation {
    char *name;
    VECTOR(char *) lines;
};

struct class_section {
    VECTOR(struct class_row) rows; /* by name */
    /* Of a live process: */
    bool live;
    uint64_t python_classes, c_classes, metaclasses;
    VECTOR(struct combined_metaclass) combined; /* by name */
    VECTOR(struct class_collision) collisions;  /* by packages */
    uint64_t collisions_left_out;
    VECTOR(struct class_explanation) explanations;
};

void class_row_free(struct class_row *row);
void class_section_free(struct class_section *section);
/* Appends a copy of `name`; false when there is no memory. */
bool name_list_add(name_list *names, const char *name);
void name_list_free(name_list *names);

#endif
