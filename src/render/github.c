#include "render/github.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "finding/rules.h"
#include "render/order.h"
#include "render/style.h"
#include "render/uri.h"

static const char *command(enum severity severity)
{
    return severity == SEVERITY_INFO ? "notice" : severity_name(severity);
}

/* "%" would start an escape; a property ends at "," and its value must not hold ":". */
static void put_line(FILE *out, const char *text, size_t length, bool property)
{
    _cleanup_free_ char *line = strndup(text, length);
    _cleanup_free_ char *safe = line ? style_escape(line) : NULL;
    for (const char *letter = safe ? safe : "(no memory)"; *letter; letter++) {
        if (*letter == '%' || (property && (*letter == ':' || *letter == ',')))
            fprintf(out, "%%%02X", (unsigned char)*letter);
        else
            fputc(*letter, out);
    }
}

static void put(FILE *out, const char *text, bool property)
{
    for (;;) {
        size_t length = strcspn(text, "\n");
        put_line(out, text, length, property);
        if (!text[length])
            return;
        fputs("%0A", out);
        text += length + 1;
    }
}

static void put_place(FILE *out, const struct finding *finding, const char *root)
{
    if (!finding->location.file)
        return;
    _cleanup_free_ char *below = path_below(finding->location.file, root);
    fputs("file=", out);
    put(out, below ? below : finding->location.file, true);
    if (finding->location.line)
        fprintf(out, ",line=%u", finding->location.line);
    fputc(',', out);
}

static void put_finding(FILE *out, const struct finding *finding, const char *root)
{
    const struct rule *rule = rule_find(finding->rule);
    fprintf(out, "::%s ", command(finding->severity));
    put_place(out, finding, root);
    fputs("title=", out);
    put(out, finding->rule, true);
    if (rule) {
        fputc(' ', out);
        put(out, rule->name, true);
    }
    fputs("::", out);
    put(out, finding->summary ? finding->summary : finding->rule, false);
    for (size_t i = 0; i < finding->evidence.count; i++) {
        fputs("%0A", out);
        put(out, finding->evidence.items[i], false);
    }
    for (size_t i = 0; i < finding->fix.count; i++) {
        fputs("%0Afix: ", out);
        put(out, finding->fix.items[i], false);
    }
    fputc('\n', out);
}

void render_github(FILE *out, const struct report *report, const char *root)
{
    _cleanup_free_ const struct finding **order = findings_in_order(report);
    for (size_t i = 0; order && i < report->findings.count; i++)
        if (!order[i]->suppressed.kind)
            put_finding(out, order[i], root);
    struct totals totals = findings_count(report);
    fprintf(out, "steth: error %zu, warning %zu, info %zu, suppressed %zu, not checked %zu\n",
            totals.error, totals.warning, totals.info, totals.suppressed,
            report->not_checked.count);
}
