/* Bytes of an image, and of live processes: children of this one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/vector.h"
#include "target/internal.h"
#include "target/memo.h"
#include "target/pause.h"
#include "target/target.h"

#define PAGE 4096

/* ---- images ---------------------------------------------------------------------------------- */

static const uint8_t first[] = "abcdefg", second[] = {'h', 'i', 0, 'j'}, third[] = "far";

static struct target *open_image(void)
{
    const struct image_segment segments[] = {
        {0x2000, third, sizeof third},
        {0x1000, first, 7},
        {0x1007, second, sizeof second},
    };
    struct target *target;
    assert_null(target_open_image(segments, 3, &target));
    return target;
}

static void images_are_read_across_segments(void **state)
{
    (void)state;
    struct target *target = open_image();
    char bytes[16];
    assert_true(target_read(target, 0x1005, bytes, 5));
    assert_memory_equal(bytes, "fghi", 5);
    assert_int_equal(target_read_some(target, 0x1005, bytes, sizeof bytes), 6);
    assert_false(target_read(target, 0x1005, bytes, 7));
    assert_int_equal(target_read_some(target, 0xfff, bytes, 4), 0);
    assert_int_equal(target_read_some(target, 0x100b, bytes, 4), 0);
    assert_int_equal(target_read_some(target, UINT64_MAX - 2, bytes, 16), 0);
    assert_int_equal(target_bytes_read(target), 5 + 6 + 6);
    target_close(target);
}

static void images_have_mappings(void **state)
{
    (void)state;
    struct target *target = open_image();
    size_t count;
    const struct mapping *mappings = target_mappings(target, &count);
    assert_int_equal(count, 3);
    assert_int_equal(mappings[0].start, 0x1000);
    assert_int_equal(mappings[2].end, 0x2004);
    assert_ptr_equal(target_mapping_at(target, 0x1006), &mappings[0]);
    assert_ptr_equal(target_mapping_at(target, 0x1007), &mappings[1]);
    assert_null(target_mapping_at(target, 0x100b));
    assert_null(target_mapping_at(target, 0));
    assert_null(target_mapping_at(target, UINT64_MAX));
    assert_int_equal(target_pid(target), 0);
    assert_true(target_alive(target));
    assert_null(target_refresh_mappings(target));
    struct pause *pause;
    struct error *error = pause_begin(target, &pause);
    assert_int_equal(error->code, ERROR_USAGE);
    error_free(error);
    target_close(target);
}

static void assert_refused(uint64_t start, size_t start_size, uint64_t other, size_t other_size)
{
    static const uint8_t bytes[64];
    const struct image_segment segments[] = {{start, bytes, start_size},
                                             {other, bytes, other_size}};
    struct target *target;
    struct error *error = target_open_image(segments, 2, &target);
    assert_non_null(error);
    error_free(error);
}

static void impossible_images_are_refused(void **state)
{
    (void)state;
    assert_refused(0x1000, 16, 0x100f, 16);
    assert_refused(0x1000, 16, 0x1000, 16);
    assert_refused(0x1000, 64, 0x1008, 8);
    assert_refused(0x1000, 16, UINT64_MAX - 7, 16);
}

static void an_empty_image_has_nothing(void **state)
{
    (void)state;
    struct target *target;
    size_t count;
    uint8_t byte;
    assert_null(target_open_image(NULL, 0, &target));
    target_mappings(target, &count);
    assert_int_equal(count, 0);
    assert_false(target_read(target, 0, &byte, 1));
    target_close(target);
}

static void strings_end_with_their_segment(void **state)
{
    (void)state;
    struct target *target = open_image();
    char text[16];
    assert_true(target_read_c_string(target, 0x1000, text, sizeof text));
    assert_string_equal(text, "abcdefghi");
    assert_true(target_read_c_string(target, 0x1000, text, 10));
    assert_false(target_read_c_string(target, 0x1000, text, 9)); /* no room for the end */
    assert_false(target_read_c_string(target, 0x100a, text, sizeof text));
    assert_true(target_read_c_string(target, 0x2000, text, sizeof text));
    assert_string_equal(text, "far");
    assert_false(target_read_c_string(target, 0x3000, text, sizeof text));
    assert_false(target_read_c_string(target, UINT64_MAX, text, sizeof text));
    target_close(target);
}

