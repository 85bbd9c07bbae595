/* The command line as the kernel laid it on the stack of a new process (fs/binfmt_elf.c,
 * create_elf_tables): argc, argv, NULL, environment, NULL, auxiliary vector. The note of the
 * process has 80 bytes of it, that of gdb only the program. */
#include <string.h>

#include "base/cleanup.h"
#include "target/core_internal.h"

#define STACK_MOST     (UINT64_C(1) << 20) /* from its end */
#define ARGUMENTS_MOST 4096
#define BYTES_MOST     (64u << 10)

/* How many of the words stand in front of the auxiliary vector; 0: it is not there. */
static size_t before_auxiliary(const struct core *core, const uint64_t *words, size_t count)
{
    const Elf64_auxv_t *vector = core->auxiliary.items;
    size_t size = 2 * sizeof *vector;
    for (size_t i = 0; core->auxiliary.count >= 2 && i + size / 8 <= count; i++)
        if (memcmp(words + i, vector, size) == 0)
            return i;
    return 0;
}

/* Goes back over the words in front of `at` up to a zero. */
static size_t back_to_zero(const uint64_t *words, size_t at)
{
    while (at && words[at - 1])
        at--;
    return at;
}

/* Where argv begins in `words`; *count of arguments. 0: not found. */
static size_t find_arguments(const uint64_t *words, size_t end, size_t *count)
{
    if (!end || words[end - 1])
        return 0;
    size_t environment = back_to_zero(words, end - 1);
    if (!environment)
        return 0;
    for (size_t at = environment - 1; at && environment - at <= ARGUMENTS_MOST; at--)
        if (words[at - 1] == environment - 1 - at) {
            *count = environment - 1 - at;
            return at;
        }
    return 0;
}

static size_t join(struct target *target, const uint64_t *places, size_t count, char *text)
{
    size_t used = 0;
    for (size_t i = 0; i < count && used < BYTES_MOST; i++) {
        if (!target_read_c_string(target, places[i], text + used, BYTES_MOST - used))
            break;
        used += strlen(text + used) + 1;
    }
    return used;
}

char *core_arguments(struct target *target, size_t *size)
{
    uint64_t marker = core_auxiliary(target->core, AT_RANDOM);
    const struct mapping *stack = marker ? target_mapping_at(target, marker) : NULL;
    uint64_t bytes = stack ? stack->end - stack->start : 0;
    bytes = bytes < STACK_MOST ? bytes : STACK_MOST;
    _cleanup_free_ uint64_t *words = malloc(bytes + 8);
    _cleanup_free_ char *text = malloc(BYTES_MOST);
    if (!bytes || !words || !text || !target_read(target, stack->end - bytes, words, bytes))
        return NULL;
    size_t count = 0;
    size_t first = find_arguments(words, before_auxiliary(target->core, words, bytes / 8), &count);
    *size = first ? join(target, words + first, count, text) : 0;
    return *size > 1 ? take_pointer(&text) : NULL;
}
