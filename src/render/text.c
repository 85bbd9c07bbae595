#include "render/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "render/order.h"
#include "render/place.h"
#include "render/sentence.h"
#include "render/text_parts.h"

static enum hue severity_hue(enum severity severity)
{
    switch (severity) {
    case SEVERITY_ERROR:
        return HUE_ERROR;
    case SEVERITY_WARNING:
        return HUE_WARNING;
    case SEVERITY_INFO:
        break;
    }
    return HUE_INFO;
}

static void print_sentence(FILE *out, const struct finding *finding, const struct text_style *style)
{
    _cleanup_free_ char *head =
        text_format("%s[%s]", severity_name(finding->severity), finding->rule);
    _cleanup_free_ char *summary = sentence_counts(finding->summary ? finding->summary : "", " (");
    _cleanup_free_ char *text = summary ? text_format(": %s", summary) : NULL;
    style_paragraph(out, style,
                    &(struct paragraph){.margin = "",
                                        .head = head ? head : finding->rule,
                                        .head_hue = severity_hue(finding->severity),
                                        .text = text,
                                        .text_hue = HUE_BOLD,
                                        .indent = 2});
}

static void print_place(FILE *out, const struct finding *finding, const struct text_style *style)
{
    _cleanup_free_ char *place =
        place_format(finding->location.file, finding->location.line, finding->location.function);
    if (place)
        text_pointed(out, style, place);
}

/* "   = head: text" */
static void print_note(FILE *out, const struct text_style *style, const char *head,
                       const char *text, bool unbroken)
{
    _cleanup_free_ char *label = text_format("= %s: ", head);
    style_paragraph(out, style,
                    &(struct paragraph){.margin = "   ",
                                        .head = label ? label : "= ",
                                        .head_hue = HUE_GUTTER,
                                        .text = text,
                                        .indent = 4,
                                        .unbroken = unbroken});
}

/* The name without the unit that JSON keys carry, as words: "read_bytes" → "read". */
static char *fact_label(const struct fact *fact)
{
    if (strcmp(fact->name, "bytes") == 0)
        return strdup("size");
    size_t length = strlen(fact->name);
    size_t unit = fact->unit ? strlen(fact->unit) : 0;
    if (unit > 0 && length > unit + 1 && fact->name[length - unit - 1] == '_' &&
        strcmp(fact->name + length - unit, fact->unit) == 0)
        length -= unit + 1;
    char *label = strndup(fact->name, length);
    for (char *character = label; character && *character; character++)
        if (*character == '_')
            *character = ' ';
    return label;
}

static char *fact_value(const struct fact *fact)
{
    char buffer[STYLE_NUMBER];
    const char *unit = fact->unit ? fact->unit : "";
    if (fact->text)
        return strdup(fact->text);
    if (strcmp(unit, "bytes") == 0 && fact->number >= 0)
        return strdup(style_bytes(buffer, (uint64_t)fact->number));
    if (fact->number < 0)
        return text_format("%" PRId64 "%s%s", fact->number, *unit ? " " : "", unit);
    return text_format("%s%s%s", style_count(buffer, fact->number), *unit ? " " : "", unit);
}

static void print_facts(FILE *out, const struct finding *finding, const struct text_style *style)
{
    for (size_t i = 0; i < finding->facts.count; i++) {
        if (finding->facts.items[i].for_programs && !style->verbose)
            continue;
        _cleanup_free_ char *label = fact_label(&finding->facts.items[i]);
        _cleanup_free_ char *value = fact_value(&finding->facts.items[i]);
        _cleanup_free_ char *text = label && value ? text_format("%s: %s", label, value) : NULL;
        print_note(out, style, "fact", text, false);
    }
}

static void print_suppression(FILE *out, const struct finding *finding,
                              const struct text_style *style)
{
    const struct suppression *suppressed = &finding->suppressed;
    if (!suppressed->kind)
        return;
    _cleanup_free_ char *place = place_format(suppressed->at.file, suppressed->at.line, NULL);
    _cleanup_free_ char *text =
        text_format("by the %s at %s%s%s%s%s", suppressed->kind, place ? place : "?",
                    suppressed->until ? " until " : "", suppressed->until ? suppressed->until : "",
                    suppressed->reason ? ": " : "", suppressed->reason ? suppressed->reason : "");
    print_note(out, style, "suppressed", text, false);
}

static void print_finding(FILE *out, const struct finding *finding, const struct text_style *style)
{
    print_sentence(out, finding, style);
    print_place(out, finding, style);
    for (size_t i = 0; i < finding->evidence.count; i++) {
        _cleanup_free_ char *line = sentence_counts(finding->evidence.items[i], "(");
        style_paragraph(out, style,
                        &(struct paragraph){.margin = "   |  ",
                                            .margin_hue = HUE_GUTTER,
                                            .head = "",
                                            .text = line,
                                            .indent = 2});
    }
    text_chain(out, style, "   |  ", &finding->chain, finding->chain_closes);
    print_facts(out, finding, style);
    if (style->verbose) {
        print_note(out, style, "confidence", confidence_name(finding->confidence), false);
        print_note(out, style, "fingerprint", finding->fingerprint, true);
    }
    print_suppression(out, finding, style);
    for (size_t i = 0; i < finding->fix.count; i++)
        print_note(out, style, "fix", finding->fix.items[i], false);
    if (finding->confirm)
        print_note(out, style, "confirm", finding->confirm, true);
    fputc('\n', out);
}

void text_findings_brief(FILE *out, const struct report *report, const struct text_style *style)
{
    _cleanup_free_ const struct finding **order = findings_in_order(report);
    bool any = false;
    for (size_t i = 0; order && i < report->findings.count; i++) {
        if (order[i]->suppressed.kind)
            continue;
        print_sentence(out, order[i], style);
        print_place(out, order[i], style);
        any = true;
    }
    if (any)
        fputc('\n', out);
}

static void print_findings(FILE *out, const struct report *report, const struct text_style *style)
{
    _cleanup_free_ const struct finding **order = findings_in_order(report);
    for (size_t i = 0; i < report->findings.count; i++) {
        const struct finding *finding = order ? order[i] : &report->findings.items[i];
        if (!finding->suppressed.kind || style->verbose)
            print_finding(out, finding, style);
    }
}

void render_text(FILE *out, const struct report *report, const struct text_style *style)
{
    text_header(out, report, style);
    print_findings(out, report, style);
    text_footer(out, report, style);
}

void render_text_audit(FILE *out, const struct report *report, const struct text_style *style)
{
    text_header(out, report, style);
    if (report->classes.explanations.count)
        text_class_explanations(out, report, style);
    else if (report->has_classes)
        text_class_rows(out, report, style);
    if (report->has_classes)
        fputc('\n', out);
    print_findings(out, report, style);
    text_footer(out, report, style);
}
