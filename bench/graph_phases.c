/*
 * graph_phases PID: what `steth heap` does before it reports, phase by phase. Prints JSON:
 * "objects", "tracked", "edges", "copied_bytes", and "phases", of each "name", "seconds",
 * "cpu_seconds", "peak_bytes" (the most that was resident during it) and "resident_bytes" (at its
 * end).
 */
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "heap/object_graph.h"
#include "heap/retained.h"
#include "target/copy.h"

static double now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static uint64_t status_bytes(const char *name)
{
    char line[256];
    uint64_t kilobytes = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, name, strlen(name)) == 0)
            kilobytes = strtoull(line + strlen(name), NULL, 10);
    if (file)
        fclose(file);
    return kilobytes * 1024;
}

/* ---- phases ---------------------------------------------------------------------------------- */

static double begin, begin_cpu;

static void phase_begins(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "w");
    if (file) {
        fputs("5", file); /* the peak starts anew */
        fclose(file);
    }
    begin = now(CLOCK_MONOTONIC);
    begin_cpu = now(CLOCK_PROCESS_CPUTIME_ID);
}

static void phase_ends(const char *name)
{
    double seconds = now(CLOCK_MONOTONIC) - begin;
    double cpu_seconds = now(CLOCK_PROCESS_CPUTIME_ID) - begin_cpu;
    printf("{\"name\": \"%s\", \"seconds\": %.6f, \"cpu_seconds\": %.6f, \"peak_bytes\": %" PRIu64
           ", \"resident_bytes\": %" PRIu64 "}, ",
           name, seconds, cpu_seconds, status_bytes("VmHWM:"), status_bytes("VmRSS:"));
    phase_begins();
}

/* ---- the work -------------------------------------------------------------------------------- */

struct work {
    struct cpython cpython;
    struct roots roots;
    struct object_graph *graph;
    uint64_t tracked, copied;
};

static struct error *build_graph(struct work *work)
{
    const struct census_options options = {.keep_index = true, .pace = STREAM_FAST};
    struct census *census = NULL;
    interpreter_vector interpreters = {0};
    struct error *error = census_take(&work->cpython, &options, &census);
    if (!error)
        error = interpreters_list(&work->cpython, &interpreters);
    if (!error)
        error = roots_collect(&work->cpython, &interpreters, &work->roots);
    phase_ends("census");
    if (!error)
        error = object_graph_build(&work->cpython, census, &work->roots, &work->graph);
    phase_ends("graph");
    work->tracked = census ? census->objects : 0;
    census_free(census);
    (void)malloc_trim(0); /* as steth does */
    vector_free(&interpreters);
    return error;
}

static struct error *find_retained(const struct object_graph *graph)
{
    struct dominators dominators = {0};
    uint32_t *roots = calloc(graph->roots.count + 1, sizeof *roots);
    for (size_t i = 0; roots && i < graph->roots.count; i++)
        roots[i] = graph->roots.items[i].node;
    if (!roots || !dominators_find(&graph->edges, roots, graph->roots.count, &dominators))
        return error_no_memory();
    free(roots);
    phase_ends("dominators");
    uint64_t *bytes = object_graph_bytes_of_all(graph);
    if (!bytes)
        return error_no_memory();
    dominators_retained(&dominators, bytes);
    phase_ends("retained");
    free(bytes);
    dominators_free(&dominators);
    return NULL;
}

static struct error *measure(struct target *target)
{
    struct cpython *cpython;
    struct stream_cost cost = {0};
    struct target *copy = NULL;
    struct work work = {0};
    phase_begins();
    printf("{\"phases\": [");
    struct error *error = cpython_attach(target, &cpython);
    phase_ends("attach");
    if (!error)
        error = target_open_copy(target, STREAM_POLITE, &copy, &cost);
    phase_ends("copy");
    if (error)
        return error;
    work.cpython = *cpython;
    work.cpython.target = copy;
    error = build_graph(&work);
    if (!error)
        error = find_retained(work.graph);
    if (!error)
        printf("{}], \"objects\": %" PRIu32 ", \"tracked\": %" PRIu64 ", \"edges\": %" PRIu32
               ", \"copied_bytes\": %" PRIu64 "}\n",
               object_graph_count(work.graph), work.tracked, rows_edges(&work.graph->edges),
               cost.bytes);
    object_graph_free(work.graph);
    roots_free(&work.roots);
    target_close(copy);
    cpython_detach(cpython);
    return error;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: bench-graph-phases PID\n");
        return ERROR_USAGE;
    }
    mallopt(M_MMAP_THRESHOLD, 1 << 20); /* as steth does */
    struct target *target = NULL;
    struct error *error = target_open_live((pid_t)atoi(argv[1]), &target);
    if (!error)
        error = measure(target);
    int status = 0;
    if (error) {
        fprintf(stderr, "bench-graph-phases: %s\n", error->message);
        status = (int)error->code;
        error_free(error);
    }
    if (target)
        target_close(target);
    return status;
}
