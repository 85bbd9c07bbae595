/* class_usage.h: the metaclasses of a process by the classes that have them. */
#ifndef STETH_ANALYSIS_CLASS_USAGE_H
#define STETH_ANALYSIS_CLASS_USAGE_H

#include "analysis/live_classes.h"
#include "base/vector.h"

/* A metaclass in use, with the class nearest to `object` that has it. */
struct class_usage {
    class_number metaclass;
    class_number root; /* CLASS_UNKNOWN: no class has it */
    uint64_t count;
};
typedef VECTOR(struct class_usage) class_usages;

/* False: no memory. */
bool class_usages_count(const struct live_classes *live, class_usages *usages);
uint64_t class_usage_of(const class_usages *usages, class_number metaclass);

#endif