static void batches_say_which_reads_failed(void **state)
{
    (void)state;
    struct target *target = open_image();
    char bytes[4][4] = {{0}};
    struct read_request requests[] = {
        {.address = 0x1000, .buffer = bytes[0], .size = 4},
        {.address = 0x5000, .buffer = bytes[1], .size = 4, .ok = true},
        {.address = 0x1006, .buffer = bytes[2], .size = 2},
        {.address = 0x2002, .buffer = bytes[3], .size = 4, .ok = true},
    };
    target_read_batch(target, requests, 4);
    assert_true(requests[0].ok && requests[2].ok);
    assert_false(requests[1].ok || requests[3].ok);
    assert_memory_equal(bytes[0], "abcd", 4);
    assert_memory_equal(bytes[2], "gh", 2);
    target_close(target);
}

/* ---- live: memory ---------------------------------------------------------------------------- */

/* A child that waits; it dies with us. */
static pid_t start_child(void (*work)(void *context), void *context)
{
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(ready[0]);
        if (work)
            work(context);
        if (write(ready[1], "r", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return child;
}

static void end_child(pid_t child)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static struct target *open_child(pid_t child)
{
    struct target *target;
    assert_null(target_open_live(child, &target));
    return target;
}

static uint64_t address_of(const void *pointer)
{
    return (uint64_t)(uintptr_t)pointer;
}

/* Three pages, the middle one without access. */
static uint8_t *map_with_hole(void)
{
    uint8_t *pages =
        mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(pages != MAP_FAILED);
    memset(pages, 'a', PAGE);
    memset(pages + 2 * PAGE, 'c', PAGE);
    pages[PAGE - 1] = 'b';
    assert_int_equal(mprotect(pages + PAGE, PAGE, PROT_NONE), 0);
    return pages;
}

static void live_memory_is_read_up_to_a_hole(void **state)
{
    (void)state;
    static uint8_t buffer[3 * PAGE];
    uint8_t *pages = map_with_hole();
    pid_t child = start_child(NULL, NULL);
    struct target *target = open_child(child);
    uint64_t start = address_of(pages);
    assert_int_equal(target_pid(target), child);
    assert_true(target_read(target, start, buffer, PAGE));
    assert_memory_equal(buffer, pages, PAGE);
    assert_int_equal(target_read_some(target, start + 16, buffer, 3 * PAGE - 16), PAGE - 16);
    assert_false(target_read(target, start, buffer, 3 * PAGE));
    assert_int_equal(target_read_some(target, start + PAGE, buffer, 16), 0);
    char text[64];
    assert_false(target_read_c_string(target, start + PAGE - 8, text, sizeof text));
    target_close(target);
    end_child(child);
    munmap(pages, 3 * PAGE);
}

static void a_memo_reads_nothing_twice(void **state)
{
    (void)state;
    uint8_t *pages = map_with_hole(), bytes[32];
    struct target *target, *memo;
    assert_null(target_open_live(getpid(), &target));
    memo = target_open_memo(target);
    uint64_t start = address_of(pages), read = target_bytes_read(target);
    pages[0] = 'o';
    assert_true(target_read(memo, start, bytes, 16));
    pages[0] = 'n';
    assert_true(target_read(memo, start + 16, bytes, 16));
    uint64_t part = target_bytes_read(target) - read;
    assert_in_range(part, 32, PAGE - 1);
    assert_true(target_read(memo, start + PAGE - 16, bytes, 16)); /* another of the same page */
    assert_int_equal(target_bytes_read(target) - read, PAGE);
    assert_true(target_read(memo, start, bytes, 1));
    assert_int_equal(bytes[0], 'o');
    assert_int_equal(target_read_some(memo, start + PAGE - 4, bytes, 16), 4);
    assert_false(target_read(memo, start + PAGE, bytes, 1));
    struct read_request requests[] = {{start + PAGE, bytes, 8, true},
                                      {start + 2 * PAGE, bytes, 8, false}};
    target_read_batch(memo, requests, 2);
    assert_false(requests[0].ok);
    assert_true(requests[1].ok);
    assert_int_equal(bytes[0], 'c');
    assert_false(target_read(memo, UINT64_MAX - 8, bytes, 8));
    assert_false(target_read(memo, UINT64_MAX - 8, bytes, 16));
    target_close(memo);
    target_close(target);
    munmap(pages, 3 * PAGE);
}

static void a_sparse_memo_keeps_little_around_what_is_asked_for(void **state)
{
    (void)state;
    uint8_t *pages = map_with_hole(), bytes[PAGE];
    struct target *target, *memo;
    assert_null(target_open_live(getpid(), &target));
    memo = target_open_sparse_memo(target);
    uint64_t start = address_of(pages), read = target_bytes_read(target);
    assert_true(target_read(memo, start, bytes, 8));
    uint64_t part = target_bytes_read(target) - read;
    assert_in_range(part, 8, PAGE / 4);
    assert_true(target_read(memo, start + PAGE - 8, bytes, 8));
    assert_true(target_read(memo, start, bytes, 8));
    assert_int_equal(target_bytes_read(target) - read, 2 * part); /* nothing in between */
    memset(bytes, 0, sizeof bytes);
    assert_int_equal(target_read_some(memo, start, bytes, sizeof bytes), PAGE);
    assert_memory_equal(bytes, pages, PAGE);
    assert_int_equal(target_bytes_read(target) - read, PAGE);
    assert_int_equal(target_read_some(memo, start + PAGE - 4, bytes, 8), 4);
    target_close(memo);
    target_close(target);
    munmap(pages, 3 * PAGE);
}

static void a_memo_reads_what_is_expected_at_once(void **state)
{
    (void)state;
    uint8_t *pages = map_with_hole(), byte;
    struct target *target, *memo;
    assert_null(target_open_live(getpid(), &target));
    memo = target_open_memo(target);
    uint64_t start = address_of(pages);
    const uint64_t expected[] = {start, 0, start + PAGE, UINT64_MAX - 4, start + 2 * PAGE};
    target_expect(target, expected, 5, 8); /* which does not remember */
    pages[0] = 'o';
    target_expect(memo, expected, 5, 8);
    uint64_t read = target_bytes_read(target);
    pages[0] = pages[2 * PAGE] = 'n';
    assert_true(target_read(memo, start, &byte, 1));
    assert_int_equal(byte, 'o');
    assert_true(target_read(memo, start + 2 * PAGE, &byte, 1));
    assert_int_equal(byte, 'c');
    assert_int_equal(target_bytes_read(target), read);
    assert_false(target_read(memo, start + PAGE, &byte, 1));
    target_close(memo);
    target_close(target);
    munmap(pages, 3 * PAGE);
}

static void a_renewed_memo_reads_anew_what_is_asked_for(void **state)
{
    (void)state;
    uint8_t *pages = map_with_hole(), byte;
    struct target *target, *memo;
    assert_null(target_open_live(getpid(), &target));
    memo = target_open_memo(target);
    target_renew_memo(target); /* which does not remember */
    uint64_t start = address_of(pages), read = target_bytes_read(target);
    assert_true(target_read(memo, start, &byte, 1));
    assert_true(target_read(memo, start + 2 * PAGE, &byte, 1));
    uint64_t both = target_bytes_read(target) - read;
    pages[0] = 'n';
    target_renew_memo(memo);
    assert_int_equal(target_bytes_read(target) - read, 2 * both);
    pages[0] = 'o';
    assert_true(target_read(memo, start, &byte, 1));
    assert_int_equal(byte, 'n');
    for (int i = 0; i < 10; i++) { /* the last page is not asked for any more */
        target_renew_memo(memo);
        assert_true(target_read(memo, start, &byte, 1));
    }
    read = target_bytes_read(target);
    target_renew_memo(memo);
    assert_int_equal(target_bytes_read(target) - read, both / 2);
    munmap(pages, PAGE);
    target_renew_memo(memo);
    assert_false(target_read(memo, start, &byte, 1));
    assert_true(target_read(memo, start + 2 * PAGE, &byte, 1));
    assert_int_equal(byte, 'c');
    target_close(memo);
    target_close(target);
    munmap(pages, 3 * PAGE);
}

static void a_memo_knows_the_mappings_of_now(void **state)
{
    (void)state;
    struct target *target, *memo;
    assert_null(target_open_live(getpid(), &target));
    memo = target_open_memo(target);
    uint8_t *pages = map_with_hole();
    assert_null(target_refresh_mappings(target));
    size_t count, of_memo;
    assert_ptr_equal(target_mappings(memo, &of_memo), target_mappings(target, &count));
    assert_int_equal(count, of_memo);
    assert_non_null(target_mapping_at(memo, address_of(pages)));
    target_close(memo);
    target_close(target);
    munmap(pages, 3 * PAGE);
}

static void live_batches_go_on_behind_a_fault(void **state)
{
    (void)state;
    enum { COUNT = 700 };
    static struct read_request requests[COUNT];
    static uint64_t words[COUNT];
    uint8_t *pages = map_with_hole();
    pid_t child = start_child(NULL, NULL);
    struct target *target = open_child(child);
    for (size_t i = 0; i < COUNT; i++)
        requests[i] =
            (struct read_request){address_of(pages) + (i % 3) * PAGE, &words[i], 8, false};
    target_read_batch(target, requests, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(requests[i].ok, i % 3 != 1);
        if (i % 3 != 1)
            assert_int_equal(words[i] & 0xff, i % 3 ? 'c' : 'a');
    }
    target_close(target);
    end_child(child);
    munmap(pages, 3 * PAGE);
}

struct run {
    uint64_t start, end;
};
typedef VECTOR(struct run) run_vector;

static void add_run(void *context, uint64_t start, uint64_t end)
{
    assert_true(vector_push((run_vector *)context, ((struct run){start, end})));
}

static void live_runs_are_what_was_touched(void **state)
{
    (void)state;
    enum { PAGES = 2000 };
    uint8_t *pages = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_true(pages != MAP_FAILED);
    madvise(pages, PAGES * PAGE, MADV_NOHUGEPAGE);
    static const struct run touched[] = {{0, 1}, {7, 9}, {511, 513}, {1024, 1025}, {1999, 2000}};
    enum { RUNS = sizeof touched / sizeof *touched };
    for (size_t i = 0; i < RUNS; i++)
        memset(pages + touched[i].start * PAGE, 1, (touched[i].end - touched[i].start) * PAGE);
    pid_t child = start_child(NULL, NULL);
    struct target *target = open_child(child);
    uint64_t start = address_of(pages);
    for (enum present_way way = PRESENT_SCAN; way <= PRESENT_READ; way++) {
        run_vector runs = {0};
        present_visit(target->pagemap, way, start, start + PAGES * PAGE, add_run, &runs);
        assert_int_equal(runs.count, RUNS);
        for (size_t i = 0; i < RUNS; i++) {
            assert_int_equal(runs.items[i].start, start + touched[i].start * PAGE);
            assert_int_equal(runs.items[i].end, start + touched[i].end * PAGE);
        }
        vector_free(&runs);
    }
    run_vector unknown = {0};
    present_visit(-1, PRESENT_SCAN, start, start + PAGES * PAGE, add_run, &unknown);
    assert_int_equal(unknown.count, 1);
    vector_free(&unknown);
    target_close(target);
    end_child(child);
    munmap(pages, PAGES * PAGE);
}

static void the_end_of_a_process_is_noticed(void **state)
{
    (void)state;
    pid_t child = start_child(NULL, NULL);
    struct target *target = open_child(child);
    assert_true(target_alive(target));
    end_child(child);
    assert_false(target_alive(target));
    uint8_t byte;
    assert_false(target_read(target, address_of(first), &byte, 1));
    target_close(target);
    struct error *error = target_open_live(child, &target);
    assert_non_null(error);
    assert_int_equal(error->code, ERROR_CANNOT_LOOK);
    error_free(error);
}

/* ---- live: pauses ---------------------------------------------------------------------------- */

enum { THREADS = 3 };

/* Shared with the child. */
struct progress {
    atomic_uint counts[THREADS];
    atomic_uint signals;
};

static struct progress *progress;

static void *count_up(void *context)
{
    atomic_uint *count = context;
    for (;;) {
        atomic_fetch_add(count, 1);
        nanosleep(&(struct timespec){.tv_nsec = 100 * 1000}, NULL);
    }
    return NULL;
}

static void count_signal(int number)
{
    (void)number;
    atomic_fetch_add(&progress->signals, 1);
}

static void start_threads(void *context)
{
    (void)context;
    struct sigaction action = {.sa_handler = count_signal};
    sigaction(SIGUSR1, &action, NULL);
    for (size_t i = 0; i < THREADS; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, count_up, &progress->counts[i]);
    }
}

static void rest(long milliseconds)
{
    nanosleep(&(struct timespec){.tv_nsec = milliseconds * 1000 * 1000}, NULL);
}

static void read_counts(unsigned counts[THREADS])
{
    for (size_t i = 0; i < THREADS; i++)
        counts[i] = atomic_load(&progress->counts[i]);
}

/* How many threads go on within a second. */
static size_t threads_running(void)
{
    unsigned before[THREADS];
    size_t running = 0;
    read_counts(before);
    for (int i = 0; i < 100 && running < THREADS; i++) {
        rest(10);
        running = 0;
        for (size_t k = 0; k < THREADS; k++)
            running += atomic_load(&progress->counts[k]) != before[k];
    }
    return running;
}

static bool all_stopped(void)
{
    unsigned before[THREADS], after[THREADS];
    read_counts(before);
    rest(50);
    read_counts(after);
    return memcmp(before, after, sizeof before) == 0;
}

static int set_up_progress(void **state)
{
    (void)state;
    progress = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return progress == MAP_FAILED ? -1 : 0;
}

static int tear_down_progress(void **state)
{
    (void)state;
    return munmap(progress, PAGE);
}

static void a_pause_stops_all_threads_for_a_while(void **state)
{
    (void)state;
    pid_t child = start_child(start_threads, NULL);
    struct target *target = open_child(child);
    assert_int_equal(threads_running(), THREADS);
    for (int i = 0; i < 3; i++) {
        struct pause *pause;
        assert_null(pause_begin(target, &pause));
        assert_true(all_stopped());
        assert_true(pause_end(pause) >= 50);
        assert_int_equal(threads_running(), THREADS);
    }
    target_close(target);
    end_child(child);
}

/* The kernel lets go of what a tracer held, however that ends. */
static void a_killed_pauser_leaves_nothing_stopped(void **state)
{
    (void)state;
    pid_t child = start_child(start_threads, NULL);
    struct target *target = open_child(child);
    pid_t pauser = fork();
    if (!pauser) {
        struct pause *pause_of_child;
        if (pause_begin(target, &pause_of_child))
            _exit(1);
        kill(getpid(), SIGKILL);
    }
    int status;
    assert_int_equal(waitpid(pauser, &status, 0), pauser);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_int_equal(threads_running(), THREADS);
    target_close(target);
    end_child(child);
}

static void wait_for_signals(unsigned count)
{
    for (int i = 0; i < 200 && atomic_load(&progress->signals) < count; i++)
        rest(10);
    assert_int_equal(atomic_load(&progress->signals), count);
}

static void signals_survive_a_pause(void **state)
{
    (void)state;
    pid_t child = start_child(start_threads, NULL);
    struct target *target = open_child(child);
    for (unsigned i = 1; i <= 40; i++) {
        struct pause *pause;
        kill(child, SIGUSR1); /* on its way while the threads are stopped */
        assert_null(pause_begin(target, &pause));
        if (i % 2) {
            pause_end(pause);
            wait_for_signals(i);
            continue;
        }
        rest(1);
        pause_end(pause);
        wait_for_signals(i);
    }
    target_close(target);
    end_child(child);
}

static void a_signal_during_a_pause_comes_after_it(void **state)
{
    (void)state;
    pid_t child = start_child(start_threads, NULL);
    struct target *target = open_child(child);
    struct pause *pause;
    assert_null(pause_begin(target, &pause));
    kill(child, SIGUSR1);
    assert_true(all_stopped());
    assert_int_equal(atomic_load(&progress->signals), 0);
    pause_end(pause);
    wait_for_signals(1);
    target_close(target);
    end_child(child);
}

static void a_stopped_process_stays_stopped(void **state)
{
    (void)state;
    pid_t child = start_child(start_threads, NULL);
    struct target *target = open_child(child);
    struct pause *pause;
    int status;
    kill(child, SIGSTOP);
    assert_int_equal(waitpid(child, &status, WUNTRACED), child);
    assert_null(pause_begin(target, &pause));
    pause_end(pause);
    assert_true(all_stopped());
    kill(child, SIGCONT);
    assert_int_equal(threads_running(), THREADS);
    target_close(target);
    end_child(child);
}

static void *end_at_once(void *context)
{
    return context;
}

static void *churn(void *context)
{
    for (;;) {
        pthread_t thread;
        if (!pthread_create(&thread, NULL, end_at_once, NULL))
            pthread_join(thread, NULL);
    }
    return context;
}

static void start_churn(void *context)
{
    (void)context;
    for (int i = 0; i < 2; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, churn, NULL);
    }
}

