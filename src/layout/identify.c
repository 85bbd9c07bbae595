/* What a process is, before any layout is proved. */
#include "layout/internal.h"

#include <stdlib.h>
#include <string.h>

/* From the library's name, the program's, or that of anything it has mapped ("…/python3.9/…"). */
static bool version_from_names(const struct found_runtime *found, struct cpython_version *version,
                               char *abi_flag)
{
    if (version_from_path(path_file_name(found->library->path), version, abi_flag))
        return true;
    if (found->program &&
        version_from_path(path_file_name(found->program->path), version, abi_flag))
        return true;
    for (size_t i = 0; i < found->modules.count; i++) {
        if (version_from_path(found->modules.items[i].path, version, abi_flag))
            return true;
    }
    return false;
}

/* Py_Version: exported from 3.11 on. */
static bool version_from_symbol(struct target *target, const struct found_runtime *found,
                                struct cpython_version *version)
{
    uint64_t address = runtime_symbol(target, found, "Py_Version"), hex;
    if (!address || !target_read_word(target, address, &hex) || hex > UINT32_MAX)
        return false;
    *version = version_from_hex((uint32_t)hex);
    return version_is_exact(*version);
}

static void identify_version(struct target *target, const struct found_runtime *found,
                             struct cpython_identity *identity)
{
    struct debug_offsets offsets = {0};
    char abi_flag = '\0';
    bool named = version_from_names(found, &identity->version, &abi_flag);
    if (found->runtime)
        debug_offsets_read(target, found->runtime, &offsets);
    if (offsets.present)
        identity->version = version_from_hex(offsets.version);
    else if (!version_from_symbol(target, found, &identity->version) && !named)
        identity->version = version_from_hex(0);
    identity->free_threaded = offsets.free_threaded || abi_flag == 't';
}

void identify_found(struct target *target, const struct found_runtime *found,
                    struct cpython_identity *identity)
{
    identity->found = true;
    identity->library = strdup(found->library->path);
    identity->embedded = !runtime_is_python_program(found);
    identify_version(target, found, identity);
    /* Defined where Py_REF_DEBUG is: Include/object.h, 3.8 to 3.15. */
    identity->debug_build = runtime_symbol(target, found, "_Py_NegativeRefcount") ||
                            runtime_symbol(target, found, "_Py_RefTotal");
}

struct error *cpython_identify(struct target *target, struct cpython_identity *identity)
{
    *identity = (struct cpython_identity){0};
    struct found_runtime found;
    struct error *error = runtime_find(target, &found);
    if (!error && found.library)
        identify_found(target, &found, identity);
    runtime_found_free(&found);
    return error;
}

void cpython_identity_free(struct cpython_identity *identity)
{
    free(identity->library);
    *identity = (struct cpython_identity){0};
}
