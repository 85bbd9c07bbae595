/*
 * raw_stream PID THREADS: the floor under any census. Streams the resident private writable bytes
 * of a process through a reused buffer per thread with process_vm_readv, looks at none of them,
 * and prints {"seconds", "cpu_seconds", "plan_seconds", "bytes", "short_reads"}. Shares no code
 * with steth.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>

#include "resident.h"

#define PAGE_BYTES  4096
#define THREADS_MAX 16

static struct resident resident;
static pid_t pid;
static atomic_size_t next_piece;
static atomic_uint_fast64_t bytes, short_reads;

static double now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void *stream(void *buffer)
{
    size_t index;
    while ((index = atomic_fetch_add(&next_piece, 1)) < resident.count) {
        struct piece piece = resident.pieces[index];
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
    void *buffer = aligned_alloc(PAGE_BYTES, PIECE_BYTES);
    if (!buffer)
        exit(EXIT_FAILURE);
    return memset(buffer, 0, PIECE_BYTES); /* its page faults are not what is measured */
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
    if (!resident_find(pid, &resident)) {
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
    free(resident.pieces);
    return EXIT_SUCCESS;
}
