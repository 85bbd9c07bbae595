/* A pass shows every resident byte of the planned ranges once, and what lies behind a chunk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "target/internal.h"
#include "target/stream.h"

#define PAGE  ((size_t)4096)
#define GRAIN ((size_t)16)

/* What a pass over [start, start + size) showed. `bytes` is what it should have shown. */
struct witness {
    uint64_t start;
    const uint8_t *bytes;
    size_t size;
    atomic_uchar *shown; /* how often, per GRAIN */
    atomic_uint_fast64_t *slot_ends;
    size_t slots;
    atomic_uint workers; /* bits */
    atomic_uint faults;  /* expectations that did not hold */
    useconds_t delay;    /* of each visit */
};

static void expect(struct witness *witness, bool holds)
{
    if (!holds)
        atomic_fetch_add(&witness->faults, 1);
}

static void look(void *context, const struct stream_chunk *chunk)
{
    struct witness *witness = context;
    bool inside = chunk->address >= witness->start &&
                  chunk->address - witness->start + chunk->extent <= witness->size;
    expect(witness, inside && chunk->address % GRAIN == 0 && chunk->size % GRAIN == 0);
    expect(witness, chunk->size && chunk->extent >= chunk->size &&
                        chunk->extent <= chunk->size + STREAM_OVERLAP);
    expect(witness, (uintptr_t)chunk->bytes % GRAIN == 0);
    expect(witness, chunk->worker < STREAM_WORKERS_MAX && chunk->slot < witness->slots);
    if (!inside || chunk->slot >= witness->slots)
        return;
    size_t offset = (size_t)(chunk->address - witness->start);
    expect(witness, memcmp(chunk->bytes, witness->bytes + offset, chunk->extent) == 0);
    for (size_t i = 0; i < chunk->size; i += GRAIN)
        atomic_fetch_add(&witness->shown[(offset + i) / GRAIN], 1);
    uint64_t end = atomic_exchange(&witness->slot_ends[chunk->slot], chunk->address + chunk->size);
    expect(witness, end <= chunk->address);
    atomic_fetch_or(&witness->workers, 1u << chunk->worker);
    if (witness->delay)
        usleep(witness->delay);
}

/* Runs a pass; the caller frees with witness_free. */
static void run(struct target *target, struct witness *witness, struct stream_cost *cost)
{
    struct stream_plan *plan;
    assert_null(stream_plan_new(target, &plan));
    witness->slots = stream_plan_slots(plan);
    witness->shown = calloc(witness->size / GRAIN + 1, sizeof *witness->shown);
    witness->slot_ends = calloc(witness->slots + 1, sizeof *witness->slot_ends);
    assert_null(stream_run(target, plan, STREAM_FAST, look, witness, cost));
    stream_plan_free(plan);
    assert_int_equal(atomic_load(&witness->faults), 0);
}

static void witness_free(struct witness *witness)
{
    free(witness->shown);
    free(witness->slot_ends);
}

static void assert_shown(const struct witness *witness, size_t from, size_t to, unsigned times)
{
    for (size_t i = from; i + GRAIN <= to; i += GRAIN)
        if (witness->shown[i / GRAIN] != times)
            fail_msg("offset %zu was shown %u times", i, witness->shown[i / GRAIN]);
}

static uint8_t *random_bytes(size_t size)
{
    uint8_t *bytes = malloc(size);
    assert_non_null(bytes);
    uint32_t random = 1;
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)((random = random * 1664525 + 1013904223) >> 24);
    return bytes;
}

/* ---- images ---------------------------------------------------------------------------------- */

static void every_byte_is_shown_once(void **state)
{
    (void)state;
    const size_t size = STREAM_SLOT_BYTES + (300 << 10) + 48;
    uint8_t *bytes = random_bytes(size);
    const struct image_segment segment = {0x7f0000000000, bytes, size};
    struct witness witness = {.start = segment.address, .bytes = bytes, .size = size};
    struct stream_cost cost = {0};
    struct target *target;
    assert_null(target_open_image(&segment, 1, &target));
    run(target, &witness, &cost);
    assert_int_equal(witness.slots, 2);
    assert_shown(&witness, 0, size, 1);
    assert_int_equal(cost.bytes, size);
    assert_int_equal(cost.faults, 0);
    witness_free(&witness);
    target_close(target);
    free(bytes);
}

