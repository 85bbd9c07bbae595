#include "finding/heap_rows.h"

#include <string.h>

#include "base/text.h"

char *heap_steps_text(char *const *steps, size_t count)
{
    char *joined = strdup("");
    for (size_t i = 0; joined && i < count; i++) {
        const char *link = i == 0 || steps[i][0] == '.' || steps[i][0] == '[' ? "" : " -> ";
        char *longer = text_format("%s%s%s", joined, link, steps[i]);
        free(joined);
        joined = longer;
    }
    return joined;
}

void heap_path_free(struct heap_path *path)
{
    free(path->type);
    name_list_free(&path->steps);
    name_list_free(&path->types);
}

static void free_dominator(struct heap_dominator *dominator)
{
    heap_path_free(&dominator->path);
    heap_path_free(&dominator->gathered);
    free(dominator->gathered_type);
}

static void free_cycle(struct heap_cycle *cycle)
{
    name_list_free(&cycle->types);
    name_list_free(&cycle->finalizers);
    for (size_t i = 0; i < cycle->cuts.count; i++) {
        free(cycle->cuts.items[i].from);
        free(cycle->cuts.items[i].to);
        free(cycle->cuts.items[i].step);
    }
    vector_free(&cycle->cuts);
    free(cycle->ring);
    heap_path_free(&cycle->path);
}

static void free_holding(struct heap_holding *holding)
{
    free(holding->type);
    free(holding->holder_type);
    heap_path_free(&holding->path);
}

void heap_section_free(struct heap_section *section)
{
    vector_free(&section->regions);
    for (size_t i = 0; i < section->types.count; i++)
        free(section->types.items[i].type);
    vector_free(&section->types);
    for (size_t i = 0; i < section->paths.count; i++)
        heap_path_free(&section->paths.items[i]);
    vector_free(&section->paths);
    for (size_t i = 0; i < section->holdings.count; i++)
        free_holding(&section->holdings.items[i]);
    vector_free(&section->holdings);
    for (size_t i = 0; i < section->dominators.count; i++)
        free_dominator(&section->dominators.items[i]);
    vector_free(&section->dominators);
    for (size_t i = 0; i < section->cycles.count; i++)
        free_cycle(&section->cycles.items[i]);
    vector_free(&section->cycles);
}
