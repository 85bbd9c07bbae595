#include "record/texts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/address_map.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "os/asleep.h"

#define FILE_LIMIT        ((size_t)1 << 16)
#define NET_LIMIT         ((size_t)16 << 20)
#define THREADS_MAX       32768
#define DESCRIPTORS_MAX   65536
#define TEXTS_MAX         ((size_t)96 << 20) /* below what a reader accepts */
#define SOCKET_OF_A_TABLE 16                 /* words of a line that may be its inode */

struct texts {
    const struct process_files *files;
    unsigned moment;
    capture_bytes *bytes;
    uint64_t threads, descriptors;
    struct address_map sockets;    /* inode -> 1 */
    struct address_map processors; /* number + 1 -> 1: those whose clocks are there */
    bool no_memory;
};

static void put(struct texts *texts, const char *path, const char *text, size_t size)
{
    struct capture_process_file head = {texts->moment, (uint32_t)strlen(path), size};
    if (texts->bytes->count + size > TEXTS_MAX)
        return;
    if (!capture_append(texts->bytes, &head, sizeof head) ||
        !capture_append(texts->bytes, path, head.path_size) ||
        !capture_append(texts->bytes, text, size))
        texts->no_memory = true;
}

static void put_file(struct texts *texts, const char *path)
{
    size_t size = 0;
    _cleanup_free_ char *text = process_files_read(texts->files, path, FILE_LIMIT, &size);
    if (text)
        put(texts, path, text, size);
}

/* As "@fd/3"; the caller frees where it leads. */
static char *put_link(struct texts *texts, const char *path)
{
    _cleanup_free_ char *name = text_format("@%s", path);
    char *leads_to = process_files_link(texts->files, path);
    if (leads_to && name)
        put(texts, name, leads_to, strlen(leads_to));
    return leads_to;
}

/* ---- threads --------------------------------------------------------------------------------- */

/* Of the processor that the thread last ran on. */
static void put_clock(struct texts *texts, const char *thread)
{
    char path[64];
    int processor;
    snprintf(path, sizeof path, "task/%.20s/stat", thread);
    _cleanup_free_ char *stat = process_files_read(texts->files, path, FILE_LIMIT, NULL);
    _cleanup_free_ char *clock = stat ? thread_processor_clock(stat, &processor) : NULL;
    uint64_t key = clock ? (uint64_t)processor + 1 : 0;
    if (!clock || address_map_get(&texts->processors, key) != ADDRESS_MAP_ABSENT)
        return;
    texts->no_memory |= !address_map_put(&texts->processors, key, 1);
    put_file(texts, clock);
}

static bool put_thread(void *context, const char *name)
{
    /* The count of runs first and that of switches behind the wait, as a live look reads them. */
    static const char *const of_thread[] = {"schedstat", "syscall", "stat",
                                            "status",    "sched",   "comm"};
    struct texts *texts = context;
    for (size_t i = 0; i < sizeof of_thread / sizeof *of_thread; i++) {
        char path[64];
        snprintf(path, sizeof path, "task/%.20s/%s", name, of_thread[i]);
        put_file(texts, path);
    }
    put_clock(texts, name);
    return ++texts->threads < THREADS_MAX && !texts->no_memory;
}

/* ---- descriptors and sockets ----------------------------------------------------------------- */

static bool put_descriptor(void *context, const char *name)
{
    struct texts *texts = context;
    char path[64];
    uint64_t inode;
    snprintf(path, sizeof path, "fd/%.20s", name);
    _cleanup_free_ char *leads_to = put_link(texts, path);
    if (leads_to && sscanf(leads_to, "socket:[%" SCNu64 "]", &inode) == 1 && inode)
        texts->no_memory |= !address_map_put(&texts->sockets, inode, 1);
    snprintf(path, sizeof path, "fdinfo/%.20s", name);
    put_file(texts, path);
    return ++texts->descriptors < DESCRIPTORS_MAX && !texts->no_memory;
}

/* Whether a line of a table of sockets may be of one that the process has open. */
static bool concerns(const struct texts *texts, const char *line, size_t length)
{
    char copy[512], *rest = NULL;
    snprintf(copy, sizeof copy, "%.*s", (int)(length < sizeof copy ? length : sizeof copy - 1),
             line);
    unsigned words = 0;
    for (char *word = strtok_r(copy, " ", &rest); word && words < SOCKET_OF_A_TABLE;
         word = strtok_r(NULL, " ", &rest), words++) {
        char *end;
        uint64_t number = strtoull(word, &end, 10);
        if (number && !*end && address_map_get(&texts->sockets, number) != ADDRESS_MAP_ABSENT)
            return true;
    }
    return false;
}

/* A table of the sockets of a whole namespace: its head, and what is of this process. */
static void put_sockets(struct texts *texts, const char *path)
{
    size_t size = 0, kept = 0;
    _cleanup_free_ char *text = process_files_read(texts->files, path, NET_LIMIT, &size);
    for (size_t at = 0; text && at < size;) {
        const char *line = text + at, *end = memchr(line, '\n', size - at);
        size_t length = end ? (size_t)(end - line) + 1 : size - at;
        if (!at || concerns(texts, line, length)) {
            memmove(text + kept, line, length);
            kept += length;
        }
        at += length;
    }
    if (text)
        put(texts, path, text, kept);
}

static void put_process(struct texts *texts)
{
    static const char *const of_process[] = {"comm", "limits", "cgroup", "io"};
    static const char *const tables[] = {"net/tcp",  "net/tcp6", "net/udp",
                                         "net/udp6", "net/unix", "net/netlink"};
    for (size_t i = 0; i < sizeof of_process / sizeof *of_process; i++)
        put_file(texts, of_process[i]);
    free(put_link(texts, "exe"));
    (void)process_files_visit(texts->files, "fd", put_descriptor, texts);
    for (size_t i = 0; texts->sockets.count && i < sizeof tables / sizeof *tables; i++)
        put_sockets(texts, tables[i]);
}

static void put_command(struct texts *texts, bool values)
{
    size_t size = 0;
    _cleanup_free_ char *text = process_files_read(texts->files, "cmdline", FILE_LIMIT, &size);
    if (text)
        put(texts, "cmdline", text, values ? size : strlen(text));
}

bool texts_take(const struct process_files *files, unsigned moment, bool values,
                capture_bytes *bytes, uint64_t *threads)
{
    struct texts texts = {.files = files, .moment = moment, .bytes = bytes};
    put_file(&texts, "stat");
    put_file(&texts, "status");
    (void)process_files_visit(files, "task", put_thread, &texts);
    if (!moment) {
        put_command(&texts, values);
        put_process(&texts);
    }
    address_map_free(&texts.sockets);
    address_map_free(&texts.processors);
    *threads = texts.threads;
    return !texts.no_memory;
}

bool texts_of_mappings(struct target *target, capture_bytes *bytes)
{
    size_t count;
    const struct mapping *mappings = target_mappings(target, &count);
    for (size_t i = 0; i < count; i++) {
        const struct mapping *mapping = &mappings[i];
        _cleanup_free_ char *line = text_format(
            "%" PRIx64 "-%" PRIx64 " %c%c%c%c %08" PRIx64 " 00:00 %" PRIu64 " %s\n", mapping->start,
            mapping->end, mapping->readable ? 'r' : '-', mapping->writable ? 'w' : '-',
            mapping->executable ? 'x' : '-', mapping->shared ? 's' : 'p', mapping->offset,
            mapping->inode, mapping->path);
        if (!line || !capture_append(bytes, line, strlen(line)))
            return false;
    }
    return true;
}