/* Neighbours are one range; a gap divides. */
static void segments_are_joined_or_apart(void **state)
{
    (void)state;
    const size_t size = 5 * PAGE;
    uint8_t *bytes = random_bytes(size);
    const struct image_segment segments[] = {
        {0x10000, bytes, PAGE},
        {0x10000 + PAGE, bytes + PAGE, PAGE},
        {0x10000 + 3 * PAGE, bytes + 3 * PAGE, 2 * PAGE},
    };
    struct witness witness = {.start = 0x10000, .bytes = bytes, .size = size};
    struct stream_cost cost = {0};
    struct target *target;
    assert_null(target_open_image(segments, 3, &target));
    run(target, &witness, &cost);
    assert_int_equal(witness.slots, 2);
    assert_shown(&witness, 0, 2 * PAGE, 1);
    assert_shown(&witness, 2 * PAGE, 3 * PAGE, 0);
    assert_shown(&witness, 3 * PAGE, size, 1);
    witness_free(&witness);
    target_close(target);
    free(bytes);
}

/* A segment may begin and end anywhere: only whole grains of it are shown. */
static void odd_segments_are_shown_in_grains(void **state)
{
    (void)state;
    uint8_t *bytes = random_bytes(256);
    const struct image_segment segments[] = {{0x10003, bytes + 3, 130}, {0x100c1, bytes + 0xc1, 9}};
    struct witness witness = {.start = 0x10000, .bytes = bytes, .size = 256};
    struct stream_cost cost = {0};
    struct target *target;
    assert_null(target_open_image(segments, 2, &target));
    run(target, &witness, &cost);
    assert_shown(&witness, 0, 16, 0);
    assert_shown(&witness, 16, 128, 1);
    assert_shown(&witness, 128, 256, 0);
    witness_free(&witness);
    target_close(target);
    free(bytes);
}

static void the_end_of_the_address_space_is_an_end(void **state)
{
    (void)state;
    uint8_t *bytes = random_bytes(64);
    const struct image_segment segment = {UINT64_MAX - 63, bytes, 63};
    struct witness witness = {.start = segment.address, .bytes = bytes, .size = 63};
    struct stream_cost cost = {0};
    struct target *target;
    assert_null(target_open_image(&segment, 1, &target));
    run(target, &witness, &cost);
    assert_int_equal(witness.slots, 1);
    assert_shown(&witness, 0, 48, 1);
    witness_free(&witness);
    target_close(target);
    free(bytes);
}

static void nothing_is_shown_of_nothing(void **state)
{
    (void)state;
    struct witness witness = {0};
    struct stream_cost cost = {0};
    struct target *target;
    assert_null(target_open_image(NULL, 0, &target));
    run(target, &witness, &cost);
    assert_int_equal(witness.slots, 0);
    witness_free(&witness);
    target_close(target);
}

/* ---- live ------------------------------------------------------------------------------------ */

#define LIVE_BYTES ((size_t)24 << 20)

/* A child with the same bytes; its target knows of that one range only. */
static pid_t start_child(const uint8_t *bytes, struct target **target)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;)
            pause();
    }
    assert_null(target_open_live(child, target));
    mapping_vector *mappings = &(*target)->mappings;
    uint64_t start = (uint64_t)(uintptr_t)bytes;
    size_t kept = 0;
    for (size_t i = 0; i < mappings->count; i++) {
        struct mapping *mapping = &mappings->items[i];
        if (mapping->end <= start || mapping->start >= start + LIVE_BYTES) {
            free((void *)mapping->path);
            continue;
        }
        mapping->start = mapping->start > start ? mapping->start : start;
        if (mapping->end > start + LIVE_BYTES)
            mapping->end = start + LIVE_BYTES;
        mappings->items[kept++] = *mapping;
    }
    mappings->count = kept;
    return child;
}

