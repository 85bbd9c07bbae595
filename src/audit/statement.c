/* Class statements as facts of the hierarchy. */
#include "audit/resolver_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

/* ---- __del__ --------------------------------------------------------------------------------- */

static void set_finalizer(const struct module *module, const struct class_statement *statement,
                          struct class_facts *facts)
{
    uint32_t finalizer = class_own_event(module, statement, "__del__");
    if (finalizer == NONE)
        return;
    facts->has_finalizer = true;
    facts->finalizer_line = module->events.items[finalizer].line;
}

/* ---- bases and metaclass --------------------------------------------------------------------- */

/* typing.NamedTuple and TypedDict make a class of their own of what they are given
 * (Lib/typing.py: NamedTupleMeta, _TypedDictMeta). */
static void take_made_up(struct resolver *resolver, struct base_list *list)
{
    class_number generic = known_class_named(resolver, "typing", "Generic");
    bool is_generic = false;
    for (size_t i = 0; i < list->bases.count; i++)
        is_generic |= derives(resolver, list->bases.items[i].number, generic);
    struct class_base made[2];
    size_t count = 0;
    if (list->typed_dict && is_generic)
        made[count++] = (struct class_base){generic, "Generic", BASE_IMPLICIT};
    made[count++] = (struct class_base){
        known_class_named(resolver, "builtins", list->typed_dict ? "dict" : "tuple"), NULL,
        BASE_PLAIN};
    if (list->named_tuple && is_generic)
        made[count++] = (struct class_base){generic, "Generic", BASE_IMPLICIT};
    list->bases.count = 0;
    for (size_t i = 0; i < count; i++) {
        if (!vector_push(&list->bases, made[i]))
            resolver->no_memory = true;
    }
    if (!list->typed_dict)
        return;
    struct value metaclass = module_attribute(resolver, list->typed_dict_module, "_TypedDictMeta");
    list->names_metaclass = true;
    list->metaclass = metaclass.kind == VALUE_CLASS ? metaclass.number : CLASS_UNKNOWN;
    if (metaclass.kind != VALUE_CLASS)
        list->not_checked = "the metaclass of TypedDict is not known";
}

static void inherit_typed_dict(const struct resolver *resolver, struct base_list *list)
{
    for (size_t i = 0; i < list->bases.count && !list->typed_dict; i++) {
        class_number base = list->bases.items[i].number;
        if (base != CLASS_UNKNOWN && resolver->classes.items[base].typed_dict) {
            list->typed_dict = true;
            list->typed_dict_module = resolver->classes.items[base].module;
            class_number metaclass = resolver->classes.items[base].named_metaclass;
            if (metaclass < resolver->classes.count)
                list->typed_dict_module = resolver->classes.items[metaclass].module;
        }
    }
}

/* pydantic's mro() departs from C3 for parametrised models only, which are not answered here. */
static bool decides_order(const struct resolver *resolver, uint32_t module,
                          const struct class_statement *statement)
{
    const struct module *source = resolver_module(resolver, module);
    const char *name = resolver->modules->entries.items[module]->name;
    return class_own_event(source, statement, "mro") != NONE &&
           strcmp(name, "pydantic._internal._model_construction") != 0;
}

/* ---- the statement --------------------------------------------------------------------------- */

static struct place_of_use place_of(const struct module *module, uint32_t number,
                                    const struct class_statement *statement)
{
    const struct scope *scope = &module->scopes.items[statement->scope];
    return (struct place_of_use){number, scope->parent, scope->block, scope->position};
}

/* What the class is made of: as the statement says, its decorators, and some of its bases. */
static void take_bases(struct resolver *resolver, struct place_of_use place,
                       const struct class_statement *statement, const struct decorated *decorated,
                       struct base_list *list)
{
    base_list_fill(resolver, place, statement->arguments, statement->type_parameters != NONE, list);
    if (decorated->names_metaclass) {
        list->names_metaclass = true;
        list->metaclass = decorated->metaclass;
    }
    if (decorated->remade_from != CLASS_UNKNOWN) {
        list->bases.count = 0;
        if (!vector_push(&list->bases, ((struct class_base){.number = decorated->remade_from})))
            resolver->no_memory = true;
    }
    inherit_typed_dict(resolver, list);
    if (list->typed_dict || list->named_tuple)
        take_made_up(resolver, list);
    if (statement->not_checked)
        list->not_checked = statement->not_checked;
}

