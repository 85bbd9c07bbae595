#include "target/native_internal.h"

#include <stdlib.h>
#include <string.h>

#define STACK_MAX  (UINT64_C(1) << 20) /* frames beyond are read one by one */
#define STACK_STEP (UINT64_C(32) << 10)

bool native_memory_copy(struct target *target, uint64_t stack_pointer, struct native_memory *memory)
{
    const struct mapping *mapping = target_mapping_at(target, stack_pointer);
    uint64_t size = mapping ? mapping->end - stack_pointer : STACK_STEP;
    size = size < STACK_MAX ? size : STACK_MAX;
    *memory = (struct native_memory){.target = target, .start = stack_pointer};
    memory->bytes = malloc(size);
    if (!memory->bytes)
        return false;
    memory->size = target_read_some(target, stack_pointer, memory->bytes, size);
    return true;
}

bool native_memory_word(const struct native_memory *memory, uint64_t address, uint64_t *word)
{
    uint64_t offset = address - memory->start;
    if (offset >= memory->size || memory->size - offset < sizeof *word)
        return target_read_word(memory->target, address, word);
    memcpy(word, memory->bytes + offset, sizeof *word);
    return true;
}
