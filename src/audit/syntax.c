#include "audit/syntax.h"

/* The grammar has its fields in the order of their names; tree-sitter's own search goes through
 * them one by one. */
TSNode node_field(TSNode node, const char *name)
{
    const TSLanguage *language = ts_node_language(node);
    uint32_t low = 1, high = ts_language_field_count(language) + 1;
    while (low < high) {
        TSFieldId middle = (TSFieldId)(low + (high - low) / 2);
        int order = strcmp(name, ts_language_field_name_for_id(language, middle));
        if (order == 0)
            return ts_node_child_by_field_id(node, middle);
        if (order < 0)
            high = middle;
        else
            low = middle + 1U;
    }
    return (TSNode){0};
}
