/* rules.c: Objects/typeobject.c (type_new_slots, type_new_descriptors, extra_ivars and, from 3.12,
 * shape_differs), as seen on 3.8.18, 3.10.13, 3.11.7, 3.12.1, 3.13.0, 3.14.10 and 3.15.2. */
#include "mro/hierarchy.h"

struct class_rules class_rules_for(unsigned minor)
{
    return (struct class_rules){
        .dict_in_struct = minor < 11,
        .dict_in_sized_struct = minor < 12,
        .weakref_in_struct = minor < 12,
        .tuple_slots = minor >= 15,
    };
}
