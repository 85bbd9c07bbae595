#include "target/pause.h"

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/vector.h"

/* Threads may be born while we stop their siblings; so look again until nobody new appears. */
#define ROUNDS_MAX 64

struct stopped_thread {
    pid_t thread;
    int signal; /* that was about to be delivered when it stopped; 0 for none */
};

struct pause {
    VECTOR(struct stopped_thread) threads;
    struct timespec begin;
};

static bool is_stopped(const struct pause *pause, pid_t thread)
{
    for (size_t i = 0; i < pause->threads.count; i++)
        if (pause->threads.items[i].thread == thread)
            return true;
    return false;
}

/* A thread that is ending cannot be seized: that, too, is refused with EPERM. */
static bool has_ended(pid_t pid, pid_t thread)
{
    char name[64], line[256];
    snprintf(name, sizeof name, "/proc/%d/task/%d/stat", (int)pid, (int)thread);
    _cleanup_file_ FILE *file = fopen(name, "re");
    if (!file || !fgets(line, sizeof line, file))
        return true;
    const char *state = strrchr(line, ')'); /* behind the name: proc_pid_stat(5) */
    return state && strspn(state, ") ") == 2 && strchr("XxZ", state[2]);
}

/* Seizes and stops one thread, unless it ends meanwhile. */
static struct error *stop_thread(struct pause *pause, pid_t pid, pid_t thread)
{
    if (ptrace(PTRACE_SEIZE, thread, NULL, NULL)) {
        int reason = errno;
        if (reason == ESRCH || has_ended(pid, thread))
            return NULL;
        return error_new(ERROR_PERMISSION, "cannot stop thread %d: %s", (int)thread,
                         strerror(reason));
    }
    struct stopped_thread stopped = {.thread = thread};
    int status;
    if (!vector_push(&pause->threads, stopped)) {
        ptrace(PTRACE_DETACH, thread, NULL, NULL);
        return error_no_memory();
    }
    if (ptrace(PTRACE_INTERRUPT, thread, NULL, NULL) || waitpid(thread, &status, __WALL) < 0 ||
        !WIFSTOPPED(status)) {
        pause->threads.count--; /* it exited */
        return NULL;
    }
    /* Stopped on the way to a signal handler: hand the signal back when it goes on. */
    if (status >> 16 == 0)
        pause->threads.items[pause->threads.count - 1].signal = WSTOPSIG(status);
    return NULL;
}

static struct error *stop_new_threads(pid_t pid, struct pause *pause, bool *found)
{
    char name[64];
    snprintf(name, sizeof name, "/proc/%d/task", (int)pid);
    _cleanup_directory_ DIR *directory = opendir(name);
    if (!directory)
        return error_new(ERROR_CANNOT_LOOK, "process %d exited while it was being paused",
                         (int)pid);
    *found = false;
    for (struct dirent *entry; (entry = readdir(directory));) {
        pid_t thread = (pid_t)strtol(entry->d_name, NULL, 10);
        if (thread <= 0 || is_stopped(pause, thread))
            continue;
        *found = true;
        struct error *error = stop_thread(pause, pid, thread);
        if (error)
            return error;
    }
    return NULL;
}

struct error *pause_begin(struct target *target, struct pause **out)
{
    /* A capture and a core have the number of a process that may be another one by now. */
    if (!target_is_live(target))
        return error_new(ERROR_USAGE, "only a live process can be paused");
    struct pause *pause = calloc(1, sizeof *pause);
    if (!pause)
        return error_no_memory();
    clock_gettime(CLOCK_MONOTONIC, &pause->begin);
    struct error *error = NULL;
    bool found = true;
    for (int round = 0; round < ROUNDS_MAX && found && !error; round++)
        error = stop_new_threads(target_pid(target), pause, &found);
    if (error) {
        pause_end(pause);
        return error;
    }
    *out = pause;
    return NULL;
}

double pause_end(struct pause *pause)
{
    for (size_t i = 0; i < pause->threads.count; i++)
        ptrace(PTRACE_DETACH, pause->threads.items[i].thread, NULL,
               (void *)(intptr_t)pause->threads.items[i].signal);
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double milliseconds = (double)(now.tv_sec - pause->begin.tv_sec) * 1e3 +
                          (double)(now.tv_nsec - pause->begin.tv_nsec) / 1e6;
    vector_free(&pause->threads);
    free(pause);
    return milliseconds;
}
