#include "os/thread_state_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

#define TEXT_MAX (1 << 14)

/* The name in field 2 is the thread's own choice, parentheses and newlines too: proc_pid_stat(5).
 */
bool thread_stat_parse(const char *text, double ticks_a_second, struct thread_state *state)
{
    const char *open = strchr(text, '('), *close = strrchr(text, ')');
    unsigned long long user, system;
    char letter;
    if (!open || !close || close < open ||
        sscanf(close, ") %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &letter, &user,
               &system) != 3)
        return false;
    snprintf(state->comm, sizeof state->comm, "%.*s", (int)(close - open - 1), open + 1);
    state->state = letter;
    state->cpu_ms = ((double)user + (double)system) * 1e3 / ticks_a_second;
    return true;
}

/* "nanoseconds on a processor, nanoseconds ready to run, time slices"; all zero where not kept
 * (Documentation/scheduler/sched-stats.rst). */
void thread_schedule_parse(const char *text, struct thread_state *state)
{
    char *next;
    double nanoseconds = (double)strtoull(text, &next, 10);
    (void)strtoull(next, &next, 10);
    state->runs = strtoull(next, NULL, 10);
    if (nanoseconds > 0)
        state->cpu_ms = nanoseconds / 1e6;
}

static uint64_t number_after(const char *text, const char *key)
{
    const char *found = strstr(text, key);
    return found ? strtoull(found + strlen(key), NULL, 10) : 0;
}

/* Both keys are unique: a name of at most 15 bytes cannot hold one behind a newline. */
void thread_switches_parse(const char *text, struct thread_state *state)
{
    state->runs = number_after(text, "\nvoluntary_ctxt_switches:") +
                  number_after(text, "\nnonvoluntary_ctxt_switches:");
}

/* "running", or "-1 sp pc", or "number six-arguments sp pc": proc_pid_syscall(5). */
void thread_system_call_parse(const char *text, struct thread_state *state)
{
    uint64_t words[8];
    int64_t number;
    int used;
    state->running = strncmp(text, "running", 7) == 0;
    if (state->running || sscanf(text, "%" SCNd64 "%n", &number, &used) != 1)
        return;
    size_t count = 0;
    const char *next = text + used;
    for (char *end; count < 8; next = end) {
        words[count] = strtoull(next, &end, 16);
        if (end == next)
            break;
        count++;
    }
    if (count != (number < 0 ? 2 : 8))
        return;
    state->in_system_call = true;
    state->system_call = number < 0 ? -1 : number;
    if (number >= 0)
        memcpy(state->arguments, words, sizeof state->arguments);
    state->stack_pointer = words[count - 2];
    state->program_counter = words[count - 1];
}

static char *read_file(const struct process_files *files, pid_t tid, const char *file)
{
    char name[64];
    snprintf(name, sizeof name, "task/%d/%s", (int)tid, file);
    return process_files_read(files, name, TEXT_MAX, NULL);
}

static void read_and_parse(const struct process_files *files, const char *file,
                           void (*parse)(const char *text, struct thread_state *state),
                           struct thread_state *state)
{
    _cleanup_free_ char *text = read_file(files, state->tid, file);
    if (text)
        parse(text, state);
}

/*
 * Equal counts of two looks mean that the thread slept from the first one on, and what was read
 * between them belongs together: runs are counted when they begin, so that the count is read before
 * what shows the thread asleep. Switches are counted when a run ends; they are read last.
 */
bool thread_state_read(const struct process_files *files, pid_t tid, struct thread_state *state)
{
    struct thread_state schedule = {.tid = tid};
    *state = (struct thread_state){.tid = tid, .system_call = -1};
    read_and_parse(files, "schedstat", thread_schedule_parse, &schedule);
    read_and_parse(files, "syscall", thread_system_call_parse, state);
    _cleanup_free_ char *stat = read_file(files, tid, "stat");
    if (!stat || !thread_stat_parse(stat, (double)sysconf(_SC_CLK_TCK), state))
        return false;
    if (schedule.cpu_ms > 0)
        state->cpu_ms = schedule.cpu_ms;
    state->runs = schedule.runs;
    if (!state->runs)
        read_and_parse(files, "status", thread_switches_parse, state);
    return true;
}

void thread_system_call_read(const struct process_files *files, pid_t tid,
                             struct thread_state *state)
{
    *state = (struct thread_state){.tid = tid, .system_call = -1};
    read_and_parse(files, "syscall", thread_system_call_parse, state);
}

static bool is_asleep(char letter)
{
    return letter && strchr("SDITtZ", letter);
}

/* A thread that goes to sleep is counted as switched: one that sleeps with the same count has not
 * run in between. */
static bool has_not_switched(const struct process_files *files, const struct thread_state *then)
{
    _cleanup_free_ char *text = read_file(files, then->tid, "status");
    const char *letter = text ? strstr(text, "\nState:\t") : NULL;
    struct thread_state now = {0};
    if (!letter || !is_asleep(letter[strlen("\nState:\t")]))
        return false;
    thread_switches_parse(text, &now);
    return now.runs && now.runs == then->runs;
}

bool thread_state_still(const struct process_files *files, const struct thread_state *then)
{
    struct thread_state now = {.tid = then->tid};
    if (!is_asleep(then->state))
        return false;
    read_and_parse(files, "schedstat", thread_schedule_parse, &now);
    return now.runs ? now.runs == then->runs : has_not_switched(files, then);
}

bool thread_state_unmoved(const struct thread_state *before, const struct thread_state *after)
{
    return before->in_system_call && after->in_system_call && before->tid == after->tid &&
           before->system_call == after->system_call &&
           memcmp(before->arguments, after->arguments, sizeof before->arguments) == 0 &&
           before->stack_pointer == after->stack_pointer &&
           before->program_counter == after->program_counter && before->runs == after->runs;
}