static bool is_resident(size_t page)
{
    return page % 97 < 80 && page / 500 % 4 != 1;
}

/* Some pages were never touched; one in the middle cannot be read. */
static uint8_t *map_with_holes(size_t forbidden)
{
    uint8_t *bytes = mmap(NULL, LIVE_BYTES, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_true(bytes != MAP_FAILED);
    madvise(bytes, LIVE_BYTES, MADV_NOHUGEPAGE);
    for (size_t page = 0; page < LIVE_BYTES / PAGE; page++)
        if (is_resident(page) && page != forbidden)
            memset(bytes + page * PAGE, (int)(page % 251), PAGE);
    return bytes;
}

static void holes_of_a_process_are_left_out(void **state)
{
    (void)state;
    const size_t forbidden = 2048;
    uint8_t *bytes = map_with_holes(forbidden);
    struct target *target;
    mprotect(bytes + forbidden * PAGE, PAGE, PROT_NONE);
    pid_t child = start_child(bytes, &target);
    mprotect(bytes + forbidden * PAGE, PAGE, PROT_READ);
    struct witness witness = {
        .start = (uint64_t)(uintptr_t)bytes, .bytes = bytes, .size = LIVE_BYTES, .delay = 1000};
    struct stream_cost cost = {0};
    run(target, &witness, &cost);
    size_t resident = 0;
    for (size_t page = 0; page < LIVE_BYTES / PAGE; page++) {
        bool shown = is_resident(page) && page != forbidden;
        resident += shown;
        assert_shown(&witness, page * PAGE, (page + 1) * PAGE, shown);
    }
    assert_int_equal(cost.bytes, resident * PAGE);
    assert_int_equal(cost.faults, 0);
    if (sysconf(_SC_NPROCESSORS_ONLN) > 1) /* more than one worker took part */
        assert_true(witness.workers & (witness.workers - 1));
    witness_free(&witness);
    target_close(target);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    munmap(bytes, LIVE_BYTES);
}

/* What is unmapped after the plan was made is a fault, not the end. */
static void pages_that_vanish_are_counted(void **state)
{
    (void)state;
    const size_t gone = 100;
    uint8_t *bytes = mmap(NULL, LIVE_BYTES, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    assert_true(bytes != MAP_FAILED);
    struct target *target;
    mprotect(bytes + gone * PAGE, PAGE, PROT_NONE);
    pid_t child = start_child(bytes, &target);
    mprotect(bytes + gone * PAGE, PAGE, PROT_READ);
    for (size_t i = 0; i < target->mappings.count; i++)
        target->mappings.items[i].readable = target->mappings.items[i].writable = true;
    struct witness witness = {
        .start = (uint64_t)(uintptr_t)bytes, .bytes = bytes, .size = LIVE_BYTES};
    struct stream_cost cost = {0};
    run(target, &witness, &cost);
    assert_shown(&witness, 0, gone * PAGE, 1);
    assert_shown(&witness, gone * PAGE, (gone + 1) * PAGE, 0);
    assert_shown(&witness, (gone + 1) * PAGE, LIVE_BYTES, 1);
    assert_true(cost.faults > 0);
    assert_int_equal(cost.bytes, LIVE_BYTES - PAGE);
    witness_free(&witness);
    target_close(target);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    munmap(bytes, LIVE_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_is_shown_once),
        cmocka_unit_test(segments_are_joined_or_apart),
        cmocka_unit_test(odd_segments_are_shown_in_grains),
        cmocka_unit_test(the_end_of_the_address_space_is_an_end),
        cmocka_unit_test(nothing_is_shown_of_nothing),
        cmocka_unit_test(holes_of_a_process_are_left_out),
        cmocka_unit_test(pages_that_vanish_are_counted),
    };
    return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
