/* What a callable does with an object once it is called. */
#include "waits/code_use_search.h"

#include <string.h>

#include "base/cleanup.h"
#include "waits/callable.h"

#define ARGUMENTS_DEEP 3 /* functions that are handed to others */

static bool look_at_cell(void *context, size_t index, uint64_t cell)
{
    struct use_search *search = context;
    const struct cpython *cpython = search->cpython;
    uint64_t value;
    (void)index;
    if (object_type(cpython, cell) == cpython->cell_type &&
        target_read_word(cpython->target, cell + (uint64_t)cpython->at.cell_reference, &value) &&
        value)
        use_look_at(search, value);
    return !search->at_hand;
}

static bool look_at_argument(void *context, size_t index, uint64_t value)
{
    (void)index;
    return use_look_at_local(context, "", value);
}

static void look_at_function(struct use_search *search, uint64_t function)
{
    const struct cpython *cpython = search->cpython;
    uint64_t closure, globals;
    if (target_read_word(cpython->target, function + (uint64_t)cpython->at.function_closure,
                         &closure) &&
        closure)
        (void)sequence_visit(cpython, closure, look_at_cell, search);
    if (target_read_word(cpython->target, function + (uint64_t)cpython->at.function_globals,
                         &globals) &&
        !search->at_hand)
        use_look_at_globals(search, globals);
}

/* Whether `bound` is `method` of `object`. */
static bool is_method_of(const struct cpython *cpython, uint64_t bound, uint64_t self,
                         uint64_t object, const char *method)
{
    _cleanup_free_ char *name = self == object ? callable_name(cpython, bound) : NULL;
    const char *last = name ? strrchr(name, '.') : NULL;
    return name && strcmp(last ? last + 1 : name, method) == 0;
}

static enum code_use function_code_use(const struct cpython *cpython, uint64_t function,
                                       uint64_t arguments, uint64_t object, const char *method)
{
    name_vector names = {0};
    enum code_use use = CODE_USES_NOT;
    struct use_search search = {
        .cpython = cpython, .object = object, .method = method, .names = &names};
    if (object_type(cpython, function) == cpython->method_type) {
        uint64_t bound = function;
        if (!target_read_word(cpython->target, bound + (uint64_t)cpython->at.method_function,
                              &function) ||
            !target_read_word(cpython->target, bound + (uint64_t)cpython->at.method_self,
                              &search.self))
            return CODE_USES_NOT;
        if (is_method_of(cpython, bound, search.self, object, method))
            return CODE_USES;
    }
    search.code = function_code_of(cpython, function);
    if (search.code && code_names_read(cpython, search.code, &names)) {
        if (search.self)
            (void)use_look_at_local(&search, "self", search.self);
        if (arguments && !search.at_hand)
            (void)sequence_visit(cpython, arguments, look_at_argument, &search);
        if (!search.at_hand)
            look_at_function(&search, function);
        use = use_found(&search);
    }
    code_names_free(&names);
    return use;
}

struct argument_search {
    const struct cpython *cpython;
    uint64_t object;
    const char *method;
    unsigned depth;
    enum code_use use;
};

static enum code_use use_by_callable(const struct cpython *cpython, uint64_t function,
                                     uint64_t arguments, struct argument_search *search);

/* What is handed to a function may be called by it. */
static bool compare_argument(void *context, size_t index, uint64_t argument)
{
    struct argument_search *search = context;
    struct argument_search inner = *search;
    (void)index;
    inner.depth++;
    if (inner.depth < ARGUMENTS_DEEP)
        search->use = use_by_callable(search->cpython, argument, 0, &inner);
    return search->use != CODE_USES;
}

static enum code_use use_by_callable(const struct cpython *cpython, uint64_t function,
                                     uint64_t arguments, struct argument_search *search)
{
    uint64_t inner, more = 0;
    if (partial_read(cpython, function, &inner, &more))
        function = inner;
    search->use = function_code_use(cpython, function, arguments ? arguments : more, search->object,
                                    search->method);
    if (more && search->use != CODE_USES)
        (void)sequence_visit(cpython, more, compare_argument, search);
    if (arguments && search->use != CODE_USES)
        (void)sequence_visit(cpython, arguments, compare_argument, search);
    return search->use;
}

enum code_use callable_code_use(const struct cpython *cpython, uint64_t function,
                                uint64_t arguments, uint64_t object, const char *method)
{
    struct argument_search search = {.cpython = cpython, .object = object, .method = method};
    return use_by_callable(cpython, function, arguments, &search);
}
