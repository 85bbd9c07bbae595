/* The reading of source: encodings, files that are refused, syntax that is younger than the
 * grammar. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "audit/source.h"

static struct source parsed(const char *bytes, size_t size)
{
    struct source source;
    TSParser *parser = source_parser();
    assert_non_null(parser);
    source_parse(&source, parser, bytes, size);
    ts_parser_delete(parser);
    return source;
}

#define PARSED(literal) parsed(literal, sizeof(literal) - 1)

static void a_byte_order_mark_is_left_out(void **state)
{
    (void)state;
    struct source source = PARSED("\xEF\xBB\xBF"
                                  "x = 1\n");
    assert_string_equal(source.text, "x = 1\n");
    assert_int_equal(source.syntax_error, 0);
    source_free(&source);
}

static void a_declared_encoding_is_converted(void **state)
{
    (void)state;
    struct source source = PARSED("# -*- coding: latin-1 -*-\nx = '\xE9'\n");
    assert_null(source.problem);
    assert_non_null(strstr(source.text, "\xC3\xA9"));
    source_free(&source);
    source = PARSED("# coding: nonsense\n");
    assert_string_equal(source.problem, "its encoding nonsense is not known here");
    source_free(&source);
}

static void what_is_no_text_is_refused_in_one_line(void **state)
{
    (void)state;
    struct source source = PARSED("x = 1\ny = '\xE9'\n");
    assert_string_equal(source.problem,
                        "line 2: bytes that are not UTF-8, and no encoding is declared");
    source_free(&source);
    source = PARSED("x\0y");
    assert_string_equal(source.problem, "line 1: a null byte");
    source_free(&source);
}

static void brackets_that_the_interpreter_refuses_are_not_parsed(void **state)
{
    (void)state;
    char *deep = malloc(40001);
    memset(deep, '(', 20000);
    memset(deep + 20000, ')', 20000);
    struct source source = parsed(deep, 40000);
    assert_string_equal(source.problem, "line 1: brackets nested more than 200 deep");
    source_free(&source);
    memset(deep, ' ', 40000);
    deep[0] = '\'';
    memset(deep + 1, '(', 20000);
    deep[20001] = '\'';
    source = parsed(deep, 40000);
    assert_null(source.problem);
    source_free(&source);
    free(deep);
}

static void newer_syntax_is_understood_at_the_same_places(void **state)
{
    (void)state;
    static const char *const programs[] = {
        "lazy import json\nlazy from os import path\n",
        "class A[T = int, *Ts = *tuple[int, ...]](B[T]): pass\n",
        "def f[T: int = bool](x: T) -> T: return x\n",
        "type L[T = list[int]] = dict[str, T]\n",
        "x = {**m for m in ms}\n",
        "x = t'{a} b'\n",
        "try:\n    pass\nexcept A, B:\n    pass\n",
        "match x:\n    case A(y=1) | [p, *q] if q:\n        pass\n",
    };
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        struct source source = parsed(programs[i], strlen(programs[i]));
        if (source.syntax_error)
            fail_msg("not understood: %s", programs[i]);
        assert_int_equal(source.size, strlen(programs[i]));
        source_free(&source);
    }
}

static void what_the_grammar_does_not_know_has_a_line(void **state)
{
    (void)state;
    struct source source = PARSED("x = 1\n\ny = = 2\n");
    assert_int_equal(source.syntax_error, 3);
    source_free(&source);
}

static void a_folder_is_no_file(void **state)
{
    (void)state;
    struct source source;
    TSParser *parser = source_parser();
    assert_false(source_read(&source, parser, "/"));
    assert_string_equal(source.problem, "is not a file");
    source_free(&source);
    assert_false(source_read(&source, parser, "/nonexistent.py"));
    assert_string_equal(source.problem, "cannot be read: No such file or directory");
    source_free(&source);
    ts_parser_delete(parser);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_byte_order_mark_is_left_out),
        cmocka_unit_test(a_declared_encoding_is_converted),
        cmocka_unit_test(what_is_no_text_is_refused_in_one_line),
        cmocka_unit_test(brackets_that_the_interpreter_refuses_are_not_parsed),
        cmocka_unit_test(newer_syntax_is_understood_at_the_same_places),
        cmocka_unit_test(what_the_grammar_does_not_know_has_a_line),
        cmocka_unit_test(a_folder_is_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
