#include "analysis/collector.h"

#include <string.h>

#include "analysis/collector_pace.h"
#include "analysis/garbage.h"
#include "base/text.h"

/* ---- policy: when a measured number is a finding --------------------------------------------- */

/* A full collection that needs more allocations than this does not come soon. */
#define ALLOCATIONS_FAR 10000000.0
/* Less garbage than this is not worth a finding. */
#define GARBAGE_MIN 1000
/* Proved objects of a sample below which an estimate says nothing. */
#define PROVED_MIN 5
/* An incremental collector has no full collection to wait for: only much garbage is a finding. */
#define INCREMENTAL_SHARE 0.2
/* Allocations since the last collection that tell a collector is missed. */
#define PENDING_MIN   10000
#define DEBUG_SAVEALL 32

#define RINGS_COLLECTED ((1u << COLLECTOR_GENERATIONS) - 1)

struct subject {
    struct look *look;
    const struct look_options *options;
    struct report *report;
    size_t interpreter;
    const struct collector_state *before, *after;
};

static struct finding *add_finding(const struct subject *subject, const char *rule,
                                   const char *what)
{
    struct finding *finding =
        report_add_finding(subject->report, rule, SEVERITY_WARNING, CONFIDENCE_HIGH);
    if (!finding)
        return NULL;
    finding->confirm = text_format("steth gc %d", (int)target_pid(subject->look->cpython->target));
    finding_identify(finding, what);
    return finding;
}

/* ---- GC002: off ------------------------------------------------------------------------------ */

static bool is_off(const struct collector_state *state)
{
    return !state->enabled || state->generations[0].threshold == 0;
}

static bool is_missed(const struct subject *subject)
{
    int64_t pending = subject->after->generations[0].count;
    int64_t growth = pending - subject->before->generations[0].count;
    return pending >= PENDING_MIN || growth >= PENDING_MIN / 10;
}

static bool report_off(const struct subject *subject)
{
    const struct collector_state *state = subject->after;
    if (!is_off(state) || !is_missed(subject))
        return false;
    struct finding *finding = add_finding(subject, "GC002", state->enabled ? "threshold" : "off");
    if (!finding)
        return true;
    long long pending = (long long)state->generations[0].count;
    finding->summary =
        text_format("the cyclic collector is off (%s) while objects are allocated: %lld since the "
                    "last collection",
                    state->enabled ? "threshold 0" : "gc.disable()", pending);
    finding_add_number(finding, "allocations", state->generations[0].count, "");
    finding_add_number(finding, "threshold", state->generations[0].threshold, "");
    finding_add_number(finding, "growth",
                       state->generations[0].count - subject->before->generations[0].count, "");
    finding_add_fix(finding, "turn it on again: gc.enable()%s",
                    state->generations[0].threshold ? "" : " and gc.set_threshold(700, 10, 10)");
    finding_add_fix(finding, "if pauses were the reason: gc.freeze() after start-up, higher "
                             "thresholds, gc.collect() between requests");
    return true;
}

/* ---- GC005: uncollectable -------------------------------------------------------------------- */

static int64_t uncollectable(const struct collector_state *state)
{
    int64_t sum = 0;
    for (int i = 0; i < COLLECTOR_GENERATIONS; i++)
        if (state->generations[i].uncollectable > 0 &&
            __builtin_add_overflow(sum, state->generations[i].uncollectable, &sum))
            return INT64_MAX;
    return sum;
}

static bool report_uncollectable(const struct subject *subject)
{
    const struct collector_state *state = subject->after;
    bool saves = state->debug > 0 && (state->debug & DEBUG_SAVEALL);
    int64_t unable = uncollectable(state);
    if (state->garbage <= 0 && !saves && !unable)
        return false;
    struct finding *finding = add_finding(subject, "GC005", saves ? "saveall" : "garbage");
    if (!finding)
        return true;
    finding->summary =
        saves ? text_format("DEBUG_SAVEALL keeps everything unreachable alive: gc.garbage holds "
                            "%lld objects",
                            (long long)state->garbage)
              : text_format("gc.garbage holds %lld objects; %lld were found uncollectable",
                            (long long)state->garbage, (long long)unable);
    finding_add_number(finding, "garbage", state->garbage, "");
    finding_add_number(finding, "uncollectable", unable, "");
    finding_add_number(finding, "debug_flags", state->debug, "");
    if (saves)
        finding_add_fix(finding, "switch it off: gc.set_debug(0), then gc.garbage.clear()");
    else
        finding_add_fix(finding, "find what gc.garbage holds, break its cycles, then "
                                 "gc.garbage.clear()");
    return true;
}

