/* The __slots__ that decorators make of the fields of a class: those that no class above has. */
#include "audit/resolver_internal.h"

#include <string.h>

#define MOST_ANCESTORS 1000

typedef VECTOR(const char *) name_list;

/* What is known of fields and slots, of a class and of those above it. */
struct slot_search {
    struct resolver *resolver;
    name_list wanted;  /* fields that are for certain, and become slots unless they are above */
    name_list above;   /* slots of classes above, perhaps */
    bool unsure;       /* there may be more fields … */
    bool unsure_above; /* … or slots above */
};

static void add(struct slot_search *search, name_list *names, const char *name)
{
    if (!vector_push(names, name))
        search->resolver->no_memory = true;
}

static bool has(const name_list *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i], name) == 0)
            return true;
    }
    return false;
}

/* Whether a class has names that attr.ib() makes and that have no type. */
static bool has_made_alone(const struct module *module, uint32_t index)
{
    const struct class_statement *statement = &module->classes.items[index];
    for (uint32_t i = statement->first_field; i < statement->end_field; i++) {
        const struct field *field = &module->fields.items[i];
        if (field->class_index == index && field->made && !field->annotated)
            return true;
    }
    return false;
}

/* Whether the decorator takes a name for a field (attr/_make.py: _transform_attrs;
 * attr/_next_gen.py: define). */
static bool is_taken(const struct field *field, const struct decorated *decorated, bool made_alone)
{
    if (decorated->fields == FIELDS_DATACLASS)
        return field->annotated;
    bool by_type = decorated->auto_attribs == TRUTH_YES ||
                   (decorated->auto_attribs == TRUTH_UNKNOWN && !made_alone);
    return field->made || (by_type && field->annotated);
}

/* Calls of a class's fields: those that are certain go into `sure`, all of them into `all`. */
static void take_fields(struct slot_search *search, uint32_t module, uint32_t index,
                        const struct decorated *decorated, name_list *sure, name_list *all)
{
    const struct module *source = resolver_module(search->resolver, module);
    const struct class_statement *statement = &source->classes.items[index];
    bool made_alone = has_made_alone(source, index);
    for (uint32_t i = statement->first_field; i < statement->end_field; i++) {
        const struct field *field = &source->fields.items[i];
        if (field->class_index != index || !is_taken(field, decorated, made_alone))
            continue;
        bool certain = field->sure || (field->made && decorated->fields == FIELDS_ATTRS);
        const char *name = module_text(source, field->name);
        if (sure && certain)
            add(search, sure, name);
        else if (sure)
            search->unsure = true;
        if (all)
            add(search, all, name);
    }
}

/* The names of __slots__ that a class above writes out. */
static void take_written(struct slot_search *search, uint32_t module, uint32_t event)
{
    const struct module *source = resolver_module(search->resolver, module);
    const struct event *found = &source->events.items[event];
    const struct expression *list =
        found->kind == EVENT_ASSIGN ? module_expression(source, found->index) : NULL;
    if (list && list->kind == EXPRESSION_STRING) {
        add(search, &search->above, module_text(source, list->text));
        return;
    }
    if (!list || list->kind != EXPRESSION_SEQUENCE) {
        search->unsure_above = true;
        return;
    }
    for (uint32_t i = 0; i < list->count; i++) {
        const struct expression *one = module_expression(source, module_child(source, list, i));
        if (one->kind == EXPRESSION_STRING)
            add(search, &search->above, module_text(source, one->text));
        else
            search->unsure_above = true;
    }
}

/* What a class above has: slots, or fields that a dataclass makes slots of further down. */
static void look_above(struct slot_search *search, class_number number, bool dataclass)
{
    struct resolver *resolver = search->resolver;
    const struct known_class class = resolver->classes.items[number];
    search->unsure_above |= !class.bases_known || class.origin == CLASS_FROM_CALL;
    if (class.origin != CLASS_FROM_STATEMENT)
        return;
    const struct module *module = resolver_module(resolver, class.module);
    const struct class_statement statement = module->classes.items[class.index];
    struct decorated decorated = class_decorations(resolver, class.module, &statement);
    uint32_t slots = class_own_event(module, &statement, "__slots__");
    if (slots != NONE)
        take_written(search, class.module, slots);
    if (decorated.slots)
        take_fields(search, class.module, class.index, &decorated, NULL, &search->above);
    else if (dataclass && decorated.fields == FIELDS_DATACLASS && slots == NONE)
        take_fields(search, class.module, class.index, &decorated, &search->wanted, NULL);
}

static void look_at_all_above(struct slot_search *search, const struct class_facts *facts,
                              bool dataclass)
{
    struct resolver *resolver = search->resolver;
    class_numbers left = {0};
    bool room = true;
    for (size_t i = 0; i < facts->base_count; i++)
        room &= vector_push(&left, facts->bases[i].number);
    for (unsigned steps = 0; left.count && room; steps++) {
        class_number number = left.items[--left.count];
        if (steps > MOST_ANCESTORS || number >= resolver->classes.count) {
            search->unsure_above = true;
            break;
        }
        look_above(search, number, dataclass);
        const struct known_class *class = &resolver->classes.items[number];
        for (size_t i = 0; i < class->bases.count; i++)
            room &= vector_push(&left, class->bases.items[i]);
    }
    search->unsure_above |= !room;
    vector_free(&left);
}

void slots_make(struct resolver *resolver, uint32_t module, uint32_t index,
                const struct decorated *decorated, struct class_facts *facts)
{
    struct slot_search search = {.resolver = resolver, .unsure = decorated->more_fields};
    struct class_layout *layout = &facts->layout;
    take_fields(&search, module, index, decorated, &search.wanted, NULL);
    look_at_all_above(&search, facts, decorated->fields == FIELDS_DATACLASS);
    bool some = false;
    for (size_t i = 0; i < search.wanted.count && !some; i++)
        some = !has(&search.above, search.wanted.items[i]);
    bool known = some ? !search.unsure_above
                      : !search.unsure && (!search.wanted.count || !search.unsure_above);
    layout->has_slots = true;
    layout->slots += some && known;
    layout->slots_unknown |= !known;
    vector_free(&search.wanted);
    vector_free(&search.above);
}
