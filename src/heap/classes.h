/*
 * classes.h: every class of a target, without a pass over its heap: from `object` down the lists of
 * subclasses. Some static types of extensions are in none that can be read: those are met as bases
 * or metatypes of others and in the namespaces of modules.
 */
#ifndef STETH_HEAP_CLASSES_H
#define STETH_HEAP_CLASSES_H

#include "base/address_map.h"
#include "runtime/runtime.h"

/* More classes than that are left out (and `cut` says so). */
#define CLASSES_KEPT_MAX (1u << 20)

struct class_list {
    VECTOR(struct type_view) types; /* `object` first, `type` second, then in address order */
    struct address_map numbers;     /* address -> place in `types` */
    uint64_t object_type;           /* &PyBaseObject_Type */
    bool cut;
    size_t unread; /* lists of subclasses that changed while they were read */
};

/* The caller frees with class_list_free, also on failure. */
struct error *class_list_read(const struct cpython *cpython, const interpreter_vector *interpreters,
                              struct class_list *list);
void class_list_free(struct class_list *list);

#endif