/* ---- GC001: starved -------------------------------------------------------------------------- */

/* Why a collection of `generation` does not come soon; NULL when it does. The caller frees. */
static char *starvation(const struct subject *subject, unsigned generation)
{
    const struct collector_state *state = subject->after;
    const struct layout_traits *is = &subject->look->cpython->is;
    double allocations = (double)state->generations[0].threshold;
    for (unsigned i = 1; i <= generation; i++) {
        double rounds = (double)(state->generations[i].threshold - state->generations[i].count) + 1;
        allocations *= rounds > 1 ? rounds : 1;
    }
    if (allocations > ALLOCATIONS_FAR)
        return text_format("thresholds (%lld, %lld, %lld): about %.0f million more allocations "
                           "are needed",
                           (long long)state->generations[0].threshold,
                           (long long)state->generations[1].threshold,
                           (long long)state->generations[2].threshold, allocations / 1e6);
    if (generation == COLLECTOR_GENERATIONS - 1 && is->full_needs_quarter &&
        state->generations[2].count > state->generations[2].threshold &&
        state->long_lived_pending >= 0 && state->long_lived_pending < state->long_lived_total / 4)
        return text_format("the 25 %% rule: %lld objects are pending, %lld are needed (a quarter "
                           "of %lld)",
                           (long long)state->long_lived_pending,
                           (long long)(state->long_lived_total / 4),
                           (long long)state->long_lived_total);
    return NULL;
}

static void describe_garbage(struct finding *finding, const struct garbage_estimate *estimate)
{
    finding_add_number(finding, "objects", estimate->objects, "");
    finding_add_number(finding, "sampled", estimate->sampled, "");
    finding_add_number(finding, "proved_garbage", estimate->proved, "");
    finding_add_number(finding, "estimated_garbage", estimate->estimate, "");
    finding_add_evidence(finding,
                         "%lld of %lld sampled objects are proved garbage: no root reaches them, "
                         "their counts are fully accounted for",
                         (long long)estimate->proved, (long long)estimate->sampled);
    if (estimate->type)
        finding_add_evidence(finding, "mostly %s", estimate->type);
    if (estimate->with_finalizer)
        finding_add_evidence(finding,
                             "%lld of them have a finalizer that has not run yet: it may resurrect "
                             "them",
                             (long long)estimate->with_finalizer);
}

static void report_garbage(const struct subject *subject, const char *where, const char *cause,
                           const struct garbage_estimate *estimate)
{
    struct finding *finding = add_finding(subject, "GC001", "starved");
    if (!finding)
        return;
    finding->summary = text_format("about %lld garbage objects wait %s for a collection that does "
                                   "not come",
                                   (long long)estimate->estimate, where);
    finding_add_evidence(finding, "%s", cause);
    describe_garbage(finding, estimate);
    finding_add_fix(finding, "collect at a quiet moment: gc.collect()");
    finding_add_fix(finding, "set thresholds that let it come: gc.set_threshold(700, 10, 10)");
    finding_add_fix(finding, "after loading long-lived data: gc.freeze(), so that it no longer "
                             "counts");
}

static bool is_much(const struct garbage_estimate *estimate, double share)
{
    return estimate->proved >= PROVED_MIN && estimate->estimate >= GARBAGE_MIN &&
           (double)estimate->proved >= share * (double)estimate->sampled;
}

static struct error *sample_and_report(const struct subject *subject, unsigned rings, double share,
                                       const char *where, const char *cause, bool *found)
{
    struct garbage_estimate estimate;
    struct error *error = garbage_sample(subject->look, rings, &estimate);
    *found = !error && is_much(&estimate, share);
    if (*found)
        report_garbage(subject, where, cause, &estimate);
    free(estimate.type);
    return error;
}

/* The generations that no collection comes for, the oldest first. */
static struct error *report_starved(const struct subject *subject, bool *found)
{
    static const char *const places[COLLECTOR_GENERATIONS] = {"in generation 0", "in generation 1",
                                                              "in the oldest generation"};
    struct error *error = NULL;
    if (subject->look->cpython->is.incremental &&
        incremental_pass_comes_soon(subject->look, subject->interpreter))
        return NULL;
    if (subject->look->cpython->is.incremental)
        return sample_and_report(subject, RINGS_COLLECTED, INCREMENTAL_SHARE, "in all spaces",
                                 "the incremental collector looks at old objects only while "
                                 "young ones are made",
                                 found);
    for (unsigned generation = COLLECTOR_GENERATIONS; generation-- > 0 && !*found && !error;) {
        char *cause = starvation(subject, generation);
        if (cause && !collection_comes_soon(subject->look, subject->interpreter, generation))
            error =
                sample_and_report(subject, 1u << generation, 0, places[generation], cause, found);
        free(cause);
    }
    return error;
}

