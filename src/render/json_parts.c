#include "render/json_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "render/place.h"
#include "render/utf8.h"

json_t *value_text(const char *text)
{
    if (!text)
        return json_null();
    _cleanup_free_ char *valid = utf8_valid(text);
    return valid ? json_string_nocheck(valid) : NULL;
}

json_t *value_texts(char *const *texts, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        value_append(&array, value_text(texts[i]));
    return array;
}

json_t *value_number(uint64_t number)
{
    return json_integer(number > INT64_MAX ? INT64_MAX : (json_int_t)number);
}

json_t *value_known(int64_t number)
{
    return number < 0 ? json_null() : json_integer(number);
}

json_t *value_milliseconds(double ms)
{
    if (!isfinite(ms) || ms < 0 || ms > 1e12)
        return json_null();
    return json_real((double)(int64_t)(ms * 1000 + 0.5) / 1000);
}

json_t *value_address(uint64_t address)
{
    char text[24];
    snprintf(text, sizeof text, "0x%" PRIx64, address);
    return json_string(text);
}

json_t *value_place(const char *file, unsigned line, const char *function)
{
    if (function && !*function)
        function = NULL;
    if (!file && !function)
        return json_null();
    return json_pack("{s:o, s:o, s:o}", "file", value_text(file), "line",
                     file && line ? json_integer(line) : json_null(), "function",
                     value_text(function));
}

void value_append(json_t **array, json_t *item)
{
    if (!*array) {
        json_decref(item);
        return;
    }
    if (json_array_append_new(*array, item) != 0) {
        json_decref(*array);
        *array = NULL;
    }
}

json_t *value_at(const struct place *place)
{
    _cleanup_free_ char *text = place_format(place->file, place->line, place->function);
    return value_text(text);
}

json_t *value_location(const struct place *place)
{
    return value_place(place->file, place->line, place->function);
}

json_t *value_chain(const wait_chain *chain)
{
    json_t *nodes = json_array();
    for (size_t i = 0; i < chain->count; i++) {
        const struct wait_node *node = &chain->items[i];
        value_append(&nodes,
                     json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "kind", value_text(node->kind),
                               "name", value_text(node->name), "waits_for",
                               value_text(node->waits_for), "at", value_at(&node->at), "location",
                               value_location(&node->at), "address",
                               node->address ? value_address(node->address) : json_null()));
    }
    return nodes;
}
