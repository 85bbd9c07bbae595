#include "finding/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

const char *severity_name(enum severity severity)
{
    switch (severity) {
    case SEVERITY_ERROR:
        return "error";
    case SEVERITY_WARNING:
        return "warning";
    case SEVERITY_INFO:
        break;
    }
    return "info";
}

const char *confidence_name(enum confidence confidence)
{
    switch (confidence) {
    case CONFIDENCE_HIGH:
        return "high";
    case CONFIDENCE_MEDIUM:
        return "medium";
    case CONFIDENCE_LOW:
        break;
    }
    return "low";
}

/* ---- building -------------------------------------------------------------------------------- */

struct finding *report_add_finding(struct report *report, const char *rule, enum severity severity,
                                   enum confidence confidence)
{
    struct finding finding = {.rule = rule, .severity = severity, .confidence = confidence};
    if (!vector_push(&report->findings, finding))
        return NULL;
    struct finding *added = &report->findings.items[report->findings.count - 1];
    finding_identify(added, "");
    return added;
}

static void add_fact(struct finding *finding, struct fact fact, const char *name)
{
    fact.name = strdup(name);
    if (fact.name && vector_push(&finding->facts, fact))
        return;
    free(fact.name);
    free(fact.text);
    name_list_free(&fact.list);
}

void finding_add_number(struct finding *finding, const char *name, int64_t number, const char *unit)
{
    add_fact(finding, (struct fact){.number = number, .unit = unit}, name);
}

void finding_add_text(struct finding *finding, const char *name, const char *text)
{
    char *copy = strdup(text);
    if (copy)
        add_fact(finding, (struct fact){.text = copy, .unit = ""}, name);
}

void finding_add_list(struct finding *finding, const char *name, const name_list *list)
{
    struct fact fact = {.text = strdup(""), .is_list = true, .unit = ""};
    for (size_t i = 0; fact.text && i < list->count; i++) {
        char *before = fact.text;
        fact.text = text_format("%s%s%s", before, i ? ", " : "", list->items[i]);
        free(before);
        if (!name_list_add(&fact.list, list->items[i]))
            break;
    }
    if (fact.text)
        add_fact(finding, fact, name);
    else
        name_list_free(&fact.list);
}

void finding_add_evidence(struct finding *finding, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *line = text_format_list(format, arguments);
    va_end(arguments);
    if (line && !vector_push(&finding->evidence, line))
        free(line);
}

void finding_add_fix(struct finding *finding, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *line = text_format_list(format, arguments);
    va_end(arguments);
    if (line && !vector_push(&finding->fix, line))
        free(line);
}

void finding_set_chain(struct finding *finding, const wait_chain *chain, bool closes)
{
    wait_chain_free(&finding->chain);
    finding->chain_closes = wait_chain_copy(chain, &finding->chain) && closes;
}

/* 64-bit FNV-1a, continued from `hash`; a NUL separates what is hashed one after the other. */
static uint64_t hash_text(uint64_t hash, const char *text)
{
    const unsigned char *byte = (const unsigned char *)text;
    do
        hash = (hash ^ *byte) * UINT64_C(0x100000001b3);
    while (*byte++);
    return hash;
}

void finding_identify(struct finding *finding, const char *what)
{
    uint64_t hash = hash_text(UINT64_C(0xcbf29ce484222325), finding->rule);
    hash = hash_text(hash, what);
    snprintf(finding->fingerprint, sizeof finding->fingerprint, "%016llx",
             (unsigned long long)hash);
}

void report_add_ok(struct report *report, const char *rule)
{
    (void)vector_push(&report->ok, rule);
}

void report_add_not_checked(struct report *report, const char *rule, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct not_checked entry = {.rule = rule, .reason = text_format_list(format, arguments)};
    va_end(arguments);
    if (entry.reason && !vector_push(&report->not_checked, entry))
        free(entry.reason);
}

bool report_fails(const struct report *report, enum severity severity)
{
    for (size_t i = 0; i < report->findings.count; i++)
        if (report->findings.items[i].severity >= severity &&
            !report->findings.items[i].suppressed.kind)
            return true;
    return false;
}
