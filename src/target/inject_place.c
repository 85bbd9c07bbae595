/* Where in a program the instructions lie that an injected call needs (inject.h). */
#include "target/inject_internal.h"

#include <stdbool.h>
#include <string.h>
#include <sys/uio.h>

#include "base/cleanup.h"
#include "target/internal.h"

#if defined __x86_64__

#define CHUNK     65536
#define FILES_MAX (UINT64_C(256) << 20) /* bytes of code that are searched */

/* Encodings: AMD64 Architecture Programmer's Manual, volume 3. */
static const uint8_t call_bytes[] = {0x0F, 0x05, 0xC3};
static const uint8_t restore_bytes[] = {0x48, 0xC7, 0xC0, 0x0F, 0, 0, 0, 0x0F, 0x05};

static size_t read_memory(pid_t pid, uint64_t address, void *buffer, size_t size)
{
    struct iovec local = {.iov_base = buffer, .iov_len = size};
    struct iovec remote = {.iov_base =
                               (void *)(uintptr_t)address, // NOLINT(performance-no-int-to-ptr)
                           .iov_len = size};
    ssize_t done = process_vm_readv(pid, &local, 1, &remote, 1, 0);
    return done < 0 ? 0 : (size_t)done;
}

static void note(uint64_t *place, uint64_t address, const uint8_t *bytes, size_t size,
                 const uint8_t *wanted, size_t wanted_size)
{
    const uint8_t *found = *place ? NULL : memmem(bytes, size, wanted, wanted_size);
    if (found)
        *place = address + (uint64_t)(found - bytes);
}

static bool complete(const struct injection_place *place)
{
    return place->call && place->restore;
}

/* Pieces overlap, so that an instruction is not cut in two. */
static void search(pid_t pid, const struct mapping *mapping, struct injection_place *place)
{
    uint8_t bytes[CHUNK];
    uint64_t at = mapping->start;
    while (at < mapping->end && !complete(place)) {
        size_t wanted = mapping->end - at < CHUNK ? (size_t)(mapping->end - at) : CHUNK;
        size_t got = read_memory(pid, at, bytes, wanted);
        note(&place->call, at, bytes, got, call_bytes, sizeof call_bytes);
        note(&place->restore, at, bytes, got, restore_bytes, sizeof restore_bytes);
        if (got < sizeof restore_bytes || at + got == mapping->end)
            return;
        at += got - sizeof restore_bytes;
    }
}

static bool is_code(const struct mapping *mapping)
{
    return mapping->executable && mapping->readable && !mapping->writable && mapping->inode;
}

static bool is_c_library(const struct mapping *mapping)
{
    const char *name = strrchr(mapping->path, '/');
    return name && (strncmp(name, "/libc.", 6) == 0 || strncmp(name, "/libc-", 6) == 0 ||
                    strncmp(name, "/ld-musl", 8) == 0);
}

/* The C library first, which has both; then whatever else is linked. */
static void search_all(pid_t pid, const mapping_vector *mappings, struct injection_place *place)
{
    uint64_t searched = 0;
    for (int others = 0; others < 2; others++)
        for (size_t i = 0; i < mappings->count && !complete(place) && searched < FILES_MAX; i++) {
            const struct mapping *mapping = &mappings->items[i];
            if (!is_code(mapping) || is_c_library(mapping) == (others == 1))
                continue;
            search(pid, mapping, place);
            searched += mapping->end - mapping->start;
        }
}

struct error *injection_place_find(pid_t pid, struct injection_place *place)
{
    *place = (struct injection_place){0};
    mapping_vector mappings = {0};
    struct error *error = mappings_read(pid, &mappings);
    if (!error)
        search_all(pid, &mappings, place);
    mappings_free(&mappings);
    if (!error && !complete(place))
        error = error_hint(error_new(ERROR_CANNOT_LOOK,
                                     "the program of process %d has no "
                                     "instructions that --consistent could use",
                                     (int)pid),
                           "use --pause");
    return error;
}

bool injection_place_holds(pid_t pid, const struct injection_place *place)
{
    uint8_t call[sizeof call_bytes], restore[sizeof restore_bytes];
    return read_memory(pid, place->call, call, sizeof call) == sizeof call &&
           read_memory(pid, place->restore, restore, sizeof restore) == sizeof restore &&
           memcmp(call, call_bytes, sizeof call) == 0 &&
           memcmp(restore, restore_bytes, sizeof restore) == 0;
}

#endif
