/* The page and the JSON of classes; see golden.h for how to update them. */
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

static void add_names(name_list *names, const char *text)
{
    _cleanup_free_ char *copy = strdup(text);
    char *rest = NULL;
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        assert_true(name_list_add(names, word));
}

static void add_row(struct report *report, const char *name, const char *bases, const char *mro)
{
    struct class_row row = {
        .name = strdup(name),
        .file = strdup("/srv/app.py"),
        .line = 4,
        .metaclass = strdup("type"),
        .answered = true,
        .error = "none",
        .kind = "python",
    };
    add_names(&row.bases, bases);
    add_names(&row.mro, mro);
    assert_true(vector_push(&report->classes.rows, row));
}

static void add_collision(struct report *report, const char *first, const char *second,
                          bool with_library)
{
    struct class_collision collision = {
        .first_package = strdup("orm"),
        .second_package = strdup(with_library ? "abc" : "forms"),
        .first = strdup(first),
        .second = strdup(second),
        .first_metaclass = strdup("orm.Meta"),
        .second_metaclass = strdup(with_library ? "abc.ABCMeta" : "forms.Meta"),
        .first_count = 3,
        .second_count = 1200,
        .with_library = with_library,
    };
    add_names(&collision.fix, "orm.Meta other.Meta");
    assert_true(vector_push(&report->classes.collisions, collision));
}

static struct report classes(void)
{
    struct report report = {.target = {.kind = "live", .pid = 4242}, .has_classes = true};
    struct class_section *section = &report.classes;
    struct combined_metaclass combined = {
        .name = strdup("app.Both"), .file = strdup("/srv/app.py"), .line = 9, .instances = 1};
    report.target.python = strdup("3.11.2");
    section->live = true;
    section->python_classes = 1234;
    section->c_classes = 1;
    section->metaclasses = 3;
    add_names(&combined.bases, "orm.Meta forms.Meta");
    assert_true(vector_push(&section->combined, combined));
    add_row(&report, "app.Model", "orm.Base", "app.Model orm.Base object");
    add_row(&report, "app.Odd\x1b[31m", "orm.Base", "app.Odd object");
    section->rows.items[0].has_finalizer = true;
    section->rows.items[0].finalizer_file = strdup("/srv/app.py");
    section->rows.items[0].finalizer_line = 6;
    section->rows.items[1].own_order = true;
    add_collision(&report, "orm.Base", "forms.Form", false);
    add_collision(&report, "orm.Legacy", "forms.Form", false);
    add_collision(&report, "orm.Base", "abc.ABC", true);
    add_collision(&report, "orm.Base", "abc.ABC", true);
    return report;
}

static void what_stands_out_is_printed(void **state)
{
    (void)state;
    struct report report = classes();
    const struct text_style brief = {.limit = 10}, all = {.verbose = true};
    const struct text_style quiet = {.quiet = true};
    assert_text("classes.txt", render_text_classes, &report, &brief);
    assert_text("classes-verbose.txt", render_text_classes, &report, &all);
    assert_text("classes-quiet.txt", render_text_classes, &report, &quiet);
    assert_json("classes.json", &report);
    report_free(&report);
}

static void an_explanation_stands_alone(void **state)
{
    (void)state;
    struct report report = classes();
    struct class_explanation explanation = {.name = strdup("app.Model")};
    assert_true(vector_push(&explanation.lines, strdup("class app.Model")));
    assert_true(vector_push(&explanation.lines, strdup("  1. orm.Base")));
    assert_true(vector_push(&report.classes.explanations, explanation));
    const struct text_style style = {0};
    assert_text("classes-explained.txt", render_text_classes, &report, &style);
    report_free(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_stands_out_is_printed),
        cmocka_unit_test(an_explanation_stands_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
