/*
 * golden.h: what is rendered, byte by byte against the files of golden/. To write those anew, look
 * at the differences and keep them: STETH_UPDATE_GOLDEN=1 meson test render render_waits
 *
 * Included after cmocka.h by the tests of the renderers.
 */
#ifndef STETH_TESTS_GOLDEN_H
#define STETH_TESTS_GOLDEN_H

#include "base/cleanup.h"
#include "finding/report.h"
#include "render/json.h"
#include "render/style.h"

static inline char *read_file(const char *path)
{
    _cleanup_file_ FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t size = 0;
    if (!file || getdelim(&text, &size, EOF, file) < 0)
        fail_msg("cannot read %s; write it with STETH_UPDATE_GOLDEN=1", path);
    return text;
}

static inline void assert_golden(const char *name, const char *rendered)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/golden/%s", TEST_SOURCE_DIR, name);
    if (getenv("STETH_UPDATE_GOLDEN")) {
        _cleanup_file_ FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs(rendered, file);
        return;
    }
    _cleanup_free_ char *expected = read_file(path);
    assert_string_equal(rendered, expected);
}

typedef void render_page(FILE *, const struct report *, const struct text_style *);

static inline char *page_text(render_page *render, const struct report *report,
                              const struct text_style *style)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    render(out, report, style);
    fclose(out);
    return text;
}

static inline void assert_text(const char *name, render_page *render, const struct report *report,
                               const struct text_style *style)
{
    _cleanup_free_ char *text = page_text(render, report, style);
    assert_golden(name, text);
}

static inline char *json_page(const struct report *report)
{
    json_t *json = render_json(report);
    assert_non_null(json);
    char *text = json_dumps(json, RENDER_JSON_FLAGS);
    json_decref(json);
    assert_non_null(text);
    return text;
}

static inline void assert_json(const char *name, const struct report *report)
{
    _cleanup_free_ char *text = json_page(report);
    _cleanup_free_ char *with_newline = NULL;
    assert_true(asprintf(&with_newline, "%s\n", text) > 0);
    assert_golden(name, with_newline);
}

#endif
