/*
 * raw_copy PID [huge]: the floor under any analysis of memory that is copied first. Copies the
 * resident private writable bytes of a process into fresh memory of that size with
 * process_vm_readv, on two threads, and looks at none of them; `huge` asks for huge pages. Prints
 * {"seconds", "cpu_seconds", "bytes", "peak_bytes"}; finding out which pages are resident does not
 * count. Shares no code with steth.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <time.h>

#include "resident.h"

static struct resident resident;
static uint8_t **places; /* of the pieces */
static pid_t pid;
static atomic_size_t next_piece;
static atomic_uint_fast64_t bytes;

static double now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void *copy(void *unused)
{
    (void)unused;
    size_t index;
    while ((index = atomic_fetch_add(&next_piece, 1)) < resident.count) {
        struct piece piece = resident.pieces[index];
        struct iovec local = {places[index], piece.size};
        struct iovec remote = {(void *)(uintptr_t)piece.start, piece.size};
        ssize_t got = process_vm_readv(pid, &local, 1, &remote, 1, 0);
        if (got > 0)
            atomic_fetch_add(&bytes, (uint64_t)got);
    }
    return NULL;
}

static uint64_t peak_bytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)usage.ru_maxrss * 1024;
}

/* Room for all pieces, one behind the other. */
static int make_room(int huge)
{
    size_t size = 0;
    places = calloc(resident.count, sizeof *places);
    for (size_t i = 0; i < resident.count; i++)
        size += resident.pieces[i].size;
    uint8_t *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (!places || memory == MAP_FAILED)
        return 0;
    if (huge)
        (void)madvise(memory, size, MADV_HUGEPAGE);
    for (size_t i = 0; i < resident.count; i++) {
        places[i] = memory;
        memory += resident.pieces[i].size;
    }
    return 1;
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > 3 || (argc == 3 && strcmp(argv[2], "huge") != 0)) {
        fprintf(stderr, "usage: bench-raw-copy PID [huge]\n");
        return 2;
    }
    pid = (pid_t)atoi(argv[1]);
    if (!resident_find(pid, &resident)) {
        fprintf(stderr, "bench-raw-copy: cannot read process %d\n", (int)pid);
        return 4;
    }
    double start = now(CLOCK_MONOTONIC), start_cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    pthread_t other;
    if (!make_room(argc == 3) || pthread_create(&other, NULL, copy, NULL))
        return EXIT_FAILURE;
    copy(NULL);
    pthread_join(other, NULL);
    double end = now(CLOCK_MONOTONIC), end_cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    printf("{\"seconds\": %.6f, \"cpu_seconds\": %.6f, \"bytes\": %" PRIuFAST64
           ", \"peak_bytes\": %" PRIu64 "}\n",
           end - start, end_cpu - start_cpu, atomic_load(&bytes), peak_bytes());
    free(places);
    free(resident.pieces);
    return EXIT_SUCCESS;
}
