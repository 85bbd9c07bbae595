/*
 * Arbitrary bytes as a core file: opened, its memory read as the rooms above read it, its modules
 * and symbols looked up, its threads asked for and their stacks unwound. A mapped file is the core
 * itself, when it is called by the number of its descriptor, or missing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "layout/cpython.h"
#include "os/process.h"
#include "os/tasks.h"
#include "os/thread_state.h"
#include "target/core.h"
#include "target/native_stack.h"
#include "target/stream.h"
#include "target/symbols.h"

#define FILE_MOST     (1 << 20)
#define THREADS_MOST  4
#define MAPPINGS_MOST 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *count, char ***arguments);

static int file = -1;
static char path[64];

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count;
    (void)arguments;
    file = memfd_create("core", MFD_CLOEXEC);
    if (file < 0)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    return 0;
}

static void read_run(void *context, uint64_t start, uint64_t end)
{
    char bytes[512];
    if (end <= start)
        abort();
    (void)target_read_some(context, start, bytes, sizeof bytes);
    (void)target_read_some(context, end - 1, bytes, sizeof bytes);
}

static void read_mappings(struct target *target)
{
    size_t count;
    const struct mapping *mappings = target_mappings(target, &count);
    uint64_t behind = 0;
    for (size_t i = 0; i < count; i++) {
        if (mappings[i].start < behind || mappings[i].end <= mappings[i].start)
            abort();
        behind = mappings[i].end;
        if (i >= MAPPINGS_MOST)
            continue;
        read_run(target, mappings[i].start, mappings[i].end);
        target_visit_present(target, mappings[i].start, mappings[i].end, read_run, target);
        (void)target_missing_file(target, mappings[i].path);
    }
}

static void unwind(struct target *target, pid_t tid)
{
    struct native_unwinder *unwinder;
    struct native_stack stack = {0};
    uint64_t stack_pointer;
    bool recorded;
    struct error *error = native_unwinder_new(target, &unwinder);
    if (!error) {
        error = native_stack_recorded(unwinder, tid, &stack, &stack_pointer, &recorded);
        native_stack_free(&stack);
        native_unwinder_free(unwinder);
    }
    error_free(error);
}

static void ask_process(struct target *target)
{
    struct process_files *files = target_files(target);
    struct process_facts facts;
    struct error *error = process_facts_read(files, &facts);
    if (!error)
        process_facts_free(&facts);
    error_free(error);
    process_task_vector tasks = {0};
    error_free(process_tasks(files, &tasks));
    for (size_t i = 0; i < tasks.count && i < THREADS_MOST; i++) {
        struct thread_state state;
        (void)thread_state_read(files, tasks.items[i].id, &state);
        unwind(target, tasks.items[i].id);
    }
    vector_free(&tasks);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct target *target;
    const struct core_options options = {.root = "/nonexistent"};
    if (size > FILE_MOST)
        return 0;
    if (ftruncate(file, 0) || pwrite(file, data, size, 0) != (ssize_t)size)
        abort();
    struct error *error = target_open_core(path, &options, &target);
    if (error) {
        error_free(error);
        return 0;
    }
    struct cpython_identity identity;
    read_mappings(target);
    ask_process(target);
    error = cpython_identify(target, &identity);
    if (!error)
        cpython_identity_free(&identity);
    error_free(error);
    target_close(target);
    return 0;
}
