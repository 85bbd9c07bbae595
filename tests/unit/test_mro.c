/* Classes as data: metaclasses, layouts, C3, what is said about failures, bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/classes.h"
#include "base/cleanup.h"
#include "mro/explain.h"
#include "mro/merge.h"
#include "mro/metaclass.h"

#define BASES 16

static class_number find(const struct hierarchy *hierarchy, const char *name)
{
    class_number number;
    if (!hierarchy_find(hierarchy, name, &number))
        fail_msg("no class %s", name);
    return number;
}

/* Takes one "Name(A,B|Meta)#2" apart: bases, named metaclass, number of slots. */
static void define(struct hierarchy *hierarchy, class_number number, char *text, unsigned line)
{
    struct class_base bases[BASES];
    struct class_facts facts = {.file = "app.py", .line = line, .bases = bases};
    char *slots = strchr(text, '#');
    if (slots) {
        facts.layout.has_slots = true;
        facts.layout.slots = (uint32_t)strtoul(slots + 1, NULL, 10);
        *slots = '\0';
    }
    char *open = strchr(text, '('), *rest = NULL;
    char *close = open ? strchr(open, ')') : NULL;
    if (close) {
        *close = '\0';
        char *named = strchr(open, '|');
        if (named) {
            facts.names_metaclass = true;
            facts.named_metaclass = find(hierarchy, named + 1);
            *named = '\0';
        }
        for (char *base = strtok_r(open + 1, ",", &rest); base; base = strtok_r(NULL, ",", &rest))
            bases[facts.base_count++] = (struct class_base){
                .number = *base == '?' ? CLASS_UNKNOWN : find(hierarchy, base), .text = base};
    }
    assert_true(hierarchy_define(hierarchy, number, &facts));
}

/* Classes by statements that ";" separates, each in a line of its own from 1 on; 3.12's rules. */
static struct hierarchy *build(const char *text)
{
    struct class_rules rules = class_rules_for(12);
    struct hierarchy *hierarchy = hierarchy_new(&rules);
    char *copy = strdup(text), *rest = NULL;
    char *statements[64];
    unsigned count = 0;
    assert_non_null(hierarchy);
    for (char *one = strtok_r(copy, "; ", &rest); one; one = strtok_r(NULL, "; ", &rest)) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(one, "(#"), one);
        assert_int_not_equal(hierarchy_declare(hierarchy, name), CLASS_UNKNOWN);
        statements[count++] = one;
    }
    for (unsigned i = 0; i < count; i++)
        define(hierarchy, i + 2, statements[i], i + 1);
    assert_null(hierarchy_solve(hierarchy));
    free(copy);
    return hierarchy;
}

static void add_names(char *text, size_t size, const struct hierarchy *hierarchy,
                      struct mro_walk walk)
{
    text[0] = '\0';
    for (class_number next; (next = mro_next(&walk)) != CLASS_UNKNOWN;) {
        size_t length = strlen(text);
        snprintf(text + length, size - length, "%s%s", length ? " " : "",
                 class_name(hierarchy, next));
    }
}

static void assert_mro(const struct hierarchy *hierarchy, const char *name, const char *expected)
{
    char text[1000];
    add_names(text, sizeof text, hierarchy, mro_begin(hierarchy, find(hierarchy, name)));
    assert_string_equal(text, expected);
}

static void assert_numbers(const struct hierarchy *hierarchy, const class_numbers *numbers,
                           const char *expected)
{
    char text[1000];
    const struct mro_walk walk = {.hierarchy = hierarchy,
                                  .items = numbers->items,
                                  .left = numbers->count,
                                  .chain = CLASS_UNKNOWN};
    add_names(text, sizeof text, hierarchy, walk);
    assert_string_equal(text, expected);
}

static const struct class_answer *answer_of(const struct hierarchy *hierarchy, const char *name)
{
    return class_answer(hierarchy, find(hierarchy, name));
}

/* ---- orders ---------------------------------------------------------------------------------- */

static void a_diamond_is_merged(void **state)
{
    (void)state;
    struct hierarchy *hierarchy =
        build("O1; A(O1); B(O1); C(O1); K1(A,B); K2(B,C); Z(K1,K2); Single(Z)");
    assert_mro(hierarchy, "Z", "Z K1 A K2 B C O1 object");
    assert_mro(hierarchy, "Single", "Single Z K1 A K2 B C O1 object");
    assert_int_equal(answer_of(hierarchy, "Single")->mro_length, 9);
    hierarchy_free(hierarchy);
}

