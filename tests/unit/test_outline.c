/* Outlines: what they leave out, and that they say the same of classes as the whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/grammar.h"
#include "audit/import_line.h"
#include "audit/outline.h"
#include "audit/scan.h"
#include "audit/source.h"

static void check(const char *whole, enum outline_purpose purpose, const char *wanted)
{
    struct outline outline;
    assert_true(outline_make(whole, strlen(whole), 200, purpose, &outline));
    assert_string_equal(outline.text, wanted);
    outline_free(&outline);
}

static void what_says_nothing_about_classes_is_left_out(void **state)
{
    (void)state;
    check("'''A module.'''\n"
          "import os\n"
          "from a import (b,\n"
          "  c as d)  # more\n"
          "# a comment\n"
          "\n"
          "class A(B):\n"
          "    x = 1\n"
          "    @property\n"
          "    def f(self,\n"
          "          y):\n"
          "        a = '''\n"
          "no class here'''\n"
          "        return a.b(y,\n"
          "  y)\n"
          "    async def h(self): return 1\n"
          "\n"
          "    def g(self):\n"
          "        class Inner: pass\n"
          "    z = 2\n"
          "register(A)\n",
          OUTLINE_CLASSES,
          "0\n"
          "class A(B):\n"
          "    0\n"
          "    def g(self):\n"
          "        class Inner: pass\n"
          "    0\n"
          "0\n");
}

static void fields_keep_no_more_than_their_names(void **state)
{
    (void)state;
    check("class A:\n"
          "    one = 1\n"
          "    two: int\n"
          "    three: Type[B] = B\n"
          "    four = field(\n"
          "        default=None)  # more\n"
          "    def f(self): pass\n"
          "    five = r'text'; six = B\n"
          "    seven = B\n"
          "    eight = nine = B\n"
          "    ten = [B][0]\n"
          "    Eleven = f(B)\n"
          "    __slots__ = ('a',)\n"
          "    kind = type('X', (), {})\n"
          "    last = f(x := B)\n"
          "    try: kind = B\n"
          "    except: kind = None\n",
          OUTLINE_CLASSES,
          "class A:\n"
          "    0\n"
          "    five = r'text'; six = B\n"
          "    seven = B\n"
          "    eight = nine = B\n"
          "    ten = [B][0]\n"
          "    Eleven = f(B)\n"
          "    __slots__ = ('a',)\n"
          "    kind = type('X', (), {})\n"
          "    last = f(x := B)\n"
          "    try: kind = B\n"
          "    except: kind = None\n");
    check("class A:\n    x = 1\n", OUTLINE_FUNCTIONS, "class A:\n    x = 1\n");
    check("x = 1\n", OUTLINE_CLASSES, "x = 1\n");
}

static void lines_are_those_of_the_file(void **state)
{
    (void)state;
    static const char text[] =
        "# first\n\nimport a\n\ndef f():\n  '''no'''\n  for x in y:\n    z()\n"
        "\nclass A: pass\nclass B(\n  A): pass";
    struct outline outline;
    assert_true(outline_make(text, sizeof text - 1, 200, OUTLINE_CLASSES, &outline));
    assert_string_equal(outline.text, "0\nclass A: pass\nclass B(\n  A): pass\n");
    assert_int_equal(outline.lines.count, 4);
    assert_int_equal(outline.lines.items[0], 3 | OUTLINE_FOLDED);
    assert_int_equal(outline.lines.items[1], 10);
    assert_int_equal(outline.lines.items[3], 12);
    assert_int_equal(outline.folded.count, 2);
    assert_int_equal(outline.folded.items[1].line, 5);
    assert_true(outline.classes);
    outline_free(&outline);
}

static void what_decorators_and_factories_return_is_kept(void **state)
{
    (void)state;
    static const char *const kept[] = {
        "class A:\n    @classmethod\n    def f(cls, k):\n        return k\n",
        "def f(cls):\n    return cls\n",
        "def f(cls):\n    if a: return cls\n    return cls\n",
        "def f(a):\n    def g(cls):\n        return cls\n    return g\n",
        "def f():\n    return type('A', (), {})\n",
        "def f():\n    global A\n    A = 1\n",
    };
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        check(kept[i], OUTLINE_CLASSES, kept[i]);
    static const char *const dropped[] = {
        "def f(cls):\n    return 1\n    return cls\n",
        "def f(cls):\n    print(cls)\n",
        "def f(cls):\n    yield cls\n    return cls\n",
        "def f(cls):\n    return None\n",
    };
    for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++)
        check(dropped[i], OUTLINE_CLASSES, "0\n");
}

static void coroutines_keep_what_they_call(void **state)
{
    (void)state;
    check("import time\n"
          "def f():\n    return time\n    return 1\n"
          "class A:\n"
          "    def __init__(self):\n        '''text'''\n        self.nap = time.sleep\n"
          "    def g(self):\n        return 1\n"
          "    async def h(self):\n        self.nap(1)\n",
          OUTLINE_COROUTINES,
          "import time\n"
          "def f():0\n"
          "class A:\n"
          "    def __init__(self):\n        self.nap = time.sleep\n"
          "    def g():0\n"
          "    async def h(self):\n        self.nap(1)\n");
}

static void broken_text_stays_as_it_is(void **state)
{
    (void)state;
    const char *broken = "class A:\n    def f(self):\n        x = (1,\nclass B: pass\n";
    check(broken, OUTLINE_FUNCTIONS, broken);
    check("def f(:\n", OUTLINE_CLASSES, "def f(:\n");
    check("class A:\n    x: int =\n    x = f(1", OUTLINE_CLASSES, "class A:\n    0\n    x = f(1\n");
    check("register(1\nclass A: pass", OUTLINE_CLASSES, "register(1\nclass A: pass\n");
    check("x = 'no end\nclass A: pass", OUTLINE_CLASSES, "x = 'no end\nclass A: pass\n");
}

/* ---- imports --------------------------------------------------------------------------------- */

