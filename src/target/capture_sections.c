/* The sections of a capture, as its index lists them: facts, mappings, files of /proc, memory, ELF
 * files. */
#include "target/capture_internal.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "os/process.h"
#include "target/capture_frame.h"

#define SECTIONS_MAX      16384
#define FACTS_MAX         (UINT64_C(1) << 20)
#define MAPPINGS_MAX      (UINT64_C(64) << 20)
#define PROCESS_FILES_MAX (UINT64_C(128) << 20)
#define MEMORY_TABLE_MAX  (UINT64_C(256) << 20)
#define ELF_FILE_MAX      (UINT64_C(160) << 20)

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

/* ---- what they hold -------------------------------------------------------------------------- */

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

/* ---- the index ------------------------------------------------------------------------------- */

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

struct error *capture_read_index(struct capture *capture, const struct capture_trailer *trailer)
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
