/* blocking.c: LOOP005, LOOP006 and LOOP007: what a coroutine should not call. */
#include <limits.h>
#include <stdlib.h>

#include "audit/blocking_calls.h"
#include "audit/coroutine.h"
#include "audit/rules.h"
#include "base/cleanup.h"
#include "base/text.h"

struct look {
    const struct rule_file *file;
    const struct scopes *scopes;
    struct report *report;
};

static struct finding *add(const struct look *look, const struct coroutine_call *call,
                           const char *rule, enum severity severity, enum confidence confidence)
{
    _cleanup_free_ char *text = rule_quote(slice_of(look->scopes->source, call->node));
    struct finding *finding =
        text ? rule_finding(look->file, look->scopes, call->scope, rule, severity, confidence,
                            source_line(look->scopes->source, call->node), text, look->report)
             : NULL;
    if (!finding)
        return NULL;
    finding_add_evidence(finding, "line %u: %s", source_line(look->scopes->source, call->node),
                         text);
    finding->confirm = text_format("steth audit --only %s %s", rule, look->file->path);
    return finding;
}

/* ---- LOOP005 --------------------------------------------------------------------------------- */

/* Whether a socket of the file is told not to block: which one is not asked. */
static bool makes_nonblocking(const struct source *source)
{
    static const char *const told[] = {"setblocking(False)",
                                       "setblocking(0)",
                                       "setblocking(flag=False)",
                                       "settimeout(0)",
                                       "settimeout(0.0)",
                                       "SOCK_NONBLOCK",
                                       NULL};
    for (const char *const *one = told; *one; one++) {
        if (memmem(source->text, source->size, *one, strlen(*one)))
            return true;
    }
    return false;
}

/* `time.sleep(0)` only yields; a lock that does not wait, a get() without waiting do not block. */
static bool is_harmless(const struct look *look, const struct coroutine_call *call,
                        const struct blocking_call *blocking)
{
    const struct source *source = look->scopes->source;
    TSNode argument = {0};
    if (blocking->waits)
        argument = call_argument(look->scopes, call->node, blocking->place, blocking->waits);
    struct slice text = slice_of(source, argument);
    TSNode limit = call_argument(look->scopes, call->node, UINT_MAX, "timeout");
    if (blocking->effect == BLOCKS_UNLESS_FALSE && slice_is(slice_of(source, limit), "0"))
        return true;
    if (blocking->effect == BLOCKS_UNLESS_FALSE || blocking->effect == BLOCKS_UNLESS_ZERO)
        return slice_is(text, "False") || slice_is(text, "0");
    if (blocking->effect == BLOCKS_UNLESS_TOLD)
        return makes_nonblocking(source);
    struct slice whole = slice_of(source, call->node);
    if (blocking->effect == BLOCKS_FOR_NAMES)
        return memmem(whole.start, whole.size, "NUMERIC", strlen("NUMERIC"));
    if (blocking->effect == BLOCKS_WITH_ARGUMENT)
        return ts_node_is_null(call_argument(look->scopes, call->node, 0, blocking->waits));
    return false;
}

static struct error *look_for_blocking(void *context, const struct coroutine_call *call)
{
    const struct look *look = context;
    const struct blocking_call *blocking =
        call->name && !call->awaited ? blocking_call_find(call->name) : NULL;
    if (!blocking || is_harmless(look, call, blocking))
        return NULL;
    bool brief = blocking->effect == BLOCKS_BRIEFLY;
    struct finding *finding =
        add(look, call, "LOOP005", brief ? SEVERITY_INFO : SEVERITY_WARNING, CONFIDENCE_HIGH);
    if (!finding)
        return error_no_memory();
    _cleanup_free_ char *name = blocking_call_display(call->name);
    if (!name)
        return error_no_memory();
    finding->summary =
        text_format("%s blocks the event loop: %s in a coroutine", name, blocking->why);
    finding_add_text(finding, "call", name);
    if (blocking->instead)
        finding_add_fix(finding, "%s", blocking->instead);
    finding_add_fix(finding, "or in a thread: await asyncio.to_thread(...) (3.9 and later), "
                             "await loop.run_in_executor(None, ...) before");
    return NULL;
}