static bool is_plain(const char *text)
{
    return import_line_is_plain((struct slice){text, strlen(text)});
}

static void plain_imports_are_told_from_others(void **state)
{
    (void)state;
    static const char *const plain[] = {
        "import a\n",          "import a.b as c, d # e\n",
        "from . import a\n",   "from ..a.b import (c, # d\n e as f,)\n",
        "from a import *\r\n", "from a import b, \\\n c\n",
    };
    static const char *const others[] = {
        "import\n",           "from a import\n",    "import a b\n",  "from a import (b\n",
        "from a import b,\n", "import a,\n",        "importlib.x\n", "from_ = 1\n",
        "import a.\n",        "from a. import b\n", "import 1\n",    "from a import *, b\n",
    };
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (!is_plain(plain[i]))
            fail_msg("not plain: %s", plain[i]);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (is_plain(others[i]))
            fail_msg("plain: %s", others[i]);
}

/* ---- the same as the whole --------------------------------------------------------------------
 */

struct reader {
    TSParser *parser;
    struct grammar grammar;
    size_t files, classes;
};

/* The next of the module's own names: imports, classes, functions. */
static const struct event *next_name(const struct module *module, size_t *at)
{
    while (*at < module->events.count) {
        const struct event *event = &module->events.items[(*at)++];
        if (module->blocks.items[event->block].scope == 0 &&
            (event->kind == EVENT_IMPORT || event->kind == EVENT_CLASS ||
             event->kind == EVENT_FUNCTION))
            return event;
    }
    return NULL;
}

static void compare_names(const char *path, const struct module *a, const struct module *b)
{
    size_t i = 0, j = 0;
    const struct event *one, *two;
    do {
        one = next_name(a, &i);
        two = next_name(b, &j);
        bool same = !one == !two;
        if (one && two)
            same = one->kind == two->kind &&
                   strcmp(module_text(a, one->name), module_text(b, two->name)) == 0;
        if (!same)
            fail_msg("%s:%u: a name is bound in one of them only", path,
                     one ? one->line : two->line);
    } while (one && two);
}

static void compare_classes(const char *path, const struct module *a, const struct module *b)
{
    if (a->classes.count != b->classes.count)
        fail_msg("%s: %zu classes and %zu", path, a->classes.count, b->classes.count);
    for (size_t i = 0; i < a->classes.count; i++) {
        const struct class_statement *one = &a->classes.items[i], *two = &b->classes.items[i];
        if (one->line != two->line ||
            strcmp(module_text(a, one->name), module_text(b, two->name)) != 0)
            fail_msg("%s:%u: %s is another class", path, one->line, module_text(a, one->name));
    }
}

static bool scan(const struct reader *reader, struct source *source, struct module *module)
{
    *module = (struct module){0};
    bool parsed = source->tree && !source->syntax_error;
    if (parsed)
        scan_module(source, &reader->grammar, module);
    source_free(source);
    return parsed;
}

static void compare_file(struct reader *reader, const char *path)
{
    struct source source;
    struct module whole, outline;
    source_read(&source, reader->parser, path);
    if (scan(reader, &source, &whole)) {
        source_read_outline(&source, reader->parser, path, false);
        assert_true(scan(reader, &source, &outline));
        compare_classes(path, &whole, &outline);
        compare_names(path, &whole, &outline);
        reader->files++;
        reader->classes += whole.classes.count;
        module_free(&outline);
    }
    module_free(&whole);
}

static void outlines_have_the_classes_of_the_standard_library(void **state)
{
    (void)state;
    static const char *const folders[] = {"/usr/lib/python3.11", "/usr/lib/python3.11/asyncio",
                                          "/usr/lib/python3.12", "/usr/lib/python3.13"};
    struct reader reader = {.parser = source_parser()};
    assert_non_null(reader.parser);
    assert_true(grammar_read(&reader.grammar, ts_parser_language(reader.parser)));
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        DIR *directory = opendir(folders[i]);
        for (struct dirent *entry; directory && (entry = readdir(directory));) {
            const char *dot = strrchr(entry->d_name, '.');
            char path[4096];
            if (!dot || strcmp(dot, ".py") != 0)
                continue;
            snprintf(path, sizeof path, "%s/%s", folders[i], entry->d_name);
            compare_file(&reader, path);
        }
        if (directory)
            closedir(directory);
    }
    print_message("compared %zu files, %zu classes\n", reader.files, reader.classes);
    grammar_free(&reader.grammar);
    ts_parser_delete(reader.parser);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_says_nothing_about_classes_is_left_out),
        cmocka_unit_test(fields_keep_no_more_than_their_names),
        cmocka_unit_test(lines_are_those_of_the_file),
        cmocka_unit_test(what_decorators_and_factories_return_is_kept),
        cmocka_unit_test(coroutines_keep_what_they_call),
        cmocka_unit_test(broken_text_stays_as_it_is),
        cmocka_unit_test(plain_imports_are_told_from_others),
        cmocka_unit_test(outlines_have_the_classes_of_the_standard_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
