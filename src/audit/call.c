/* Calls: those that make classes, and a few whose result is known. */
#include "audit/resolver_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

expression_id call_value(const struct module *module, const struct expression *call,
                         uint32_t position, const char *keyword)
{
    uint32_t at = 0;
    for (uint32_t i = 1; i < call->count; i++) {
        expression_id id = module_child(module, call, i);
        const struct expression *argument = module_expression(module, id);
        if (argument->kind == EXPRESSION_KEYWORD) {
            if (keyword && strcmp(module_text(module, argument->text), keyword) == 0)
                return module_child(module, argument, 0);
        } else if (argument->kind == EXPRESSION_STARRED ||
                   argument->kind == EXPRESSION_DOUBLE_STARRED) {
            return NONE;
        } else if (at++ == position) {
            return id;
        }
    }
    return NONE;
}

uint32_t call_positional(const struct module *module, const struct expression *call)
{
    uint32_t count = 0;
    for (uint32_t i = 1; i < call->count; i++) {
        enum expression_kind kind = module_expression(module, module_child(module, call, i))->kind;
        count += kind != EXPRESSION_KEYWORD && kind != EXPRESSION_DOUBLE_STARRED;
    }
    return count;
}

struct value make_class(struct resolver *resolver, struct place_of_use place, expression_id call,
                        const struct class_of_call *shape, struct base_list *list)
{
    uint64_t key = ((uint64_t)(place.module + 1) << 35) | ((uint64_t)call << 3) | 1;
    const struct module_entry *entry = resolver->modules->entries.items[place.module];
    _cleanup_free_ char *name =
        text_format("%s.%s", shape->module ? shape->module : entry->name, shape->name);
    class_number number = declare_class(resolver, name, CLASS_FROM_CALL, place.module, call);
    if (number == CLASS_UNKNOWN || !address_map_put(&resolver->made_by_call, key, number)) {
        base_list_free(list);
        return value_unknown(resolver, "there are too many classes");
    }
    struct known_class *class = &resolver->classes.items[number];
    class->defined = true;
    class->names_metaclass = list->names_metaclass;
    class->named_metaclass = list->metaclass;
    class->bases_known = true;
    for (size_t i = 0; i < list->bases.count; i++) {
        class_number base = list->bases.items[i].number;
        if (base == CLASS_UNKNOWN)
            class->bases_known = false;
        else if (!vector_push(&class->bases, base))
            resolver->no_memory = true;
    }
    class->bases_known &= !list->not_checked;
    struct class_facts facts = {
        .file = entry->path,
        .line = module_expression(&entry->module, call)->line,
        .bases = list->bases.items,
        .base_count = list->bases.count,
        .names_metaclass = list->names_metaclass,
        .named_metaclass = list->metaclass,
        .metaclass = CLASS_UNKNOWN,
        .layout = {.kind = LAYOUT_STATEMENT,
                   .has_slots = shape->has_slots,
                   .slots_unknown = shape->slots_unknown,
                   .slots = shape->slots,
                   .base = CLASS_UNKNOWN},
        .not_checked = list->not_checked,
    };
    if (!hierarchy_define(resolver->hierarchy, number, &facts))
        resolver->no_memory = true;
    base_list_free(list);
    return value_class(number);
}

/* The bases of type("X", (A, B), {}): a tuple that is written out. */
static bool add_bases_of(struct resolver *resolver, struct place_of_use place, expression_id id,
                         struct base_list *list)
{
    struct value value = id == NONE ? value_of_kind(VALUE_UNKNOWN) : evaluate(resolver, place, id);
    if (value.kind != VALUE_SEQUENCE)
        return false;
    const struct module *module = resolver_module(resolver, value.module);
    const struct expression bases = *module_expression(module, value.number);
    VECTOR(struct value) values = {0};
    VECTOR(const char *) texts = {0};
    bool plain = true;
    for (uint32_t i = 0; i < bases.count && plain; i++) {
        expression_id item = module_child(module, &bases, i);
        enum expression_kind kind = module_expression(module, item)->kind;
        struct value one = evaluate(resolver, value.place, item);
        plain = kind != EXPRESSION_STARRED && vector_push(&values, one) &&
                vector_push(&texts, module_text(module, module_expression(module, item)->text));
    }
    if (plain)
        base_list_from_values(resolver, values.items, texts.items, values.count, false, list);
    vector_free(&values);
    vector_free(&texts);
    return plain;
}

