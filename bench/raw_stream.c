/*
 * raw_stream PID THREADS: the floor under any census. Streams the resident private writable bytes
 * of a process through a reused buffer per thread with process_vm_readv, looks at none of them,
 * and prints {"seconds", "cpu_seconds", "plan_seconds", "bytes", "short_reads"}. Shares no code
 * with steth.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define BUFFER_BYTES ((size_t)8 << 20)
#define PAGE_BYTES   UINT64_C(4096)
#define PAGES_MAX    (BUFFER_BYTES / PAGE_BYTES)
#define PRESENT      (UINT64_C(3) << 62) /* in memory or swapped */
#define PIECES_MAX   ((size_t)1 << 20)
#define THREADS_MAX  16

struct piece {
    uint64_t start;
    size_t size; /* at most BUFFER_BYTES */
};

static struct piece *pieces;
static size_t piece_count;
static pid_t pid;
static atomic_size_t next_piece;
static atomic_uint_fast64_t bytes, short_reads;

static double now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void add_page(uint64_t page)
{
    struct piece *last = piece_count ? &pieces[piece_count - 1] : NULL;
    if (last && last->start + last->size == page && last->size < BUFFER_BYTES)
        last->size += PAGE_BYTES;
    else if (piece_count < PIECES_MAX)
        pieces[piece_count++] = (struct piece){page, PAGE_BYTES};
}

static void add_present(int pagemap, uint64_t start, uint64_t end)
{
    static uint64_t entries[PAGES_MAX];
    while (start < end) {
        size_t want = (size_t)((end - start) / PAGE_BYTES);
        want = want < PAGES_MAX ? want : PAGES_MAX;
        ssize_t got = pread(pagemap, entries, want * sizeof *entries,
                            (off_t)(start / PAGE_BYTES * sizeof *entries));
        if (got < (ssize_t)sizeof *entries)
            return;
        for (size_t i = 0; i < (size_t)got / sizeof *entries; i++, start += PAGE_BYTES)
            if (entries[i] & PRESENT)
                add_page(start);
    }
}

static bool plan(void)
{
    char name[64], line[4096], access[8], path[4096];
    snprintf(name, sizeof name, "/proc/%d/pagemap", (int)pid);
    int pagemap = open(name, O_RDONLY);
    snprintf(name, sizeof name, "/proc/%d/maps", (int)pid);
    FILE *maps = fopen(name, "r");
    pieces = calloc(PIECES_MAX, sizeof *pieces);
    if (pagemap < 0 || !maps || !pieces)
        return false;
    while (fgets(line, sizeof line, maps)) {
        uint64_t start, end;
        path[0] = '\0';
        if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s %*s %*s %*s %4095s", &start, &end, access,
                   path) < 3)
            continue;
        bool special = path[0] == '[' && strcmp(path, "[heap]") != 0;
        if (strncmp(access, "rw", 2) == 0 && access[3] == 'p' && !special)
            add_present(pagemap, start, end);
    }
    fclose(maps);
    close(pagemap);
    return piece_count > 0;
}

static void *stream(void *buffer)
{
    size_t index;
    while ((index = atomic_fetch_add(&next_piece, 1)) < piece_count) {
        struct piece piece = pieces[index];
        struct iovec local = {buffer, piece.size};
        struct iovec remote = {(void *)(uintptr_t)piece.start, piece.size};
        ssize_t got = process_vm_readv(pid, &local, 1, &remote, 1, 0);
        if (got < (ssize_t)piece.size)
            atomic_fetch_add(&short_reads, 1);
        if (got > 0)
            atomic_fetch_add(&bytes, (uint64_t)got);
    }
    return NULL;
}

static void *new_buffer(void)
{
    void *buffer = aligned_alloc(PAGE_BYTES, BUFFER_BYTES);
    if (!buffer)
        exit(EXIT_FAILURE);
    return memset(buffer, 0, BUFFER_BYTES); /* its page faults are not what is measured */
}

int main(int argc, char **argv)
{
    int threads = argc == 3 ? atoi(argv[2]) : 0;
    if (threads < 1 || threads > THREADS_MAX) {
        fprintf(stderr, "usage: bench-raw-stream PID THREADS\n");
        return 2;
    }
    pid = (pid_t)atoi(argv[1]);
    double begin = now(CLOCK_MONOTONIC);
    if (!plan()) {
        fprintf(stderr, "bench-raw-stream: cannot read process %d\n", (int)pid);
        return 4;
    }
    double planned = now(CLOCK_MONOTONIC);
    pthread_t others[THREADS_MAX];
    void *buffers[THREADS_MAX];
    for (int i = 0; i < threads; i++)
        buffers[i] = new_buffer();
    double start = now(CLOCK_MONOTONIC), start_cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 1; i < threads; i++)
        if (pthread_create(&others[i], NULL, stream, buffers[i]))
            return EXIT_FAILURE;
    stream(buffers[0]);
    for (int i = 1; i < threads; i++)
        pthread_join(others[i], NULL);
    double end = now(CLOCK_MONOTONIC), end_cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    printf(
        "{\"seconds\": %.6f, \"cpu_seconds\": %.6f, \"plan_seconds\": %.6f, \"bytes\": %" PRIuFAST64
        ", \"short_reads\": %" PRIuFAST64 "}\n",
        end - start, end_cpu - start_cpu, planned - begin, atomic_load(&bytes),
        atomic_load(&short_reads));
    for (int i = 0; i < threads; i++)
        free(buffers[i]);
    free(pieces);
    return EXIT_SUCCESS;
}
