#include "os/tasks.h"

#include <stdio.h>

#include "os/status.h"

struct listing {
    const struct process_files *files;
    process_task_vector *tasks;
    bool nested; /* in another pid namespace */
    bool failed;
};

static pid_t inner_id(const struct process_files *files, const char *path, pid_t id)
{
    struct process_status status;
    if (!process_status_of(files, path, &status) || !status.inner_pid_count)
        return id;
    return status.inner_pids[status.inner_pid_count - 1];
}

static bool add_task(void *context, const char *name)
{
    struct listing *listing = context;
    struct process_task task;
    char path[64];
    if (!process_parse_pid(name, &task.id))
        return true;
    snprintf(path, sizeof path, "task/%d/status", (int)task.id);
    task.inner = listing->nested ? inner_id(listing->files, path, task.id) : task.id;
    listing->failed = !vector_push(listing->tasks, task);
    return !listing->failed;
}

struct error *process_tasks(const struct process_files *files, process_task_vector *tasks)
{
    pid_t pid = process_files_pid(files);
    struct listing listing = {files, tasks, inner_id(files, "status", pid) != pid, false};
    (void)process_files_visit(files, "task", add_task, &listing);
    if (!listing.failed)
        return NULL;
    vector_free(tasks);
    return error_no_memory();
}