static const char *string_argument(struct resolver *resolver, struct place_of_use place,
                                   const struct expression *call, uint32_t position,
                                   const char *keyword)
{
    const struct module *module = resolver_module(resolver, place.module);
    expression_id id = call_value(module, call, position, keyword);
    struct value value = id == NONE ? value_of_kind(VALUE_UNKNOWN) : evaluate(resolver, place, id);
    return value.kind == VALUE_STRING ? value.text : NULL;
}

static struct value not_followed(struct resolver *resolver, const struct module *module,
                                 const struct expression *call)
{
    return value_unknown(resolver, "%s is worked out when the program runs",
                         module_text(module, call->text));
}

/* type.__new__ takes __module__ from the code that calls it: a __new__ of the metaclass's own. */
static const char *made_in(struct resolver *resolver, class_number metaclass)
{
    struct value new_method = class_attribute(resolver, metaclass, "__new__", 0);
    return new_method.kind == VALUE_FUNCTION
               ? modules_name_inside(resolver->modules->entries.items[new_method.module]->name)
               : NULL;
}

/* type(x), type("X", (A,), {}), Meta("X", (A,), {}), types.new_class("X", (A,)) */
static struct value call_metaclass(struct resolver *resolver, struct place_of_use place,
                                   expression_id id, class_number metaclass, bool new_class)
{
    const struct module *module = resolver_module(resolver, place.module);
    const struct expression call = *module_expression(module, id);
    uint32_t count = call_positional(module, &call);
    if (metaclass == CLASS_TYPE && count == 1 && !new_class) {
        struct value value = evaluate(resolver, place, module_child(module, &call, 1));
        class_number found =
            value.kind == VALUE_CLASS ? metaclass_of(resolver, value.number) : CLASS_UNKNOWN;
        return found == CLASS_UNKNOWN ? not_followed(resolver, module, &call) : value_class(found);
    }
    const char *name = string_argument(resolver, place, &call, 0, "name");
    struct base_list list = {.metaclass = metaclass, .names_metaclass = metaclass != CLASS_TYPE};
    expression_id bases = call_value(module, &call, 1, "bases");
    if (!name || (count < 3 && !new_class) ||
        (bases == NONE ? !new_class : !add_bases_of(resolver, place, bases, &list))) {
        base_list_free(&list);
        return not_followed(resolver, module, &call);
    }
    if (new_class && call_value(module, &call, 2, "kwds") != NONE)
        list.not_checked = "types.new_class() with keywords";
    expression_id body = new_class ? NONE : call_value(module, &call, 2, "dict");
    bool plain = body != NONE && module_expression(module, body)->kind == EXPRESSION_SEQUENCE;
    struct class_of_call shape = {.name = name,
                                  .module = new_class ? "types" : made_in(resolver, metaclass),
                                  .slots_unknown = !plain,
                                  .has_slots = !plain};
    for (uint32_t i = 0; plain && i < module_expression(module, body)->count; i++) {
        const struct expression *key =
            module_expression(module, module_child(module, module_expression(module, body), i));
        if (key->kind != EXPRESSION_STRING ||
            strcmp(module_text(module, key->text), "__slots__") == 0)
            shape.slots_unknown = shape.has_slots = true;
    }
    return make_class(resolver, place, id, &shape, &list);
}

static struct value call_special(struct resolver *resolver, struct place_of_use place,
                                 expression_id id, const struct value *callee);

/* Enum("Colour", "RED GREEN") makes a subclass; Colour("red") an object. */
static struct value call_class(struct resolver *resolver, struct place_of_use place,
                               expression_id id, class_number callee)
{
    const struct module *module = resolver_module(resolver, place.module);
    const struct expression call = *module_expression(module, id);
    if (derives(resolver, callee, CLASS_TYPE))
        return call_metaclass(resolver, place, id, callee, false);
    struct known_class known = resolver->classes.items[callee];
    if (known.origin == CLASS_FROM_STATEMENT) {
        const struct module_entry *entry = resolver->modules->entries.items[known.module];
        const char *text =
            module_text(&entry->module, entry->module.classes.items[known.index].name);
        struct value special = value_of_kind(VALUE_SPECIAL);
        special.number = special_for(entry->name, text);
        if (special.number == SPECIAL_ALIAS_MAKER)
            return call_special(resolver, place, id, &special);
    }
    class_number enum_type = known_class_named(resolver, "enum", "EnumMeta");
    class_number metaclass = metaclass_of(resolver, callee);
    if (metaclass != CLASS_UNKNOWN && enum_type != CLASS_UNKNOWN &&
        derives(resolver, metaclass, enum_type) && call_positional(module, &call) >= 2) {
        const char *name = string_argument(resolver, place, &call, 0, "value");
        struct base_list list = {.metaclass = CLASS_UNKNOWN};
        struct class_base base = {callee, NULL};
        if (!name || !vector_push(&list.bases, base) ||
            call_value(module, &call, NONE, "type") != NONE) {
            base_list_free(&list);
            return not_followed(resolver, module, &call);
        }
        return make_class(resolver, place, id, &(struct class_of_call){.name = name}, &list);
    }
    struct value value =
        value_unknown(resolver, "%s is an object that is made when the program runs",
                      module_text(module, call.text));
    if (metaclass == CLASS_TYPE)
        return value;
    return value_unknown(resolver, "%s: its metaclass decides what a call gives",
                         module_text(module, call.text));
}

