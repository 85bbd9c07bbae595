/*
 * What no object claims: buffers of libraries, freed memory, stacks. There, words at whose address
 * something is mapped are addresses; of the rest, what looks like text for some characters on end
 * is blanked: UTF-8, or printable characters of two or four bytes.
 */
#include "record/blank_internal.h"

#define NARROW_LEAST 5 /* bytes; numbers seldom have so many such bytes */
#define PAIR_LEAST   4 /* characters of two bytes */
#define WIDE_LEAST   6 /* and of four */

static bool is_printable(uint8_t byte)
{
    return byte >= 0x20 && byte < 0x7F;
}

/* 0xF5 to 0xFF are in no UTF-8, but in every negative number. */
static bool is_text(uint8_t byte)
{
    return is_printable(byte) || byte == '\t' || byte == '\n' || byte == '\r' ||
           (byte >= 0x80 && byte <= 0xF4);
}

/* Whether `unit` bytes are one printable character. */
static bool is_character(const uint8_t *bytes, size_t unit)
{
    for (size_t i = 1; i < unit; i++)
        if (bytes[i])
            return false;
    return unit == 1 ? is_text(*bytes) : is_printable(*bytes);
}

/* Blanks every run of at least `least` characters in [from, to). */
static void blank_runs(uint8_t *bytes, size_t from, size_t to, size_t unit, size_t least)
{
    size_t begun = from;
    for (size_t at = from; at + unit <= to + unit; at += unit) {
        if (at + unit <= to && is_character(bytes + at, unit))
            continue;
        if (at - begun >= least * unit)
            memset(bytes + begun, 0, at - begun);
        begun = at + unit;
    }
}

/* A stretch without addresses. */
static void blank_stretch(uint8_t *bytes, size_t from, size_t to)
{
    if (from >= to)
        return;
    blank_runs(bytes, from, to, 1, NARROW_LEAST);
    blank_runs(bytes, from, to, 2, PAIR_LEAST);
    blank_runs(bytes, from, to, 4, WIDE_LEAST);
}

bool blank_is_address(const struct blanking *blanking, uint64_t word)
{
    return word >= CAPTURE_PAGE && word <= INT64_MAX &&
           target_mapping_at(blanking->cpython->target, word);
}

bool blank_is_count(const struct blanking *blanking, uint64_t word)
{
    return word && !blank_is_address(blanking, word);
}

void blank_loose(const struct blanking *blanking, const struct run_bytes *run, size_t from,
                 size_t to)
{
    size_t begun = from;
    for (size_t at = from; at + 8 <= to; at += 8) {
        uint64_t word = word_at(run->bytes + at);
        if (word && !blank_is_address(blanking, word))
            continue;
        blank_stretch(run->bytes, begun, at);
        begun = at + 8;
    }
    blank_stretch(run->bytes, begun, to);
}