static void definitions_may_come_in_any_order(void **state)
{
    (void)state;
    struct hierarchy *hierarchy = build("C(B,A); B(A); M(type); D(C|M); A");
    assert_mro(hierarchy, "D", "D C B A object");
    assert_int_equal(answer_of(hierarchy, "D")->metaclass, find(hierarchy, "M"));
    hierarchy_free(hierarchy);
}

static void opposite_orders_are_traced_to_their_statements(void **state)
{
    (void)state;
    struct hierarchy *hierarchy =
        build("Cached; Logged; Fast(Cached,Logged); Safe(Logged,Cached); Faster(Fast);"
              "Hybrid(Faster,Safe)");
    struct merge_failure failure;
    bool failed;
    class_number hybrid = find(hierarchy, "Hybrid");
    assert_int_equal(class_answer(hierarchy, hybrid)->fault, CLASS_NO_ORDER);
    assert_null(merge_again(hierarchy, hybrid, &failed, &failure));
    assert_true(failed);
    assert_numbers(hierarchy, &failure.merged, "Hybrid Faster Fast Safe");
    assert_int_equal(failure.lists.count, 2);
    assert_numbers(hierarchy, &failure.lists.items[0].rest, "Cached Logged object");
    assert_numbers(hierarchy, &failure.lists.items[1].rest, "Logged Cached object");
    assert_int_equal(failure.rejected.count, 2);
    assert_int_equal(failure.rejected.items[0].candidate, find(hierarchy, "Cached"));
    assert_int_equal(failure.rejected.items[0].blocker, 1);
    assert_int_equal(failure.clash.count, 2);
    assert_int_equal(failure.clash.items[0].first, find(hierarchy, "Cached"));
    assert_int_equal(failure.clash.items[0].source, find(hierarchy, "Fast"));
    assert_int_equal(failure.clash.items[0].reason, ORDER_STATEMENT);
    assert_int_equal(failure.clash.items[1].first, find(hierarchy, "Logged"));
    assert_int_equal(failure.clash.items[1].source, find(hierarchy, "Safe"));
    merge_failure_free(&failure);
    hierarchy_free(hierarchy);
}

static void a_parent_before_its_child_clashes_with_inheritance(void **state)
{
    (void)state;
    struct hierarchy *hierarchy = build("Handler; Retrying(Handler); Api(Handler,Retrying)");
    struct merge_failure failure;
    bool failed;
    assert_null(merge_again(hierarchy, find(hierarchy, "Api"), &failed, &failure));
    assert_true(failed);
    assert_int_equal(failure.clash.count, 2);
    assert_int_equal(failure.clash.items[0].source, find(hierarchy, "Api"));
    assert_int_equal(failure.clash.items[0].reason, ORDER_STATEMENT);
    assert_int_equal(failure.clash.items[1].source, find(hierarchy, "Retrying"));
    assert_int_equal(failure.clash.items[1].reason, ORDER_INHERITANCE);
    merge_failure_free(&failure);
    hierarchy_free(hierarchy);
}