static struct value single_base(struct resolver *resolver, struct place_of_use place,
                                expression_id id, const char *base, bool slots)
{
    const struct module *module = resolver_module(resolver, place.module);
    const struct expression call = *module_expression(module, id);
    const char *name = string_argument(resolver, place, &call, 0, "typename");
    struct base_list list = {.metaclass = CLASS_UNKNOWN};
    struct class_base entry = {known_class_named(resolver, "builtins", base), NULL};
    if (!name || !vector_push(&list.bases, entry)) {
        base_list_free(&list);
        return not_followed(resolver, module, &call);
    }
    struct class_of_call shape = {.name = name, .has_slots = slots};
    return make_class(resolver, place, id, &shape, &list);
}

/* TypedDict("T", {…}) */
static struct value make_typed_dict(struct resolver *resolver, struct place_of_use place,
                                    expression_id id, uint32_t defined_in)
{
    const struct module *module = resolver_module(resolver, place.module);
    const struct expression call = *module_expression(module, id);
    const char *name = string_argument(resolver, place, &call, 0, NULL);
    struct value metaclass = module_attribute(resolver, defined_in, "_TypedDictMeta");
    struct base_list list = {.names_metaclass = true,
                             .metaclass =
                                 metaclass.kind == VALUE_CLASS ? metaclass.number : CLASS_UNKNOWN};
    struct class_base entry = {known_class_named(resolver, "builtins", "dict"), NULL};
    if (!name || metaclass.kind != VALUE_CLASS || !vector_push(&list.bases, entry)) {
        base_list_free(&list);
        return not_followed(resolver, module, &call);
    }
    struct value value =
        make_class(resolver, place, id, &(struct class_of_call){.name = name}, &list);
    if (value.kind == VALUE_CLASS)
        resolver->classes.items[value.number].typed_dict = true;
    return value;
}

static struct value make_dataclass(struct resolver *resolver, struct place_of_use place,
                                   expression_id id)
{
    const struct module *module = resolver_module(resolver, place.module);
    const struct expression call = *module_expression(module, id);
    const char *name = string_argument(resolver, place, &call, 0, "cls_name");
    struct base_list list = {.metaclass = CLASS_UNKNOWN};
    expression_id bases = call_value(module, &call, NONE, "bases");
    if (!name || (bases != NONE && !add_bases_of(resolver, place, bases, &list))) {
        base_list_free(&list);
        return not_followed(resolver, module, &call);
    }
    bool slots = call_value(module, &call, NONE, "slots") != NONE;
    struct class_of_call shape = {.name = name, .has_slots = slots, .slots_unknown = slots};
    return make_class(resolver, place, id, &shape, &list);
}

static struct value make_stand_in(struct resolver *resolver, struct place_of_use place,
                                  const struct expression *call)
{
    const struct module *module = resolver_module(resolver, place.module);
    struct stand_in stand_in = {0};
    bool plain = call->count > 1;
    for (uint32_t i = 1; plain && i < call->count; i++) {
        expression_id id = module_child(module, call, i);
        enum expression_kind kind = module_expression(module, id)->kind;
        plain = kind != EXPRESSION_STARRED && kind != EXPRESSION_DOUBLE_STARRED &&
                kind != EXPRESSION_KEYWORD;
        if (!plain)
            break;
        struct value value = evaluate(resolver, place, id);
        const char *text = module_text(module, module_expression(module, id)->text);
        if (i == 1)
            stand_in.metaclass = value;
        else
            plain = vector_push(&stand_in.bases, value) && vector_push(&stand_in.texts, text);
    }
    if (!plain || !vector_push(&resolver->stand_ins, stand_in)) {
        vector_free(&stand_in.bases);
        vector_free(&stand_in.texts);
        return not_followed(resolver, module, call);
    }
    struct value value = value_of_kind(VALUE_STAND_IN);
    value.number = (uint32_t)(resolver->stand_ins.count - 1);
    value.module = place.module;
    return value;
}

