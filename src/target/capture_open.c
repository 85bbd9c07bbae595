/* A capture as a file: its two ends, and the moments that it shows. Whatever is not as it must be
 * ends in one sentence. */
#include "target/capture_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "target/capture_frame.h"

/* Decompressed memory that stays: this part of the machine's. */
#define KEPT_FRACTION 2

bool capture_recognise(const char *path)
{
    char magic[CAPTURE_MAGIC_BYTES];
    _cleanup_close_ int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    return file >= 0 && capture_pread(file, magic, sizeof magic, 0) &&
           memcmp(magic, CAPTURE_MAGIC, sizeof magic) == 0;
}

struct error *capture_damaged(const struct capture *capture, const char *what)
{
    return error_hint(error_new(ERROR_CANNOT_LOOK, "the capture %s is damaged: %s cannot be read",
                                capture->path, what),
                      "copy it again, or record again");
}

/* ---- the two ends ---------------------------------------------------------------------------- */

static struct error *open_file(struct capture *capture)
{
    struct stat facts;
    capture->file = open(capture->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (capture->file < 0)
        return error_new(errno == EACCES || errno == EPERM ? ERROR_PERMISSION : ERROR_CANNOT_LOOK,
                         "cannot open %s: %s", capture->path, strerror(errno));
    if (fstat(capture->file, &facts) < 0 || !S_ISREG(facts.st_mode))
        return error_new(ERROR_CANNOT_LOOK, "%s is no regular file", capture->path);
    capture->size = (uint64_t)facts.st_size;
    return NULL;
}

static struct error *read_header(struct capture *capture)
{
    struct capture_header *header = &capture->header;
    if (!capture_pread(capture->file, header, sizeof *header, 0) ||
        memcmp(header->magic, CAPTURE_MAGIC, sizeof header->magic) != 0)
        return error_new(ERROR_CANNOT_LOOK, "%s is no capture", capture->path);
    if (header->checksum != capture_checksum(header, offsetof(struct capture_header, checksum)))
        return capture_damaged(capture, "its header");
    if (header->readable_from > CAPTURE_VERSION)
        return error_hint(
            error_new(ERROR_CANNOT_LOOK, "the capture %s has format %u; this steth reads up to %u",
                      capture->path, (unsigned)header->readable_from, (unsigned)CAPTURE_VERSION),
            "read it with the steth that recorded it, or a newer one");
    return NULL;
}

static struct error *read_trailer(const struct capture *capture, struct capture_trailer *trailer)
{
    if (capture->size < sizeof capture->header + sizeof *trailer ||
        !capture_pread(capture->file, trailer, sizeof *trailer, capture->size - sizeof *trailer) ||
        memcmp(trailer->magic, CAPTURE_END_MAGIC, sizeof trailer->magic) != 0)
        return error_hint(error_new(ERROR_CANNOT_LOOK,
                                    "the capture %s is truncated: its end is missing",
                                    capture->path),
                          "copy it again, or record again");
    uint64_t end = capture->size - sizeof *trailer;
    if (trailer->checksum != capture_checksum(trailer, offsetof(struct capture_trailer, checksum)))
        return capture_damaged(capture, "its end");
    if (trailer->index_offset > end || trailer->index_stored != end - trailer->index_offset)
        return error_new(ERROR_CANNOT_LOOK, "the capture %s is truncated: bytes are missing",
                         capture->path);
    return NULL;
}

/* ---- moments --------------------------------------------------------------------------------- */

static const char *fact_of_moment(const struct capture *capture, const char *key, unsigned moment)
{
    char name[64];
    snprintf(name, sizeof name, "%s.%u", key, moment);
    return capture_fact(capture, name);
}

/* Everything needs a first moment; a second one has clocks, too. */
static struct error *begin_moments(struct capture *capture)
{
    if (!capture->memory[0].runs || !capture->mappings[0].count)
        return capture_damaged(capture, "its memory");
    for (unsigned i = 0; i < CAPTURE_MOMENTS_MAX; i++) {
        const char *monotonic = fact_of_moment(capture, "monotonic", i);
        const char *since_boot = fact_of_moment(capture, "since_boot", i);
        bool told = monotonic && since_boot && capture->mappings[i].count;
        if (!told && i)
            break;
        if (told && !process_files_add_clocks(capture->process_files, i, strtod(monotonic, NULL),
                                              strtod(since_boot, NULL)))
            return error_no_memory();
        capture->moments = i + 1;
    }
    const char *first = fact_of_moment(capture, "monotonic", 0);
    const char *last = fact_of_moment(capture, "monotonic", capture->moments - 1);
    if (first && last)
        capture->seconds = strtod(last, NULL) - strtod(first, NULL);
    return NULL;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static uint64_t room_for_blocks(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    return pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size / KEPT_FRACTION : UINT64_MAX;
}

static struct error *read_whole(struct capture *capture)
{
    struct capture_trailer trailer;
    struct error *error = open_file(capture);
    if (!error)
        error = read_header(capture);
    if (!error)
        error = read_trailer(capture, &trailer);
    if (!error)
        error = capture_read_index(capture, &trailer);
    return error ? error : begin_moments(capture);
}

struct error *capture_open(const char *path, struct capture **out)
{
    struct capture *capture = calloc(1, sizeof *capture);
    if (!capture)
        return error_no_memory();
    capture->file = -1;
    capture->keep_most = room_for_blocks();
    pthread_mutex_init(&capture->lock, NULL);
    capture->path = strdup(path);
    struct error *error = capture->path ? read_whole(capture) : error_no_memory();
    if (error) {
        capture_free(capture);
        return error;
    }
    *out = capture;
    return NULL;
}

void capture_free(struct capture *capture)
{
    for (unsigned i = 0; i < CAPTURE_MOMENTS_MAX; i++) {
        stored_memory_free(&capture->memory[i]);
        mappings_free(&capture->mappings[i]);
    }
    for (size_t i = 0; i < capture->files.count; i++)
        free(capture->files.items[i].section);
    vector_free(&capture->files);
    while (capture->idle_decompressors)
        ZSTD_freeDCtx(capture->decompressors[--capture->idle_decompressors]);
    process_files_free(capture->process_files);
    pthread_mutex_destroy(&capture->lock);
    if (capture->file >= 0)
        close(capture->file);
    free(capture->later);
    free(capture->last);
    free(capture->facts);
    free(capture->path);
    free(capture);
}
