#include "audit/rules.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

#define QUOTED_MOST 70

const char *const rules_of_files[] = {"LOOP005", "LOOP006", "LOOP007", "RES002", "RES003", NULL};

/* The rules, and a word without which a file has nothing for them. */
static const struct {
    const char *code, *word;
    file_rule *run;
} table[] = {
    {"LOOP005", "async", rule_blocking_call},
    {"LOOP006", "async", rule_executor_deadline},
    {"LOOP007", "run_coroutine_threadsafe", rule_result_in_coroutine},
    {"RES002", "__del__", rule_finalizer_escapes},
    {"RES003", "__del__", rule_both_ways},
};

#define RULES (sizeof table / sizeof *table)

static bool is_wanted(const struct rule_file *file, const struct rule_choice *choice, size_t i)
{
    return (!choice->checks || choice->checks(choice->context, table[i].code)) &&
           memmem(file->source->text, file->source->size, table[i].word, strlen(table[i].word));
}

struct error *rules_read_file(const struct rule_file *file, const struct rule_choice *choice,
                              struct report *report)
{
    bool wanted[RULES], any = false;
    for (size_t i = 0; i < RULES; i++)
        any |= wanted[i] = is_wanted(file, choice, i);
    if (!any || !file->source->tree)
        return NULL;
    struct scopes scopes;
    struct error *error = scopes_build(file->source, &scopes);
    for (size_t i = 0; !error && i < RULES; i++)
        if (wanted[i])
            error = table[i].run(file, &scopes, report);
    scopes_free(&scopes);
    return error;
}

/* Equal calls in one function are told apart by their number: 1 for the first. */
static unsigned ordinal(const struct report *report, const struct finding *finding,
                        const char *fingerprint)
{
    unsigned number = 1;
    for (size_t i = report->findings.count; i-- > 0;) {
        const struct finding *other = &report->findings.items[i];
        if (other == finding)
            continue;
        if (!other->location.file || strcmp(other->location.file, finding->location.file) != 0)
            break;
        number += other->location.line != finding->location.line &&
                  strcmp(other->fingerprint, fingerprint) == 0;
    }
    return number;
}

static void identify(const struct report *report, struct finding *finding, const char *identity)
{
    finding_identify(finding, identity);
    char plain[sizeof finding->fingerprint];
    memcpy(plain, finding->fingerprint, sizeof plain);
    for (unsigned number = ordinal(report, finding, plain); number > 1; number++) {
        _cleanup_free_ char *numbered = text_format("%s#%u", identity, number);
        if (numbered)
            finding_identify(finding, numbered);
        if (!numbered || ordinal(report, finding, finding->fingerprint) == 1)
            break;
    }
}

struct finding *rule_finding(const struct rule_file *file, const struct scopes *scopes,
                             uint32_t scope, const char *rule, enum severity severity,
                             enum confidence confidence, unsigned line, const char *what,
                             struct report *report)
{
    struct finding *finding = report_add_finding(report, rule, severity, confidence);
    if (!finding)
        return NULL;
    _cleanup_free_ char *function = scope == NOWHERE ? NULL : scopes_qualified(scopes, scope);
    _cleanup_free_ char *identity = text_format(
        "%s:%s:%s", file->module ? file->module : file->path, function ? function : "", what);
    finding->location.file = strdup(file->path);
    finding->location.line = line;
    finding->location.function = take_pointer(&function);
    if (identity && finding->location.file)
        identify(report, finding, identity);
    return identity && finding->location.file ? finding : NULL;
}

char *rule_quote(struct slice text)
{
    const char *end = memchr(text.start, '\n', text.size);
    size_t size = end ? (size_t)(end - text.start) : text.size;
    bool cut = end || size > QUOTED_MOST;
    if (size > QUOTED_MOST) {
        size = QUOTED_MOST;
        while (size && ((unsigned char)text.start[size] & 0xc0) == 0x80)
            size--; /* not inside of a character */
    }
    return text_format("%.*s%s", (int)size, text.start, cut ? " …" : "");
}
