/* What changed between looks: growth apart from noise, holders, what stands still; its pages. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/diff.h"
#include "analysis/noise.h"
#include "golden.h"
#include "render/markdown_diff.h"
#include "render/text.h"

static const struct text_style plain = {.limit = 10};
static const struct text_style narrow = {.width = 80, .limit = 2};
static const struct text_style verbose = {.verbose = true};
static const struct text_style quiet = {.quiet = true};

/* ---- looks ----------------------------------------------------------------------------------- */

static struct report look(double uptime)
{
    struct report report = {
        .target = {.kind = "live", .pid = 4242, .uptime_s = uptime, .rss_bytes = 20000000},
        .has_heap = true,
        .has_zombies = true,
        .has_gc = true,
        .has_threads = true,
        .has_tasks = true,
        .has_descriptors = true,
        .heap = {.objects = 40000, .bytes = 3000000},
    };
    report.target.python = strdup("3.11.2");
    report.target.command = strdup("python3 -m shop.worker");
    return report;
}

static void add_type(struct report *report, const char *type, uint64_t count, uint64_t bytes)
{
    struct heap_type_row row = {
        .type = strdup(type), .count = count, .bytes = bytes, .retained_bytes = bytes * 2};
    assert_true(vector_push(&report->heap.types, row));
}

/* `steps` with a bar between them; the first `held_at` lead to the holder. */
static void add_holding(struct report *report, const char *type, uint64_t count, uint64_t holder,
                        const char *steps, size_t held_at)
{
    struct heap_holding row = {.type = strdup(type),
                               .count = count,
                               .bytes = count * 64,
                               .holder = holder,
                               .holder_type = holder ? strdup("dict") : NULL,
                               .holder_steps = held_at};
    row.path.exact = true;
    row.path.group = holder ? "module" : NULL;
    _cleanup_free_ char *copy = strdup(steps);
    char *rest = NULL;
    for (char *word = strtok_r(copy, "|", &rest); word; word = strtok_r(NULL, "|", &rest))
        assert_true(name_list_add(&row.path.steps, word));
    assert_true(vector_push(&report->heap.holdings, row));
}

static void add_finding(struct report *report, const char *rule, const char *what)
{
    struct finding *finding = report_add_finding(report, rule, SEVERITY_WARNING, CONFIDENCE_HIGH);
    finding->summary = strdup(what);
    finding_identify(finding, what);
}

static void add_zombies(struct report *report, const char *type, uint64_t count)
{
    struct zombie_group group = {.type = strdup(type), .count = count, .bytes = count * 48};
    group.finalizer.file = strdup("/srv/app.py");
    group.finalizer.line = 12;
    assert_true(vector_push(&group.held_by, strdup("app.graveyard")));
    assert_true(vector_push(&report->zombies, group));
}

static void add_descriptors(struct report *report, const char *kind, const char *target,
                            uint64_t count)
{
    struct descriptor_row row = {kind, strdup(target), count};
    assert_true(vector_push(&report->descriptors, row));
}

static void add_thread(struct report *report, int32_t tid, const char *name, const char *wait,
                       const char *function, unsigned line)
{
    struct thread_row row = {.tid = tid, .name = strdup(name), .python = true, .wait_kind = wait};
    if (wait)
        row.waits_for = strdup("lock app.lock");
    row.owed_by = wait ? strdup("held by thread MainThread") : NULL;
    const char *const files[] = {"/usr/lib/python3.11/threading.py", "/srv/app.py",
                                 "/usr/lib/python3.11/threading.py"};
    const char *const functions[] = {"wait", function, "_bootstrap"};
    for (size_t i = 0; i < 3; i++) {
        struct thread_frame frame = {.at = {.file = strdup(files[i]),
                                            .line = line + (unsigned)i,
                                            .function = strdup(functions[i])}};
        assert_true(vector_push(&row.stack, frame));
    }
    assert_true(vector_push(&report->threads, row));
}

static void add_task(struct report *report, uint64_t address, const char *name, const char *wait,
                     uint64_t count)
{
    struct task_row row = {.address = address,
                           .count = count,
                           .name = strdup(name),
                           .coroutine = strdup("fetch"),
                           .state = "pending",
                           .wait_kind = wait};
    struct place place = {strdup("/srv/app.py"), 40, strdup("fetch")};
    assert_true(vector_push(&row.stack, place));
    assert_true(vector_push(&report->tasks, row));
}

