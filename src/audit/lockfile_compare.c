/* META002: what the classes of a lock file rest on has changed. */
#include <string.h>

#include "audit/lockfile.h"
#include "base/cleanup.h"
#include "base/text.h"

struct comparison {
    const struct lockfile *was, *is;
    const struct hierarchy *hierarchy;
    const struct lockfile_scope *scope;
    struct report *report;
};

/* The first link at which two lists part; either may be NULL: the other list is longer. */
struct difference {
    const struct lockfile_link *was, *is;
};

static bool differ(const lockfile_links *was, const lockfile_links *is, struct difference *where)
{
    size_t i = 0;
    while (i < was->count && i < is->count && strcmp(was->items[i].name, is->items[i].name) == 0)
        i++;
    *where = (struct difference){
        .was = i < was->count ? &was->items[i] : NULL,
        .is = i < is->count ? &is->items[i] : NULL,
    };
    return where->was || where->is;
}

static const char *version_in(const struct lockfile *lockfile, const char *name)
{
    for (size_t i = 0; i < lockfile->distributions.count; i++)
        if (strcmp(lockfile->distributions.items[i].name, name) == 0)
            return lockfile->distributions.items[i].version;
    return NULL;
}

static const struct lockfile_class *find_class(const struct lockfile *lockfile, const char *name)
{
    for (size_t i = 0; i < lockfile->classes.count; i++)
        if (strcmp(lockfile->classes.items[i].name, name) == 0)
            return &lockfile->classes.items[i];
    return NULL;
}

/* "SQLAlchemy 2.0.36 -> 2.1.0"; NULL: none is known to have changed. The caller frees. */
static char *version_step(const struct comparison *comparison, const char *distribution)
{
    const char *was = version_in(comparison->was, distribution);
    const struct distribution *now =
        distributions_named(comparison->scope->installed, distribution);
    if (!was || (now && strcmp(was, now->version) == 0))
        return NULL;
    return text_format("%s %s -> %s", distribution, was, now ? now->version : "not installed");
}

/* The versions that changed among what `one` rests on, "A 1 -> 2, B 3 -> 4". The caller frees. */
static char *version_steps(const struct comparison *comparison, const struct lockfile_class *one)
{
    const lockfile_links *const lists[] = {&one->metaclasses, &one->mro};
    char *steps = NULL;
    for (size_t l = 0; l < 2; l++)
        for (size_t i = 0; i < lists[l]->count; i++) {
            const char *distribution = lists[l]->items[i].distribution;
            _cleanup_free_ char *step =
                distribution ? version_step(comparison, distribution) : NULL;
            if (!step || (steps && strstr(steps, step)))
                continue;
            _cleanup_free_ char *before = steps;
            steps = text_format("%s%s%s", before ? before : "", before ? ", " : "", step);
        }
    return steps;
}

static struct finding *add_finding(const struct comparison *comparison,
                                   const struct lockfile_class *one, enum severity severity,
                                   const char *change)
{
    struct finding *finding =
        report_add_finding(comparison->report, "META002", severity, CONFIDENCE_HIGH);
    class_number number;
    if (!finding)
        return NULL;
    _cleanup_free_ char *steps = version_steps(comparison, one);
    finding_add_text(finding, "class", one->name);
    finding_add_text(finding, "change", change);
    if (steps)
        finding_add_text(finding, "distributions", steps);
    if (hierarchy_find(comparison->hierarchy, one->name, &number)) {
        const struct class_facts *facts = class_facts(comparison->hierarchy, number);
        finding->location.file = facts->file ? strdup(facts->file) : NULL;
        finding->location.line = facts->line;
    } else if (one->file) {
        finding->location.file = strdup(one->file);
    }
    _cleanup_free_ char *identity = text_format("%s %s", change, one->name);
    finding_identify(finding, identity ? identity : change);
    finding->confirm = text_format("steth audit --explain %s", one->name);
    return finding;
}

static void add_difference(struct finding *finding, const char *list,
                           const struct difference *where)
{
    const struct lockfile_link *was = where->was, *is = where->is;
    finding_add_evidence(
        finding, "its %s had %s%s%s%s where it now has %s%s%s%s", list, was ? was->name : "its end",
        was && was->distribution ? " (" : "", was && was->distribution ? was->distribution : "",
        was && was->distribution ? ")" : "", is ? is->name : "its end",
        is && is->distribution ? " (" : "", is && is->distribution ? is->distribution : "",
        is && is->distribution ? ")" : "");
}

