/* Findings from looks at a heap made by hand. */
#include "heap_world.h"

#include "analysis/collector.h"
#include "analysis/exempt.h"
#include "analysis/garbage.h"
#include "analysis/look.h"
#include "analysis/zombies.h"

static int set_up(void **state)
{
    *state = heap_world_new();
    return 0;
}

static int tear_down(void **state)
{
    heap_world_free(*state);
    return 0;
}

/* A look as look_take takes it, but at an image; the caller frees with end_look. */
static struct look *begin_look(struct heap_world *heap)
{
    const struct census_options options = {.keep_index = true, .keep_links = true};
    struct look *look = calloc(1, sizeof *look);
    struct rings rings = {0};
    assert_non_null(look);
    look->cpython = heap->cpython;
    assert_true(vector_push(&look->interpreters, heap->interpreters.items[0]));
    assert_true(collector_read(heap->cpython, heap->gc, &heap->state));
    assert_true(vector_push(&look->before, heap->state));
    assert_true(vector_push(&look->after, heap->state));
    assert_null(census_take(heap->cpython, &options, &look->census));
    assert_true(rings_walk(heap->cpython, look->census->index, &heap->state, &rings));
    assert_true(vector_push(&look->rings, rings));
    return look;
}

static void end_look(struct look *look)
{
    look->cpython = NULL; /* of the world */
    look_free(look);
}

/* The interpreter's sys.modules becomes {"m": module}. */
static void set_module(struct heap_world *heap, uint64_t module)
{
    uint64_t keys = new_keys(heap->world, 0);
    add_entry(heap->world, keys, 0, new_str(heap->world, "m"), module);
    heap->interpreters.items[0].modules = new_dict(heap->world, keys, 0, 1);
}

static bool has_ok(const struct report *report, const char *rule)
{
    for (size_t i = 0; i < report->ok.count; i++)
        if (!strcmp(report->ok.items[i], rule))
            return true;
    return false;
}

static size_t findings_of(const struct report *report, const char *rule)
{
    size_t count = 0;
    for (size_t i = 0; i < report->findings.count; i++)
        count += !strcmp(report->findings.items[i].rule, rule);
    return count;
}

/* ---- zombies --------------------------------------------------------------------------------- */

static struct report report_zombies(struct heap_world *heap, const struct look_options *options)
{
    struct report report = {0};
    struct look *look = begin_look(heap);
    assert_null(zombies_report(look, options, &report));
    assert_true(report.has_zombies);
    end_look(look);
    return report;
}

static uint64_t new_zombie(struct heap_world *heap, uint64_t type)
{
    uint64_t object = track(heap, new_object(heap->world, type, NODE_BYTES));
    mark_finalized(heap, object);
    return object;
}

static void zombies_are_grouped_by_type_and_holder(void **state)
{
    struct heap_world *heap = *state;
    uint64_t other_type =
        new_type(heap->world, "m.Other", heap->world->object_type, NODE_BYTES, 0, TYPE_HAVE_GC);
    uint64_t items[3];
    items[0] = new_zombie(heap, heap->node_type);
    items[1] = new_zombie(heap, heap->node_type);
    items[2] = new_zombie(heap, other_type);
    new_node(heap); /* alive */
    set_module(heap, new_module(heap, track(heap, new_list(heap->world, items, 3))));
    const struct look_options options = {.paths = 1};
    struct report report = report_zombies(heap, &options);
    assert_int_equal(report.zombies.count, 2);
    const struct zombie_group *group = &report.zombies.items[0];
    assert_string_equal(group->type, "m.Node");
    assert_int_equal(group->count, 2);
    assert_int_equal(group->bytes, 2 * (NODE_BYTES + GC_HEAD_BYTES));
    assert_int_equal(group->unreachable, 0);
    assert_int_equal(group->held_by.count, 1);
    assert_string_equal(group->held_by.items[0], "m.bin");
    assert_int_equal(group->held_count.items[0], 2);
    assert_int_equal(group->objects.count, 1);
    assert_int_equal(group->objects.items[0].address, items[0]);
    assert_int_equal(group->objects.items[0].steps.count, 3);
    assert_string_equal(group->objects.items[0].steps.items[2], "[0]");
    assert_string_equal(report.zombies.items[1].type, "m.Other");
    assert_int_equal(findings_of(&report, "RES001"), 2);
    assert_false(has_ok(&report, "RES001"));
    assert_true(has_ok(&report, "RES004"));
    report_free(&report);
}

