/*
 * For tests/live/test_referents.py: what objects of a live process refer to.
 *
 *     dump_referents PID < lines
 *
 * A line "A" is answered by a line "A -> B EXACT" for each edge and the line "TYPE COMPLETE"; a
 * line "A B" by the step from A to B. Addresses are decimal.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "object/referents.h"

static bool print_edge(void *context, const struct edge *edge)
{
    printf("%" PRIu64 " -> %" PRIu64 " %d\n", *(uint64_t *)context, edge->referent, edge->exact);
    return true;
}

static void answer(const struct cpython *cpython, const char *line)
{
    uint64_t object, referent;
    if (sscanf(line, "%" SCNu64 " %" SCNu64, &object, &referent) == 2) {
        char *step = referents_step(cpython, object, referent, true, NULL);
        puts(step ? step : "");
        free(step);
        return;
    }
    char *type = type_qualified_name(cpython, object_type(cpython, object));
    bool complete = referents_visit(cpython, object, NULL, print_edge, &object);
    printf("%s %d\n", type ? type : "", complete);
    free(type);
}

static int fail(struct error *error)
{
    fprintf(stderr, "%s\n", error->message);
    error_free(error);
    return 1;
}

int main(int count, char **words)
{
    struct target *target;
    struct cpython *cpython;
    if (count != 2)
        return 2;
    struct error *error = target_open_live((pid_t)strtol(words[1], NULL, 10), &target);
    if (error)
        return fail(error);
    error = cpython_attach(target, &cpython);
    if (error) {
        target_close(target);
        return fail(error);
    }
    char line[64];
    while (fgets(line, sizeof line, stdin))
        answer(cpython, line);
    cpython_detach(cpython);
    target_close(target);
    return 0;
}
