/* Garbage that waits for a collection: GC001, and what gc.freeze() has set apart. */
#include "analysis/collector_pace.h"
#include "analysis/collector_subject.h"
#include "analysis/garbage.h"
#include "base/text.h"

/* ---- policy: when a measured number is a finding --------------------------------------------- */

/* A full collection that needs more allocations than this does not come soon. */
#define ALLOCATIONS_FAR 10000000.0
/* Less garbage than this is not worth a finding, and fewer proved objects of a sample say nothing
 * about the rest. */
static const struct garbage_least least_garbage = {.proved = 5, .objects = 1000};
/* An incremental collector has no full collection to wait for: only much garbage is a finding. */
static const struct garbage_least least_incremental = {.proved = 5, .objects = 1000, .share = 0.2};

#define RINGS_COLLECTED ((1u << COLLECTOR_GENERATIONS) - 1)

/* ---- GC001 ----------------------------------------------------------------------------------- */

/* Why a collection of `generation` does not come soon; NULL when it does. The caller frees. */
static char *starvation(const struct collector_subject *subject, unsigned generation)
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

static void report_garbage(const struct collector_subject *subject, const char *where,
                           const char *cause, const struct garbage_estimate *estimate)
{
    struct finding *finding = collector_finding(subject, "GC001", "starved");
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

static struct error *sample_and_report(const struct collector_subject *subject, unsigned rings,
                                       const struct garbage_least *least, const char *where,
                                       const char *cause, bool *found)
{
    struct garbage_estimate estimate;
    struct error *error = garbage_sample(subject->look, rings, least, &estimate);
    *found = estimate.is_much;
    if (*found)
        report_garbage(subject, where, cause, &estimate);
    free(estimate.type);
    return error;
}

/* The generations that no collection comes for, the oldest first. */
struct error *collector_starved(const struct collector_subject *subject, bool *found)
{
    static const char *const places[COLLECTOR_GENERATIONS] = {"in generation 0", "in generation 1",
                                                              "in the oldest generation"};
    struct error *error = NULL;
    if (subject->look->cpython->is.incremental &&
        incremental_pass_comes_soon(subject->look, subject->interpreter))
        return NULL;
    if (subject->look->cpython->is.incremental)
        return sample_and_report(subject, RINGS_COLLECTED, &least_incremental, "in all spaces",
                                 "the incremental collector looks at old objects only while "
                                 "young ones are made",
                                 found);
    for (unsigned generation = COLLECTOR_GENERATIONS; generation-- > 0 && !*found && !error;) {
        char *cause = starvation(subject, generation);
        if (cause && !collection_comes_soon(subject->look, subject->interpreter, generation))
            error = sample_and_report(subject, 1u << generation, &least_garbage, places[generation],
                                      cause, found);
        free(cause);
    }
    return error;
}

/* ---- GC002 ----------------------------------------------------------------------------------- */

/* gc.freeze() sets objects apart for good; garbage among them is never collected. */
struct error *collector_frozen(const struct collector_subject *subject, bool *found)
{
    const struct rings *rings = &subject->look->rings.items[subject->interpreter];
    struct garbage_estimate estimate = {0};
    struct error *error = NULL;
    if (rings->counts[RING_PERMANENT] < PENDING_MIN)
        return NULL;
    error = garbage_sample(subject->look, 1u << RING_PERMANENT, &least_garbage, &estimate);
    if (estimate.is_much) {
        struct finding *finding = collector_finding(subject, "GC002", "frozen");
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
