/* Tests of if statements, as far as they are known beforehand. */
#include "audit/resolver_internal.h"

#include <string.h>

enum truth truth_of(const struct value *value)
{
    switch (value->kind) {
    case VALUE_TRUE:
    case VALUE_CLASS:
    case VALUE_MODULE:
    case VALUE_FUNCTION:
    case VALUE_SPECIAL:
    case VALUE_VERSION:
        return TRUTH_YES;
    case VALUE_FALSE:
    case VALUE_NONE:
        return TRUTH_NO;
    case VALUE_INTEGER:
        return value->number ? TRUTH_YES : TRUTH_NO;
    case VALUE_STRING:
        return *value->text ? TRUTH_YES : TRUTH_NO;
    default:
        return TRUTH_UNKNOWN;
    }
}

enum truth decide(struct resolver *resolver, struct place_of_use place, expression_id test)
{
    struct value value = evaluate(resolver, place, test);
    return truth_of(&value);
}

static struct value from_truth(bool truth)
{
    return value_of_kind(truth ? VALUE_TRUE : VALUE_FALSE);
}

#define VERSION_PARTS 3

/* The numbers of a tuple; 0: it is none. */
static unsigned numbers_of(struct resolver *resolver, const struct value *value,
                           int numbers[VERSION_PARTS])
{
    const struct module *module = resolver_module(resolver, value->module);
    if (value->kind != VALUE_SEQUENCE)
        return 0;
    const struct expression *list = module_expression(module, value->number);
    unsigned count = 0;
    for (uint32_t i = 0; i < list->count && i < VERSION_PARTS; i++) {
        const struct expression *item = module_expression(module, module_child(module, list, i));
        if (item->kind != EXPRESSION_INTEGER)
            return i; /* (3, 11, 0, "final") */
        numbers[count++] = item->number;
    }
    return count;
}

static bool holds(const char *sign, int order)
{
    if (strcmp(sign, "<") == 0)
        return order < 0;
    if (strcmp(sign, "<=") == 0)
        return order <= 0;
    if (strcmp(sign, ">") == 0)
        return order > 0;
    if (strcmp(sign, ">=") == 0)
        return order >= 0;
    return (strcmp(sign, "==") == 0 || strcmp(sign, "is") == 0) ? order == 0 : order != 0;
}

/* sys.version_info against a tuple: the patch level is not known, but rarely matters. */
static struct value compare_version(struct resolver *resolver, unsigned parts, const char *sign,
                                    const struct value *right)
{
    int wanted[VERSION_PARTS] = {0}, have[] = {3, (int)resolver->minor};
    unsigned count = numbers_of(resolver, right, wanted);
    unsigned own = parts && parts < 2 ? parts : 2;
    for (unsigned i = 0; i < count && i < own; i++) {
        if (have[i] != wanted[i])
            return from_truth(holds(sign, have[i] - wanted[i]));
    }
    if (count == 0)
        return value_unknown(resolver, "a test of the version that is not understood");
    if (parts && parts <= 2) /* a cut tuple: what is longer is greater */
        return from_truth(holds(sign, (int)parts - (int)count));
    if (count <= 2) /* the whole version is longer, so greater */
        return from_truth(holds(sign, 1));
    if (wanted[2] == 0 && (*sign == '>' || *sign == '<'))
        return from_truth(*sign == '>');
    return value_unknown(resolver, "a test of the patch version");
}

static struct value compare_words(struct resolver *resolver, const char *sign,
                                  const struct value *left, const struct value *right)
{
    if (left->kind == VALUE_STRING && right->kind == VALUE_STRING)
        return from_truth(holds(sign, strcmp(left->text, right->text)));
    if (left->kind == VALUE_INTEGER && right->kind == VALUE_INTEGER)
        return from_truth(holds(sign, (int)left->number - (int)right->number));
    bool equal = strcmp(sign, "is") == 0 || strcmp(sign, "==") == 0;
    bool different = strcmp(sign, "is not") == 0 || strcmp(sign, "!=") == 0;
    bool known = truth_of(left) != TRUTH_UNKNOWN && truth_of(right) != TRUTH_UNKNOWN;
    if ((equal || different) && known && left->kind != VALUE_STRING)
        return from_truth(value_same(left, right) == equal);
    return value_unknown(resolver, "a comparison that is decided when the program runs");
}

static struct value membership(struct resolver *resolver, const struct value *left,
                               const struct value *right, bool wanted)
{
    struct value unknown =
        value_unknown(resolver, "a comparison that is decided when the program runs");
    if (left->kind != VALUE_STRING)
        return unknown;
    if (right->kind == VALUE_STRING)
        return from_truth((strstr(right->text, left->text) != NULL) == wanted);
    if (right->kind == VALUE_BUILTIN_NAMES)
        return from_truth((text_map_get(&resolver->modules->builtins.modules, left->text) !=
                           TEXT_MAP_ABSENT) == wanted);
    if (right->kind != VALUE_SEQUENCE)
        return unknown;
    const struct module *module = resolver_module(resolver, right->module);
    const struct expression *list = module_expression(module, right->number);
    for (uint32_t i = 0; i < list->count; i++) {
        const struct expression *item = module_expression(module, module_child(module, list, i));
        if (item->kind != EXPRESSION_STRING)
            return unknown;
        if (strcmp(module_text(module, item->text), left->text) == 0)
            return from_truth(wanted);
    }
    return from_truth(!wanted);
}

struct value compare(struct resolver *resolver, struct place_of_use place,
                     const struct expression *expression)
{
    const struct module *module = resolver_module(resolver, place.module);
    const char *sign = module_text(module, expression->text);
    expression_id sides[] = {module_child(module, expression, 0),
                             module_child(module, expression, 1)};
    struct value left = evaluate(resolver, place, sides[0]);
    struct value right = evaluate(resolver, place, sides[1]);
    if (left.kind == VALUE_VERSION)
        return compare_version(resolver, left.number, sign, &right);
    if (strcmp(sign, "in") == 0)
        return membership(resolver, &left, &right, true);
    if (strcmp(sign, "not in") == 0)
        return membership(resolver, &left, &right, false);
    return compare_words(resolver, sign, &left, &right);
}
