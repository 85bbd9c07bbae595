/* Fields of classes, as dataclasses and attrs see them. */
#include <string.h>

#include "audit/scan_internal.h"

/* ClassVar and InitVar, whatever their names are, and KW_ONLY are none to dataclasses and attrs. */
static bool is_field(struct slice type)
{
    return !memmem(type.start, type.size, "Var", 3) && !memmem(type.start, type.size, "ONLY", 4) &&
           !memmem(type.start, type.size, "CV", 2);
}

/* attr.ib(…), field(…) */
static bool makes_field(struct slice value)
{
    static const char *const makers[] = {"attr.ib",     "attr.attrib",  "attr.field",
                                         "attrs.field", "attrs.attrib", "attrib",
                                         "ib",          "field",        NULL};
    const char *end = memchr(value.start, '(', value.size);
    return end && slice_among((struct slice){value.start, (size_t)(end - value.start)}, makers);
}

void scan_may_be_field(struct scan *scan, struct slice name, struct slice type, struct slice value)
{
    struct module *module = scan->module;
    const struct scope *scope = &module->scopes.items[scan->scope];
    struct field field = {.class_index = scope->class_index,
                          .annotated = type.size,
                          .sure = type.size && is_field(type),
                          .made = makes_field(value)};
    if (scope->kind != SCOPE_CLASS || !(field.annotated || field.made))
        return;
    field.name = module_intern(module, name.start, name.size);
    if (field.name == NONE || !vector_push(&module->fields, field))
        module->no_memory = true;
}

void scan_field(struct scan *scan, struct slice name, bool annotated, unsigned line)
{
    struct module *module = scan->module;
    struct slice type = {name.start + name.size,
                         annotated ? strcspn(name.start, "\n") - name.size : 0};
    const char *sign = type.start + strcspn(type.start, "=\n");
    struct slice value = {sign, 0};
    if (*sign == '=') {
        value.start += 1 + strspn(sign + 1, " \t");
        value.size = strcspn(value.start, "\n");
    }
    scan_may_be_field(scan, name, type, value);
    scan_bind_at(scan, module_intern(module, name.start, name.size),
                 (struct event){.kind = EVENT_OPAQUE, .why = "a field's value is not followed"},
                 line);
}