static void zombies_that_no_object_holds_are_held_by_code(void **state)
{
    struct heap_world *heap = *state;
    new_zombie(heap, heap->node_type);
    set_module(heap, new_module(heap, heap->cpython->type_type));
    const struct look_options options = {0};
    struct report report = report_zombies(heap, &options);
    assert_int_equal(report.zombies.count, 1);
    const struct zombie_group *group = &report.zombies.items[0];
    assert_int_equal(group->unreachable, 0);
    assert_int_equal(group->held_by.count, 1);
    assert_string_equal(group->held_by.items[0], "C code");
    report_free(&report);
}

static void no_zombies_are_ok(void **state)
{
    struct heap_world *heap = *state;
    new_node(heap);
    const struct look_options options = {0};
    struct report report = report_zombies(heap, &options);
    assert_int_equal(report.zombies.count + report.exempt.count + report.findings.count, 0);
    assert_true(has_ok(&report, "RES001"));
    assert_true(has_ok(&report, "RES004"));
    report_free(&report);
}

static bool only_resources(const void *context, const char *rule)
{
    (void)context;
    return !strcmp(rule, "RES004");
}

static void rules_that_are_not_wanted_say_nothing(void **state)
{
    struct heap_world *heap = *state;
    new_zombie(heap, heap->node_type);
    const struct look_options options = {.checks = only_resources};
    struct report report = report_zombies(heap, &options);
    assert_int_equal(report.zombies.count, 1);
    assert_int_equal(report.findings.count, 0);
    assert_false(has_ok(&report, "RES001"));
    assert_true(has_ok(&report, "RES004"));
    report_free(&report);
}

/* A type whose namespace defines __del__. */
static uint64_t new_finalizing_type(struct heap_world *heap, const char *name)
{
    struct world *world = heap->world;
    uint64_t type = new_type(world, name, world->object_type, NODE_BYTES, 0, TYPE_HAVE_GC);
    uint64_t keys = new_keys(world, 0);
    add_entry(world, keys, 0, new_str(world, "__del__"), world->object_type);
    put(world, type + (uint64_t)heap->cpython->at.type_dict, new_dict(world, keys, 0, 1));
    put(world, type + (uint64_t)heap->cpython->at.type_mro, new_tuple(world, &type, 1));
    return type;
}

static void exempt_types_are_set_apart(void **state)
{
    struct heap_world *heap = *state;
    new_zombie(heap, new_finalizing_type(heap, "generator"));
    new_zombie(heap, new_finalizing_type(heap, "generation"));
    const struct look_options options = {0};
    struct report report = report_zombies(heap, &options);
    assert_int_equal(report.zombies.count, 1);
    assert_string_equal(report.zombies.items[0].type, "generation");
    assert_int_equal(report.exempt.count, 1);
    assert_string_equal(report.exempt.items[0].type, "generator");
    assert_int_equal(report.exempt.items[0].count, 1);
    assert_non_null(report.exempt.items[0].reason);
    report_free(&report);
}

static void exemptions_are_found_by_provider(void **state)
{
    (void)state;
    assert_non_null(exemption_of("generator"));
    assert_string_equal(exemption_of("subprocess.Popen")->holder, "subprocess._active");
    assert_null(exemption_of("m.Node"));
    assert_null(exemption_of(""));
}

