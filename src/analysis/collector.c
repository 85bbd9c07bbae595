#include "analysis/collector.h"

#include <string.h>

#include "analysis/collector_subject.h"
#include "base/text.h"

/* A flag of gc.set_debug(). */
#define DEBUG_SAVEALL 32

struct finding *collector_finding(const struct collector_subject *subject, const char *rule,
                                  const char *what)
{
    struct finding *finding =
        report_add_finding(subject->report, rule, SEVERITY_WARNING, CONFIDENCE_HIGH);
    if (!finding)
        return NULL;
    finding->confirm = look_command(subject->look, "gc");
    finding_identify(finding, what);
    return finding;
}

/* ---- GC002: off ------------------------------------------------------------------------------ */

static bool is_off(const struct collector_state *state)
{
    return !state->enabled || state->generations[0].threshold == 0;
}

static bool is_missed(const struct collector_subject *subject)
{
    int64_t pending = subject->after->generations[0].count;
    int64_t growth = pending - subject->before->generations[0].count;
    return pending >= PENDING_MIN || growth >= PENDING_MIN / 10;
}

static bool report_off(const struct collector_subject *subject)
{
    const struct collector_state *state = subject->after;
    if (!is_off(state) || !is_missed(subject))
        return false;
    struct finding *finding =
        collector_finding(subject, "GC002", state->enabled ? "threshold" : "off");
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

static bool report_uncollectable(const struct collector_subject *subject)
{
    const struct collector_state *state = subject->after;
    bool saves = state->debug > 0 && (state->debug & DEBUG_SAVEALL);
    int64_t unable = uncollectable(state);
    if (state->garbage <= 0 && !saves && !unable)
        return false;
    struct finding *finding = collector_finding(subject, "GC005", saves ? "saveall" : "garbage");
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

/* ---- section --------------------------------------------------------------------------------- */

static bool add_section(const struct collector_subject *subject)
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

/* Whether an incremental collector is behind depends on how fast objects are allocated, which
 * nothing tells that does not move. */
static bool pace_told(const struct look *look)
{
    return !look->cpython->is.incremental || target_is_live(look->cpython->target);
}

static struct error *examine(const struct collector_subject *subject, struct fired *fired)
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
            error = collector_frozen(subject, &fired->off);
    }
    bool sampled =
        subject->look->rings.count && !is_off(subject->after) && pace_told(subject->look);
    if (!error && sampled && look_wants(subject->options, "GC001"))
        error = collector_starved(subject, &fired->starved);
    return error;
}

static void add_silence(const struct look *look, const struct look_options *options,
                        const struct fired *fired, bool sampled, struct report *report)
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
    if (sampled && !pace_told(look))
        report_add_not_checked(report, "GC001",
                               "how fast objects are allocated: one instant does not tell");
    else if (sampled)
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
        struct collector_subject subject = {
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
        add_silence(look, options, &fired, sampled, report);
    return error;
}