static void three_orders_may_clash_in_a_circle(void **state)
{
    (void)state;
    struct hierarchy *hierarchy = build("A; B; C; AB(A,B); BC(B,C); CA(C,A); All(AB,BC,CA)");
    struct merge_failure failure;
    bool failed;
    assert_null(merge_again(hierarchy, find(hierarchy, "All"), &failed, &failure));
    assert_true(failed);
    assert_int_equal(failure.clash.count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(failure.clash.items[i].second, failure.clash.items[(i + 1) % 3].first);
    merge_failure_free(&failure);
    hierarchy_free(hierarchy);
}

static void a_class_below_a_failed_one_is_not_checked(void **state)
{
    (void)state;
    struct hierarchy *hierarchy =
        build("A; B(A); Bad(A,B); Below(Bad); Unknown(?x); Next(Unknown)");
    assert_false(answer_of(hierarchy, "Below")->answered);
    assert_string_equal(answer_of(hierarchy, "Below")->reason,
                        "its base Bad cannot be made: no consistent order");
    assert_string_equal(answer_of(hierarchy, "Unknown")->reason, "its base ?x is not known");
    assert_string_equal(answer_of(hierarchy, "Next")->reason,
                        "its base Unknown: its base ?x is not known");
    hierarchy_free(hierarchy);
}

static void bases_that_lead_back_are_not_checked(void **state)
{
    (void)state;
    struct hierarchy *hierarchy = build("A(B); B(A); C(A)");
    assert_false(answer_of(hierarchy, "A")->answered);
    assert_false(answer_of(hierarchy, "B")->answered);
    assert_false(answer_of(hierarchy, "C")->answered);
    hierarchy_free(hierarchy);
}

static void an_overridden_mro_is_not_guessed(void **state)
{
    (void)state;
    struct hierarchy *hierarchy = build("M(type); A(|M); B(A)");
    struct class_facts facts = *class_facts(hierarchy, find(hierarchy, "M"));
    facts.overrides_mro = true;
    assert_true(hierarchy_define(hierarchy, find(hierarchy, "M"), &facts));
    facts = *class_facts(hierarchy, find(hierarchy, "A"));
    assert_true(hierarchy_define(hierarchy, find(hierarchy, "A"), &facts));
    assert_null(hierarchy_solve(hierarchy));
    assert_string_equal(answer_of(hierarchy, "A")->reason,
                        "mro() of its metaclass M decides the order");
    assert_int_equal(answer_of(hierarchy, "A")->metaclass, find(hierarchy, "M"));
    hierarchy_free(hierarchy);
}

/* ---- metaclasses ----------------------------------------------------------------------------- */

static void the_most_derived_metaclass_wins_wherever_it_stands(void **state)
{
    (void)state;
    struct hierarchy *hierarchy = build("M1(type); M2(M1); A(|M1); P; B(|M2); C(A,P,B); D(A,B|M1)");
    assert_int_equal(answer_of(hierarchy, "C")->metaclass, find(hierarchy, "M2"));
    assert_int_equal(answer_of(hierarchy, "D")->metaclass, find(hierarchy, "M2"));
    assert_true(class_is_metaclass(hierarchy, find(hierarchy, "M2")));
    assert_false(class_is_metaclass(hierarchy, find(hierarchy, "C")));
    hierarchy_free(hierarchy);
}

static void a_combination_is_pruned(void **state)
{
    (void)state;
    struct hierarchy *hierarchy =
        build("ABCMeta(type); CatalogMeta(type); SchemaMeta(ABCMeta); Interface(|ABCMeta);"
              "Catalogued(|CatalogMeta); Schema(|SchemaMeta);"
              "Product(Interface,Catalogued,Schema)");
    struct metaclass_combination combination;
    class_number product = find(hierarchy, "Product");
    assert_int_equal(class_answer(hierarchy, product)->fault, CLASS_METACLASS_CONFLICT);
    assert_int_equal(class_answer(hierarchy, product)->clash_first, 0);
    assert_int_equal(class_answer(hierarchy, product)->clash_second, 1);
    assert_null(metaclass_combine(hierarchy, product, &combination));
    assert_numbers(hierarchy, &combination.bases, "CatalogMeta SchemaMeta");
    assert_numbers(hierarchy, &combination.dropped, "ABCMeta");
    assert_int_equal(combination.next, CLASS_SOUND);
    assert_int_equal(combination.ready, CLASS_UNKNOWN);
    metaclass_combination_free(&combination);
    hierarchy_free(hierarchy);
}

static void a_combination_is_put_in_an_order_that_merges(void **state)
{
    (void)state;
    /* M1 wants P before Q, M2 the other way round; M3 = (M2, M1) would not help. */
    struct hierarchy *hierarchy =
        build("P(type); Q(type); M1(P); M2(Q); Both(M2,M1); A(|M1); B(|M2); C(A,B)");
    struct metaclass_combination combination;
    assert_null(metaclass_combine(hierarchy, find(hierarchy, "C"), &combination));
    assert_numbers(hierarchy, &combination.bases, "M1 M2");
    assert_false(combination.reordered);
    assert_int_equal(combination.ready, find(hierarchy, "Both"));
    metaclass_combination_free(&combination);
    hierarchy_free(hierarchy);

    hierarchy = build("P(type); Q(type); M1(P,Q); M2(Q,P); A(|M1); B(|M2); C(A,B)");
    assert_null(metaclass_combine(hierarchy, find(hierarchy, "C"), &combination));
    assert_int_equal(combination.bases.count, 0);
    assert_int_equal(combination.obstacle, CLASS_NO_ORDER);
    metaclass_combination_free(&combination);
    hierarchy_free(hierarchy);
}

static void the_next_fault_is_told(void **state)
{
    (void)state;
    struct hierarchy *hierarchy =
        build("LM(type); RM(type); Left(|LM); Right(|RM); Twice(Left,Right,Left)");
    struct metaclass_combination combination;
    assert_null(metaclass_combine(hierarchy, find(hierarchy, "Twice"), &combination));
    assert_numbers(hierarchy, &combination.bases, "LM RM");
    assert_int_equal(combination.next, CLASS_BASE_TWICE);
    assert_int_equal(combination.next_first, 0);
    metaclass_combination_free(&combination);
    hierarchy_free(hierarchy);
}

/* ---- findings -------------------------------------------------------------------------------- */

static const struct fact *fact_of(const struct report *report, const char *name)
{
    const struct finding *finding = &report->findings.items[0];
    for (size_t i = 0; i < finding->facts.count; i++)
        if (strcmp(finding->facts.items[i].name, name) == 0)
            return &finding->facts.items[i];
    fail_msg("no fact %s", name);
    return NULL;
}

static bool has_line(char *const *lines, size_t count, const char *expected)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(lines[i], expected) == 0)
            return true;
    for (size_t i = 0; i < count; i++)
        print_message("%s\n", lines[i]);
    return false;
}