static void add_executor(struct report *report, int64_t queued)
{
    struct executor_row row = {.address = 0x7f12a0c05000,
                               .class_name = strdup("ThreadPoolExecutor"),
                               .workers = 4,
                               .max_workers = 4,
                               .busy = 4,
                               .queued = queued,
                               .oldest_ms = 61000};
    row.oldest = (struct place){strdup("/srv/app.py"), 77, strdup("resize")};
    assert_true(vector_push(&report->executors, row));
}

static void add_collector(struct report *report, int64_t collections)
{
    struct gc_section gc = {.interpreter = 0};
    for (int i = 0; i < GENERATIONS; i++)
        gc.generations[i] = (struct gc_generation){.objects = -1,
                                                   .collections = collections / (i + 1),
                                                   .collected = collections * 2,
                                                   .uncollectable = i};
    assert_true(vector_push(&report->gc, gc));
}

static void compare(const struct report *first, struct report *last)
{
    const struct report *earlier[] = {first};
    const char *names[] = {"before.steth", "4242"};
    assert_null(diff_reports(earlier, 1, names, last));
}

static const struct diff_type *type_named(const struct report *report, const char *type)
{
    for (size_t i = 0; i < report->diff.types.count; i++)
        if (strcmp(report->diff.types.items[i].type, type) == 0)
            return &report->diff.types.items[i];
    return NULL;
}

/* ---- growth and noise ------------------------------------------------------------------------ */

static void the_criterion_has_three_parts(void **state)
{
    (void)state;
    assert_false(noise_exceeded(0, 100, 100));
    assert_true(noise_exceeded(0, 101, 100));
    assert_false(noise_exceeded(2500, 2866, 100)); /* 366 < 5 times the root of 5366 */
    assert_true(noise_exceeded(2500, 2867, 100));
    assert_false(noise_exceeded(1000000, 1009000, 100)); /* a hundredth */
    assert_true(noise_exceeded(1000000, 1010001, 100));
    assert_false(noise_exceeded(500, 400, 100));
    assert_false(noise_exceeded(UINT64_MAX, UINT64_MAX, 100));
    assert_true(noise_exceeded(0, UINT64_MAX, 100));
    assert_false(noise_bytes_exceeded(100u << 20, 109u << 20));
    assert_true(noise_bytes_exceeded(20u << 20, 25u << 20));
}

/* A number with the mean `mean` and its square root as deviation, as well as sums of evens do. */
static uint64_t sample(uint64_t mean)
{
    double sum = 0;
    for (int i = 0; i < 12; i++)
        sum += (double)rand() / RAND_MAX;
    double root = 1;
    while (root * root < (double)mean)
        root++;
    return (uint64_t)((double)mean + (sum - 6) * root);
}

static void a_steady_population_does_not_grow(void **state)
{
    (void)state;
    srand(20261121);
    for (int round = 0; round < 300; round++) {
        struct report first = look(100), last = look(110);
        for (uint64_t i = 0; i < 40; i++) {
            char name[16];
            snprintf(name, sizeof name, "app.T%d", (int)i);
            uint64_t mean = 10 + i * i * i * 10;
            add_type(&first, name, sample(mean), mean * 64);
            add_type(&last, name, sample(mean), mean * 64);
        }
        compare(&first, &last);
        assert_false(last.diff.grew);
        assert_int_equal(last.diff.types.count, 0);
        report_free(&first);
        report_free(&last);
    }
}

