/*
 * Which kernel thread a thread state belongs to. Up to 3.10 the thread state knows only the
 * pthread_t; the C library keeps the kernel's id in the struct it points to, at a place that is
 * its own affair. That place is found instead of known: it is the one where the threads name the
 * most different tasks of the process.
 */
#include "runtime/internal.h"

#include <string.h>

#include "os/tasks.h"

#define DESCRIPTOR_BYTES 1024 /* how far into the C library's struct to look */
#define DESCRIPTOR_WORDS (DESCRIPTOR_BYTES / sizeof(uint32_t))
#define SAMPLE_THREADS   32

struct tasks {
    process_task_vector list;
    struct address_map by_inner; /* the id inside the process -> index in the list */
};

static bool tasks_read(const struct process_files *files, struct tasks *tasks)
{
    struct error *error = process_tasks(files, &tasks->list);
    if (error) {
        error_free(error);
        return false;
    }
    for (size_t i = 0; i < tasks->list.count; i++)
        if (!address_map_put(&tasks->by_inner, (uint64_t)tasks->list.items[i].inner, (uint32_t)i))
            return false;
    return true;
}

static void tasks_free(struct tasks *tasks)
{
    vector_free(&tasks->list);
    address_map_free(&tasks->by_inner);
}

/* What the kernel, seen from here, calls the task that calls itself `inner`; 0: no such task. */
static int32_t task_id(const struct tasks *tasks, int64_t inner)
{
    uint32_t index =
        inner > 0 ? address_map_get(&tasks->by_inner, (uint64_t)inner) : ADDRESS_MAP_ABSENT;
    return index == ADDRESS_MAP_ABSENT ? 0 : tasks->list.items[index].id;
}

/* The id in the C library's descriptor of `thread` at `place`, when it is that of a task. */
static int32_t described_id(const struct cpython *cpython, const struct tasks *tasks,
                            const struct thread_view *thread, size_t place)
{
    uint32_t id;
    if (!target_read(cpython->target, thread->ident + place, &id, sizeof id))
        return 0;
    return task_id(tasks, id);
}

/* The beginnings of some threads' descriptors; what could not be read is zero. */
struct sample {
    uint32_t words[SAMPLE_THREADS][DESCRIPTOR_WORDS];
    size_t count;
};

static void sample_read(const struct cpython *cpython, const thread_vector *threads,
                        struct sample *sample)
{
    memset(sample, 0, sizeof *sample);
    for (size_t i = 0; i < threads->count && sample->count < SAMPLE_THREADS; i++)
        if (plausible_link(threads->items[i].ident))
            (void)target_read_some(cpython->target, threads->items[i].ident,
                                   sample->words[sample->count++], sizeof *sample->words);
}

/* How many different tasks the sampled threads name at `place`. */
static size_t tasks_at(const struct tasks *tasks, const struct sample *sample, size_t place)
{
    int32_t found[SAMPLE_THREADS];
    size_t count = 0;
    for (size_t i = 0; i < sample->count; i++) {
        int32_t id = task_id(tasks, sample->words[i][place]);
        size_t same = 0;
        while (same < count && found[same] != id)
            same++;
        if (id && same == count)
            found[count++] = id;
    }
    return count;
}

/* The place of the kernel's id in the C library's descriptor, in bytes; DESCRIPTOR_BYTES: none. */
static size_t find_place(const struct cpython *cpython, const struct tasks *tasks,
                         const thread_vector *threads)
{
    struct sample sample;
    size_t best = DESCRIPTOR_WORDS, most = 0;
    sample_read(cpython, threads, &sample);
    for (size_t place = 0; place < DESCRIPTOR_WORDS; place++) {
        size_t count = tasks_at(tasks, &sample, place);
        if (count > most) {
            most = count;
            best = place;
        }
    }
    return best * sizeof **sample.words;
}

static void settle(const struct cpython *cpython, const struct tasks *tasks, thread_vector *threads,
                   const int32_t *fallback)
{
    size_t place = 0;
    bool searched = false;
    for (size_t i = 0; i < threads->count; i++) {
        struct thread_view *thread = &threads->items[i];
        thread->native_id = task_id(tasks, thread->native_id);
        if (thread->native_id)
            continue;
        if (!searched)
            place = find_place(cpython, tasks, threads);
        searched = true;
        if (place < DESCRIPTOR_BYTES && plausible_link(thread->ident))
            thread->native_id = described_id(cpython, tasks, thread, place);
        if (!thread->native_id)
            thread->native_id = task_id(tasks, fallback[i]);
    }
}

bool native_ids_settle(const struct cpython *cpython, thread_vector *threads,
                       const int32_t *fallback)
{
    struct tasks tasks = {0};
    bool done = tasks_read(target_files(cpython->target), &tasks);
    if (done && tasks.list.count)
        settle(cpython, &tasks, threads, fallback);
    for (size_t i = 0; done && !tasks.list.count && i < threads->count; i++)
        if (!threads->items[i].native_id)
            threads->items[i].native_id = fallback[i];
    tasks_free(&tasks);
    return done;
}
