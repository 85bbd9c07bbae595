/* The reading of source: encodings, files that are refused, syntax that is younger than the
 * grammar. And what its threads share: the memory of trees, and their work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "audit/parallel.h"
#include "audit/source.h"
#include "audit/tree_memory.h"

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

/* Nested lists: pieces of all sizes, some larger than a block. */
static char *nested_lists(size_t count)
{
    static const char line[] = "x = [[1, 2, [3, 4, [5]]], f(a, b=(c, d)), {'e': [6]}]\n";
    char *text = malloc(count * (sizeof line - 1) + 1);
    assert_non_null(text);
    for (size_t i = 0; i < count; i++)
        memcpy(text + i * (sizeof line - 1), line, sizeof line);
    return text;
}

static char *tree_of(const char *text)
{
    struct source source;
    TSParser *parser = source_parser();
    assert_true(source_parse(&source, parser, text, strlen(text)));
    char *tree = ts_node_string(ts_tree_root_node(source.tree));
    source_free(&source);
    source_parser_free(parser);
    return tree;
}

static void trees_are_the_same_wherever_their_memory_is_from(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 4000, 3, 4000, 20};
    char *before = tree_memory_malloc(10);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *text = nested_lists(sizes[i]);
        char *plain = tree_of(text);
        assert_true(tree_memory_begin());
        for (int round = 0; round < 3; round++) {
            char *taken = tree_of(text);
            assert_string_equal(taken, plain);
            tree_memory_take_back();
        }
        tree_memory_end();
        tree_memory_free(plain);
        free(text);
    }
    assert_true(tree_memory_begin());
    tree_memory_free(before); /* it is of malloc still */
    tree_memory_end();
    assert_false(tree_memory_has_begun());
}

static void pieces_keep_what_is_in_them(void **state)
{
    (void)state;
    for (int block = 0; block < 2; block++) {
        assert_true(!block || tree_memory_begin());
        char *piece = NULL;
        for (size_t size = 1; size < (size_t)5 << 20; size *= 3) {
            piece = tree_memory_realloc(piece, size);
            assert_int_equal((uintptr_t)piece % 16, 0);
            memset(piece + size / 3, (int)(size % 251), size - size / 3);
            assert_int_equal((unsigned char)piece[size / 3], size % 251);
            assert_true(size < 3 || (unsigned char)piece[size / 3 - 1] == size / 3 % 251);
        }
        tree_memory_free(piece);
        char *again = tree_memory_calloc(3, 1000);
        for (size_t i = 0; i < 3000; i++)
            assert_int_equal(again[i], 0);
        tree_memory_free(again);
        tree_memory_end();
    }
}

struct share {
    unsigned number, seen;
};

static void *see(void *argument)
{
    struct share *share = argument;
    share->seen += share->number;
    return NULL;
}

static void each_thread_has_its_argument(void **state)
{
    (void)state;
    struct share shares[PARALLEL_MOST];
    for (unsigned i = 0; i < PARALLEL_MOST; i++)
        shares[i] = (struct share){.number = i + 1};
    parallel_run(see, shares, sizeof *shares, PARALLEL_MOST);
    for (unsigned i = 0; i < PARALLEL_MOST; i++)
        assert_int_equal(shares[i].seen, i + 1);
    assert_int_equal(parallel_count(0), 1);
    assert_int_equal(parallel_count(1), 1);
    assert_in_range(parallel_count(1000), 1, PARALLEL_MOST);
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
        cmocka_unit_test(trees_are_the_same_wherever_their_memory_is_from),
        cmocka_unit_test(pieces_keep_what_is_in_them),
        cmocka_unit_test(each_thread_has_its_argument),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