static void a_leak_is_named_with_its_holder(void **state)
{
    (void)state;
    struct report first = look(100), last = look(110);
    add_type(&first, "app.Entry", 1000, 64000);
    add_type(&last, "app.Entry", 3000, 192000);
    add_type(&first, "str", 20000, 1000000);
    add_type(&last, "str", 22100, 1100000);
    add_holding(&first, "app.Entry", 1000, 0x10, "app|.cache|[<str>]", 2);
    add_holding(&last, "app.Entry", 3000, 0x10, "app|.cache|[<str>]", 2);
    add_holding(&first, "str", 5000, 0x20, "sys|.modules|[<str>]", 2);
    add_holding(&last, "str", 5010, 0x20, "sys|.modules|[<str>]", 2);
    add_holding(&first, "str", 1000, 0x10, "app|.cache|[<str>]|.name", 2);
    add_holding(&last, "str", 3000, 0x10, "app|.cache|[<str>]|.name", 2);
    /* The first look lists fewer holders: this one may have been there. */
    add_holding(&last, "str", 900, 0x30, "sys|.names|[3]", 2);
    compare(&first, &last);
    assert_true(last.diff.grew && last.diff.same_process);
    assert_int_equal(last.diff.types.count, 2);
    assert_int_equal(last.diff.holders.count, 1);
    const struct diff_holder *holder = &last.diff.holders.items[0];
    assert_string_equal(holder->place, "app.cache");
    assert_int_equal(holder->held.count, 2);
    assert_string_equal(holder->held.items[0].type, "app.Entry");
    assert_int_equal(holder->held.items[0].before, 1000);
    assert_int_equal(holder->held.items[0].after, 3000);
    assert_string_equal(holder->held.items[1].way, "[<str>].name");
    assert_false(holder->held.items[0].at_most);
    report_free(&first);
    report_free(&last);
}

static void what_the_first_look_does_not_list_was_there_at_most(void **state)
{
    (void)state;
    struct report first = look(100), last = look(110);
    add_type(&first, "tuple", 5000, 320000);
    add_type(&last, "tuple", 9000, 576000);
    add_holding(&first, "tuple", 3500, 0x20, "sys|.modules|[<str>]", 2);
    add_holding(&last, "tuple", 3500, 0x20, "sys|.modules|[<str>]", 2);
    add_holding(&last, "tuple", 4100, 0x10, "app|.cache|[<str>]", 2);
    compare(&first, &last);
    assert_int_equal(last.diff.holders.count, 1);
    const struct diff_held *held = &last.diff.holders.items[0].held.items[0];
    assert_int_equal(held->before, 1500);
    assert_true(held->at_most);
    report_free(&first);
    report_free(&last);
}

/* Of a type that grew by a few large ones: it is no news that few small ones are more elsewhere. */
static void few_more_do_not_matter_of_what_grew_by_bytes(void **state)
{
    (void)state;
    struct report first = look(100), last = look(110);
    add_type(&first, "bytes", 3342, 4u << 20);
    add_type(&last, "bytes", 3354, 16u << 20);
    add_holding(&first, "bytes", 3, 0x10, "app|.pages|[0]", 2);
    first.heap.holdings.items[0].bytes = 3000000;
    add_holding(&first, "bytes", 145, 0x20, "enum|.Flag", 1);
    add_holding(&last, "bytes", 15, 0x10, "app|.pages|[0]", 2);
    last.heap.holdings.items[0].bytes = 15000000;
    add_holding(&last, "bytes", 157, 0x20, "enum|.Flag", 1);
    compare(&first, &last);
    assert_int_equal(last.diff.holders.count, 1);
    assert_string_equal(last.diff.holders.items[0].place, "app.pages");
    report_free(&first);
    report_free(&last);
}

/* What one look has at a holder of its own the other has at the one above, as it is less than a
 * fiftieth there: none of both grew by it. */
static void what_counts_for_the_one_above_did_not_grow(void **state)
{
    (void)state;
    for (int turned = 0; turned < 2; turned++) {
        struct report first = look(100), last = look(110);
        struct report *split = turned ? &last : &first, *whole = turned ? &first : &last;
        add_type(&first, "app.Entry", 3000, 192000);
        add_type(&last, "app.Entry", 4000, 256000);
        add_holding(&first, "app.Entry", 1000, 0x10, "app|.cache|[<str>]", 2);
        add_holding(&last, "app.Entry", 1990, 0x10, "app|.cache|[<str>]", 2);
        add_holding(&first, "app.Entry", 1200, 0x40, "web|.pool|[7]", 2);
        add_holding(&last, "app.Entry", 1200, 0x40, "web|.pool|[7]", 2);
        add_holding(split, "app.Entry", 400, 0x20, "shop|.names", 1);
        add_holding(split, "app.Entry", 400, 0x30, "shop|.names|[3]|.rows|[0]", 3);
        add_holding(whole, "app.Entry", 800, 0x20, "shop|.names", 1);
        compare(&first, &last);
        assert_int_equal(last.diff.holders.count, 1);
        assert_string_equal(last.diff.holders.items[0].place, "app.cache");
        assert_int_equal(last.diff.holders.items[0].held.items[0].before, 1000);
        report_free(&first);
        report_free(&last);
    }
}

