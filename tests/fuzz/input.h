/*
 * input.h: what the bytes of fuzz_image mean: a header, a table of segments, the segments' bytes.
 * The table stands in front, so that a mutation of the bytes does not move it.
 */
#ifndef STETH_FUZZ_INPUT_H
#define STETH_FUZZ_INPUT_H

#include "layout/cpython.h"

#define INPUT_ANCHORS 18 /* the type addresses of struct cpython, none included */

struct input_header {
    uint32_t version; /* PY_VERSION_HEX, 0 for unknown */
    uint16_t table;   /* the layout table to force when none is proved, modulo their number */
    uint16_t segments;
    uint64_t runtime;
    uint64_t anchors[INPUT_ANCHORS];
};

struct input_segment {
    uint64_t address;
    uint64_t size;
};

/* Where `cpython` keeps anchor `number`. */
uint64_t *input_anchor(struct cpython *cpython, size_t number);

/*
 * Opens the image that the input describes and fills runtime, anchors, version and target of
 * `cpython`; false when it describes none. The segments borrow `data`.
 */
bool input_open(const uint8_t *data, size_t size, struct cpython *cpython, uint16_t *table);

/* The words of segment bytes in an input: where they begin; `size` when there are none. */
size_t input_bytes_at(const uint8_t *data, size_t size);

#endif