/* SQLAlchemy's older way: a class named Base with a metaclass of theirs. */
static struct value make_declarative_base(struct resolver *resolver, struct place_of_use place,
                                          expression_id id, uint32_t defined_in)
{
    const struct module *module = resolver_module(resolver, place.module);
    const struct expression call = *module_expression(module, id);
    static const char *const deciding[] = {"cls", "metaclass", "name"};
    struct value metaclass = module_attribute(resolver, defined_in, "DeclarativeMeta");
    bool plain = metaclass.kind == VALUE_CLASS && call_positional(module, &call) == 0;
    for (size_t i = 0; i < 3; i++)
        plain &= call_value(module, &call, NONE, deciding[i]) == NONE;
    if (!plain)
        return not_followed(resolver, module, &call);
    struct base_list list = {.names_metaclass = true, .metaclass = metaclass.number};
    struct class_of_call shape = {.name = "Base",
                                  .module = resolver->modules->entries.items[defined_in]->name};
    return make_class(resolver, place, id, &shape, &list);
}

/* Django: class Manager(BaseManager.from_queryset(QuerySet)). */
static struct value make_manager(struct resolver *resolver, struct place_of_use place,
                                 expression_id id)
{
    const struct module *module = resolver_module(resolver, place.module);
    const struct expression call = *module_expression(module, id);
    const struct expression head = *module_expression(module, module_child(module, &call, 0));
    if (head.kind != EXPRESSION_ATTRIBUTE || call_positional(module, &call) != 1)
        return not_followed(resolver, module, &call);
    struct value manager = evaluate(resolver, place, module_child(module, &head, 0));
    struct value queries = evaluate(resolver, place, module_child(module, &call, 1));
    struct base_list list = {.metaclass = CLASS_UNKNOWN};
    struct class_base base = {manager.number, NULL};
    if (manager.kind != VALUE_CLASS || queries.kind != VALUE_CLASS ||
        !vector_push(&list.bases, base))
        return not_followed(resolver, module, &call);
    char *name = text_format("%sFrom%s", class_short_name(resolver->hierarchy, manager.number),
                             class_short_name(resolver->hierarchy, queries.number));
    struct class_of_call shape = {.name = resolver_keep(resolver, name),
                                  .module = "django.db.models.manager"};
    return make_class(resolver, place, id, &shape, &list);
}

static struct value call_getattr(struct resolver *resolver, struct place_of_use place,
                                 const struct expression *call, bool ask)
{
    const struct module *module = resolver_module(resolver, place.module);
    const char *name = string_argument(resolver, place, call, 1, NULL);
    if (!name)
        return not_followed(resolver, module, call);
    struct value object = evaluate(resolver, place, module_child(module, call, 1));
    struct value value = value_attribute(resolver, &object, name);
    bool certain = object.kind == VALUE_MODULE;
    if (ask) {
        if (certain && value.kind == VALUE_UNBOUND)
            return value_of_kind(VALUE_FALSE);
        if (certain && value.kind != VALUE_UNKNOWN)
            return value_of_kind(VALUE_TRUE);
        return not_followed(resolver, module, call);
    }
    expression_id otherwise = call_value(module, call, 2, NULL);
    if (value.kind == VALUE_UNBOUND && certain && otherwise != NONE)
        return evaluate(resolver, place, otherwise);
    return value;
}