/* gc.freeze() sets objects apart for good; garbage among them is never collected. */
static struct error *report_frozen(const struct subject *subject, bool *found)
{
    const struct rings *rings = &subject->look->rings.items[subject->interpreter];
    struct garbage_estimate estimate = {0};
    struct error *error = NULL;
    if (rings->counts[RING_PERMANENT] < PENDING_MIN)
        return NULL;
    error = garbage_sample(subject->look, 1u << RING_PERMANENT, &estimate);
    if (!error && is_much(&estimate, 0)) {
        struct finding *finding = add_finding(subject, "GC002", "frozen");
        if (finding) {
            finding->summary = text_format("about %lld garbage objects were frozen by gc.freeze() "
                                           "and will never be collected",
                                           (long long)estimate.estimate);
            describe_garbage(finding, &estimate);
            finding_add_fix(finding, "gc.unfreeze(), gc.collect(), and only then gc.freeze()");
        }
        *found = true;
    }
    free(estimate.type);
    return error;
}

/* ---- section --------------------------------------------------------------------------------- */

static bool add_section(const struct subject *subject)
{
    const struct collector_state *state = subject->after;
    const struct look *look = subject->look;
    const struct rings *rings =
        subject->interpreter < look->rings.count ? &look->rings.items[subject->interpreter] : NULL;
    struct gc_section section = {
        .interpreter = (uint64_t)look->interpreters.items[subject->interpreter].id,
        .enabled = state->enabled,
        .collecting = state->collecting,
        .incremental = look->cpython->is.incremental,
        .debug_flags = state->debug,
        .frozen = rings ? rings->counts[RING_PERMANENT] : -1,
        .garbage = state->garbage,
        .long_lived_total = state->long_lived_total,
        .long_lived_pending = state->long_lived_pending,
    };
    for (int i = 0; i < COLLECTOR_GENERATIONS; i++)
        section.generations[i] = (struct gc_generation){
            .count = state->generations[i].count,
            .threshold = state->generations[i].threshold,
            .objects = rings ? rings->counts[i] : -1,
            .collections = state->generations[i].collections,
            .collected = state->generations[i].collected,
            .uncollectable = state->generations[i].uncollectable,
        };
    return vector_push(&subject->report->gc, section);
}

struct fired {
    bool off, uncollectable, starved;
    bool idle; /* off, but hardly anything was allocated since: nobody may miss it */
};

static struct error *examine(const struct subject *subject, struct fired *fired)
{
    struct error *error = NULL;
    if (!add_section(subject))
        return error_no_memory();
    if (look_wants(subject->options, "GC005") && report_uncollectable(subject))
        fired->uncollectable = true;
    if (look_wants(subject->options, "GC002")) {
        if (report_off(subject))
            fired->off = true;
        else if (is_off(subject->after))
            fired->idle = true;
        else if (subject->look->rings.count)
            error = report_frozen(subject, &fired->off);
    }
    bool sampled = subject->look->rings.count && !is_off(subject->after);
    if (!error && sampled && look_wants(subject->options, "GC001"))
        error = report_starved(subject, &fired->starved);
    return error;
}

static void add_silence(const struct look_options *options, const struct fired *fired, bool sampled,
                        struct report *report)
{
    if (fired->idle && !fired->off && look_wants(options, "GC002"))
        report_add_not_checked(report, "GC002",
                               "the collector is off, but too little was allocated to judge: look "
                               "again with --for 10s");
    else if (!fired->off && look_wants(options, "GC002"))
        report_add_ok(report, "GC002");
    if (!fired->uncollectable && look_wants(options, "GC005"))
        report_add_ok(report, "GC005");
    if (fired->starved || !look_wants(options, "GC001"))
        return;
    if (sampled)
        report_add_ok(report, "GC001");
    else
        report_add_not_checked(report, "GC001",
                               "the collector is off: no generation is ever due (see GC002)");
}

struct error *collector_report(struct look *look, const struct look_options *options,
                               struct report *report)
{
    struct fired fired = {0};
    bool sampled = false;
    struct error *error = NULL;
    report->has_gc = true;
    for (size_t i = 0; i < look->interpreters.count && !error; i++) {
        struct subject subject = {
            .look = look,
            .options = options,
            .report = report,
            .interpreter = i,
            .before = &look->before.items[i],
            .after = &look->after.items[i],
        };
        sampled = sampled || !is_off(subject.after);
        error = examine(&subject, &fired);
    }
    if (!error)
        add_silence(options, &fired, sampled, report);
    return error;
}
