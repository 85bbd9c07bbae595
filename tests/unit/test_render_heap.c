/* The page and the JSON of the heap; see golden.h for how to update them. */
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

static const struct text_style brief = {.limit = 10};
static const struct text_style narrow = {.width = 80, .limit = 2};
static const struct text_style all = {.verbose = true};
static const struct text_style quiet = {.quiet = true};

/* ---- reports --------------------------------------------------------------------------------- */

static void add_names(name_list *names, const char *text)
{
    _cleanup_free_ char *copy = strdup(text);
    char *rest = NULL;
    for (char *word = strtok_r(copy, "|", &rest); word; word = strtok_r(NULL, "|", &rest))
        assert_true(name_list_add(names, word));
}

static struct heap_path path(const char *type, const char *steps, const char *types)
{
    struct heap_path path = {.address = 0x7f12a0c04e50,
                             .type = strdup(type),
                             .bytes = 64,
                             .retained_bytes = 126145331,
                             .exact = true,
                             .group = *steps ? "module" : NULL,
                             .alike = 1};
    add_names(&path.steps, steps);
    add_names(&path.types, types);
    return path;
}

static void add_type(struct report *report, const char *type, uint64_t count, uint64_t bytes)
{
    struct heap_type_row row = {
        .type = strdup(type), .count = count, .bytes = bytes, .retained_bytes = bytes * 3};
    assert_true(vector_push(&report->heap.types, row));
}

static void add_region(struct report *report, const char *name, uint64_t bytes, const char *note)
{
    struct heap_region region = {name, bytes, note};
    assert_true(vector_push(&report->heap.regions, region));
}

static struct report heap(void)
{
    struct report report = {
        .target = {.kind = "live", .pid = 4242, .objects = 41204, .read_bytes = 912345678},
        .has_heap = true,
        .heap = {.objects = 612345,
                 .bytes = 151234567,
                 .static_objects = 1210,
                 .unreachable_objects = 12,
                 .unreachable_bytes = 4096,
                 .edges = 1200000,
                 .conservative_edges = 1200,
                 .unread = 1,
                 .copied_bytes = 300000000},
    };
    report.target.python = strdup("3.11.2");
    add_region(&report, "python-objects", 151234567, "what the types below add up to");
    add_region(&report, "arenas-free", 91234567,
               "in arenas of the allocator: free, of other sizes, or not an object at all");
    add_region(&report, "stacks", 123456, NULL);
    add_type(&report, "app.Entry", 402110, 88123456);
    add_type(&report, "dict", 120000, 43123456);
    add_type(&report,
             "app.very.deeply.nested.package.of.some.length.Odd\x1b[31m\xff\xe2\x80\xaeName"
             "ThatIsLongerThanTheLine",
             1, 64);
    return report;
}

static void add_suspects(struct report *report)
{
    struct heap_dominator cache = {.path = path("app.Cache", "app|.cache", "app.Cache"),
                                   .objects = 522345,
                                   .gathered =
                                       path("dict", "app|.cache|._entries", "app.Cache|dict"),
                                   .gathered_objects = 502110,
                                   .gathered_type = strdup("app.Entry"),
                                   .gathered_count = 402110,
                                   .gathered_bytes = 88123456};
    cache.gathered.address = 0x7f12a0c99000;
    struct heap_dominator list = {.path = path("list", "", ""), .objects = 3};
    list.gathered = path("list", "", "");
    list.gathered_objects = 3;
    list.path.retained_bytes = 4096;
    list.path.alike = 0;
    assert_true(vector_push(&report->heap.dominators, cache));
    assert_true(vector_push(&report->heap.dominators, list));
    report->heap.has_dominators = true;
}

static void add_cycles(struct report *report)
{
    struct heap_cycle tree = {.count = 1200,
                              .objects = 3600,
                              .bytes = 345600,
                              .retained_bytes = 412345678,
                              .ring = strdup("app.Node.children → list[0] → app.Node.parent →"),
                              .path = path("app.Node", "app|.tree\x1b[2J", "app.Node")};
    tree.path.exact = false;
    tree.path.alike = 1200;
    add_names(&tree.types, "app.Node x 2|list");
    add_names(&tree.finalizers, "app.Node");
    struct heap_cut parent = {strdup("app.Node"), strdup("app.Node"), strdup(".parent"), true,
                              false};
    struct heap_cut other = {strdup("list"), strdup("app.Node"), strdup("[0]"), false, true};
    assert_true(vector_push(&tree.cuts, parent));
    assert_true(vector_push(&tree.cuts, other));
    struct heap_cycle garbage = {.count = 1, .objects = 2, .bytes = 128, .garbage = true};
    garbage.retained_bytes = 128;
    garbage.path = path("dict", "", "");
    add_names(&garbage.types, "dict|app.Odd\n");
    assert_true(vector_push(&report->heap.cycles, tree));
    assert_true(vector_push(&report->heap.cycles, garbage));
    report->heap.has_cycles = true;
    report->heap.cycles_left_out = 7;
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void memory_and_types_are_printed(void **state)
{
    (void)state;
    struct report report = heap();
    assert_text("heap.txt", render_text_heap, &report, &brief);
    assert_text("heap-narrow.txt", render_text_heap, &report, &narrow);
    assert_text("heap-quiet.txt", render_text_heap, &report, &quiet);
    assert_json("heap.json", &report);
    report_free(&report);
}

static void what_was_asked_for_is_printed(void **state)
{
    (void)state;
    struct report report = heap();
    struct heap_path one = path("app.Entry", "app|.cache|._entries|['a key']|.value\x07",
                                "app.Cache|dict|app.Entry|object");
    assert_true(vector_push(&report.heap.paths, one));
    add_suspects(&report);
    add_cycles(&report);
    assert_text("heap-asked.txt", render_text_heap, &report, &brief);
    assert_text("heap-asked-narrow.txt", render_text_heap, &report, &narrow);
    assert_text("heap-asked-verbose.txt", render_text_heap, &report, &all);
    assert_json("heap-asked.json", &report);
    report_free(&report);
}

static void an_empty_answer_is_said(void **state)
{
    (void)state;
    struct report report = {.target = {.kind = "live", .pid = 4242},
                            .has_heap = true,
                            .heap = {.has_dominators = true, .has_cycles = true}};
    assert_text("heap-empty.txt", render_text_heap, &report, &brief);
    assert_json("heap-empty.json", &report);
    report_free(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_and_types_are_printed),
        cmocka_unit_test(what_was_asked_for_is_printed),
        cmocka_unit_test(an_empty_answer_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