/* In another process addresses say nothing: 0x10 is something else there. */
static void between_processes_places_count(void **state)
{
    (void)state;
    struct report first = look(100), last = look(110);
    last.target.pid = 4243;
    add_type(&first, "app.Entry", 1000, 64000);
    add_type(&last, "app.Entry", 3000, 192000);
    add_holding(&first, "app.Entry", 600, 0x10, "app|.pool|[3]", 2);
    add_holding(&first, "app.Entry", 300, 0x20, "app|.cache|[<str>]", 2);
    add_holding(&last, "app.Entry", 2300, 0x10, "app|.cache|[<str>]", 2);
    add_holding(&last, "app.Entry", 600, 0x20, "app|.pool|[3]", 2);
    compare(&first, &last);
    assert_false(last.diff.same_process);
    assert_int_equal(last.diff.holders.count, 1);
    assert_string_equal(last.diff.holders.items[0].place, "app.cache");
    assert_int_equal(last.diff.holders.items[0].held.items[0].before, 300);
    report_free(&first);
    report_free(&last);
}

/* Linux keeps 80 bytes of a command line in a core, and no age. */
static void a_core_is_of_the_process_that_it_was(void **state)
{
    (void)state;
    struct report first = look(0), last = look(110);
    first.target.kind = "core";
    first.target.command[10] = '\0';
    last.target.executable = strdup("/usr/bin/python3.11");
    compare(&first, &last);
    assert_true(last.diff.same_process);
    assert_true(isnan(last.diff.looks.items[1].seconds));
    report_free(&first);
    report_free(&last);
}

static void several_looks_tell_a_leak_from_a_cache(void **state)
{
    (void)state;
    static const uint64_t leak[] = {1000, 2000, 3100, 4000}, cache[] = {1000, 3800, 4000, 4010};
    static const uint64_t wave[] = {1000, 4000, 1200, 4000};
    struct report looks[4];
    const struct report *earlier[] = {&looks[0], &looks[1], &looks[2]};
    const char *names[] = {"a", "b", "c", "d"};
    for (size_t i = 0; i < 4; i++) {
        looks[i] = look(100 + 10 * (double)i);
        add_type(&looks[i], "app.Leak", leak[i], leak[i] * 64);
        add_type(&looks[i], "app.Cached", cache[i], cache[i] * 64);
        add_type(&looks[i], "app.Wave", wave[i], wave[i] * 64);
    }
    assert_null(diff_reports(earlier, 3, names, &looks[3]));
    assert_string_equal(type_named(&looks[3], "app.Leak")->verdict, "grew");
    assert_int_equal(type_named(&looks[3], "app.Leak")->rises, 3);
    assert_string_equal(type_named(&looks[3], "app.Cached")->verdict, "settled");
    assert_string_equal(type_named(&looks[3], "app.Wave")->verdict, "settled");
    for (size_t i = 0; i < 4; i++)
        report_free(&looks[i]);
}

static void garbage_is_no_growth(void **state)
{
    (void)state;
    struct report first = look(100), last = look(110);
    add_type(&first, "app.Node", 1000, 64000);
    add_type(&last, "app.Node", 3000, 192000);
    add_holding(&last, "app.Node", 1900, 0, "", 0);
    compare(&first, &last);
    assert_string_equal(type_named(&last, "app.Node")->verdict, "garbage");
    assert_false(last.diff.grew);
    report_free(&first);
    report_free(&last);
}

static void few_large_objects_grow_by_bytes(void **state)
{
    (void)state;
    struct report first = look(100), last = look(110);
    add_type(&first, "bytearray", 3, 1u << 20);
    add_type(&last, "bytearray", 3, 64u << 20);
    add_type(&first, "bytes", 5000, 40u << 20);
    add_type(&last, "bytes", 5000, 43u << 20);
    compare(&first, &last);
    assert_true(last.diff.grew);
    assert_int_equal(last.diff.types.count, 1);
    report_free(&first);
    report_free(&last);
}