static struct report judge_class(const char *text, const char *name, const char *rule)
{
    struct hierarchy *hierarchy = build(text);
    struct report report = {0};
    const struct class_findings_options options = {.command = "steth audit --explain"};
    assert_null(class_finding(hierarchy, find(hierarchy, name), &options, &report));
    hierarchy_free(hierarchy);
    assert_int_equal(report.findings.count, 1);
    assert_string_equal(report.findings.items[0].rule, rule);
    assert_string_equal(report.findings.items[0].location.file, "app.py");
    return report;
}

#define assert_evidence(report, line)                                                              \
    assert_true(has_line((report)->findings.items[0].evidence.items,                               \
                         (report)->findings.items[0].evidence.count, line))
#define assert_fix(report, line)                                                                   \
    assert_true(has_line((report)->findings.items[0].fix.items,                                    \
                         (report)->findings.items[0].fix.count, line))

static void a_conflict_is_found_with_both_chains_and_a_fix(void **state)
{
    (void)state;
    struct report report =
        judge_class("DMeta(type); MMeta(type); DBase(|DMeta); Model(|MMeta); Base1(DBase);"
                    "Base2(Model); Unified(Base1,Base2)",
                    "Unified", "META001");
    const struct finding *finding = &report.findings.items[0];
    assert_int_equal(finding->location.line, 7);
    assert_string_equal(finding->summary,
                        "class Unified cannot be made: neither of the metaclasses "
                        "DMeta and MMeta derives from the other");
    assert_evidence(&report, "DMeta (app.py:1) -> type: from Base1 (app.py:5) <- DBase (app.py:3)");
    assert_evidence(&report, "MMeta (app.py:2) -> type: from Base2 (app.py:6) <- Model (app.py:4)");
    assert_fix(&report, "class UnifiedMeta(type(Base1), type(Base2)): pass");
    assert_fix(&report, "class Unified(Base1, Base2, metaclass=UnifiedMeta): ...");
    assert_string_equal(fact_of(&report, "fix_metaclass_bases")->text, "DMeta, MMeta");
    assert_string_equal(fact_of(&report, "metaclasses")->text, "DMeta, MMeta");
    assert_string_equal(finding->confirm, "steth audit --explain Unified");
    report_free(&report);
}

