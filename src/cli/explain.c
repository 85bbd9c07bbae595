#include <string.h>

#include "cli/failure.h"
#include "cli/markdown.h"
#include "cli/nearest.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "finding/rules.h"

#define PAGE_WIDTH 80 /* lines longer than that are hard to read on any terminal */

static json_t *rule_json(const struct rule *rule)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "code", rule->code, "name", rule->name, "summary",
                     rule->summary, "markdown", rule->markdown);
}

static json_t *rules_json(const struct rule *rules, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; array && i < count; i++)
        json_array_append_new(array, rule_json(&rules[i]));
    return array;
}

static void print_entry(const struct options *options, const char *code, const char *name,
                        const char *summary)
{
    struct text_style style = output_style(options);
    char head[80];
    snprintf(head, sizeof head, *name ? "%-8s %s: " : "%s%s: ", code, name);
    struct paragraph entry = {
        .margin = "", .head = head, .head_hue = HUE_BOLD, .text = summary, .indent = *name ? 9 : 4};
    style_paragraph(options->out, &style, &entry);
}

static struct error *print_all(const struct options *options)
{
    size_t rule_count, term_count;
    const struct rule *rules = rules_all(&rule_count), *terms = terms_all(&term_count);
    if (options->json) {
        json_t *object = output_envelope();
        json_object_set_new(object, "rules", rules_json(rules, rule_count));
        json_object_set_new(object, "terms", rules_json(terms, term_count));
        return output_json(options, object);
    }
    for (size_t i = 0; i < rule_count; i++)
        print_entry(options, rules[i].code, rules[i].name, rules[i].summary);
    if (rule_count && term_count)
        fputc('\n', options->out);
    for (size_t i = 0; i < term_count; i++)
        print_entry(options, terms[i].name, "", terms[i].summary);
    return NULL;
}

static struct error *print_page(const struct options *options, const struct rule *rule)
{
    if (options->json) {
        const char *key = rule->kind == RULE_KIND_TERM ? "term" : "rule";
        json_t *object = output_envelope();
        json_object_set_new(object, key, rule_json(rule));
        return output_json(options, object);
    }
    struct text_style style = output_style(options);
    if (style.width > PAGE_WIDTH)
        style.width = PAGE_WIDTH;
    markdown_print(options->out, &style, rule->markdown);
    return NULL;
}

static void offer_all(struct nearest *nearest, const struct rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        nearest_offer(nearest, rules[i].code);
        nearest_offer(nearest, rules[i].name);
    }
}

static struct error *unknown(const char *word)
{
    struct nearest nearest = nearest_to(word);
    size_t count;
    const struct rule *rules = rules_all(&count);
    offer_all(&nearest, rules, count);
    const struct rule *terms = terms_all(&count);
    offer_all(&nearest, terms, count);
    struct error *error = error_new(ERROR_USAGE, "there is no rule or term '%s'", word);
    if (nearest.name)
        return error_hint(error, "did you mean %s? all of them: steth explain", nearest.name);
    return error_hint(error, "all rules and terms: steth explain");
}

int verb_explain(const struct options *options)
{
    struct error *error;
    if (!options->words.count) {
        error = print_all(options);
    } else {
        const struct rule *rule = rule_find(options->words.items[0]);
        error = rule ? print_page(options, rule) : unknown(options->words.items[0]);
    }
    return error ? report_error(options, error) : EXIT_LOOKED;
}
