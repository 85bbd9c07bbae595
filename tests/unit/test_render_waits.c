/* The renderers: loops, tasks, executors, threads, and drawn chains of waits. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "render/text.h"

static const struct text_style plain = {0};
static const struct text_style narrow = {.width = 80};
static const struct text_style coloured = {.color = true, .width = 80};
static const struct text_style wide = {.color = true, .width = 110};
static const struct text_style verbose = {.verbose = true};
static const struct text_style quiet = {.quiet = true};
static const struct text_style limited = {.limit = 1};

/* ---- reports --------------------------------------------------------------------------------- */

static struct place place_of(const char *file, unsigned line, const char *function)
{
    return (struct place){strdup(file), line, strdup(function)};
}

static void add_node(wait_chain *chain, const char *kind, const char *name, const char *waits_for,
                     uint64_t address, struct place at)
{
    struct wait_node node = {.kind = kind, .at = at, .address = address};
    node.name = name ? strdup(name) : NULL;
    node.waits_for = waits_for ? strdup(waits_for) : NULL;
    assert_true(vector_push(chain, node));
}

static void fill_cycle(wait_chain *chain, const char *directory)
{
    char file[128];
    snprintf(file, sizeof file, "%sapp.py", directory);
    add_node(chain, "thread", "MainThread", "blocked in Future.result() of", 0x7f12a0c00010,
             place_of(file, 40, "handler"));
    add_node(chain, "future", NULL, "completed only by", 0x7f12a0c04e50, (struct place){0});
    add_node(chain, "task", "Task-7", "runs only on", 0x7f12a0c04f10, place_of(file, 12, "fetch"));
    add_node(chain, "loop", "_UnixSelectorEventLoop", "run only by", 0x7f12a0c05000,
             (struct place){0});
}

static void fill_watch(struct loop_watch *watch)
{
    *watch = (struct loop_watch){
        .seconds = 10,
        .utilisation = 0.97345,
        .delay_p50 = 1.25,
        .delay_p95 = 12,
        .delay_p99 = 4200,
        .delay_max = 4300,
        .samples = 1000,
        .ready_first = 3,
        .ready_last = 37,
        .ready_max = 1040,
        .added = 204000,
        .taken = 203966,
        .slow_count = 2,
    };
    watch->slow = calloc(2, sizeof *watch->slow);
    assert_non_null(watch->slow);
    watch->slow[0] = (struct slow_call){place_of("/srv/shop/pricing/discounts.py", 118, "apply"),
                                        4200, 4100, 1042};
    watch->slow[1] =
        (struct slow_call){place_of("/srv/shop/db.py", 7, "Session.commit"), 12.5, 0, 1};
}

static void add_loops(struct report *report)
{
    struct loop_row stuck = {
        .address = 0x7f12a0c05000,
        .class_name = strdup("_UnixSelectorEventLoop"),
        .thread = strdup("MainThread"),
        .tid = 4242,
        .running = true,
        .verdict = "self-deadlock",
        .confidence = CONFIDENCE_HIGH,
        .reason = strdup("MainThread waits for a task that only MainThread can run"),
        .at = place_of("/srv/app.py", 40, "handler"),
        .blocked_in = "futex",
        .native = strdup("lock_PyThread_acquire_lock"),
        .ready = 1037,
        .scheduled = 2,
        .next_timer_ms = -3000,
        .stalled_ms = 4200,
        .tasks = 4006,
        .cycle_closes = true,
    };
    fill_cycle(&stuck.cycle, "/srv/");
    assert_true(vector_push(&report->loops, stuck));
    struct loop_row watched = {
        .address = 0x7f12a0d00000,
        .class_name = strdup("Loop"),
        .thread = strdup("io"),
        .tid = 4250,
        .running = true,
        .verdict = "healthy",
        .confidence = CONFIDENCE_MEDIUM,
        .ready = 0,
        .scheduled = -1,
        .next_timer_ms = 1234.5678,
        .tasks = 1,
    };
    fill_watch(&watched.watch);
    assert_true(vector_push(&report->loops, watched));
    struct loop_row idle = {.address = 0x7f12a0e00000,
                            .ready = -1,
                            .scheduled = -1,
                            .next_timer_ms = NAN,
                            .blocked_in = "cpu"};
    assert_true(vector_push(&report->loops, idle));
}