static void an_inconsistent_order_is_found_with_a_fix(void **state)
{
    (void)state;
    struct report report =
        judge_class("Base; Derived(Base); Mixin; Wrong(Mixin,Base,Derived)", "Wrong", "MRO001");
    assert_evidence(&report, "merged so far: Wrong, Mixin");
    assert_evidence(&report, "left of the MRO of Derived: Derived, Base, object");
    assert_evidence(&report, "Base cannot be next: in the MRO of Derived it stands behind Derived");
    assert_evidence(&report, "Base before Derived: Wrong (app.py:4) lists them in this order");
    assert_evidence(&report, "Derived before Base: Derived (app.py:2) derives from it");
    assert_fix(&report, "class Wrong(Mixin, Derived, Base): ...");
    assert_fix(&report, "or class Wrong(Mixin, Derived): ...  (the others come with these)");
    assert_string_equal(fact_of(&report, "clash")->text, "Base, Derived");
    report_free(&report);
}

static void layouts_and_duplicates_are_found(void **state)
{
    (void)state;
    struct report report =
        judge_class("P#1; Q#1; Empty#0; Fine(P,Empty)#0; R(Fine,Q)", "R", "MRO002");
    assert_evidence(&report, "Fine is laid out as P (app.py:1), which has __slots__ that are not "
                             "empty");
    assert_string_equal(fact_of(&report, "layouts")->text, "P, Q");
    report_free(&report);
    report = judge_class("Mixin; Other; D(Mixin,Other,Mixin)", "D", "MRO003");
    assert_fix(&report, "class D(Mixin, Other): ...");
    report_free(&report);
}

static void rows_tell_names(void **state)
{
    (void)state;
    struct hierarchy *hierarchy = build("A; B(A); Bad(A,B); C(?other.X)");
    struct report report = {0};
    for (class_number i = 2; i < hierarchy_count(hierarchy); i++)
        assert_null(class_row_add(hierarchy, i, &report));
    class_rows_sort(&report);
    const struct class_row *rows = report.classes.rows.items;
    assert_string_equal(rows[1].name, "B");
    assert_string_equal(rows[1].mro.items[2], "object");
    assert_string_equal(rows[1].error, "none");
    assert_string_equal(rows[2].error, "inconsistent-mro");
    assert_null(rows[2].metaclass);
    assert_false(rows[3].answered);
    assert_string_equal(rows[3].bases.items[0], "?other.X");
    report_free(&report);
    hierarchy_free(hierarchy);
}

static void an_explanation_has_every_step(void **state)
{
    (void)state;
    struct hierarchy *hierarchy = build("M(type); A(|M); B; C(A,B); W(B,C)");
    text_lines lines = {0};
    assert_null(class_explain(hierarchy, find(hierarchy, "C"), &lines));
    assert_true(has_line(lines.items, lines.count, "  B has type: M derives from it and stays"));
    assert_true(has_line(lines.items, lines.count, "  the MRO of A: A, object"));
    assert_true(has_line(lines.items, lines.count, "  3. B, from the MRO of B"));
    assert_true(has_line(lines.items, lines.count, "MRO: C, A, B, object"));
    assert_true(has_line(lines.items, lines.count, "  A: app.py:2"));
    text_lines_free(&lines);
    assert_null(class_explain(hierarchy, find(hierarchy, "W"), &lines));
    assert_true(has_line(lines.items, lines.count, "  B before C: W lists them so"));
    assert_true(has_line(lines.items, lines.count, "no class: there is no consistent order"));
    text_lines_free(&lines);
    hierarchy_free(hierarchy);
}

/* ---- bounds ---------------------------------------------------------------------------------- */

static class_number add(struct hierarchy *hierarchy, const class_number *bases, size_t count)
{
    _cleanup_free_ struct class_base *listed = calloc(count + 1, sizeof *listed);
    const struct class_facts facts = {.bases = listed, .base_count = count};
    class_number number = hierarchy_declare(hierarchy, "C");
    for (size_t i = 0; i < count; i++)
        listed[i].number = bases[i];
    assert_int_not_equal(number, CLASS_UNKNOWN);
    assert_true(hierarchy_define(hierarchy, number, &facts));
    return number;
}

static struct hierarchy *empty_hierarchy(void)
{
    struct class_rules rules = class_rules_for(12);
    struct hierarchy *hierarchy = hierarchy_new(&rules);
    assert_non_null(hierarchy);
    return hierarchy;
}