/* Threads that come and go while they are being stopped. */
static void a_pause_copes_with_threads_that_end(void **state)
{
    (void)state;
    pid_t child = start_child(start_churn, NULL);
    struct target *target = open_child(child);
    for (int i = 0; i < 1000; i++) {
        struct pause *pause;
        struct error *error = pause_begin(target, &pause);
        if (error)
            fail_msg("pause %d: %s", i, error->message);
        pause_end(pause);
    }
    target_close(target);
    end_child(child);
}

static void *outlive_main(void *context)
{
    return count_up(context);
}

static void end_main_thread(void *context)
{
    int *ready = context;
    pthread_t thread;
    pthread_create(&thread, NULL, outlive_main, &progress->counts[0]);
    if (write(ready[1], "r", 1) == 1)
        pthread_exit(NULL);
}

/* Without its first thread the kernel shows nothing of a process. */
static void a_process_without_main_thread_is_refused(void **state)
{
    (void)state;
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (!child) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        end_main_thread(ready);
        _exit(1);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    rest(50);
    struct target *target;
    struct error *error = target_open_live(child, &target);
    assert_non_null(error);
    assert_int_equal(error->code, ERROR_CANNOT_LOOK);
    error_free(error);
    end_child(child);
    close(ready[0]);
    close(ready[1]);
}

