/* Functions and classes whose meaning their source does not show. */
#include "audit/resolver_internal.h"

#include <string.h>

static const struct {
    const char *module, *name; /* "Class.name" within a class */
    enum special special;
} specials[] = {
    {"typing", "NamedTuple", SPECIAL_NAMED_TUPLE},
    {"typing_extensions", "NamedTuple", SPECIAL_NAMED_TUPLE},
    {"typing", "TypedDict", SPECIAL_TYPED_DICT},
    {"typing_extensions", "TypedDict", SPECIAL_TYPED_DICT},
    {"typing", "cast", SPECIAL_CAST},
    {"typing", "final", SPECIAL_IDENTITY},
    {"typing", "runtime_checkable", SPECIAL_IDENTITY},
    {"typing", "no_type_check", SPECIAL_IDENTITY},
    {"typing", "dataclass_transform", SPECIAL_IDENTITY_MAKER},
    {"typing", "_alias", SPECIAL_ALIAS_MAKER},
    {"typing", "_SpecialGenericAlias", SPECIAL_ALIAS_MAKER},
    {"typing", "_DeprecatedGenericAlias", SPECIAL_ALIAS_MAKER},
    {"typing", "_TupleType", SPECIAL_ALIAS_MAKER},
    {"typing", "_CallableType", SPECIAL_ALIAS_MAKER},
    {"typing", "_VariadicGenericAlias", SPECIAL_ALIAS_MAKER},
    {"typing_extensions", "final", SPECIAL_IDENTITY},
    {"typing_extensions", "runtime_checkable", SPECIAL_IDENTITY},
    {"typing_extensions", "runtime", SPECIAL_IDENTITY},
    {"typing_extensions", "deprecated", SPECIAL_IDENTITY_MAKER},
    {"typing_extensions", "dataclass_transform", SPECIAL_IDENTITY_MAKER},
    {"warnings", "deprecated", SPECIAL_IDENTITY_MAKER},
    {"_py_warnings", "deprecated", SPECIAL_IDENTITY_MAKER},
    {"collections", "namedtuple", SPECIAL_NAMEDTUPLE},
    {"types", "new_class", SPECIAL_NEW_CLASS},
    {"dataclasses", "dataclass", SPECIAL_DATACLASS},
    {"dataclasses", "make_dataclass", SPECIAL_MAKE_DATACLASS},
    {"enum", "_simple_enum", SPECIAL_SIMPLE_ENUM},
    {"enum", "unique", SPECIAL_IDENTITY},
    {"enum", "global_enum", SPECIAL_IDENTITY},
    {"enum", "verify", SPECIAL_IDENTITY_MAKER},
    {"functools", "total_ordering", SPECIAL_IDENTITY},
    {"importlib", "import_module", SPECIAL_IMPORT_MODULE},
    {"attr._make", "attrs", SPECIAL_ATTRS_CLASSIC},
    {"attr._next_gen", "define", SPECIAL_ATTRS},
    {"attr._next_gen", "mutable", SPECIAL_ATTRS},
    {"attr._next_gen", "frozen", SPECIAL_ATTRS},
    {"attr", "dataclass", SPECIAL_ATTRS_TYPED},
    {"attr", "s", SPECIAL_ATTRS_CLASSIC},
    {"attr", "attrs", SPECIAL_ATTRS_CLASSIC},
    {"attr", "attributes", SPECIAL_ATTRS_CLASSIC},
    {"zope.interface.declarations", "implementer", SPECIAL_IDENTITY_MAKER},
    {"zope.interface.declarations", "implementer_only", SPECIAL_IDENTITY_MAKER},
    {"zope.interface.declarations", "provider", SPECIAL_IDENTITY_MAKER},
    {"sqlalchemy.testing.config", "mark_base_test_class", SPECIAL_IDENTITY_MAKER},
    {"django.db.models.query_utils", "RegisterLookupMixin.register_lookup", SPECIAL_IDENTITY},
    {"django.db.models.manager", "BaseManager.from_queryset", SPECIAL_FROM_QUERYSET},
    {"sqlalchemy.orm.decl_api", "declarative_base", SPECIAL_DECLARATIVE_BASE},
};

/* six lives in many packages under many names. */
static bool is_six(const char *module)
{
    size_t length = strlen(module);
    return strcmp(module, "six") == 0 || (length > 4 && strcmp(module + length - 4, ".six") == 0);
}

enum special special_for(const char *module, const char *name)
{
    for (size_t i = 0; i < sizeof specials / sizeof *specials; i++) {
        if (strcmp(specials[i].name, name) == 0 && strcmp(specials[i].module, module) == 0)
            return specials[i].special;
    }
    if (strcmp(name, "with_metaclass") == 0 && is_six(module))
        return SPECIAL_WITH_METACLASS;
    if (strcmp(name, "add_metaclass") == 0 && is_six(module))
        return SPECIAL_ADD_METACLASS;
    if (strcmp(name, "python_2_unicode_compatible") == 0 && is_six(module))
        return SPECIAL_IDENTITY;
    return SPECIAL_NONE;
}
