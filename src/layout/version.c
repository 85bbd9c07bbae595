#include "layout/internal.h"

#include <stdio.h>
#include <string.h>

/* PY_VERSION_HEX: major, minor, micro, then a nibble each for level and serial. */
struct cpython_version version_from_hex(uint32_t hex)
{
    struct cpython_version version = {
        .hex = hex,
        .major = hex >> 24,
        .minor = hex >> 16 & 0xFF,
        .micro = hex >> 8 & 0xFF,
    };
    unsigned level = hex >> 4 & 0xF, serial = hex & 0xF;
    char *text = version.text;
    size_t size = sizeof version.text;
    if (!version_is_exact(version))
        snprintf(text, size, "%u.%u", version.major, version.minor);
    else if (level == 0xF)
        snprintf(text, size, "%u.%u.%u", version.major, version.minor, version.micro);
    else
        snprintf(text, size, "%u.%u.%u%s%u", version.major, version.minor, version.micro,
                 level == 0xA   ? "a"
                 : level == 0xB ? "b"
                                : "rc",
                 serial);
    return version;
}

bool version_is_exact(struct cpython_version version)
{
    return version.hex & 0xF0;
}

bool version_from_path(const char *path, struct cpython_version *version, char *abi_flag)
{
    const char *found = NULL, *next = path;
    unsigned major, minor;
    while ((next = strstr(next, "python"))) {
        next += strlen("python");
        if (sscanf(next, "%1u.%2u", &major, &minor) == 2)
            found = next;
    }
    if (!found)
        return false;
    int length = 0;
    sscanf(found, "%1u.%2u%n", &major, &minor, &length);
    *version = version_from_hex(major << 24 | minor << 16);
    *abi_flag = found[length];
    return true;
}

/* "3.8" of 0x030812F0. */
static struct cpython_version minor_of(uint32_t hex)
{
    return version_from_hex(hex & 0xFFFF0000);
}

struct error *version_check_support(struct cpython_version version, bool free_threaded,
                                    bool debug_build)
{
    size_t count;
    const struct layout_table *tables = layout_tables(&count);
    uint32_t oldest = UINT32_MAX, newest = 0;
    bool free_threading = false;
    for (size_t i = 0; i < count; i++) {
        oldest = tables[i].first_hex < oldest ? tables[i].first_hex : oldest;
        newest = tables[i].last_hex > newest ? tables[i].last_hex : newest;
        free_threading |= tables[i].free_threaded;
    }
    const char *text = version.text;
    if (version.hex && version.hex >> 16 < oldest >> 16)
        return error_new(ERROR_CANNOT_LOOK,
                         "CPython %s is too old: versions %s to %s can be examined", text,
                         minor_of(oldest).text, minor_of(newest).text);
    if (version.hex >> 16 > newest >> 16)
        return error_new(ERROR_CANNOT_LOOK,
                         "CPython %s is newer than this steth: versions %s to %s can be examined",
                         text, minor_of(oldest).text, minor_of(newest).text);
    if (free_threaded && !free_threading)
        return error_new(ERROR_CANNOT_LOOK,
                         "this is a free-threaded build of CPython %s; only builds with a global "
                         "interpreter lock can be examined",
                         text);
    if (debug_build)
        return error_new(ERROR_CANNOT_LOOK,
                         "this is a debug build of CPython %s; only release builds can be examined",
                         text);
    return NULL;
}