/* ---- collector ------------------------------------------------------------------------------- */

static void set_int(struct heap_world *heap, int32_t offset, int32_t value)
{
    put_bytes(heap->world, heap->gc + (uint64_t)offset, &value, sizeof value);
}

/* What lies behind a generation's list head: threshold, count. */
static void set_generation(struct heap_world *heap, int number, int32_t threshold, int32_t count)
{
    int32_t head = heap->cpython->at.gc_generations + 24 * number;
    set_int(heap, head + 16, threshold);
    set_int(heap, head + 20, count);
}

static struct report report_collector(struct heap_world *heap)
{
    const struct look_options options = {.generations = true};
    struct report report = {0};
    struct look *look = begin_look(heap);
    assert_null(collector_report(look, &options, &report));
    assert_true(report.has_gc);
    end_look(look);
    return report;
}

static void a_healthy_collector_is_ok(void **state)
{
    struct heap_world *heap = *state;
    new_node(heap);
    set_generation(heap, 0, 700, 12);
    struct report report = report_collector(heap);
    assert_int_equal(report.findings.count, 0);
    assert_true(has_ok(&report, "GC001"));
    assert_true(has_ok(&report, "GC002"));
    assert_true(has_ok(&report, "GC005"));
    assert_int_equal(report.gc.count, 1);
    const struct gc_section *section = &report.gc.items[0];
    assert_true(section->enabled);
    assert_int_equal(section->generations[0].count, 12);
    assert_int_equal(section->generations[0].threshold, 700);
    assert_int_equal(section->generations[0].objects, 0);
    assert_int_equal(section->generations[2].objects, 1);
    assert_int_equal(section->frozen, 0);
    report_free(&report);
}

static void a_collector_that_is_off_and_missed_is_a_finding(void **state)
{
    struct heap_world *heap = *state;
    set_int(heap, heap->cpython->at.gc_enabled, 0);
    set_generation(heap, 0, 700, 50000);
    struct report report = report_collector(heap);
    assert_int_equal(findings_of(&report, "GC002"), 1);
    assert_false(has_ok(&report, "GC002"));
    report_free(&report);
}

static void a_threshold_of_zero_is_off_too(void **state)
{
    struct heap_world *heap = *state;
    set_generation(heap, 0, 0, 50000);
    struct report report = report_collector(heap);
    assert_int_equal(findings_of(&report, "GC002"), 1);
    report_free(&report);
}

static void a_collector_that_is_off_and_idle_is_no_finding(void **state)
{
    struct heap_world *heap = *state;
    set_int(heap, heap->cpython->at.gc_enabled, 0);
    struct report report = report_collector(heap);
    assert_int_equal(findings_of(&report, "GC002"), 0);
    report_free(&report);
}

/* Numbers that no collector has counted must not overflow. */
static void absurd_statistics_are_a_finding_like_others(void **state)
{
    struct heap_world *heap = *state;
    for (unsigned i = 0; i < COLLECTOR_GENERATIONS; i++)
        put(heap->world, heap->gc + (uint64_t)heap->cpython->at.gc_generation_stats + i * 24 + 16,
            INT64_MAX - i);
    struct report report = report_collector(heap);
    assert_int_equal(findings_of(&report, "GC005"), 1);
    report_free(&report);
}

static void absurd_thresholds_are_survived(void **state)
{
    struct heap_world *heap = *state;
    for (int i = 0; i < COLLECTOR_GENERATIONS; i++)
        set_generation(heap, i, INT32_MAX, INT32_MIN);
    put(heap->world, heap->gc + (uint64_t)heap->cpython->at.gc_long_lived_total, INT64_MAX);
    put(heap->world, heap->gc + (uint64_t)heap->cpython->at.gc_long_lived_pending, INT64_MAX);
    struct report report = report_collector(heap);
    report_free(&report);
}

/* ---- garbage --------------------------------------------------------------------------------- */

