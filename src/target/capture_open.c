/* A capture as a file: its two ends, the index, the sections. Whatever is not as it must be ends in
 * one sentence. */
#include "target/capture_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "os/process.h"
#include "target/capture_frame.h"

#define SECTIONS_MAX      16384
#define FACTS_MAX         (UINT64_C(1) << 20)
#define MAPPINGS_MAX      (UINT64_C(64) << 20)
#define PROCESS_FILES_MAX (UINT64_C(128) << 20)
#define MEMORY_TABLE_MAX  (UINT64_C(256) << 20)
#define ELF_FILE_MAX      (UINT64_C(160) << 20)
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

/* The frame at a place, decompressed; NULL with errno. The caller frees. */
static uint8_t *read_frame(const struct capture *capture, uint64_t offset, uint64_t stored,
                           uint64_t raw, uint64_t limit)
{
    errno = EBADMSG;
    if (offset > capture->size || stored > capture->size - offset || stored > 2 * limit + 1024)
        return NULL;
    errno = ENOMEM;
    _cleanup_free_ uint8_t *frame = malloc(stored ? stored : 1);
    if (!frame)
        return NULL;
    errno = EBADMSG;
    if (!capture_pread(capture->file, frame, stored, offset))
        return NULL;
    return capture_unpack(frame, stored, raw, limit);
}

/* ---- sections -------------------------------------------------------------------------------- */

static struct error *read_mappings(struct capture *capture, uint32_t moment, const uint8_t *bytes,
                                   size_t size)
{
    mapping_vector *mappings = &capture->mappings[moment];
    struct error *error = mappings_parse((const char *)bytes, size, mappings);
    uint64_t end = 0;
    for (size_t i = 0; !error && i < mappings->count; i++) {
        if (mappings->items[i].start < end)
            return capture_damaged(capture, "the list of its mappings");
        end = mappings->items[i].end;
    }
    return error;
}

/* What begins alike is searched one by one: a few names, in every recording. */
static bool is_usual_name(const char *path)
{
    static const char *const names[] = {
        "cgroup", "cmdline", "comm",  "exe",  "fd",    "fdinfo", "io",     "limits",
        "net",    "ns",      "sched", "self", "smaps", "stat",   "status", "task",
    };
    path += *path == '@';
    size_t length = strcspn(path, "/");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp(path, names[i], length) == 0 && !names[i][length])
            return true;
    return false;
}

static struct error *read_process_files(struct capture *capture, const uint8_t *bytes, size_t size)
{
    struct capture_process_file head;
    for (size_t at = 0; at < size;) {
        if (size - at < sizeof head)
            return capture_damaged(capture, "what /proc told");
        memcpy(&head, bytes + at, sizeof head);
        at += sizeof head;
        if (head.moment >= CAPTURE_MOMENTS_MAX || head.path_size > size - at ||
            head.size > size - at - head.path_size)
            return capture_damaged(capture, "what /proc told");
        _cleanup_free_ char *path = strndup((const char *)bytes + at, head.path_size);
        at += head.path_size;
        if (!path ||
            (is_usual_name(path) && !process_files_add(capture->process_files, head.moment, path,
                                                       bytes + at, (size_t)head.size)))
            return error_no_memory();
        at += head.size;
    }
    return NULL;
}

static void take_facts(struct capture *capture, uint8_t *bytes, size_t size)
{
    free(capture->facts);
    capture->facts = (char *)bytes;
    capture->facts_size = size;
    for (size_t i = 0; i < size; i++)
        if (bytes[i] == '\n')
            bytes[i] = '\0';
}

const char *capture_fact(const struct capture *capture, const char *key)
{
    size_t length = strlen(key);
    for (size_t at = 0; at < capture->facts_size;) {
        const char *line = capture->facts + at;
        if (strncmp(line, key, length) == 0 && line[length] == ' ')
            return line + length + 1;
        at += strlen(line) + 1;
    }
    return NULL;
}

static uint64_t limit_of(uint32_t kind)
{
    switch (kind) {
    case SECTION_FACTS:
        return FACTS_MAX;
    case SECTION_MAPPINGS:
        return MAPPINGS_MAX;
    case SECTION_PROCESS_FILES:
        return PROCESS_FILES_MAX;
    case SECTION_MEMORY:
        return MEMORY_TABLE_MAX;
    case SECTION_ELF_FILE:
        return ELF_FILE_MAX;
    default:
        return 0;
    }
}

static struct error *use_section(struct capture *capture, const struct capture_section *section,
                                 uint8_t **bytes)
{
    switch (section->kind) {
    case SECTION_FACTS:
        take_facts(capture, take_pointer(bytes), section->raw);
        return NULL;
    case SECTION_MAPPINGS:
        return read_mappings(capture, section->moment, *bytes, section->raw);
    case SECTION_PROCESS_FILES:
        return read_process_files(capture, *bytes, section->raw);
    case SECTION_MEMORY:
        return stored_memory_read(capture, section->moment, *bytes, section->raw);
    default:
        return stored_elf_add(capture, take_pointer(bytes), section->raw);
    }
}

static struct error *read_section(struct capture *capture, const struct capture_section *section)
{
    uint64_t limit = limit_of(section->kind);
    if (!limit && section->flags & SECTION_OPTIONAL)
        return NULL;
    if (!limit || section->moment >= CAPTURE_MOMENTS_MAX)
        return error_hint(error_new(ERROR_CANNOT_LOOK,
                                    "the capture %s holds something that this steth does not know",
                                    capture->path),
                          "read it with the steth that recorded it, or a newer one");
    _cleanup_free_ uint8_t *bytes =
        read_frame(capture, section->offset, section->stored, section->raw, limit);
    if (!bytes)
        return errno == ENOMEM ? error_no_memory() : capture_damaged(capture, "a section");
    return use_section(capture, section, &bytes);
}

/* The facts, which the others need, or the others. */
static struct error *read_sections(struct capture *capture, const uint8_t *records,
                                   struct capture_table table, bool facts)
{
    struct error *error = NULL;
    for (uint32_t i = 0; i < table.count && !error; i++) {
        struct capture_section section = {0};
        memcpy(&section, records + (size_t)i * table.record_size,
               table.record_size < sizeof section ? table.record_size : sizeof section);
        if ((section.kind == SECTION_FACTS) == facts)
            error = read_section(capture, &section);
    }
    return error;
}

static pid_t recorded_pid(const struct capture *capture)
{
    pid_t pid;
    const char *text = capture_fact(capture, "pid");
    return text && process_parse_pid(text, &pid) ? pid : 0;
}

static struct error *read_index(struct capture *capture, const struct capture_trailer *trailer)
{
    struct capture_table table;
    _cleanup_free_ uint8_t *index =
        read_frame(capture, trailer->index_offset, trailer->index_stored, trailer->index_raw,
                   CAPTURE_INDEX_MAX);
    if (!index)
        return errno == ENOMEM ? error_no_memory() : capture_damaged(capture, "its index");
    if (trailer->index_raw < sizeof table)
        return capture_damaged(capture, "its index");
    memcpy(&table, index, sizeof table);
    if (!table.record_size || table.count > SECTIONS_MAX ||
        table.count > (trailer->index_raw - sizeof table) / table.record_size)
        return capture_damaged(capture, "its index");
    struct error *error = read_sections(capture, index + sizeof table, table, true);
    if (error)
        return error;
    capture->process_files = process_files_recorded(recorded_pid(capture));
    return capture->process_files ? read_sections(capture, index + sizeof table, table, false)
                                  : error_no_memory();
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
        error = read_index(capture, &trailer);
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
