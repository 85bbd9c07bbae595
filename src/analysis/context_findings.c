#include "analysis/context_findings.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "runtime/context.h"

static bool reported(const struct report *report, const struct place *place)
{
    for (size_t i = 0; i < report->findings.count; i++) {
        const struct finding *finding = &report->findings.items[i];
        if (strcmp(finding->rule, "CTX001") == 0 && finding->location.file && place->file &&
            strcmp(finding->location.file, place->file) == 0 &&
            finding->location.line == place->line)
            return true;
    }
    return false;
}

static char *join_names(const struct cpython *cpython, const variable_uses *missing)
{
    char *joined = NULL;
    for (size_t i = 0; i < missing->count; i++) {
        _cleanup_free_ char *name = context_variable_name(cpython, missing->items[i].variable);
        char *longer = text_format("%s%s%s", joined ? joined : "", joined ? ", " : "",
                                   name ? name : "a ContextVar");
        free(joined);
        joined = longer;
    }
    return joined;
}

/* Where a call is awaited, or a task is: the line to look at. */
static struct place place_of_pair(const struct snapshot *snapshot, const struct context_pair *pair)
{
    struct source_place place = {0};
    size_t task = pair->task != NOBODY ? pair->task : pair->awaiter;
    if (task != NOBODY)
        (void)snapshot_task_place(snapshot, task, &place);
    if (!place.file && pair->thread != NOBODY)
        (void)thread_place(&snapshot->seen.items[pair->thread], &place);
    return place_of(&place);
}

static void add_readers(struct finding *finding, const struct cpython *cpython,
                        const variable_uses *missing)
{
    for (size_t i = 0; i < missing->count; i++) {
        const struct variable_use *use = &missing->items[i];
        _cleanup_free_ char *name = context_variable_name(cpython, use->variable);
        struct source_place reader = {0};
        if (code_place(cpython, use->reader, &reader))
            finding_add_evidence(
                finding, "%s is read by %s (%s:%u), which %s", name ? name : "a ContextVar",
                reader.function ? reader.function : "code", reader.file ? reader.file : "?",
                reader.line, use->direct ? "runs there" : "code that runs there uses");
        source_place_free(&reader);
    }
}

static void add_fixes(struct finding *finding, bool call)
{
    if (call) {
        finding_add_fix(finding, "await asyncio.to_thread(function, ...): it takes the caller's "
                                 "context along (3.9+)");
        finding_add_fix(finding, "or hand over a copy: loop.run_in_executor(executor, "
                                 "contextvars.copy_context().run, function, ...)");
    } else {
        finding_add_fix(finding, "leave out create_task()'s context argument, or pass "
                                 "contextvars.copy_context()");
    }
    finding_add_fix(finding, "or pass the value as an argument instead of reading the variable");
}

static char *summary_of(const struct snapshot *snapshot, const struct context_pair *pair,
                        const char *names)
{
    bool call = pair->thread != NOBODY;
    _cleanup_free_ char *creator =
        pair->awaiter != NOBODY ? snapshot_task_name(snapshot, pair->awaiter) : NULL;
    _cleanup_free_ char *what = call ? snapshot_thread_name(snapshot, pair->thread)
                                     : snapshot_task_name(snapshot, pair->task);
    return call ? text_format("a call that %s handed to an executor runs in %s without %s, which "
                              "its caller had set",
                              creator ? creator : "a task", what ? what : "a thread", names)
                : text_format("%s runs without %s, which was set where it was created",
                              what ? what : "a task", names);
}

void context_report(struct diagnosis *diagnosis, const struct context_pair *pair,
                    const variable_uses *missing)
{
    const struct snapshot *snapshot = diagnosis->snapshot;
    struct report *report = diagnosis->report;
    struct place place = place_of_pair(snapshot, pair);
    bool direct = true;
    for (size_t i = 0; i < missing->count; i++)
        direct &= missing->items[i].direct;
    struct finding *finding =
        reported(report, &place) ? NULL
                                 : report_add_finding(report, "CTX001", SEVERITY_WARNING,
                                                      direct ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM);
    if (finding) {
        _cleanup_free_ char *names = join_names(snapshot->cpython, missing);
        finding->summary = summary_of(snapshot, pair, names ? names : "a variable");
        finding_place(finding, &place);
        finding_add_text(finding, "variables", names ? names : "");
        finding_add_evidence(finding,
                             "the copy of the creator's context that asyncio made then "
                             "has %s; the context in use has not",
                             missing->count > 1 ? "them" : "it");
        add_readers(finding, snapshot->cpython, missing);
        add_fixes(finding, pair->thread != NOBODY);
        finding->confirm = look_command(diagnosis->look, "tasks");
        finding_identify(finding, place.function ? place.function : "");
    }
    place_free(&place);
}