static struct task_row *add_task(struct report *report, uint64_t address, const char *name,
                                 const char *coroutine, const char *waits_for)
{
    struct task_row task = {.address = address,
                            .count = 1,
                            .name = name ? strdup(name) : NULL,
                            .coroutine = strdup(coroutine),
                            .state = "pending",
                            .waits_for = waits_for ? strdup(waits_for) : NULL,
                            .loop = 0x7f12a0c05000};
    assert_true(vector_push(&report->tasks, task));
    return &report->tasks.items[report->tasks.count - 1];
}

static void awaits(struct task_row *task, uint64_t address)
{
    assert_true(vector_push(&task->awaits, address));
}

static void at(struct task_row *task, const char *file, unsigned line, const char *function)
{
    assert_true(vector_push(&task->stack, place_of(file, line, function)));
}

static void add_tree(struct report *report)
{
    struct task_row *task = add_task(report, 0x1010, "Task-1", "main", "2 children");
    task->wait_kind = "children";
    at(task, "/usr/lib/python3.11/asyncio/runners.py", 190, "run");
    at(task, "/srv/app.py", 90, "main");
    awaits(task, 0x1020);
    awaits(task, 0x9999); /* not among the rows */
    awaits(task, 0x1030);
    task = add_task(report, 0x1020, "Task-2", "shop.worker", NULL);
    task->wait_kind = "io";
    at(task, "/srv/app.py", 50, "worker");
    awaits(task, 0x1040);
    task = add_task(report, 0x1030, "Task-3", "shop.worker", NULL);
    awaits(task, 0x1040);
    task = add_task(report, 0x1040, NULL, "fetch", "sleep for 3.2 s more");
    for (unsigned i = 1; i <= 5; i++)
        at(task, "/srv/app.py", i, "deep");
    task = add_task(report, 0x1050, "Task-8", "poll", "sleep for 0.1 s more");
    task->count = 4000;
}

/* Nobody else awaits the three that await one another; the last of them awaits a fourth. */
static void add_knot(struct report *report)
{
    static const uint64_t knot[] = {0x2010, 0x2020, 0x2030};
    static const char *const names[] = {"Task-21", "Task-22", "Task-23"};
    for (size_t i = 0; i < 3; i++) {
        struct task_row *task = add_task(report, knot[i], names[i], "ring", NULL);
        task->wait_kind = "task";
        task->in_cycle = true;
        at(task, "/srv/ring.py", 7, "ring");
        awaits(task, knot[(i + 1) % 3]);
        if (i == 2)
            awaits(task, 0x2040);
    }
    add_task(report, 0x2040, "Task-24", "leaf", NULL)->state = "running";
}

static void add_executors(struct report *report)
{
    struct executor_row starved = {
        .address = 0x7f12a0f00000,
        .class_name = strdup("ThreadPoolExecutor"),
        .workers = 4,
        .max_workers = 8,
        .busy = 4,
        .queued = 1200,
        .oldest_ms = 12300,
        .oldest = place_of("/srv/shop/reports.py", 9, "build_report"),
        .watch = {.seconds = 10,
                  .samples = 180,
                  .busy_mean = 3.875,
                  .busy_max = 4,
                  .queued_first = 900,
                  .queued_last = 1200,
                  .queued_max = 1205,
                  .oldest_ms = 9800,
                  .oldest = place_of("/srv/shop/reports.py", 9, "build_report")},
    };
    assert_true(vector_push(&report->executors, starved));
    struct executor_row unknown = {.class_name = strdup("ProcessPoolExecutor"),
                                   .workers = -1,
                                   .max_workers = 2,
                                   .busy = -1,
                                   .queued = -1};
    assert_true(vector_push(&report->executors, unknown));
}

