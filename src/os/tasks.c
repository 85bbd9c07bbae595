#include "os/tasks.h"

#include <stdio.h>

#include "os/process.h"
#include "os/status.h"

struct listing {
    pid_vector *ids;
    bool failed;
};

static bool add_id(void *context, const char *name)
{
    struct listing *listing = context;
    pid_t id;
    if (process_parse_pid(name, &id))
        listing->failed = !vector_push(listing->ids, id);
    return !listing->failed;
}

struct error *process_task_ids(const struct process_files *files, pid_vector *ids)
{
    struct listing listing = {.ids = ids};
    (void)process_files_visit(files, "task", add_id, &listing);
    if (!listing.failed)
        return NULL;
    vector_free(ids);
    return error_no_memory();
}

static pid_t inner_id(const struct process_files *files, const char *path, pid_t id)
{
    struct process_status status;
    if (!process_status_of(files, path, &status) || !status.inner_pid_count)
        return id;
    return status.inner_pids[status.inner_pid_count - 1];
}

struct error *process_tasks(const struct process_files *files, process_task_vector *tasks)
{
    pid_t pid = process_files_pid(files);
    bool nested =
        process_other_namespace(files, "ns/pid", true) && inner_id(files, "status", pid) != pid;
    pid_vector ids = {0};
    struct error *error = process_task_ids(files, &ids);
    for (size_t i = 0; i < ids.count && !error; i++) {
        struct process_task task = {.id = ids.items[i], .inner = ids.items[i]};
        char path[64];
        snprintf(path, sizeof path, "task/%d/status", (int)task.id);
        if (nested)
            task.inner = inner_id(files, path, task.id);
        if (!vector_push(tasks, task))
            error = error_no_memory();
    }
    vector_free(&ids);
    if (error)
        vector_free(tasks);
    return error;
}
