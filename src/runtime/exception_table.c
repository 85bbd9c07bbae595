/* The table of handlers of a code object, 3.11+: Objects/exception_handling_notes.txt of 3.11. */
#include "runtime/code_tables.h"

/* An entry is four numbers; the first byte of the first has this bit. */
#define ENTRY_START 0x80

struct cursor {
    const uint8_t *bytes;
    size_t size, position;
};

/* Six bits a byte, the highest first, bit 6 set while more follow. False at the end of the bytes
 * and on numbers beyond 32 bits. */
static bool number_next(struct cursor *cursor, uint32_t *number)
{
    uint64_t value = 0;
    while (cursor->position < cursor->size) {
        uint8_t byte = cursor->bytes[cursor->position++];
        value = value << 6 | (byte & 0x3f);
        if (value > UINT32_MAX)
            return false;
        *number = (uint32_t)value;
        if (!(byte & 0x40))
            return true;
    }
    return false;
}

bool exception_table_find(const uint8_t *table, size_t size, uint32_t unit,
                          struct exception_handler *handler)
{
    struct cursor cursor = {table, size, 0};
    while (cursor.position < size && table[cursor.position] & ENTRY_START) {
        uint32_t start, length, target, depth_and_lasti;
        if (!number_next(&cursor, &start) || !number_next(&cursor, &length) ||
            !number_next(&cursor, &target) || !number_next(&cursor, &depth_and_lasti))
            return false;
        if (unit >= start && unit - start < length) {
            *handler = (struct exception_handler){target, depth_and_lasti >> 1};
            return true;
        }
    }
    return false;
}
