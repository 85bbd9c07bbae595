#include "analysis/watch_code.h"

#include <string.h>

#include "base/text.h"
#include "waits/thread_wait.h"

/* Programs make no more code than that, unless they make it all the time. */
#define CODES_MAX 100000
#define LINES_MAX 10000

static const struct known_code {
    const char *file, *function; /* NULL: every one of the file */
    enum code_part part;
    const char *locals[2];
} known_codes[] = {
    {"/selectors.py", NULL, CODE_SELECTOR, {NULL, NULL}},
    {"/asyncio/base_events.py", "_run_once", CODE_TURN, {"end_time", "i"}},
    {"/concurrent/futures/thread.py", "_worker", CODE_WORKER, {"work_queue", "work_item"}},
};

/* Up to 3.10 code knows the last part of its qualified name only. */
static bool is_function(const struct watched_code *code, const char *function)
{
    const char *dot = code->function ? strrchr(code->function, '.') : NULL;
    return code->function && strcmp(dot ? dot + 1 : code->function, function) == 0;
}

static void recognise(const struct cpython *cpython, struct watched_code *code)
{
    for (size_t i = 0; code->file && i < sizeof known_codes / sizeof *known_codes; i++) {
        const struct known_code *known = &known_codes[i];
        bool found = text_ends_with(code->file, known->file) &&
                     (!known->function || is_function(code, known->function));
        for (size_t k = 0; found && k < 2 && known->locals[k]; k++)
            found = code_local_find(cpython, code->address, known->locals[k], &code->places[k]);
        if (found)
            code->part = known->part;
    }
}

static void release(struct watched_code *code)
{
    free(code->file);
    free(code->function);
    vector_free(&code->lines);
}

static uint32_t add_code(struct code_cache *cache, const struct frame_view *frame)
{
    struct named_frame named = {0};
    if (cache->items.count >= CODES_MAX ||
        !named_frame_read(cache->cpython, frame, cache->standard, &named)) {
        named_frame_release(&named);
        return NO_CODE;
    }
    struct watched_code code = {
        .address = frame->code,
        .file = named.place.file, /* the cache's from here on */
        .function = named.place.function,
        .library = named.library,
        .standard = named.standard,
    };
    recognise(cache->cpython, &code);
    uint32_t number = (uint32_t)cache->items.count;
    if (vector_push(&cache->items, code)) {
        if (address_map_put(&cache->index, frame->code, number))
            return number;
        cache->items.count--;
    }
    release(&code);
    return NO_CODE;
}

uint32_t code_cache_get(struct code_cache *cache, const struct frame_view *frame)
{
    if (!frame->code)
        return NO_CODE;
    uint32_t known = address_map_get(&cache->index, frame->code);
    return known != ADDRESS_MAP_ABSENT ? known : add_code(cache, frame);
}

unsigned code_cache_line(struct code_cache *cache, uint32_t number, const struct frame_view *frame)
{
    struct watched_code *code = &cache->items.items[number];
    struct code_line fresh = {.instruction = frame_instruction(cache->cpython, frame)};
    if (fresh.instruction < 0)
        return 0;
    for (size_t i = 0; i < code->lines.count; i++)
        if (code->lines.items[i].instruction == fresh.instruction)
            return code->lines.items[i].line;
    struct source_place place = {0};
    if (frame_place(cache->cpython, frame, &place) &&
        frame_instruction(cache->cpython, frame) == fresh.instruction) {
        fresh.line = place.line;
        if (code->lines.count < LINES_MAX)
            (void)vector_push(&code->lines, fresh);
    }
    source_place_free(&place);
    return fresh.line;
}

void frame_choice_offer(struct frame_choice *choice, const struct code_cache *cache, uint32_t code,
                        const struct frame_view *frame)
{
    const struct watched_code *facts = &cache->items.items[code];
    unsigned rank = !facts->file ? 0 : !facts->library ? 3 : !facts->standard ? 2 : 1;
    if (choice->code != NO_CODE && choice->rank >= rank)
        return;
    *choice = (struct frame_choice){*frame, code, rank};
}

void code_cache_free(struct code_cache *cache)
{
    for (size_t i = 0; i < cache->items.count; i++)
        release(&cache->items.items[i]);
    vector_free(&cache->items);
    address_map_free(&cache->index);
    free(cache->standard);
}