struct error *rule_blocking_call(const struct rule_file *file, const struct scopes *scopes,
                                 struct report *report)
{
    struct look look = {file, scopes, report};
    return coroutine_calls(scopes, look_for_blocking, &look);
}

/* ---- LOOP006 --------------------------------------------------------------------------------- */

static struct error *look_for_executor(void *context, const struct coroutine_call *call)
{
    const struct look *look = context;
    bool thread = call->name && strcmp(call->name, "asyncio.to_thread") == 0;
    bool executor = slice_is(call->last, "run_in_executor") &&
                    ts_node_named_child_count(node_field(call->node, "arguments")) >= 2;
    if (!call->awaited || call->deadlines || (!thread && !executor))
        return NULL;
    struct finding *finding = add(look, call, "LOOP006", SEVERITY_INFO, CONFIDENCE_MEDIUM);
    if (!finding)
        return error_no_memory();
    finding->summary = text_format("%s is awaited without a deadline",
                                   thread ? "asyncio.to_thread()" : "run_in_executor()");
    finding_add_fix(finding, "async with asyncio.timeout(5): around it (3.11 and later), or "
                             "await asyncio.wait_for(..., timeout=5)");
    finding_add_fix(finding, "and a deadline for the call itself: a thread cannot be cancelled and "
                             "keeps its worker until it returns");
    return NULL;
}

struct error *rule_executor_deadline(const struct rule_file *file, const struct scopes *scopes,
                                     struct report *report)
{
    struct look look = {file, scopes, report};
    return coroutine_calls(scopes, look_for_executor, &look);
}

/* ---- LOOP007 --------------------------------------------------------------------------------- */

/* The loop that run_coroutine_threadsafe was given, when the future comes straight from it. */
static bool is_own_loop(const struct look *look, const struct coroutine_call *call)
{
    TSNode object = node_bare(node_field(node_bare(node_field(call->node, "function")), "object"));
    if (node_is(object, "identifier")) {
        const struct binding *binding =
            scopes_find(look->scopes, call->scope, slice_of(look->scopes->source, object));
        if (binding && binding->kind == BOUND_VALUE)
            object = node_bare(binding->node);
    }
    if (!node_is(object, "call"))
        return false;
    TSNode loop = call_argument(look->scopes, object, 1, "loop");
    _cleanup_free_ char *name =
        ts_node_is_null(loop) ? NULL : scopes_dotted(look->scopes, call->scope, loop);
    return name && (strcmp(name, "asyncio.get_running_loop()") == 0 ||
                    strcmp(name, "asyncio.get_event_loop()") == 0);
}

static struct error *look_for_result(void *context, const struct coroutine_call *call)
{
    static const char *const names[] = {"asyncio.run_coroutine_threadsafe().result",
                                        "asyncio.run_coroutine_threadsafe().exception", NULL};
    const struct look *look = context;
    if (!call->name || !slice_among((struct slice){call->name, strlen(call->name)}, names))
        return NULL;
    bool own = is_own_loop(look, call);
    TSNode timeout = call_argument(look->scopes, call->node, 0, "timeout");
    bool ends = !ts_node_is_null(timeout) && !node_is(timeout, "none");
    struct finding *finding =
        add(look, call, "LOOP007", ends && !own ? SEVERITY_WARNING : SEVERITY_ERROR,
            own ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM);
    if (!finding)
        return error_no_memory();
    finding->summary = text_format(
        "%.*s() of run_coroutine_threadsafe() blocks the loop %s", (int)call->last.size,
        call->last.start,
        own ? "that has to run the coroutine: a deadlock"
            : "it is called in: a deadlock when the coroutine is to run, or waits, there");
    finding_add_text(finding, "loop", own ? "the running one" : "not known from this file");
    finding_add_fix(finding, "await the coroutine itself when it is for this loop");
    finding_add_fix(finding, "for the loop of another thread: await asyncio.wrap_future("
                             "asyncio.run_coroutine_threadsafe(coroutine, loop))");
    return NULL;
}

struct error *rule_result_in_coroutine(const struct rule_file *file, const struct scopes *scopes,
                                       struct report *report)
{
    struct look look = {file, scopes, report};
    return coroutine_calls(scopes, look_for_result, &look);
}
