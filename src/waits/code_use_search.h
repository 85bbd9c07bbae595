/* code_use_search.h: what the files about the use of an object by code share. */
#ifndef STETH_WAITS_CODE_USE_SEARCH_H
#define STETH_WAITS_CODE_USE_SEARCH_H

#include "runtime/code_names.h"
#include "waits/code_use.h"

struct use_search {
    const struct cpython *cpython;
    uint64_t object;
    const char *method;
    uint64_t code;            /* that is read */
    const name_vector *names; /* of it */
    bool later;               /* than the instruction that runs: */
    int64_t instruction;
    uint64_t self;
    bool at_hand, among; /* the object itself; it is in a container */
};

/* Notes what leads to the object: a value, a variable with its attributes, globals that the code
 * names. */
void use_look_at(struct use_search *search, uint64_t value);
bool use_look_at_local(void *context, const char *name, uint64_t value);
void use_look_at_globals(struct use_search *search, uint64_t globals);

/* What is known of the code in `search`, whose variables have been looked at. */
enum code_use use_found(const struct use_search *search);

#endif
