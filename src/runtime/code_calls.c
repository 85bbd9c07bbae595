/* Which methods the instructions behind a place call. */
#include "runtime/code_names.h"

#include "base/cleanup.h"
#include "runtime/code_tables.h"

#define UNIT         2 /* bytes of a code unit: opcode, argument */
#define ARGUMENT_MAX UINT8_MAX

struct call_search {
    const struct cpython *cpython;
    uint64_t code;
    int64_t first, last; /* bytes, of where the call may be */
    size_t name;
};

/* ---- up to 3.10: an opcode of its own -------------------------------------------------------- */

static bool called_by_opcode(const struct call_search *search, size_t size)
{
    size_t first = (size_t)search->first;
    if (first >= size)
        return false;
    size_t left = size - first;
    _cleanup_free_ uint8_t *bytes = malloc(left);
    if (!bytes || !code_instructions_read(search->cpython, search->code, first, bytes, left))
        return false;
    for (size_t i = 0; i + 1 < left && (int64_t)(first + i) <= search->last; i += UNIT)
        if (bytes[i] == search->cpython->at.opcode_load_method && bytes[i + 1] == search->name)
            return true;
    return false;
}

/* ---- 3.11 and later -------------------------------------------------------------------------- */

/*
 * Its opcode may be replaced by a quicker one that has another number in each version, but it is
 * the longest instruction of all, with its cache, and so the only one that needs two entries of the
 * table of locations: eight units and the rest (Python/assemble.c: write_location_info).
 */
#define ENTRY_START 0x80
#define ENTRY_UNITS 8

static bool is_called_at(const struct call_search *search, size_t unit)
{
    const struct cpython *cpython = search->cpython;
    bool marked = cpython->at.opcode_instrumented != LAYOUT_ABSENT; /* see name_of_argument */
    uint8_t bytes[UNIT];
    int64_t place = (int64_t)(unit * UNIT);
    return place >= search->first && place <= search->last &&
           code_instructions_read(cpython, search->code, unit * UNIT, bytes, sizeof bytes) &&
           name_of_argument(cpython, bytes[1]) == search->name && (!marked || bytes[1] & 1);
}

static bool called_by_length(const struct call_search *search, const struct bytes_copy *table)
{
    unsigned rest = 1 + (unsigned)search->cpython->at.load_method_caches - ENTRY_UNITS, before = 0;
    size_t unit = 0; /* of the entry before */
    for (size_t i = 0; i < table->size; i++) {
        if (!(table->bytes[i] & ENTRY_START))
            continue;
        unsigned units = (table->bytes[i] & (ENTRY_UNITS - 1)) + 1;
        if (before == ENTRY_UNITS && units == rest && is_called_at(search, unit))
            return true;
        unit += before;
        before = units;
    }
    return false;
}

static bool calls(const struct call_search *search)
{
    const struct cpython *cpython = search->cpython;
    int64_t size = code_instructions_size(cpython, search->code);
    struct bytes_copy table;
    if (cpython->is.line_table != LINE_TABLE_LOCATIONS)
        return size > 0 && called_by_opcode(search, (size_t)size);
    if (!code_bytes_read(cpython, search->code, cpython->at.code_line_table, &table))
        return false;
    bool called = called_by_length(search, &table);
    free(table.bytes);
    return called;
}

bool code_calls_behind(const struct cpython *cpython, uint64_t code, int64_t instruction,
                       size_t name)
{
    int64_t first = instruction < 0 ? 0 : instruction + UNIT;
    struct call_search search = {cpython, code, first, INT64_MAX, name};
    return name > name_of_argument(cpython, ARGUMENT_MAX) || calls(&search);
}

bool code_calls_at(const struct cpython *cpython, uint64_t code, int64_t instruction, size_t name)
{
    struct call_search search = {cpython, code, instruction, instruction, name};
    return instruction >= 0 && calls(&search);
}
