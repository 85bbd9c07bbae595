/* Where functions were defined. */
#include "object/internal.h"

#include "base/cleanup.h"

void source_place_free(struct source_place *place)
{
    free(place->file);
    free(place->function);
    *place = (struct source_place){0};
}

static char *text_field(const struct cpython *cpython, uint64_t object, int32_t offset)
{
    uint64_t text = field_pointer(cpython, object, offset);
    return text ? str_value(cpython, text, STR_LIMIT) : NULL;
}

bool code_place(const struct cpython *cpython, uint64_t code, struct source_place *place)
{
    const struct layout_offsets *at = &cpython->at;
    *place = (struct source_place){0};
    if (!code || object_type(cpython, code) != cpython->code_type)
        return false;
    int32_t line;
    if (field_int(cpython, code, at->code_first_line, &line) && line > 0)
        place->line = (unsigned)line;
    place->file = text_field(cpython, code, at->code_filename);
    place->function = text_field(cpython, code, at->code_qualname);
    if (!place->function)
        place->function = text_field(cpython, code, at->code_name);
    return place->file || place->function;
}

static bool plain_function_place(const struct cpython *cpython, uint64_t function,
                                 struct source_place *place)
{
    uint64_t code = field_pointer(cpython, function, cpython->at.function_code);
    if (!code_place(cpython, code, place))
        return false;
    char *name = text_field(cpython, function, cpython->at.function_qualname);
    if (name) {
        free(place->function);
        place->function = name;
    }
    return true;
}

/* What a callable that is not a function calls: methods, partials, descriptors, decorators. */
static uint64_t unwrap(const struct cpython *cpython, uint64_t callable)
{
    static const char *const members[] = {"__func__", "func", "fget"};
    static const char *const attributes[] = {"__wrapped__", "__func__", "func"};
    uint64_t inner = 0;
    if (object_type(cpython, callable) == cpython->method_type)
        return field_pointer(cpython, callable, cpython->at.method_function);
    for (size_t i = 0; !inner && i < sizeof members / sizeof *members; i++)
        inner = member_get(cpython, callable, members[i]);
    for (size_t i = 0; !inner && i < sizeof attributes / sizeof *attributes; i++)
        inner = instance_get(cpython, callable, attributes[i]);
    return inner;
}

bool function_place(const struct cpython *cpython, uint64_t function, struct source_place *place)
{
    *place = (struct source_place){0};
    uint64_t last = 0; /* the innermost function met so far */
    for (int depth = 0; function && depth < CHAIN_MAX; depth++) {
        uint64_t type = object_type(cpython, function);
        if (!type)
            break;
        if (type != cpython->function_type) {
            function = unwrap(cpython, function);
            continue;
        }
        last = function;
        uint64_t dict = field_pointer(cpython, function, cpython->at.function_dict);
        function = dict ? dict_get(cpython, dict, "__wrapped__") : 0;
    }
    return last && plain_function_place(cpython, last, place);
}
