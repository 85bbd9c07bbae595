#include "os/tasks.h"

#include <dirent.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "os/status.h"

static pid_t inner_id(pid_t id)
{
    struct process_status status;
    if (!process_status_read("", id, &status) || !status.inner_pid_count)
        return id;
    return status.inner_pids[status.inner_pid_count - 1];
}

struct error *process_tasks(pid_t pid, process_task_vector *tasks)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    _cleanup_directory_ DIR *directory = opendir(path);
    if (!directory)
        return NULL;
    bool nested = inner_id(pid) != pid;
    for (struct dirent *entry; (entry = readdir(directory));) {
        struct process_task task;
        if (!process_parse_pid(entry->d_name, &task.id))
            continue;
        task.inner = nested ? inner_id(task.id) : task.id;
        if (!vector_push(tasks, task)) {
            vector_free(tasks);
            return error_no_memory();
        }
    }
    return NULL;
}