static void add_deadlock(struct report *report, const char *directory)
{
    struct finding *finding =
        report_add_finding(report, "LOOP002", SEVERITY_ERROR, CONFIDENCE_HIGH);
    finding->summary = strdup("event loop of MainThread waits for itself; 4006 tasks wait with it");
    finding->location.file = strdup("/srv/app.py");
    finding->location.line = 40;
    finding->location.function = strdup("handler");
    finding_add_evidence(finding, "Future.result() was called on the loop's own thread");
    finding_add_number(finding, "tasks", 4006, "");
    finding_add_fix(finding, "await the future instead of calling result()");
    finding->confirm = strdup("steth tasks 4242");
    wait_chain chain = {0};
    fill_cycle(&chain, directory);
    finding_set_chain(finding, &chain, true);
    wait_chain_free(&chain);
}

static void fill_tasks(struct report *report)
{
    report->target = (struct target_section){.kind = "live",
                                             .pid = 4242,
                                             .python = strdup("3.11.2"),
                                             .command = strdup("python3 -m shop.worker"),
                                             .read_bytes = 1234567,
                                             .read_ms = 4.5};
    report->has_loops = report->has_tasks = true;
    add_loops(report);
    add_tree(report);
    add_knot(report);
    add_task(report, 0x3010, "Task-31", "stray", NULL)->loop = 0x7777;
    add_executors(report);
    add_deadlock(report, "/srv/");
    report_add_ok(report, "TASK002");
}

static void add_frame(struct thread_row *thread, const char *file, unsigned line,
                      const char *function, bool native)
{
    struct thread_frame frame = {place_of(file, line, function), native};
    assert_true(vector_push(&thread->stack, frame));
}

static void add_main_thread(struct report *report)
{
    struct thread_row thread = {
        .tid = 4242,
        .name = strdup("MainThread"),
        .comm = strdup("python3"),
        .python = true,
        .state = 'S',
        .cpu_ms = 12.04,
        .observed_ms = 100,
        .blocked_in = "futex",
        .wait_kind = "lock",
        .waits_for = strdup("lock 0x7f12a0c12000"),
        .owed_by = strdup("thread Worker-1, which holds it in /srv/shop/pricing/discounts.py:118 "
                          "in Discounts.apply"),
    };
    add_frame(&thread, "/usr/lib/x86_64-linux-gnu/libc.so.6", 0, "__futex_abstimed_wait", true);
    add_frame(&thread, "/usr/lib/python3/_sqlite3.so", 0, "pysqlite_step", true);
    add_frame(&thread, "/srv/app.py", 40, "handler", false);
    for (int i = 0; i < 1000; i++)
        add_frame(&thread, "/srv/app.py", 12, "descend", false);
    add_frame(&thread, "/srv/app.py", 99, "<module>", false);
    assert_true(vector_push(&report->threads, thread));
}

static void fill_threads(struct report *report)
{
    report->has_threads = true;
    add_main_thread(report);
    struct thread_row computes = {.tid = 4243,
                                  .name = strdup("Worker-1"),
                                  .comm = strdup("Worker-1"),
                                  .python = true,
                                  .state = 'R',
                                  .cpu_ms = 99,
                                  .observed_ms = 100,
                                  .gil = "holds"};
    computes.stack_note = strdup("no unwind tables in /opt/lib/libfast.so");
    assert_true(vector_push(&report->threads, computes));
    struct thread_row wants = {.tid = 4244,
                               .name = strdup("Worker-2"),
                               .python = true,
                               .state = 'S',
                               .gil = "waits",
                               .wait_kind = "gil"};
    assert_true(vector_push(&report->threads, wants));
    struct thread_row native = {.comm = strdup("rdk:broker1"), .blocked_in = "poll"};
    assert_true(vector_push(&report->threads, native));
}