#define PAUSE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_progress, tear_down_progress)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_are_read_across_segments),
        cmocka_unit_test(images_have_mappings),
        cmocka_unit_test(impossible_images_are_refused),
        cmocka_unit_test(an_empty_image_has_nothing),
        cmocka_unit_test(strings_end_with_their_segment),
        cmocka_unit_test(batches_say_which_reads_failed),
        cmocka_unit_test(live_memory_is_read_up_to_a_hole),
        cmocka_unit_test(a_memo_reads_nothing_twice),
        cmocka_unit_test(a_sparse_memo_keeps_little_around_what_is_asked_for),
        cmocka_unit_test(a_memo_reads_what_is_expected_at_once),
        cmocka_unit_test(a_renewed_memo_reads_anew_what_is_asked_for),
        cmocka_unit_test(a_memo_knows_the_mappings_of_now),
        cmocka_unit_test(live_batches_go_on_behind_a_fault),
        cmocka_unit_test(live_runs_are_what_was_touched),
        cmocka_unit_test(the_end_of_a_process_is_noticed),
        PAUSE_TEST(a_pause_stops_all_threads_for_a_while),
        PAUSE_TEST(a_killed_pauser_leaves_nothing_stopped),
        PAUSE_TEST(signals_survive_a_pause),
        PAUSE_TEST(a_signal_during_a_pause_comes_after_it),
        PAUSE_TEST(a_stopped_process_stays_stopped),
        PAUSE_TEST(a_pause_copes_with_threads_that_end),
        PAUSE_TEST(a_process_without_main_thread_is_refused),
    };
    return cmocka_run_group_tests_name("target", tests, NULL, NULL);
}
