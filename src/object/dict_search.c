/* A value of a dict by the name of its key. */
#include "object/internal.h"

#include <assert.h>
#include <stdlib.h>

#define SEARCH_BATCH    32
#define SEARCH_KEY_MAX  192
#define SEARCH_HEAD_MAX 128

/* Keys are compared many at a time, so that a namespace costs a few system calls. */
struct search {
    const struct cpython *cpython;
    const char *wanted;
    size_t length;
    bool plain; /* short ASCII: compared in place */
    uint64_t found;
    size_t count;
    uint64_t keys[SEARCH_BATCH], values[SEARCH_BATCH];
};

static bool key_equals(const struct search *search, uint64_t key, const uint8_t *head)
{
    const struct layout_offsets *at = &search->cpython->at;
    if (load_word(head, at->object_type) != search->cpython->str_type)
        return false;
    if (search->plain)
        return load_word(head, at->str_length) == search->length &&
               str_state_is_ascii(load_half(head, at->str_state)) &&
               !memcmp(head + at->str_ascii_data, search->wanted, search->length);
    char *text = str_value(search->cpython, key, search->length + 1);
    bool equal = text && !strcmp(text, search->wanted);
    free(text);
    return equal;
}

static void search_flush(struct search *search)
{
    static_assert(SEARCH_KEY_MAX + SEARCH_HEAD_MAX < 512, "the batch lives on the stack");
    uint8_t heads[SEARCH_BATCH][SEARCH_HEAD_MAX + SEARCH_KEY_MAX];
    struct read_request requests[SEARCH_BATCH];
    size_t size = (size_t)search->cpython->at.str_ascii_data + (search->plain ? search->length : 0);
    for (size_t i = 0; i < search->count; i++)
        requests[i] = (struct read_request){search->keys[i], heads[i], size, false};
    target_read_batch(search->cpython->target, requests, search->count);
    for (size_t i = 0; i < search->count && !search->found; i++)
        if (requests[i].ok && key_equals(search, search->keys[i], heads[i]))
            search->found = search->values[i];
    search->count = 0;
}

static bool search_entry(void *context, uint64_t key, uint64_t value)
{
    struct search *search = context;
    search->keys[search->count] = key;
    search->values[search->count++] = value;
    if (search->count == SEARCH_BATCH)
        search_flush(search);
    return !search->found;
}

static bool is_ascii(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text >= 0x80)
            return false;
    return true;
}

uint64_t dict_table_get(const struct cpython *cpython, uint64_t keys, uint64_t values,
                        const char *key)
{
    int32_t head = cpython->at.str_ascii_data;
    if (head <= 0 || head > SEARCH_HEAD_MAX || cpython->at.str_state + 4 > head)
        return 0;
    struct search search = {.cpython = cpython, .wanted = key, .length = strlen(key)};
    search.plain = search.length <= SEARCH_KEY_MAX && is_ascii(key);
    dict_table_visit(cpython, keys, values, search_entry, &search);
    if (search.count && !search.found)
        search_flush(&search);
    return search.found;
}