static void deep_hierarchies_are_followed(void **state)
{
    (void)state;
    struct hierarchy *hierarchy = empty_hierarchy();
    class_number last = CLASS_OBJECT;
    for (int i = 0; i < 50000; i++)
        last = add(hierarchy, &last, 1);
    assert_null(hierarchy_solve(hierarchy));
    assert_int_equal(class_answer(hierarchy, last)->mro_length, 50001);
    assert_true(class_derives(hierarchy, last, 2));
    hierarchy_free(hierarchy);
}

static void deep_diamonds_are_bounded(void **state)
{
    (void)state;
    struct hierarchy *hierarchy = empty_hierarchy();
    class_number mixin = add(hierarchy, NULL, 0), last = add(hierarchy, NULL, 0);
    for (int i = 0; i < 20000; i++)
        last = add(hierarchy, (class_number[]){last, mixin}, 2);
    assert_null(hierarchy_solve(hierarchy));
    const struct class_answer *answer = class_answer(hierarchy, last);
    if (!answer->answered)
        assert_non_null(answer->reason);
    hierarchy_free(hierarchy);
}

static void any_number_of_bases_is_bounded(void **state)
{
    (void)state;
    enum { MANY = 1000000, SOME = 30000 };
    struct hierarchy *hierarchy = empty_hierarchy();
    class_number *bases = calloc(MANY, sizeof *bases);
    assert_non_null(bases);
    for (size_t i = 0; i < SOME; i++)
        bases[i] = add(hierarchy, NULL, 0);
    class_number wide = add(hierarchy, bases, SOME);
    class_number wider = add(hierarchy, bases, MANY);
    class_number fine = add(hierarchy, bases, 1000);
    free(bases);
    assert_null(hierarchy_solve(hierarchy));
    assert_string_equal(class_answer(hierarchy, wide)->reason,
                        "its linearisation takes more steps than are made");
    assert_string_equal(class_answer(hierarchy, wider)->reason,
                        "it has more bases than are followed (65536)");
    assert_int_equal(class_answer(hierarchy, fine)->mro_length, 1002);
    hierarchy_free(hierarchy);
}

static void numbers_that_do_not_exist_are_unknown(void **state)
{
    (void)state;
    struct hierarchy *hierarchy = empty_hierarchy();
    const struct class_base base = {.number = 77};
    const class_number order[] = {2, 99};
    const struct class_facts facts = {.bases = &base,
                                      .base_count = 1,
                                      .mro = order,
                                      .mro_length = 2,
                                      .has_metaclass = true,
                                      .metaclass = 1000};
    class_number number = hierarchy_declare(hierarchy, "C");
    assert_true(hierarchy_define(hierarchy, number, &facts));
    assert_false(hierarchy_define(hierarchy, 3, &facts));
    assert_null(hierarchy_solve(hierarchy));
    assert_false(class_answer(hierarchy, number)->answered);
    hierarchy_free(hierarchy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_diamond_is_merged),
        cmocka_unit_test(definitions_may_come_in_any_order),
        cmocka_unit_test(opposite_orders_are_traced_to_their_statements),
        cmocka_unit_test(a_parent_before_its_child_clashes_with_inheritance),
        cmocka_unit_test(three_orders_may_clash_in_a_circle),
        cmocka_unit_test(a_class_below_a_failed_one_is_not_checked),
        cmocka_unit_test(bases_that_lead_back_are_not_checked),
        cmocka_unit_test(an_overridden_mro_is_not_guessed),
        cmocka_unit_test(the_most_derived_metaclass_wins_wherever_it_stands),
        cmocka_unit_test(a_combination_is_pruned),
        cmocka_unit_test(a_combination_is_put_in_an_order_that_merges),
        cmocka_unit_test(the_next_fault_is_told),
        cmocka_unit_test(a_conflict_is_found_with_both_chains_and_a_fix),
        cmocka_unit_test(an_inconsistent_order_is_found_with_a_fix),
        cmocka_unit_test(layouts_and_duplicates_are_found),
        cmocka_unit_test(rows_tell_names),
        cmocka_unit_test(an_explanation_has_every_step),
        cmocka_unit_test(deep_hierarchies_are_followed),
        cmocka_unit_test(deep_diamonds_are_bounded),
        cmocka_unit_test(any_number_of_bases_is_bounded),
        cmocka_unit_test(numbers_that_do_not_exist_are_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