static void fill_hostile(struct report *report)
{
    report->has_loops = report->has_tasks = report->has_threads = true;
    struct loop_row loop = {.class_name = strdup("\x1b[2J"),
                            .thread = strdup("\r"),
                            .reason = strdup("\x07"),
                            .native = strdup("\x9b"),
                            .next_timer_ms = -INFINITY,
                            .stalled_ms = NAN,
                            .tasks = UINT64_MAX};
    add_node(&loop.cycle, NULL, "\x1b]0;x\x07", "\n", 0, place_of("\xff", 1, "\x7f"));
    fill_watch(&loop.watch);
    loop.watch.utilisation = NAN;
    loop.watch.added = INT64_MAX;
    loop.watch.delay_max = INFINITY;
    assert_true(vector_push(&report->loops, loop));
    struct task_row *task = add_task(report, 0, "\x1b[H", "\xe2\x80\xae", "\n");
    task->count = UINT64_MAX;
    awaits(task, 0);
    at(task, "\x1b", 1, "\x1b");
    task = add_task(report, UINT64_MAX, "self", "f", NULL);
    awaits(task, UINT64_MAX);
    awaits(task, UINT64_MAX);
    add_task(report, UINT64_MAX, "twin", "f", NULL);
    struct executor_row executor = {.class_name = strdup("\x1b"),
                                    .oldest_ms = NAN,
                                    .watch = {.seconds = 1e-9, .busy_mean = NAN}};
    assert_true(vector_push(&report->executors, executor));
    struct thread_row thread = {.tid = -1,
                                .name = strdup("\x1b"),
                                .comm = strdup("\x1b["),
                                .state = '\x1b',
                                .waits_for = strdup("\x1b"),
                                .owed_by = strdup("\x1b"),
                                .stack_note = strdup("\x1b"),
                                .cpu_ms = NAN,
                                .observed_ms = 1};
    add_frame(&thread, "\x1b/", 1, "\x1b", true);
    add_frame(&thread, "\x1b", 1, "\x1b", false);
    assert_true(vector_push(&report->threads, thread));
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void loops_tasks_and_executors_are_drawn(void **state)
{
    (void)state;
    struct report report = {0};
    fill_tasks(&report);
    assert_text("tasks.txt", render_text_tasks, &report, &plain);
    assert_text("tasks-80.txt", render_text_tasks, &report, &narrow);
    assert_text("tasks-colour.txt", render_text_tasks, &report, &coloured);
    assert_text("tasks-verbose.txt", render_text_tasks, &report, &verbose);
    assert_text("tasks-quiet.txt", render_text_tasks, &report, &quiet);
    assert_text("tasks-limit.txt", render_text_tasks, &report, &limited);
    assert_json("tasks.json", &report);
    report_free(&report);
}

static void threads_have_their_stacks_and_debts(void **state)
{
    (void)state;
    struct report report = {0};
    fill_threads(&report);
    assert_text("threads.txt", render_text_threads, &report, &plain);
    assert_text("threads-80.txt", render_text_threads, &report, &narrow);
    assert_text("threads-quiet.txt", render_text_threads, &report, &quiet);
    assert_text("threads-limit.txt", render_text_threads, &report, &limited);
    report.threads.items[0].stack.count -= 990; /* the rest of the recursion says nothing new */
    for (size_t i = 0; i < 990; i++)
        place_free(
            &report.threads.items[0].stack.items[report.threads.items[0].stack.count + i].at);
    assert_json("threads.json", &report);
    report_free(&report);
}

static void a_finding_draws_its_chain(void **state)
{
    (void)state;
    struct report report = {0};
    add_deadlock(&report, "");
    assert_text("chain.txt", render_text, &report, &plain);
    assert_text("chain-fits.txt", render_text, &report, &wide);
    report.findings.items[0].chain_closes = false;
    assert_text("chain-open.txt", render_text, &report, &plain);
    report_free(&report);
    add_deadlock(&report, "/srv/releases/2026-11-21/");
    assert_text("chain-80.txt", render_text, &report, &narrow);
    assert_json("chain.json", &report);
    report_free(&report);
}

static void what_was_not_found_is_said(void **state)
{
    (void)state;
    struct report report = {.has_loops = true, .has_tasks = true, .has_threads = true};
    _cleanup_free_ char *tasks = page_text(render_text_tasks, &report, &plain);
    assert_non_null(strstr(tasks, "no event loop was found"));
    _cleanup_free_ char *threads = page_text(render_text_threads, &report, &plain);
    assert_non_null(strstr(threads, "no thread was found"));
    report_free(&report);
}

static void assert_harmless(const char *text)
{
    for (const char *byte = text; *byte; byte++)
        assert_true(*byte == '\n' || (unsigned char)*byte >= ' ');
}

static void nothing_from_the_target_reaches_the_terminal_as_control(void **state)
{
    (void)state;
    struct report report = {0};
    fill_hostile(&report);
    _cleanup_free_ char *tasks = page_text(render_text_tasks, &report, &narrow);
    assert_harmless(tasks);
    _cleanup_free_ char *threads = page_text(render_text_threads, &report, &verbose);
    assert_harmless(threads);
    _cleanup_free_ char *json = json_page(&report);
    json_t *parsed = json_loads(json, 0, NULL);
    assert_non_null(parsed);
    json_decref(parsed);
    report_free(&report);
}

static void lines_of_places_alone_exceed_the_width(void **state)
{
    (void)state;
    struct report report = {0};
    fill_tasks(&report);
    fill_threads(&report);
    _cleanup_free_ char *tasks = page_text(render_text_tasks, &report, &narrow);
    _cleanup_free_ char *threads = page_text(render_text_threads, &report, &narrow);
    for (const char *line = tasks; *line; line += strcspn(line, "\n") + 1)
        assert_true(strcspn(line, "\n") <= 80);
    for (const char *line = threads; *line; line += strcspn(line, "\n") + 1)
        assert_true(strcspn(line, "\n") <= 80);
    report_free(&report);
}

/* A chain of tasks, and as many side by side: each once, in a margin that does not grow for ever.
 */
static void many_tasks_take_a_line_each(void **state)
{
    (void)state;
    struct report report = {.has_loops = true, .has_tasks = true};
    for (uint64_t i = 1; i <= 5000; i++) {
        struct task_row *task = add_task(&report, i * 16, NULL, "link", NULL);
        if (i < 5000)
            awaits(task, (i + 1) * 16);
    }
    awaits(&report.tasks.items[4999], 16);
    for (uint64_t i = 5001; i <= 10000; i++)
        add_task(&report, i * 16, NULL, "side", NULL);
    _cleanup_free_ char *text = page_text(render_text_tasks, &report, &plain);
    size_t links = 0, sides = 0, longest = 0;
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
        size_t length = strcspn(line, "\n");
        links += memmem(line, length, "  link", 6) != NULL;
        sides += memmem(line, length, "  side", 6) != NULL;
        longest = length > longest ? length : longest;
    }
    assert_int_equal(links, 5000);
    assert_int_equal(sides, 5000);
    assert_true(longest < 120);
    assert_non_null(strstr(text, "+-> task 0x10 (shown above: a cycle)"));
    report_free(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loops_tasks_and_executors_are_drawn),
        cmocka_unit_test(threads_have_their_stacks_and_debts),
        cmocka_unit_test(a_finding_draws_its_chain),
        cmocka_unit_test(what_was_not_found_is_said),
        cmocka_unit_test(nothing_from_the_target_reaches_the_terminal_as_control),
        cmocka_unit_test(lines_of_places_alone_exceed_the_width),
        cmocka_unit_test(many_tasks_take_a_line_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
