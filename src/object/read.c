/* Bounded reads of fields and arrays. */
#include "object/internal.h"

static bool read_field(const struct cpython *cpython, uint64_t address, int32_t offset,
                       void *buffer, size_t size)
{
    return address && offset >= 0 &&
           target_read(cpython->target, address + (uint64_t)offset, buffer, size);
}

bool field_word(const struct cpython *cpython, uint64_t address, int32_t offset, uint64_t *word)
{
    return read_field(cpython, address, offset, word, sizeof *word);
}

bool field_int(const struct cpython *cpython, uint64_t address, int32_t offset, int32_t *value)
{
    return read_field(cpython, address, offset, value, sizeof *value);
}

bool field_byte(const struct cpython *cpython, uint64_t address, int32_t offset, uint8_t *value)
{
    return read_field(cpython, address, offset, value, sizeof *value);
}

uint64_t field_pointer(const struct cpython *cpython, uint64_t address, int32_t offset)
{
    uint64_t pointer;
    return field_word(cpython, address, offset, &pointer) ? pointer : 0;
}

void words_begin(struct words *words, const struct cpython *cpython, uint64_t address,
                 uint64_t count)
{
    words->cpython = cpython;
    words->next = address;
    words->left = count;
    words->position = words->filled = 0;
    words->fault = false;
    uint64_t last;
    if (count > UINT64_MAX / sizeof last || address + count * sizeof last < address) {
        words->fault = true;
        words->left = 0;
        return;
    }
    words->bytes = target_lend(cpython->target, address, count * sizeof last);
    if (words->bytes) {
        words->filled = count;
        words->left = 0;
    } else if (count > WORDS_BUFFERED &&
               !target_read_word(cpython->target, address + (count - 1) * sizeof last, &last)) {
        words->fault = true;
        words->left = 0;
    }
}

bool words_refill(struct words *words)
{
    if (!words->left)
        return false;
    size_t count = words->left < WORDS_BUFFERED ? (size_t)words->left : WORDS_BUFFERED;
    if (!target_read(words->cpython->target, words->next, words->buffer,
                     count * sizeof words->buffer[0])) {
        words->fault = true;
        words->left = 0;
        return false;
    }
    words->bytes = (const uint8_t *)words->buffer;
    words->next += count * sizeof words->buffer[0];
    words->left -= count;
    words->position = 0;
    words->filled = count;
    return true;
}
