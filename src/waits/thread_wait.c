#include "waits/thread_wait.h"

#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/text.h"

/* Frames looked at for a wait, from the innermost. */
#define FRAMES_LOOKED_AT 12

/*
 * Functions of the standard library that wait, and the local that says for what. The outermost of
 * neighbouring ones tells most: Queue.get waits in Condition.wait.
 */
static const struct waiter {
    const char *file, *function, *local;
    enum thread_wait_kind kind;
    enum role role; /* of self, where another class has a function of this name; else NONE */
} waiters[] = {
    {"/threading.py", "Condition.wait", "self", THREAD_AWAITS_CONDITION, ROLE_CONDITION},
    {"/threading.py", "Condition.wait_for", "self", THREAD_AWAITS_CONDITION, ROLE_NONE},
    {"/threading.py", "Event.wait", "self", THREAD_AWAITS_EVENT, ROLE_EVENT},
    {"/threading.py", "Semaphore.acquire", "self", THREAD_AWAITS_SEMAPHORE, ROLE_SEMAPHORE},
    {"/threading.py", "Barrier.wait", "self", THREAD_AWAITS_BARRIER, ROLE_BARRIER},
    {"/threading.py", "Thread.join", "self", THREAD_AWAITS_THREAD, ROLE_NONE},
    {"/threading.py", "_RLock.acquire", "self", THREAD_AWAITS_LOCK, ROLE_RLOCK},
    {"/queue.py", "Queue.get", "self", THREAD_AWAITS_QUEUE, ROLE_NONE},
    {"/queue.py", "Queue.put", "self", THREAD_AWAITS_QUEUE, ROLE_NONE},
    {"/queue.py", "Queue.join", "self", THREAD_AWAITS_QUEUE, ROLE_NONE},
    {"/queue.py", "_PySimpleQueue.get", "self", THREAD_AWAITS_QUEUE, ROLE_NONE},
    {"/concurrent/futures/_base.py", "Future.result", "self", THREAD_AWAITS_FUTURE, ROLE_NONE},
    {"/concurrent/futures/_base.py", "Future.exception", "self", THREAD_AWAITS_FUTURE, ROLE_NONE},
    {"/concurrent/futures/thread.py", "_worker", "work_queue", THREAD_AWAITS_QUEUE, ROLE_NONE},
    {"/multiprocessing/pool.py", "ApplyResult.wait", "self", THREAD_AWAITS_FUTURE, ROLE_NONE},
    {"/multiprocessing/pool.py", "IMapIterator.next", "self", THREAD_AWAITS_FUTURE, ROLE_NONE},
    {"/selectors.py", "EpollSelector.select", "self", THREAD_IN_SELECTOR, ROLE_NONE},
    {"/selectors.py", "PollSelector.select", "self", THREAD_IN_SELECTOR, ROLE_NONE},
    {"/selectors.py", "_PollLikeSelector.select", "self", THREAD_IN_SELECTOR, ROLE_NONE},
    {"/selectors.py", "SelectSelector.select", "self", THREAD_IN_SELECTOR, ROLE_NONE},
    {"/selectors.py", "DevpollSelector.select", "self", THREAD_IN_SELECTOR, ROLE_NONE},
    {"/subprocess.py", "Popen._wait", "self", THREAD_AWAITS_PROCESS, ROLE_NONE},
    {"<frozen importlib._bootstrap>", "_ModuleLock.acquire", "self", THREAD_AWAITS_IMPORT,
     ROLE_NONE},
};

/* Before 3.11 a code object has no qualified name: its own name must do. */
static bool same_function(const char *function, const char *wanted)
{
    if (strchr(function, '.') || !strchr(wanted, '.'))
        return strcmp(function, wanted) == 0;
    return strcmp(function, strrchr(wanted, '.') + 1) == 0;
}

static const struct waiter *waiter_of(const struct cpython *cpython, const struct frame_view *frame,
                                      const struct named_frame *named)
{
    const struct source_place *place = &named->place;
    for (size_t i = 0; place->file && place->function && i < sizeof waiters / sizeof *waiters; i++)
        if (text_ends_with(place->file, waiters[i].file) &&
            same_function(place->function, waiters[i].function) &&
            (waiters[i].role == ROLE_NONE || strchr(place->function, '.') ||
             role_of(cpython, frame_local(cpython, frame, "self")) == waiters[i].role))
            return &waiters[i];
    return NULL;
}

