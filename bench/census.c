/*
 * census PID [fast]: the census alone, with the options of `steth zombies`, and what it costs.
 * Prints {"attach_seconds", "seconds", "cpu_seconds", "objects", "marked", "bytes"}.
 * The workers run at idle priority as usual; `fast` leaves them the normal one.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "heap/census.h"

static double now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static struct error *measure(struct target *target, enum stream_pace pace)
{
    struct cpython *cpython;
    struct census *census;
    const struct census_options options = {.pace = pace};
    double begin = now(CLOCK_MONOTONIC);
    struct error *error = cpython_attach(target, &cpython);
    if (error)
        return error;
    double start = now(CLOCK_MONOTONIC), start_cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    error = census_take(cpython, &options, &census);
    double end = now(CLOCK_MONOTONIC), end_cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    if (!error) {
        printf("{\"attach_seconds\": %.6f, \"seconds\": %.6f, \"cpu_seconds\": %.6f, \"objects\": "
               "%" PRIu64 ", \"marked\": %zu, \"bytes\": %" PRIu64 "}\n",
               start - begin, end - start, end_cpu - start_cpu, census->objects,
               census->marked.count, census->cost.bytes);
        census_free(census);
    }
    cpython_detach(cpython);
    return error;
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > 3 || (argc == 3 && strcmp(argv[2], "fast") != 0)) {
        fprintf(stderr, "usage: bench-census PID [fast]\n");
        return ERROR_USAGE;
    }
    struct target *target = NULL;
    struct error *error = target_open_live((pid_t)atoi(argv[1]), &target);
    if (!error)
        error = measure(target, argc == 3 ? STREAM_FAST : STREAM_POLITE);
    int status = 0;
    if (error) {
        fprintf(stderr, "bench-census: %s\n", error->message);
        status = (int)error->code;
        error_free(error);
    }
    if (target)
        target_close(target);
    return status;
}