enum { PAIRS = 30, KEPT = 40 };

/* Cycles that nothing holds, and nodes in a module's list. */
static void make_garbage_and_others(struct heap_world *heap)
{
    uint64_t kept[KEPT];
    for (int i = 0; i < PAIRS; i++) {
        uint64_t first = new_node(heap), second = new_node(heap);
        put(heap->world, first, 0);
        put(heap->world, second, 0);
        hold(heap, first, 0, second);
        hold(heap, second, 0, first);
    }
    for (int i = 0; i < KEPT; i++)
        kept[i] = new_node(heap);
    set_module(heap, new_module(heap, track(heap, new_list(heap->world, kept, KEPT))));
}

static void garbage_is_told_from_what_is_held(void **state)
{
    struct heap_world *heap = *state;
    make_garbage_and_others(heap);
    struct look *look = begin_look(heap);
    const struct garbage_least some = {0};
    struct garbage_estimate estimate;
    assert_null(garbage_sample(look, 1 << 2, &some, &estimate));
    assert_int_equal(estimate.objects, 2 * PAIRS + KEPT + 3); /* list, globals, module */
    assert_int_equal(estimate.sampled, estimate.objects);
    assert_true(estimate.is_much);
    assert_int_equal(estimate.proved, 2 * PAIRS);
    assert_int_equal(estimate.estimate, 2 * PAIRS);
    assert_int_equal(estimate.with_finalizer, 0);
    assert_string_equal(estimate.type, "m.Node");
    free(estimate.type);
    assert_null(garbage_sample(look, 1 << 0, &some, &estimate));
    assert_int_equal(estimate.objects + estimate.proved, 0);
    assert_null(estimate.type);
    end_look(look);
}

static void garbage_is_measured_against_what_is_much(void **state)
{
    struct heap_world *heap = *state;
    make_garbage_and_others(heap);
    struct look *look = begin_look(heap);
    static const struct {
        struct garbage_least least;
        bool much;
    } asked[] = {
        {{.proved = 2 * PAIRS}, true},           {{.proved = 2 * PAIRS + 1}, false},
        {{.objects = 2 * PAIRS}, true},          {{.objects = 2 * PAIRS + 1}, false},
        {{.proved = 5, .share = 0.58}, true},    {{.proved = 5, .share = 0.59}, false},
        {{.proved = 1, .objects = 1000}, false},
    };
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        struct garbage_estimate estimate;
        assert_null(garbage_sample(look, 1 << 2, &asked[i].least, &estimate));
        assert_int_equal(estimate.is_much, asked[i].much);
        assert_int_equal(estimate.proved, asked[i].much ? 2 * PAIRS : 0);
        assert_int_equal(estimate.type != NULL, asked[i].much);
        free(estimate.type);
    }
    end_look(look);
}

#define LOOK_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOOK_TEST(zombies_are_grouped_by_type_and_holder),
        LOOK_TEST(zombies_that_no_object_holds_are_held_by_code),
        LOOK_TEST(no_zombies_are_ok),
        LOOK_TEST(rules_that_are_not_wanted_say_nothing),
        LOOK_TEST(exempt_types_are_set_apart),
        cmocka_unit_test(exemptions_are_found_by_provider),
        LOOK_TEST(a_healthy_collector_is_ok),
        LOOK_TEST(a_collector_that_is_off_and_missed_is_a_finding),
        LOOK_TEST(a_threshold_of_zero_is_off_too),
        LOOK_TEST(a_collector_that_is_off_and_idle_is_no_finding),
        LOOK_TEST(absurd_statistics_are_a_finding_like_others),
        LOOK_TEST(absurd_thresholds_are_survived),
        LOOK_TEST(garbage_is_told_from_what_is_held),
        LOOK_TEST(garbage_is_measured_against_what_is_much),
    };
    return cmocka_run_group_tests_name("analysis", tests, NULL, NULL);
}