/* ---- the standard library -------------------------------------------------------------------- */

char *standard_library(const struct cpython *cpython, const struct interpreter *interpreter)
{
    uint64_t module = dict_get(cpython, interpreter->modules, "os"), dict;
    if (!module ||
        !target_read_word(cpython->target, module + (uint64_t)cpython->at.module_dict, &dict))
        return NULL;
    char *file = str_value(cpython, dict_get(cpython, dict, "__file__"), STR_LIMIT);
    char *slash = file ? strrchr(file, '/') : NULL;
    if (slash)
        slash[1] = '\0';
    else if (file)
        *file = '\0';
    return file;
}

static bool is_installed(const char *file)
{
    return strstr(file, "/site-packages/") || strstr(file, "/dist-packages/");
}

static bool is_standard(const char *file, const char *standard)
{
    return strncmp(file, "<frozen ", 8) == 0 || (!is_installed(file) && standard && *standard &&
                                                 strncmp(file, standard, strlen(standard)) == 0);
}

bool is_library_file(const char *file, const char *standard)
{
    return is_installed(file) || is_standard(file, standard);
}

bool named_frame_read(const struct cpython *cpython, const struct frame_view *frame,
                      const char *standard, struct named_frame *named)
{
    *named = (struct named_frame){0};
    if (!frame_place(cpython, frame, &named->place) || !named->place.file)
        return false;
    named->standard = is_standard(named->place.file, standard);
    named->library = is_library_file(named->place.file, standard);
    return true;
}

void named_frame_release(struct named_frame *named)
{
    source_place_free(&named->place);
}

/* ---- by the kernel --------------------------------------------------------------------------- */

static bool is_timed_futex(const struct thread_state *state)
{
    return state->in_system_call && state->system_call == SYS_futex && state->arguments[3];
}

/* select() without descriptors is how 3.8 to 3.10 sleep. */
static bool is_sleep(const struct thread_state *state)
{
    switch (state->system_call) {
    case SYS_nanosleep:
    case SYS_clock_nanosleep:
        return true;
    case SYS_select:
    case SYS_pselect6:
        return state->arguments[0] == 0;
    case SYS_poll:
    case SYS_ppoll:
        return state->arguments[1] == 0;
    default:
        return false;
    }
}

static bool is_selector(int64_t system_call)
{
    return system_call == SYS_epoll_wait || system_call == SYS_epoll_pwait ||
           system_call == SYS_poll || system_call == SYS_ppoll || system_call == SYS_select ||
           system_call == SYS_pselect6;
}

static struct thread_wait wait_on_futex(const struct cpython *cpython,
                                        const struct thread_state *state,
                                        const struct gil_view *gil)
{
    struct thread_wait wait = {.kind = THREAD_BLOCKED, .timed = is_timed_futex(state)};
    if (gil && gil_waits(gil, state)) {
        wait.kind = THREAD_AWAITS_GIL;
        return wait;
    }
    wait.object = lock_waited_for(cpython, state);
    if (wait.object)
        wait.kind = role_of(cpython, wait.object) == ROLE_SIMPLE_QUEUE ? THREAD_AWAITS_QUEUE
                                                                       : THREAD_AWAITS_LOCK;
    return wait;
}

static struct thread_wait wait_by_kernel(const struct cpython *cpython,
                                         const struct thread_state *state,
                                         const struct gil_view *gil)
{
    struct thread_wait wait = {.kind = THREAD_RUNS};
    if (state->running || state->state == 'R' || !state->in_system_call)
        return wait;
    if (state->system_call == SYS_futex)
        return wait_on_futex(cpython, state, gil);
    if (is_sleep(state))
        wait.kind = THREAD_SLEEPS;
    else if (state->system_call == SYS_wait4 || state->system_call == SYS_waitid)
        wait.kind = THREAD_AWAITS_PROCESS;
    else
        wait.kind = state->system_call >= 0 ? THREAD_IN_IO : THREAD_RUNS;
    return wait;
}

