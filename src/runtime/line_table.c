/*
 * From an instruction to its line. The three formats are those of Objects/lnotab_notes.txt in
 * 3.8 and 3.10, and of Objects/locations.md in 3.11 (InternalDocs/code_objects.md in 3.14).
 */
#include "runtime/code_tables.h"

static unsigned line_number(int64_t line)
{
    return line > 0 && line <= INT32_MAX ? (unsigned)line : 0;
}

/* ---- co_lnotab, up to 3.9: PyCode_Addr2Line -------------------------------------------------- */

static unsigned find_in_deltas(const uint8_t *table, size_t size, int32_t first_line,
                               int64_t instruction)
{
    int64_t address = 0, line = first_line;
    for (size_t i = 0; i + 1 < size; i += 2) {
        address += table[i];
        if (address > instruction)
            break;
        line += (int8_t)table[i + 1];
    }
    return line_number(line);
}

/* ---- co_linetable of 3.10 -------------------------------------------------------------------- */

#define RANGE_WITHOUT_LINE (-128)

static unsigned find_in_ranges(const uint8_t *table, size_t size, int32_t first_line,
                               int64_t instruction)
{
    int64_t end = 0, line = first_line;
    for (size_t i = 0; i + 1 < size; i += 2) {
        int8_t step = (int8_t)table[i + 1];
        end += table[i];
        if (step != RANGE_WITHOUT_LINE)
            line += step;
        if (instruction < end)
            return step == RANGE_WITHOUT_LINE ? 0 : line_number(line);
    }
    return 0;
}

/* ---- co_linetable of 3.11 and later ---------------------------------------------------------- */

/* An entry begins with a byte that has the top bit set: kind in bits 3 to 6, units - 1 below. */
#define ENTRY_START 0x80
enum location_kind {
    /* 0 to 9: columns only, the line stays */
    LOCATION_ONE_LINE_FIRST = 10, /* the line grows by kind - 10 */
    LOCATION_ONE_LINE_LAST = 12,
    LOCATION_NO_COLUMNS = 13, /* a signed variable-length line delta follows, here and in LONG */
    LOCATION_LONG = 14,
    LOCATION_NONE = 15, /* no line */
};

/* Six bits a byte, the lowest first, bit 6 set while more follow; the lowest bit is the sign. */
static int64_t signed_number(const uint8_t *bytes, size_t size)
{
    uint64_t number = 0;
    for (size_t i = 0, shift = 0; i < size && shift < 36; i++, shift += 6) {
        number |= (uint64_t)(bytes[i] & 0x3f) << shift;
        if (!(bytes[i] & 0x40))
            break;
    }
    int64_t magnitude = (int64_t)(number >> 1);
    return number & 1 ? -magnitude : magnitude;
}

static int64_t line_step(unsigned kind, const uint8_t *rest, size_t size)
{
    if (kind >= LOCATION_ONE_LINE_FIRST && kind <= LOCATION_ONE_LINE_LAST)
        return kind - LOCATION_ONE_LINE_FIRST;
    if (kind == LOCATION_NO_COLUMNS || kind == LOCATION_LONG)
        return signed_number(rest, size);
    return 0;
}

static unsigned find_in_locations(const uint8_t *table, size_t size, int32_t first_line,
                                  int64_t instruction)
{
    int64_t end = 0, line = first_line;
    for (size_t i = 0; i < size;) {
        uint8_t first = table[i++];
        unsigned kind = first >> 3 & 15;
        line += line_step(kind, table + i, size - i);
        end += 2 * ((first & 7) + 1);
        if (instruction < end)
            return kind == LOCATION_NONE ? 0 : line_number(line);
        while (i < size && !(table[i] & ENTRY_START))
            i++;
    }
    return 0;
}

unsigned line_table_find(enum line_table_kind kind, const uint8_t *table, size_t size,
                         int32_t first_line, int64_t instruction)
{
    /* Not started yet. */
    if (instruction < 0)
        return line_number(first_line);
    switch (kind) {
    case LINE_TABLE_DELTAS:
        return find_in_deltas(table, size, first_line, instruction);
    case LINE_TABLE_RANGES:
        return find_in_ranges(table, size, first_line, instruction);
    case LINE_TABLE_LOCATIONS:
        return find_in_locations(table, size, first_line, instruction);
    }
    return 0;
}
