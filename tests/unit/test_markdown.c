/* Pages of Markdown on a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cli/markdown.h"

static void prints(const char *markdown, int width, const char *expected)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    markdown_print(out, &(struct text_style){.width = width}, markdown);
    fclose(out);
    assert_string_equal(text, expected);
    free(text);
}

static void tables_become_columns(void **state)
{
    (void)state;
    prints("before\n| status | meaning |\n|---|:-:|\n| 0 | looked |\n| 70 | a `defect` |\nafter\n",
           0, "before\nstatus  meaning\n0       looked\n70      a `defect`\nafter\n");
    prints("| a |\n|---|\n\n| b | c |\n", 0, "a\n\nb  c\n");
}

static void the_last_column_wraps(void **state)
{
    (void)state;
    prints("| n | meaning |\n|---|---|\n| \xc3\xa9\xc3\xa9 | one two three |\n", 12,
           "n   meaning\n\xc3\xa9\xc3\xa9  one two\n    three\n");
}

static void rows_of_other_lengths_do_no_harm(void **state)
{
    (void)state;
    prints("|\n", 0, "");
    prints("| a | b |\n| c |\n| d | e | f |\n", 0, "a  b\nc\nd  e\n");
    prints("|  | x |\n", 0, "  x\n");
}

static void the_rest_of_a_page_is_wrapped_or_kept(void **state)
{
    (void)state;
    prints("# title\n\none\ntwo\n\n- item\n  more\n\n```\ncode  |\n```\n", 80,
           "title\n\none two\n\n- item more\n\n    code  |\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_become_columns),
        cmocka_unit_test(the_last_column_wraps),
        cmocka_unit_test(rows_of_other_lengths_do_no_harm),
        cmocka_unit_test(the_rest_of_a_page_is_wrapped_or_kept),
    };
    return cmocka_run_group_tests_name("markdown", tests, NULL, NULL);
}
