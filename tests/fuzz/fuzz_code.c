/* Arbitrary bytes as the tables of a code object: lines in all three formats, and handlers. */
#include <string.h>

#include "runtime/code_tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct head {
    int32_t first_line;
    uint32_t instruction;
};

static void find(const struct head *head, const uint8_t *table, size_t size)
{
    struct exception_handler handler;
    line_table_find(LINE_TABLE_DELTAS, table, size, head->first_line, head->instruction);
    line_table_find(LINE_TABLE_RANGES, table, size, head->first_line, head->instruction);
    line_table_find(LINE_TABLE_LOCATIONS, table, size, head->first_line, head->instruction);
    exception_table_find(table, size, head->instruction, &handler);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct head head;
    if (size < sizeof head)
        return -1;
    memcpy(&head, data, sizeof head);
    find(&head, data + sizeof head, size - sizeof head);
    head.instruction %= 64; /* what the first entries cover */
    find(&head, data + sizeof head, size - sizeof head);
    return 0;
}
