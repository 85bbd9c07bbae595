/* The bytes of a core, and of the files that it leaves memory to. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "target/core_internal.h"
#include "target/native_internal.h"

static size_t read_at(int descriptor, uint64_t offset, void *buffer, size_t size)
{
    size_t done = 0;
    while (done < size && offset + done <= INT64_MAX) {
        ssize_t got = pread(descriptor, (char *)buffer + done, size - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        done += (size_t)got;
    }
    return done;
}

/* As it was mapped: behind its end, zeros up to the end of the page. */
static size_t read_file(const struct core_file *file, uint64_t offset, void *buffer, size_t size)
{
    uint64_t end = (file->size + CORE_PAGE - 1) & ~(CORE_PAGE - 1);
    if (file->descriptor < 0 || offset >= end)
        return 0;
    size = size < end - offset ? size : (size_t)(end - offset);
    size_t got = read_at(file->descriptor, offset, buffer, size);
    if (got < size && offset + got >= file->size) {
        memset((char *)buffer + got, 0, size - got);
        got = size;
    }
    return got;
}

/* As much as lies in this piece. */
static size_t read_piece(const struct core *core, const struct core_piece *piece, uint64_t address,
                         void *buffer, size_t size, bool files)
{
    uint64_t within = address - piece->start;
    size = size < piece->end - address ? size : (size_t)(piece->end - address);
    size_t done = 0;
    if (address < piece->there) {
        size_t step = size < piece->there - address ? size : (size_t)(piece->there - address);
        done = read_at(core->descriptor, piece->offset + within, buffer, step);
        if (done < step)
            return done;
    }
    if (!files || done == size || address + done < piece->dumped || piece->file == NO_FILE ||
        piece->writable)
        return done;
    return done + read_file(&core->files.items[piece->file], piece->file_offset + within + done,
                            (char *)buffer + done, size - done);
}

static size_t read_pieces(const struct core *core, uint64_t address, void *buffer, size_t size,
                          bool files)
{
    const struct core_piece *piece = core_piece_at(core, address);
    const struct core_piece *end = core->pieces.items + core->pieces.count;
    size_t done = 0;
    while (piece && piece < end && done < size && piece->start <= address + done) {
        size_t step =
            read_piece(core, piece, address + done, (char *)buffer + done, size - done, files);
        done += step;
        if (address + done < piece->end)
            break;
        piece++;
    }
    return done;
}

bool core_read_dumped(const struct core *core, uint64_t address, void *buffer, size_t size)
{
    return address + size >= address && read_pieces(core, address, buffer, size, false) == size;
}

static size_t core_read_some(struct target *target, uint64_t address, void *buffer, size_t size)
{
    return read_pieces(target->core, address, buffer, size, true);
}

static void core_read_batch(struct target *target, struct read_request *requests, size_t count)
{
    for (size_t i = 0; i < count; i++)
        requests[i].ok = core_read_some(target, requests[i].address, requests[i].buffer,
                                        requests[i].size) == requests[i].size;
}

/* Pages that never were resident are holes in the core. */
static void core_visit_present(struct target *target, uint64_t start, uint64_t end,
                               void (*visit)(void *context, uint64_t start, uint64_t end),
                               void *context)
{
    const struct core *core = target->core;
    while (start < end) {
        const struct core_piece *piece = core_piece_at(core, start);
        if (!piece)
            return;
        uint64_t stop = piece->there < end ? piece->there : end;
        for (uint64_t at = start; at < stop;) {
            off_t offset = (off_t)(piece->offset + (at - piece->start));
            off_t data = lseek(core->descriptor, offset, SEEK_DATA);
            off_t hole = data < 0 ? -1 : lseek(core->descriptor, data, SEEK_HOLE);
            if (data < 0 && errno == ENXIO)
                break;
            uint64_t from = data < 0 ? at : at + (uint64_t)(data - offset);
            uint64_t to = hole < 0 ? stop : at + (uint64_t)(hole - offset);
            from &= ~(CORE_PAGE - 1);
            to = (to + CORE_PAGE - 1) & ~(CORE_PAGE - 1);
            from = from > at ? from : at;
            to = to < stop ? to : stop;
            if (from < to)
                visit(context, from, to);
            at = to > at ? to : stop;
        }
        start = piece->end;
    }
}

static struct error *core_refresh(struct target *target)
{
    (void)target;
    return NULL;
}

static int core_open_module(struct target *target, const struct elf_module *module)
{
    const struct core *core = target->core;
    for (size_t i = 0; i < core->files.count; i++)
        if (core->files.items[i].start == module->start && core->files.items[i].descriptor >= 0)
            return fcntl(core->files.items[i].descriptor, F_DUPFD_CLOEXEC, 0);
    return -1;
}

const struct target_operations core_operations = {
    .kind = "core",
    .read_some = core_read_some,
    .read_batch = core_read_batch,
    .visit_present = core_visit_present,
    .refresh = core_refresh,
    .open_module = core_open_module,
    .costly = true,
};

bool target_registers(const struct target *target, pid_t tid, struct native_registers *registers)
{
    const struct core *core = target->core;
    for (size_t i = 0; core && i < core->threads.count; i++)
        if (core->threads.items[i].tid == tid) {
            native_registers_take(core->threads.items[i].status.pr_reg, registers);
            return true;
        }
    return false;
}

const char *target_missing_file(const struct target *target, const char *path)
{
    const struct core *core = target->base ? target->base->core : target->core;
    for (size_t i = 0; core && i < core->files.count; i++)
        if (strcmp(core->files.items[i].path, path) == 0 && core->files.items[i].descriptor < 0)
            return core->files.items[i].why;
    return NULL;
}
