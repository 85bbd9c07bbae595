/* Values: how they are made and compared. */
#include "audit/resolver_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *resolver_keep(struct resolver *resolver, char *text)
{
    if (text && vector_push(&resolver->texts, text))
        return text;
    free(text);
    resolver->no_memory = true;
    return "there is no memory";
}

struct value value_of_kind(enum value_kind kind)
{
    return (struct value){.kind = kind};
}

struct value value_class(class_number number)
{
    return (struct value){.kind = VALUE_CLASS, .number = number};
}

struct value value_unknown(struct resolver *resolver, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    va_end(arguments);
    struct value value = value_of_kind(VALUE_UNKNOWN);
    value.text = resolver_keep(resolver, text);
    return value;
}

bool value_same(const struct value *a, const struct value *b)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case VALUE_UNKNOWN:
    case VALUE_UNBOUND:
    case VALUE_OBJECT:
    case VALUE_TRUE:
    case VALUE_FALSE:
    case VALUE_NONE:
    case VALUE_VERSION:
    case VALUE_BUILTIN_NAMES:
        return true;
    case VALUE_STRING:
        return strcmp(a->text, b->text) == 0;
    case VALUE_CLASS:
    case VALUE_MODULE:
    case VALUE_INTEGER:
        return a->number == b->number;
    case VALUE_ALIAS:
        return a->number == b->number && a->named == b->named;
    default:
        return a->module == b->module && a->number == b->number;
    }
}
