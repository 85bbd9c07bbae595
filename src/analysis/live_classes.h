/* live_classes.h: the classes of a live process as a hierarchy; private to this room. */
#ifndef STETH_ANALYSIS_LIVE_CLASSES_H
#define STETH_ANALYSIS_LIVE_CLASSES_H

#include "analysis/look.h"
#include "heap/classes.h"
#include "mro/hierarchy.h"

struct live_class {
    bool is_python;  /* made by Python code */
    bool own_order;  /* its MRO is not C3's */
    uint32_t module; /* into `modules`; NO_MODULE */
};
#define NO_MODULE UINT32_MAX

/* A module that defines classes. */
struct live_module {
    char *name;
    char *file;        /* NULL: built in, or unknown */
    char *package;     /* "a" of "a.b.c" */
    bool is_library;   /* of the standard library */
    bool is_installed; /* below site-packages or dist-packages */
};

/* Class numbers are places in list.types and classes; modules are sorted by nothing. */
struct live_classes {
    struct class_list list;
    struct hierarchy *hierarchy;
    VECTOR(struct live_class) classes;
    VECTOR(struct live_module) modules;
};

/* The caller frees with live_classes_free, also on failure. */
struct error *live_classes_read(const struct look *look, struct live_classes *live);
void live_classes_free(struct live_classes *live);

/* live_modules.c: the number of the module of that name (a str object), with its file. */
struct module_finder;
struct module_finder *module_finder_new(const struct cpython *cpython,
                                        const interpreter_vector *interpreters,
                                        struct live_classes *live);
void module_finder_free(struct module_finder *finder);
uint32_t module_find(struct module_finder *finder, uint64_t name);
uint32_t module_find_by_text(struct module_finder *finder, const char *name);

/* Whether a class is of the standard library, or built in. */
bool live_class_is_library(const struct live_classes *live, class_number number);

/* class_overview.c: what stands out among them. */
struct error *class_overview(const struct live_classes *live, struct report *report);

/* The whole section; `look_options.explain` may name a class. */
struct error *live_classes_report(struct look *look, const struct look_options *options,
                                  struct report *report);

#endif