/* ---- both ------------------------------------------------------------------------------------ */

/* What a function of the standard library waits for agrees with how the kernel says it waits. */
static bool agree(enum thread_wait_kind told, enum thread_wait_kind kernel,
                  const struct thread_state *state)
{
    switch (told) {
    case THREAD_IN_SELECTOR:
        return is_selector(state->system_call);
    case THREAD_AWAITS_PROCESS:
        return kernel == THREAD_AWAITS_PROCESS || kernel == THREAD_IN_IO;
    default:
        return kernel == THREAD_AWAITS_LOCK || kernel == THREAD_AWAITS_QUEUE ||
               kernel == THREAD_BLOCKED;
    }
}

/* Those that wait in Condition.wait(), and otherwise for the lock of their condition. */
static bool waits_by_condition(enum thread_wait_kind kind)
{
    return kind == THREAD_AWAITS_CONDITION || kind == THREAD_AWAITS_EVENT ||
           kind == THREAD_AWAITS_QUEUE || kind == THREAD_AWAITS_SEMAPHORE ||
           kind == THREAD_AWAITS_BARRIER || kind == THREAD_AWAITS_FUTURE;
}

/*
 * Whether a thread blocked on `lock` has still to enter the condition that `frame` is to wait for,
 * or has been notified and takes the condition's lock back: Condition.wait() (3.8-3.15) itself
 * blocks on a lock of its own, `waiter`.
 */
static bool outside_condition(const struct cpython *cpython, const struct waiter *waiter,
                              const struct frame_view *frame, uint64_t lock, bool in_wait)
{
    if (!waits_by_condition(waiter->kind))
        return false;
    if (strcmp(waiter->function, "Condition.wait") == 0)
        return frame_local(cpython, frame, "waiter") != lock;
    return !in_wait;
}

struct thread_wait thread_wait_tell(const struct cpython *cpython, const struct frame_view *frames,
                                    const struct named_frame *named, size_t count,
                                    const struct thread_state *state, const struct gil_view *gil)
{
    struct thread_wait wait = wait_by_kernel(cpython, state, gil);
    if (wait.kind == THREAD_RUNS || wait.kind == THREAD_AWAITS_GIL)
        return wait;
    enum thread_wait_kind kernel = wait.kind;
    uint64_t lock = kernel == THREAD_AWAITS_LOCK ? wait.object : 0;
    bool in_wait = false;
    for (size_t i = 0; i < count && i < FRAMES_LOOKED_AT && named[i].library; i++) {
        const struct waiter *waiter = waiter_of(cpython, &frames[i], &named[i]);
        if (!waiter || !agree(waiter->kind, kernel, state))
            continue;
        if (lock && outside_condition(cpython, waiter, &frames[i], lock, in_wait))
            break;
        in_wait = true;
        /* A worker that runs something waits for that; only an idle one waits for its queue. */
        if (waiter->kind == THREAD_AWAITS_QUEUE && i > 0 &&
            text_ends_with(waiter->function, "_worker"))
            break;
        uint64_t object = frame_local(cpython, &frames[i], waiter->local);
        if (object) {
            wait.kind = waiter->kind;
            wait.object = object;
        }
    }
    return wait;
}

const char *thread_wait_word(enum thread_wait_kind kind)
{
    static const char *const words[] = {
        [THREAD_AWAITS_GIL] = "gil",
        [THREAD_AWAITS_LOCK] = "lock",
        [THREAD_AWAITS_CONDITION] = "condition",
        [THREAD_AWAITS_EVENT] = "event",
        [THREAD_AWAITS_QUEUE] = "queue",
        [THREAD_AWAITS_SEMAPHORE] = "semaphore",
        [THREAD_AWAITS_BARRIER] = "barrier",
        [THREAD_AWAITS_FUTURE] = "future",
        [THREAD_AWAITS_THREAD] = "join",
        [THREAD_AWAITS_IMPORT] = "import",
        [THREAD_IN_SELECTOR] = "selector",
        [THREAD_SLEEPS] = "sleep",
        [THREAD_IN_IO] = "io",
        [THREAD_AWAITS_PROCESS] = "process",
        [THREAD_BLOCKED] = "unknown",
    };
    return words[kind];
}