static struct value call_special(struct resolver *resolver, struct place_of_use place,
                                 expression_id id, const struct value *callee)
{
    const struct module *module = resolver_module(resolver, place.module);
    const struct expression call = *module_expression(module, id);
    expression_id first = call_value(module, &call, 0, NULL);
    struct value value;
    const char *name;
    switch ((enum special)callee->number) {
    case SPECIAL_NAMEDTUPLE:
    case SPECIAL_NAMED_TUPLE:
        return single_base(resolver, place, id, "tuple", true);
    case SPECIAL_TYPED_DICT:
        return make_typed_dict(resolver, place, id, callee->module);
    case SPECIAL_CAST:
        first = call_value(module, &call, 1, "val");
        return first == NONE ? not_followed(resolver, module, &call)
                             : evaluate(resolver, place, first);
    case SPECIAL_NEW_CLASS:
        return call_metaclass(resolver, place, id, CLASS_TYPE, true);
    case SPECIAL_MAKE_DATACLASS:
        return make_dataclass(resolver, place, id);
    case SPECIAL_WITH_METACLASS:
        return make_stand_in(resolver, place, &call);
    case SPECIAL_FROM_QUERYSET:
        return make_manager(resolver, place, id);
    case SPECIAL_DECLARATIVE_BASE:
        return make_declarative_base(resolver, place, id, callee->module);
    case SPECIAL_IMPORT_MODULE:
        name = string_argument(resolver, place, &call, 0, "name");
        uint32_t number = name && *name != '.' ? modules_find(resolver->modules, place.module, name)
                                               : MODULES_NONE;
        value = value_of_kind(VALUE_MODULE);
        value.number = number;
        return number == MODULES_NONE ? not_followed(resolver, module, &call) : value;
    case SPECIAL_ALIAS_MAKER:
        value = first == NONE ? value_of_kind(VALUE_UNKNOWN) : evaluate(resolver, place, first);
        if (value.kind != VALUE_CLASS)
            return not_followed(resolver, module, &call);
        value.kind = VALUE_ALIAS;
        value.named = true;
        return value;
    case SPECIAL_GETATTR:
    case SPECIAL_HASATTR:
        return call_getattr(resolver, place, &call, callee->number == SPECIAL_HASATTR);
    default:
        return not_followed(resolver, module, &call);
    }
}

/* sys.platform.startswith("win") and the like. */
static bool call_of_text(struct resolver *resolver, struct place_of_use place,
                         const struct expression *call, struct value *result)
{
    const struct module *module = resolver_module(resolver, place.module);
    const struct expression head = *module_expression(module, module_child(module, call, 0));
    if (head.kind != EXPRESSION_ATTRIBUTE)
        return false;
    const char *method = module_text(module, head.text);
    if (strcmp(method, "startswith") != 0)
        return false;
    struct value object = evaluate(resolver, place, module_child(module, &head, 0));
    const char *prefix = string_argument(resolver, place, call, 0, NULL);
    if (object.kind != VALUE_STRING || !prefix)
        return false;
    bool yes = strncmp(object.text, prefix, strlen(prefix)) == 0;
    *result = value_of_kind(yes ? VALUE_TRUE : VALUE_FALSE);
    return true;
}

static struct value call_function(struct resolver *resolver, struct place_of_use place,
                                  expression_id id, const struct value *callee)
{
    const struct module *source = resolver_module(resolver, callee->module);
    const struct expression call = *module_expression(resolver_module(resolver, place.module), id);
    const char *name = module_text(source, source->scopes.items[callee->number].name);
    const char *module_name = resolver->modules->entries.items[callee->module]->name;
    if (strcmp(module_name, "platform") == 0 && strcmp(name, "python_implementation") == 0) {
        struct value value = value_of_kind(VALUE_STRING);
        value.text = "CPython";
        return value;
    }
    if (is_with_metaclass(resolver, callee))
        return make_stand_in(resolver, place, &call);
    return function_result(resolver, callee, place, &call);
}

void resolver_make_called(struct resolver *resolver, uint32_t number)
{
    const struct module *module = resolver_module(resolver, number);
    for (uint32_t i = 0; i < module->events.count; i++) {
        const struct event *event = &module->events.items[i];
        if (event->kind != EVENT_ASSIGN)
            continue;
        const struct expression *call = module_expression(module, event->index);
        const struct block *block = &module->blocks.items[event->block];
        if (call->kind != EXPRESSION_CALL || call->count < 2 ||
            module->scopes.items[block->scope].kind == SCOPE_FUNCTION)
            continue;
        enum expression_kind first = module_expression(module, module_child(module, call, 1))->kind;
        if (first == EXPRESSION_STRING)
            lookup_event(resolver, number, i);
    }
}

struct value evaluate_call(struct resolver *resolver, struct place_of_use place, expression_id id)
{
    const struct module *module = resolver_module(resolver, place.module);
    const struct expression call = *module_expression(module, id);
    uint64_t key = ((uint64_t)(place.module + 1) << 35) | ((uint64_t)id << 3) | 1;
    uint32_t made = address_map_get(&resolver->made_by_call, key);
    if (made != ADDRESS_MAP_ABSENT)
        return value_class(made);
    struct value result;
    if (call_of_text(resolver, place, &call, &result))
        return result;
    struct value callee = evaluate(resolver, place, module_child(module, &call, 0));
    switch (callee.kind) {
    case VALUE_CLASS:
        return call_class(resolver, place, id, callee.number);
    case VALUE_SPECIAL:
        return call_special(resolver, place, id, &callee);
    case VALUE_FUNCTION:
        return call_function(resolver, place, id, &callee);
    default:
        return not_followed(resolver, module, &call);
    }
}
