/*
 * For tests/asyncio_reader.py: what the objects of asyncio and contextvars in a live process are
 * seen to be.
 *
 *     read_asyncio PID < lines
 *
 * A line "WHAT ADDRESS" (or "threads 0", "thread_contexts 0") is answered by one line of JSON,
 * with "known" false when the object is not of that kind. Addresses are decimal.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/asyncio.h"
#include "runtime/context.h"

/* ---- JSON ------------------------------------------------------------------------------------ */

static void key(const char *name)
{
    printf("\"%s\": ", name);
}

static void number(const char *name, uint64_t value)
{
    key(name);
    printf("%" PRIu64 ", ", value);
}

static void integer(const char *name, int64_t value)
{
    key(name);
    printf("%" PRId64 ", ", value);
}

static void truth(const char *name, bool value)
{
    key(name);
    printf("%s, ", value ? "true" : "false");
}

static void text(const char *name, const char *value)
{
    key(name);
    printf(value ? "\"%s\", " : "null, ", value);
}

static void seconds(const char *name, double value)
{
    key(name);
    if (isnan(value))
        printf("null, ");
    else
        printf("%.17g, ", value);
}

/* Each element is written with a comma behind it; the last one ends the list. */
static void begin_list(const char *name)
{
    key(name);
    putchar('[');
}

static void end_list(void)
{
    printf("null], ");
}

/* ---- coroutines ------------------------------------------------------------------------------ */

static void put_qualname(const struct cpython *cpython, const struct coroutine_view *view)
{
    uint64_t name;
    char *value = NULL;
    if (target_read_word(cpython->target, view->address + (uint64_t)cpython->at.generator_qualname,
                         &name))
        value = str_value(cpython, name, STR_LIMIT);
    printf("\"%s\", ", value ? value : "?");
    free(value);
}

static const char *state_word(enum coroutine_state state)
{
    static const char *const words[] = {"unknown", "created", "suspended", "running", "finished"};
    return words[state];
}

static void put_chain(const struct cpython *cpython, uint64_t coroutine)
{
    struct await_chain chain;
    if (!await_chain_read(cpython, coroutine, &chain))
        return;
    begin_list("chain");
    for (size_t i = 0; i < chain.links.count; i++)
        put_qualname(cpython, &chain.links.items[i]);
    end_list();
    number("leaf", chain.leaf);
    await_chain_free(&chain);
}

static void put_coroutine(const struct cpython *cpython, const struct coroutine_view *view)
{
    text("state", state_word(view->state));
    number("code", view->frame.code);
    truth("frame", view->frame.address && view->frame.end > view->frame.address);
    put_chain(cpython, view->address);
}

/* ---- futures --------------------------------------------------------------------------------- */

struct callbacks {
    const struct cpython *cpython;
    size_t count;
};

static bool put_woken(void *context, uint64_t callback, uint64_t in_context)
{
    struct callbacks *callbacks = context;
    (void)in_context;
    callbacks->count++;
    uint64_t task = callback_task(callbacks->cpython, callback);
    if (task)
        printf("%" PRIu64 ", ", task);
    return true;
}

static void put_future(const struct cpython *cpython, const struct future_view *view)
{
    static const char *const states[] = {"PENDING", "CANCELLED", "FINISHED", "RUNNING"};
    struct callbacks callbacks = {.cpython = cpython};
    text("role", role_word(view->role));
    text("state", states[view->state]);
    number("loop", view->loop);
    begin_list("wakes");
    bool complete = future_callbacks_visit(cpython, view, put_woken, &callbacks);
    end_list();
    integer("callbacks", complete ? (int64_t)callbacks.count : -1);
    if (view->role != ROLE_TASK)
        return;
    char *name = task_name(cpython, view);
    text("name", name);
    free(name);
    number("coroutine", view->coroutine);
    number("waits_for", view->waits_for);
    put_chain(cpython, view->coroutine);
}

/* ---- loops ----------------------------------------------------------------------------------- */

static bool put_callback(void *context, const struct handle_view *handle)
{
    printf("[%" PRIu64 ", %" PRIu64 "], ", handle->callback,
           callback_task(context, handle->callback));
    return true;
}

static bool put_timer(void *context, const struct handle_view *handle)
{
    (void)context;
    if (isnan(handle->when))
        printf("[%" PRIu64 ", null], ", handle->callback);
    else
        printf("[%" PRIu64 ", %.17g], ", handle->callback, handle->when);
    return true;
}

static bool put_io(void *context, int descriptor, bool writer, const struct handle_view *handle)
{
    (void)context;
    printf("[%d, %s, %" PRIu64 "], ", descriptor, writer ? "true" : "false", handle->callback);
    return true;
}

static void put_loop(struct cpython *cpython, const struct loop_view *view)
{
    integer("ready", view->ready);
    integer("scheduled", view->scheduled);
    seconds("next_timer", loop_next_timer(cpython, view));
    number("thread", view->thread_ident);
    number("executor", view->default_executor);
    truth("stopping", view->stopping);
    truth("closed", view->closed);
    truth("debug", view->debug);
    begin_list("ready_callbacks");
    bool ready = loop_ready_visit(cpython, view, put_callback, cpython);
    end_list();
    begin_list("timers");
    bool timers = loop_scheduled_visit(cpython, view, put_timer, cpython);
    end_list();
    begin_list("io");
    bool io = loop_io_visit(cpython, view, put_io, cpython);
    end_list();
    truth("complete", ready && timers && io);
}

