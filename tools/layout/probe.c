/* What the proved layout of one process says, as JSON: the outside half of verify.py. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "layout/cpython.h"

#define GENERATION_STRIDE 24
#define OBJECTS_MAX       (1 << 26)
#define LINK_MASK         (~UINT64_C(3))

static uint64_t word(struct cpython *cpython, uint64_t address)
{
    uint64_t value = 0;
    target_read_word(cpython->target, address, &value);
    return value;
}

static int32_t integer(struct cpython *cpython, uint64_t address)
{
    int32_t value = -1;
    target_read(cpython->target, address, &value, sizeof value);
    return value;
}

/* The number of objects in a list, -1 when a link back does not match. */
static long ring_length(struct cpython *cpython, uint64_t head)
{
    long length = 0;
    uint64_t node = word(cpython, head) & LINK_MASK;
    for (; node != head && length < OBJECTS_MAX; length++) {
        uint64_t next = word(cpython, node) & LINK_MASK;
        if ((word(cpython, next + sizeof next) & LINK_MASK) != node)
            return -1;
        node = next;
    }
    return length;
}

static uint64_t main_interpreter(struct cpython *cpython)
{
    uint64_t head = cpython->runtime + (uint64_t)cpython->at.runtime_interpreters_head;
    uint64_t interpreter = word(cpython, head);
    while (interpreter && word(cpython, interpreter + (uint64_t)cpython->at.interpreter_id))
        interpreter = word(cpython, interpreter + (uint64_t)cpython->at.interpreter_next);
    return interpreter;
}

static void print_collector(struct cpython *cpython, uint64_t gc)
{
    uint64_t first = gc + (uint64_t)cpython->at.gc_generations;
    long objects = 0;
    for (uint64_t i = 0; i < 3; i++)
        objects += ring_length(cpython, first + i * GENERATION_STRIDE);
    printf("\"gc\":%" PRIu64 ",\"objects\":%ld,\"frozen\":%ld,\"enabled\":%s,", gc, objects,
           ring_length(cpython, gc + (uint64_t)cpython->at.gc_permanent_generation),
           integer(cpython, gc + (uint64_t)cpython->at.gc_enabled) == 1 ? "true" : "false");
    for (unsigned part = 0; part < 2; part++)
        printf("\"%s\":[%d,%d,%d],", part ? "counts" : "thresholds",
               integer(cpython, first + 16 + 4 * part), integer(cpython, first + 40 + 4 * part),
               integer(cpython, first + 64 + 4 * part));
}

static void print_offsets(const struct layout_offsets *at)
{
    printf("\"at\":{");
#define OFFSET(name) printf("\"%s\":%d,", #name, at->name);
#include "layout/fields.def"
#undef OFFSET
    printf("\"end\":0},");
}

static void print_all(struct cpython *cpython)
{
    uint64_t interpreter = main_interpreter(cpython);
    uint64_t modules = word(cpython, interpreter + (uint64_t)cpython->at.interpreter_modules);
    printf("{\"version\":\"%s\",\"hex\":%u,\"table\":\"%s\",\"library\":\"%s\",",
           cpython->version.text, cpython->version.hex, cpython->table, cpython->library);
    printf("\"interpreter\":%" PRIu64 ",\"thread\":%" PRIu64 ",", interpreter,
           word(cpython, interpreter + (uint64_t)cpython->at.interpreter_threads_head));
    print_collector(cpython, cpython_gc_of(cpython, interpreter));
    print_offsets(&cpython->at);
    printf("\"stats_rings\":%s,\"full_needs_quarter\":%s,\"modules\":%" PRIu64 "}\n",
           cpython->is.gc_stats == GC_STATS_RINGS ? "true" : "false",
           cpython->is.full_needs_quarter ? "true" : "false",
           word(cpython, modules + (uint64_t)cpython->at.dict_used));
}

static int fail(struct error *error)
{
    printf("{\"error\":%d,\"message\":\"%s\"}\n", error->code, error->message);
    int code = error->code;
    error_free(error);
    return code;
}

static int probe(struct target *target)
{
    struct cpython *cpython;
    struct error *error = cpython_attach(target, &cpython);
    if (error)
        return fail(error);
    print_all(cpython);
    cpython_detach(cpython);
    return 0;
}

int main(int argc, char **argv)
{
    struct target *target;
    if (argc != 2)
        return ERROR_USAGE;
    struct error *error = target_open_live((pid_t)atoi(argv[1]), &target);
    if (error)
        return fail(error);
    int status = probe(target);
    target_close(target);
    return status;
}
