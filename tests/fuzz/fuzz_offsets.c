/* Arbitrary bytes as _Py_DebugOffsets, laid over every table; and as the path of a library. */
#include <string.h>

#include "layout/internal.h"

#define RUNTIME UINT64_C(0x10000)
#define COOKIE  "xdebugpy"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_tables(struct target *target)
{
    struct debug_offsets offsets;
    size_t count;
    const struct layout_table *tables = layout_tables(&count);
    debug_offsets_read(target, RUNTIME, &offsets);
    for (size_t i = 0; i < count; i++) {
        struct layout_offsets at = tables[i].at;
        debug_offsets_disagreement(&offsets, &tables[i]);
        debug_offsets_apply(&offsets, &tables[i], &at);
    }
    if (offsets.present)
        error_free(
            version_check_support(version_from_hex(offsets.version), offsets.free_threaded, false));
}

static void try_path(const uint8_t *data, size_t size)
{
    char path[256], flag;
    struct cpython_version version;
    size = size < sizeof path ? size : sizeof path - 1;
    memcpy(path, data, size);
    path[size] = '\0';
    path_file_name(path);
    (void)version_from_path(path, &version, &flag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t bytes[DEBUG_OFFSETS_MAX] = COOKIE;
    size_t room = sizeof bytes - strlen(COOKIE);
    size_t taken = size < room ? size : room;
    memcpy(bytes + strlen(COOKIE), data, taken);
    const struct image_segment segment = {RUNTIME, bytes, strlen(COOKIE) + taken};
    struct target *target;
    struct error *error = target_open_image(&segment, 1, &target);
    if (!error) {
        try_tables(target);
        target_close(target);
    }
    error_free(error);
    try_path(data, size);
    return 0;
}
