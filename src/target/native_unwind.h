/* native_unwind.h: .eh_frame_hdr as linkers write it (LSB core, "DWARF Extensions"). */
#ifndef STETH_TARGET_NATIVE_UNWIND_H
#define STETH_TARGET_NATIVE_UNWIND_H

#include <stdint.h>

#define UNWIND_VERSION 1
/* DW_EH_PE_pcrel | sdata4, udata4, DW_EH_PE_datarel | sdata4. */
#define POINTER_RELATIVE_WORD 0x1B
#define COUNT_WORD            0x03
#define TABLE_WORDS           0x3B

struct unwind_header {
    uint8_t version, frame_encoding, count_encoding, table_encoding;
    int32_t frame; /* .eh_frame, relative to this word */
    uint32_t count;
};

/* Of the table behind it, sorted; relative to the header. */
struct unwind_entry {
    int32_t function, frame;
};

#endif
