/* grammar.h: the kinds of nodes and the fields of the Python grammar that the scan looks at, as
 * numbers. */
#ifndef STETH_AUDIT_GRAMMAR_H
#define STETH_AUDIT_GRAMMAR_H

#include <tree_sitter.h>

#define NODE_KINDS(X)                                                                              \
    X(argument_list)                                                                               \
    X(as_pattern)                                                                                  \
    X(as_pattern_target)                                                                           \
    X(assignment)                                                                                  \
    X(attribute)                                                                                   \
    X(augmented_assignment)                                                                        \
    X(await)                                                                                       \
    X(binary_operator)                                                                             \
    X(block)                                                                                       \
    X(boolean_operator)                                                                            \
    X(break_statement)                                                                             \
    X(call)                                                                                        \
    X(case_clause)                                                                                 \
    X(class_definition)                                                                            \
    X(comment)                                                                                     \
    X(comparison_operator)                                                                         \
    X(conditional_expression)                                                                      \
    X(continue_statement)                                                                          \
    X(decorated_definition)                                                                        \
    X(decorator)                                                                                   \
    X(default_parameter)                                                                           \
    X(delete_statement)                                                                            \
    X(dictionary)                                                                                  \
    X(dictionary_splat)                                                                            \
    X(dictionary_splat_pattern)                                                                    \
    X(elif_clause)                                                                                 \
    X(else_clause)                                                                                 \
    X(except_clause)                                                                               \
    X(expression_list)                                                                             \
    X(expression_statement)                                                                        \
    X(for_in_clause)                                                                               \
    X(generator_expression)                                                                        \
    X(list_comprehension)                                                                          \
    X(set_comprehension)                                                                           \
    X(finally_clause)                                                                              \
    X(for_statement)                                                                               \
    X(function_definition)                                                                         \
    X(future_import_statement)                                                                     \
    X(global_statement)                                                                            \
    X(identifier)                                                                                  \
    X(if_statement)                                                                                \
    X(import_from_statement)                                                                       \
    X(import_statement)                                                                            \
    X(integer)                                                                                     \
    X(keyword_argument)                                                                            \
    X(list)                                                                                        \
    X(list_pattern)                                                                                \
    X(list_splat)                                                                                  \
    X(list_splat_pattern)                                                                          \
    X(match_statement)                                                                             \
    X(module)                                                                                      \
    X(named_expression)                                                                            \
    X(none)                                                                                        \
    X(nonlocal_statement)                                                                          \
    X(not_operator)                                                                                \
    X(pair)                                                                                        \
    X(parenthesized_expression)                                                                    \
    X(pattern_list)                                                                                \
    X(raise_statement)                                                                             \
    X(return_statement)                                                                            \
    X(set)                                                                                         \
    X(string)                                                                                      \
    X(string_content)                                                                              \
    X(interpolation)                                                                               \
    X(subscript)                                                                                   \
    X(try_statement)                                                                               \
    X(tuple)                                                                                       \
    X(tuple_pattern)                                                                               \
    X(type)                                                                                        \
    X(type_alias_statement)                                                                        \
    X(typed_default_parameter)                                                                     \
    X(typed_parameter)                                                                             \
    X(wildcard_import)                                                                             \
    X(while_statement)                                                                             \
    X(with_clause)                                                                                 \
    X(with_item)                                                                                   \
    X(with_statement)                                                                              \
    X(yield)

#define NODE_FIELDS(X)                                                                             \
    X(alias)                                                                                       \
    X(alternative)                                                                                 \
    X(argument)                                                                                    \
    X(arguments)                                                                                   \
    X(attribute)                                                                                   \
    X(body)                                                                                        \
    X(condition)                                                                                   \
    X(consequence)                                                                                 \
    X(definition)                                                                                  \
    X(function)                                                                                    \
    X(key)                                                                                         \
    X(left)                                                                                        \
    X(module_name)                                                                                 \
    X(name)                                                                                        \
    X(object)                                                                                      \
    X(operator)                                                                                    \
    X(operators)                                                                                   \
    X(parameters)                                                                                  \
    X(right)                                                                                       \
    X(subscript)                                                                                   \
    X(superclasses)                                                                                \
    X(type)                                                                                        \
    X(type_parameters)                                                                             \
    X(value)

enum node_kind {
    NODE_OTHER,
#define X(name) NODE_##name,
    NODE_KINDS(X)
#undef X
        NODE_TRUE,
    NODE_FALSE,
};

struct grammar {
    uint8_t *kinds; /* by TSSymbol */
    uint32_t count;
    struct {
#define X(name) TSFieldId name;
        NODE_FIELDS(X)
#undef X
    } field;
};

/* False: no memory. Release with grammar_free. */
bool grammar_read(struct grammar *grammar, const TSLanguage *language);
void grammar_free(struct grammar *grammar);

static inline enum node_kind node_kind(const struct grammar *grammar, TSNode node)
{
    TSSymbol symbol = ts_node_symbol(node);
    return symbol < grammar->count ? (enum node_kind)grammar->kinds[symbol] : NODE_OTHER;
}

#endif