/* ---- executors and queues -------------------------------------------------------------------- */

static bool put_address(void *context, size_t index, uint64_t item)
{
    (void)context;
    (void)index;
    printf("%" PRIu64 ", ", item);
    return true;
}

static void put_queue(const struct cpython *cpython, uint64_t queue)
{
    integer("length", queue_length(cpython, queue));
    begin_list("items");
    queue_visit(cpython, queue, put_address, NULL);
    end_list();
}

static bool put_work_item(void *context, size_t index, uint64_t item)
{
    struct work_item_view view;
    (void)index;
    if (work_item_read(context, item, &view))
        printf("[%" PRIu64 ", %" PRIu64 "], ", view.future, view.function);
    return true;
}

static void put_executor(struct cpython *cpython, const struct executor_view *view)
{
    integer("max_workers", view->max_workers);
    integer("queued", queue_length(cpython, view->work_queue));
    number("threads", view->threads);
    truth("shutdown", view->shutdown);
    begin_list("calls");
    queue_visit(cpython, view->work_queue, put_work_item, cpython);
    end_list();
}

/* ---- threads --------------------------------------------------------------------------------- */

static void put_threads(const struct cpython *cpython)
{
    interpreter_vector interpreters = {0};
    thread_vector threads = {0};
    frame_vector frames = {0};
    struct error *error = interpreters_list(cpython, &interpreters);
    if (!error)
        error = threads_list(cpython, &interpreters, &threads, &frames);
    for (size_t i = 0; i < threads.count; i++) {
        char ident[32];
        uint64_t loop = thread_running_loop(cpython, &threads.items[i]);
        snprintf(ident, sizeof ident, "%" PRIu64, threads.items[i].ident);
        begin_list(ident);
        printf("%" PRIu64 ", %" PRIu64 ", ", loop,
               loop_current_task(cpython, &interpreters.items[0], &threads.items[i], loop));
        end_list();
    }
    error_free(error);
    threads_free(&threads, &frames);
    vector_free(&interpreters);
}

/* ---- contexts -------------------------------------------------------------------------------- */

static bool put_context(const struct cpython *cpython, uint64_t address)
{
    context_entries entries;
    if (!context_read(cpython, address, &entries))
        return false;
    begin_list("variables");
    for (size_t i = 0; i < entries.count; i++) {
        char *name = context_variable_name(cpython, entries.items[i].variable);
        printf("[%" PRIu64 ", %" PRIu64 ", \"%s\"], ", entries.items[i].variable,
               entries.items[i].value, name ? name : "?");
        free(name);
    }
    end_list();
    vector_free(&entries);
    return true;
}

/* {ident: [context or 0]} */
static void put_thread_contexts(const struct cpython *cpython)
{
    interpreter_vector interpreters = {0};
    thread_vector threads = {0};
    frame_vector frames = {0};
    struct error *error = interpreters_list(cpython, &interpreters);
    if (!error)
        error = threads_list(cpython, &interpreters, &threads, &frames);
    for (size_t i = 0; i < threads.count; i++) {
        uint64_t context;
        char ident[32];
        snprintf(ident, sizeof ident, "%" PRIu64, threads.items[i].ident);
        if (thread_context_read(cpython, &threads.items[i], &context))
            number(ident, context);
    }
    error_free(error);
    threads_free(&threads, &frames);
    vector_free(&interpreters);
}

/* ---- requests -------------------------------------------------------------------------------- */

/* False when the object is not of the kind. */
static bool put_object(struct cpython *cpython, const char *what, uint64_t address)
{
    struct future_view future;
    struct loop_view loop;
    struct executor_view executor;
    struct coroutine_view coroutine;
    if (!strcmp(what, "future") && future_read(cpython, address, &future))
        put_future(cpython, &future);
    else if (!strcmp(what, "coroutine") && coroutine_read(cpython, address, &coroutine))
        put_coroutine(cpython, &coroutine);
    else if (!strcmp(what, "loop") && loop_read(cpython, address, &loop))
        put_loop(cpython, &loop);
    else if (!strcmp(what, "executor") && executor_read(cpython, address, &executor))
        put_executor(cpython, &executor);
    else if (!strcmp(what, "queue"))
        put_queue(cpython, address);
    else if (!strcmp(what, "role"))
        text("role", role_word(role_of(cpython, address)));
    else if (!strcmp(what, "threads"))
        put_threads(cpython);
    else if (!strcmp(what, "context"))
        return put_context(cpython, address);
    else if (!strcmp(what, "thread_contexts"))
        put_thread_contexts(cpython);
    else
        return false;
    return true;
}

static void answer(struct cpython *cpython, const char *line)
{
    char what[32];
    uint64_t address;
    if (sscanf(line, "%31s %" SCNu64, what, &address) != 2)
        return;
    putchar('{');
    bool known = put_object(cpython, what, address);
    printf("\"known\": %s}\n", known ? "true" : "false");
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