/* ---- everything else ------------------------------------------------------------------------- */

static void findings_that_were_there_are_left_out(void **state)
{
    (void)state;
    struct report first = look(100), last = look(110);
    add_finding(&first, "GC002", "off");
    add_finding(&first, "LOCK001", "lock");
    add_finding(&last, "GC002", "off");
    add_finding(&last, "RES001", "new");
    compare(&first, &last);
    assert_int_equal(last.findings.count, 1);
    assert_string_equal(last.findings.items[0].rule, "RES001");
    assert_int_equal(last.diff.findings_before, 1);
    assert_int_equal(last.diff.findings_gone, 1);
    report_free(&first);
    report_free(&last);
}

static void what_moved_does_not_stand_still(void **state)
{
    (void)state;
    struct report first = look(100), last = look(110);
    add_thread(&first, 1, "stuck", "lock", "work", 40);
    add_thread(&last, 1, "stuck", "lock", "work", 40);
    add_thread(&first, 2, "moved", "lock", "work", 40);
    add_thread(&last, 2, "moved", "lock", "work", 41);
    add_thread(&first, 3, "idle", "queue", "work", 40);
    add_thread(&last, 3, "idle", "queue", "work", 40);
    add_thread(&first, 4, "runs", NULL, "work", 40);
    add_thread(&last, 4, "runs", NULL, "work", 40);
    add_task(&first, 0x10, "Task-1", "future", 5);
    add_task(&last, 0x10, "Task-1", "future", 3);
    add_task(&first, 0x20, "Task-2", "future", 1);
    add_task(&last, 0x20, "Task-9", "future", 1);
    compare(&first, &last);
    assert_int_equal(last.diff.still.count, 3);
    assert_string_equal(last.diff.still.items[0].name, "stuck");
    assert_string_equal(last.diff.still.items[0].at, "/srv/app.py:41 in work");
    assert_string_equal(last.diff.still.items[1].name, "Task-1");
    assert_int_equal(last.diff.still.items[1].count, 3);
    assert_true(last.diff.still.items[2].idle);
    report_free(&first);
    report_free(&last);
}

static void in_another_process_nothing_stands_still(void **state)
{
    (void)state;
    struct report first = look(110), last = look(100);
    add_thread(&first, 1, "stuck", "lock", "work", 40);
    add_thread(&last, 1, "stuck", "lock", "work", 40);
    add_collector(&first, 10);
    add_collector(&last, 20);
    compare(&first, &last);
    assert_false(last.diff.same_process);
    assert_int_equal(last.diff.still.count, 0);
    assert_int_equal(last.diff.collectors.count, 0);
    report_free(&first);
    report_free(&last);
}

/* A core knows nothing of descriptors: they did not come from nowhere. */
static void what_one_look_cannot_tell_did_not_grow(void **state)
{
    (void)state;
    struct report first = look(100), last = look(110);
    first.has_descriptors = first.has_threads = first.has_tasks = false;
    add_descriptors(&last, "file", "/var/log/x", 500);
    add_task(&last, 0x10, "Task-1", "future", 500);
    add_thread(&last, 1, "worker", "queue", "work", 40);
    compare(&first, &last);
    assert_false(last.diff.grew);
    assert_int_equal(last.diff.counts.count, 0);
    assert_int_equal(last.not_checked.count, 1);
    report_free(&first);
    report_free(&last);
}

static void a_look_without_anything_can_be_compared(void **state)
{
    (void)state;
    struct report first = {0}, last = {0};
    compare(&first, &last);
    assert_false(last.diff.grew);
    free(page_text(render_text_diff, &last, &plain));
    free(json_page(&last));
    report_free(&last);
}

/* ---- pages ----------------------------------------------------------------------------------- */