static void advise_review(struct finding *finding)
{
    finding_add_fix(finding, "review the change, run the tests of the class, then record it: "
                             "steth audit --lock");
    finding_add_fix(finding, "or pin the distribution to the version in the lock file");
}

static const char *fault_word(enum class_fault fault)
{
    switch (fault) {
    case CLASS_METACLASS_CONFLICT:
        return "its metaclasses conflict (META001)";
    case CLASS_NO_ORDER:
        return "its bases have no consistent order (MRO001)";
    case CLASS_BASE_TWICE:
        return "it has a base twice (MRO003)";
    default:
        return "its bases do not go together (MRO002)";
    }
}

/* The class that cannot be made any more. */
static void report_broken(const struct comparison *comparison, const struct lockfile_class *was,
                          enum class_fault fault)
{
    _cleanup_free_ char *steps = version_steps(comparison, was);
    struct finding *finding = add_finding(comparison, was, SEVERITY_ERROR, "broken");
    if (!finding)
        return;
    finding->summary = text_format("%s can no longer be made: %s%s%s", was->name, fault_word(fault),
                                   steps ? ", since " : "", steps ? steps : "");
    for (size_t i = 0; i < was->metaclasses.count; i++)
        finding_add_evidence(finding, "its metaclass was made of %s",
                             was->metaclasses.items[i].name);
    finding_add_fix(finding, "combine the metaclasses of the new versions: the finding about the "
                             "class statement writes it out");
    finding_add_fix(finding, "or pin the distribution to the version in the lock file");
}

static void report_changed(const struct comparison *comparison, const struct lockfile_class *was,
                           const struct lockfile_class *is)
{
    struct difference metaclass, order;
    bool other_metaclass = differ(&was->metaclasses, &is->metaclasses, &metaclass);
    bool other_order = differ(&was->mro, &is->mro, &order);
    if (!other_metaclass && !other_order)
        return;
    _cleanup_free_ char *steps = version_steps(comparison, was);
    struct finding *finding =
        add_finding(comparison, was, SEVERITY_WARNING, other_metaclass ? "metaclass" : "mro");
    if (!finding)
        return;
    finding->summary = text_format("%s of %s is not what it was when it was locked%s%s",
                                   other_metaclass ? "the metaclass" : "the MRO", was->name,
                                   steps ? ": " : "", steps ? steps : "");
    if (other_metaclass)
        add_difference(finding, "metaclass chain", &metaclass);
    if (other_order)
        add_difference(finding, "MRO", &order);
    advise_review(finding);
}

static void report_gone(const struct comparison *comparison, const struct lockfile_class *was)
{
    struct finding *finding = add_finding(comparison, was, SEVERITY_INFO, "gone");
    if (!finding)
        return;
    finding->summary =
        text_format("%s is in the lock file, but combines no frameworks any more, or "
                    "is not among the sources",
                    was->name);
    advise_review(finding);
}

static void report_new(const struct comparison *comparison, const struct lockfile_class *is)
{
    struct finding *finding = add_finding(comparison, is, SEVERITY_INFO, "new");
    if (!finding)
        return;
    finding->summary = text_format("%s combines frameworks and is not in the lock file", is->name);
    finding_add_fix(finding, "record it: steth audit --lock");
}

static void compare_class(const struct comparison *comparison, const struct lockfile_class *was)
{
    class_number number;
    const struct lockfile_class *is = find_class(comparison->is, was->name);
    if (is) {
        report_changed(comparison, was, is);
        return;
    }
    if (hierarchy_find(comparison->hierarchy, was->name, &number)) {
        const struct class_answer *answer = class_answer(comparison->hierarchy, number);
        if (answer->answered && answer->fault != CLASS_SOUND) {
            report_broken(comparison, was, answer->fault);
            return;
        }
    }
    report_gone(comparison, was);
}

void lockfile_compare(const struct lockfile *was, const struct lockfile *is,
                      const struct hierarchy *hierarchy, const struct lockfile_scope *scope,
                      struct report *report)
{
    const struct comparison comparison = {was, is, hierarchy, scope, report};
    size_t before = report->findings.count;
    for (size_t i = 0; i < was->classes.count; i++)
        compare_class(&comparison, &was->classes.items[i]);
    for (size_t i = 0; i < is->classes.count; i++)
        if (!find_class(was, is->classes.items[i].name))
            report_new(&comparison, &is->classes.items[i]);
    if (report->findings.count == before)
        report_add_ok(report, "META002");
}
