#include "os/thread_states.h"

#include "os/tasks.h"

struct error *thread_states_read(const struct process_files *files, thread_state_vector *states)
{
    pid_vector ids = {0};
    struct error *error = process_task_ids(files, &ids);
    for (size_t i = 0; i < ids.count && !error; i++) {
        struct thread_state state;
        if (thread_state_read(files, ids.items[i], &state) && !vector_push(states, state))
            error = error_no_memory();
    }
    vector_free(&ids);
    return error;
}

const struct thread_state *thread_states_find(const thread_state_vector *states, pid_t tid)
{
    for (size_t i = 0; tid && i < states->count; i++)
        if (states->items[i].tid == tid)
            return &states->items[i];
    return NULL;
}

bool thread_states_still(const struct process_files *files, const thread_state_vector *states)
{
    for (size_t i = 0; i < states->count; i++)
        if (!thread_state_still(files, &states->items[i]))
            return false;
    pid_vector ids = {0};
    struct error *error = process_task_ids(files, &ids);
    bool same = !error && ids.count && ids.count == states->count;
    for (size_t i = 0; i < ids.count && same; i++)
        same = thread_states_find(states, ids.items[i]);
    error_free(error);
    vector_free(&ids);
    return same;
}
