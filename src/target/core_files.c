/* The files that a core leaves memory to. One counts only when it is the build that was mapped. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "target/core_internal.h"
#include "target/symbols_internal.h"

static const char not_here[] = "no such file here";
static const char other_build[] = "the file here is another build";
static const char not_proved[] = "the core has nothing to know it by; give it, or --sysroot";
static const char no_elf[] = "the file here is no ELF file of this machine";

/* The header at least is the same. */
static bool same_header(const struct core *core, uint64_t start, int descriptor)
{
    uint8_t mapped[sizeof(Elf64_Ehdr)], here[sizeof(Elf64_Ehdr)];
    return core_read_dumped(core, start, mapped, sizeof mapped) &&
           pread(descriptor, here, sizeof here, 0) == (ssize_t)sizeof here &&
           memcmp(mapped, here, sizeof here) == 0;
}

/* Why the file on `descriptor` is not the one that was mapped; NULL when it is. Where nothing of it
 * was dumped, only who looks can know (`trusted`). */
static const char *judge(const struct core *core, const struct core_file *file, int descriptor,
                         bool trusted)
{
    struct build_id mapped, here;
    if (!core_file_build(descriptor, &here))
        return no_elf;
    if (!core_mapped_build(core, file->start, &mapped))
        return trusted ? NULL : not_proved;
    if (!mapped.size || !here.size)
        return same_header(core, file->start, descriptor) ? NULL : other_build;
    return mapped.size == here.size && memcmp(mapped.bytes, here.bytes, here.size) == 0
               ? NULL
               : other_build;
}

/* Tries one place; keeps the first reason that is more than absence. */
static bool try_path(const struct core *core, struct core_file *file, const char *path,
                     bool trusted)
{
    struct stat status;
    int descriptor = path ? open_regular(path) : -1;
    if (descriptor < 0 || fstat(descriptor, &status)) {
        if (descriptor >= 0)
            close(descriptor);
        return false;
    }
    const char *why = judge(core, file, descriptor, trusted);
    if (why) {
        close(descriptor);
        if (file->why == not_here)
            file->why = why;
        return false;
    }
    file->descriptor = descriptor;
    file->size = (uint64_t)status.st_size;
    file->why = NULL;
    return true;
}

/* An executable that was named must prove itself: its path says nothing. */
static bool try_given(const struct core *core, struct core_file *file,
                      const struct core_options *options)
{
    struct build_id mapped;
    bool provable = core_mapped_build(core, file->start, &mapped);
    bool program = core_auxiliary(core, AT_PHDR) - file->start < 4096;
    return options->executable && (provable || program) &&
           try_path(core, file, options->executable, true);
}

static void find_file(const struct core *core, struct core_file *file,
                      const struct core_options *options)
{
    file->why = not_here;
    if (!file->start || file->path[0] != '/')
        return;
    file->given = try_given(core, file, options);
    if (file->given)
        return;
    file->why = not_here; /* what was named need not be for this file */
    const char *slash = strrchr(core->path, '/'), *name = strrchr(file->path, '/');
    _cleanup_free_ char *below =
        options->root ? text_format("%s%s", options->root, file->path) : strdup(file->path);
    _cleanup_free_ char *beside =
        slash ? text_format("%.*s%s", (int)(slash - core->path), core->path, name)
              : strdup(name + 1);
    if (!try_path(core, file, below, options->root))
        (void)try_path(core, file, beside, false);
}

/* A file that was named, but is none of the core's. */
static struct error *refuse_given(const struct core *core, const struct core_options *options)
{
    if (access(options->executable, R_OK))
        return error_new(ERROR_CANNOT_LOOK, "cannot read '%s': %s", options->executable,
                         strerror(errno));
    const struct core_piece *piece = core_piece_at(core, core_auxiliary(core, AT_PHDR));
    const char *program =
        piece && piece->file != NO_FILE ? core->files.items[piece->file].path : "another program";
    return error_hint(error_new(ERROR_CANNOT_LOOK, "'%s' is the build of no file that '%s' is of",
                                options->executable, core->path),
                      "it is of %s, as it was then", program);
}

struct error *core_open_files(struct core *core, const struct core_options *options)
{
    bool used = !options->executable;
    for (size_t i = 0; i < core->files.count; i++) {
        struct core_file *file = &core->files.items[i];
        find_file(core, file, options);
        used |= file->given;
    }
    return used ? NULL : refuse_given(core, options);
}