static void fill(struct report *report, uint64_t more)
{
    add_type(report, "app.Entry", 1000 + 40000 * more, 64000 + 9000000 * more);
    add_type(report, "app.Odd\x1b[31m`|\n", 10 + 200 * more, 640 + 12800 * more);
    add_type(report, "app.Node", 10 + 300 * more, 640);
    add_holding(report, "app.Entry", 900 + 39000 * more, 0x7f12a0c04e50, "app|.cache|[<str>]", 2);
    add_holding(report, "app.Odd\x1b[31m`|\n", 200 * more, 0x7f12a0c04e50,
                "app|.cache|[<str>]|.odd\x07`|", 2);
    add_holding(report, "app.Odd\x1b[31m`|\n", 9 + 100 * more, 0x7f12a0c99000,
                "app|.a_second_place_with_a_long_name\xe2\x80\xae|.of_attributes|[0]", 3);
    add_holding(report, "app.Node", 300 * more, 0, "", 0);
    add_zombies(report, "app.Leaky", 2 + 5 * more);
    add_descriptors(report, "file", "/var/log/shop\x1b[2J.log", 3 + 40 * more);
    add_descriptors(report, "socket", "tcp to 10.0.0.5:5432", 10 + 2 * more);
    for (int32_t i = 0; i < 1 + 20 * (int32_t)more; i++)
        add_thread(report, 10 + i, "worker", i ? "queue" : "lock", "worker", 40);
    add_task(report, 0x7f12a0c10000, "Task-1", "future", 2);
    add_executor(report, 3 + 400 * (int64_t)more);
    add_collector(report, 12 + 30 * (int64_t)more);
    add_finding(report, "GC002", "the collector is off");
    if (more)
        add_finding(report, "RES001", "5 app.Leaky objects are alive after their finalizer ran");
}

static void assert_markdown(const char *name, const struct report *report)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    render_markdown_diff(out, report, 10);
    fclose(out);
    assert_golden(name, text);
    free(text);
}

static void clear_sections(struct report *report)
{
    report->has_heap = report->has_zombies = report->has_gc = false;
    report->has_threads = report->has_tasks = report->has_descriptors = false;
}

static void the_page_has_everything(void **state)
{
    (void)state;
    struct report first = look(100), last = look(130.5);
    fill(&first, 0);
    fill(&last, 1);
    compare(&first, &last);
    clear_sections(&last);
    assert_text("diff.txt", render_text_diff, &last, &plain);
    assert_text("diff-narrow.txt", render_text_diff, &last, &narrow);
    assert_text("diff-verbose.txt", render_text_diff, &last, &verbose);
    assert_text("diff-quiet.txt", render_text_diff, &last, &quiet);
    assert_json("diff.json", &last);
    assert_markdown("diff.md", &last);
    report_free(&first);
    report_free(&last);
}

static void nothing_new_is_said(void **state)
{
    (void)state;
    struct report first = look(100), last = look(100);
    fill(&first, 0);
    fill(&last, 0);
    last.target.pid = 4243;
    compare(&first, &last);
    clear_sections(&last);
    assert_text("diff-none.txt", render_text_diff, &last, &plain);
    assert_markdown("diff-none.md", &last);
    report_free(&first);
    report_free(&last);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_criterion_has_three_parts),
        cmocka_unit_test(a_steady_population_does_not_grow),
        cmocka_unit_test(a_leak_is_named_with_its_holder),
        cmocka_unit_test(what_the_first_look_does_not_list_was_there_at_most),
        cmocka_unit_test(few_more_do_not_matter_of_what_grew_by_bytes),
        cmocka_unit_test(what_counts_for_the_one_above_did_not_grow),
        cmocka_unit_test(between_processes_places_count),
        cmocka_unit_test(a_core_is_of_the_process_that_it_was),
        cmocka_unit_test(several_looks_tell_a_leak_from_a_cache),
        cmocka_unit_test(garbage_is_no_growth),
        cmocka_unit_test(few_large_objects_grow_by_bytes),
        cmocka_unit_test(findings_that_were_there_are_left_out),
        cmocka_unit_test(what_moved_does_not_stand_still),
        cmocka_unit_test(in_another_process_nothing_stands_still),
        cmocka_unit_test(what_one_look_cannot_tell_did_not_grow),
        cmocka_unit_test(a_look_without_anything_can_be_compared),
        cmocka_unit_test(the_page_has_everything),
        cmocka_unit_test(nothing_new_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