static void define_statement(struct resolver *resolver, class_number number, uint32_t module,
                             uint32_t index)
{
    const struct module *source = resolver_module(resolver, module);
    const struct class_statement statement = source->classes.items[index];
    struct place_of_use place = place_of(source, module, &statement);
    struct decorated decorated = decorations(resolver, place, &statement);
    struct base_list list = {.metaclass = CLASS_UNKNOWN};
    take_bases(resolver, place, &statement, &decorated, &list);
    struct known_class *class = &resolver->classes.items[number];
    class->not_made = never_reached(resolver, module, place.scope, place.block, place.position);
    class = &resolver->classes.items[number];
    class->typed_dict = list.typed_dict;
    class->names_metaclass = list.names_metaclass;
    class->named_metaclass = list.metaclass;
    if (!remember_bases(class, list.bases.items, list.bases.count))
        resolver->no_memory = true;
    class->bases_known &= !list.not_checked;
    class->defining = false;
    class->defined = true;
    class_number metaclass = metaclass_of(resolver, number);
    if (!list.not_checked && !list.typed_dict && !list.named_tuple)
        list.not_checked = metaclass_departs(resolver, metaclass);
    struct class_facts facts = {
        .file = resolver->modules->entries.items[module]->path,
        .line = statement.line,
        .asserted_line =
            type_error_asserted(resolver_module(resolver, module), place.scope, place.block),
        .bases = list.bases.items,
        .base_count = list.bases.count,
        .made_by_statement = true,
        .names_metaclass = list.names_metaclass,
        .named_metaclass = list.metaclass,
        .metaclass_text = list.metaclass_text,
        .keywords = list.keywords,
        .parameters = statement.type_parameters == NONE
                          ? NULL
                          : module_text(source, statement.type_parameters),
        .metaclass = CLASS_UNKNOWN,
        .overrides_mro = decides_order(resolver, module, &statement),
        .not_checked =
            list.not_checked ? list.not_checked : resolver->classes.items[number].not_made,
    };
    class_set_layout(resolver, module, &statement, &decorated, &facts);
    if (list.named_tuple)
        facts.layout.has_slots = true;
    set_finalizer(source, &statement, &facts);
    if (!hierarchy_define(resolver->hierarchy, number, &facts))
        resolver->no_memory = true;
    base_list_free(&list);
}

/* A text that a scope binds `name` to; NULL. */
static const char *text_bound(const struct module *module, uint32_t scope, const char *name)
{
    symbol_id symbol = module_symbol(module, name);
    uint32_t event = symbol == NONE ? NONE : module_last_event(module, scope, symbol);
    if (event == NONE || module->events.items[event].kind != EVENT_ASSIGN)
        return NULL;
    const struct expression *value = module_expression(module, module->events.items[event].index);
    return value->kind == EXPRESSION_STRING ? module_text(module, value->text) : NULL;
}

/* __module__ and __qualname__ as Python sees them: modules and classes may say otherwise. */
static char *full_name(const struct resolver *resolver, uint32_t module, uint32_t statement,
                       const char *local)
{
    const struct module *source = resolver_module(resolver, module);
    const char *holder = text_bound(source, source->classes.items[statement].scope, "__module__");
    if (!holder)
        holder = text_bound(source, 0, "__name__");
    if (!holder)
        holder = modules_name_inside(resolver->modules->entries.items[module]->name);
    return text_format("%s.%s", holder, local);
}

class_number resolver_class(struct resolver *resolver, uint32_t module, uint32_t statement)
{
    struct module_memory *memory = resolver_memory(resolver, module);
    if (!memory)
        return CLASS_UNKNOWN;
    if (memory->classes[statement] != CLASS_UNKNOWN)
        return memory->classes[statement];
    const struct module *source = resolver_module(resolver, module);
    _cleanup_free_ char *local =
        module_qualified_name(source, source->classes.items[statement].scope);
    _cleanup_free_ char *name = local ? full_name(resolver, module, statement, local) : NULL;
    class_number number = declare_class(resolver, name, CLASS_FROM_STATEMENT, module, statement);
    memory->classes[statement] = number;
    if (number == CLASS_UNKNOWN)
        return number;
    resolver->classes.items[number].defining = true;
    resolver->depth++;
    define_statement(resolver, number, module, statement);
    resolver->depth--;
    return number;
}

struct decorated class_decorations(struct resolver *resolver, uint32_t module,
                                   const struct class_statement *statement)
{
    const struct module *source = resolver_module(resolver, module);
    return decorations(resolver, place_of(source, module, statement), statement);
}

struct value decorated_class(struct resolver *resolver, uint32_t module, uint32_t index)
{
    class_number number = resolver_class(resolver, module, index);
    if (number == CLASS_UNKNOWN)
        return value_unknown(resolver, "there are too many classes");
    const struct module *source = resolver_module(resolver, module);
    const struct class_statement statement = source->classes.items[index];
    struct decorated decorated = class_decorations(resolver, module, &statement);
    if (decorated.replaced) {
        struct value value = value_unknown(resolver, "%s", decorated.replaced);
        return value;
    }
    return value_class(number);
}
