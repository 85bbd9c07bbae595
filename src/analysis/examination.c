#include "analysis/examination.h"

#include <string.h>

#include "analysis/collector.h"
#include "analysis/descriptors.h"
#include "analysis/heap.h"
#include "analysis/limits.h"
#include "analysis/live_classes.h"
#include "analysis/loops.h"
#include "analysis/threads.h"
#include "analysis/zombies.h"
#include "base/clock.h"
#include "os/process.h"
#include "runtime/consistent.h"

static struct error *describe_process(const struct target *target, struct target_section *section)
{
    struct process_facts facts = {0};
    struct error *error = process_facts_read(target_files(target), &facts);
    if (error)
        return error;
    section->command = facts.command ? strdup(facts.command) : NULL;
    section->executable = facts.executable ? strdup(facts.executable) : NULL;
    section->rss_bytes = facts.rss_bytes;
    section->uptime_s = facts.uptime_s;
    process_facts_free(&facts);
    return NULL;
}

static void describe_look(const struct look *look, struct target_section *section)
{
    const struct cpython *cpython = look->cpython;
    section->kind = target_kind(cpython->target);
    if (!target_is_live(cpython->target))
        section->file = strdup(target_name(cpython->target));
    section->pid = target_pid(cpython->target);
    section->python = strdup(cpython->version.text);
    section->free_threaded = cpython->free_threaded;
    section->debug_build = cpython->debug_build;
    section->layout = cpython->table ? strdup(cpython->table) : NULL;
    section->paused_ms = look->paused_ms;
    const struct census *census = look->census ? look->census : look->index;
    section->objects = census ? census->objects : 0;
    section->read_bytes = target_bytes_read(cpython->target);
    section->torn_reads = look->confirmation.torn_reads + (census ? census->cost.faults : 0);
}

struct error *examine_target(struct target *target, const struct look_options *options,
                             unsigned parts, struct report *report)
{
    struct look *look;
    double begin = monotonic_milliseconds();
    struct error *error =
        look_take(target, options, parts & (EXAMINE_ZOMBIES | EXAMINE_COLLECTOR), &look);
    if (error)
        return error;
    error = look_observe(look, options, parts & EXAMINE_LOOPS);
    if (!error && (parts & EXAMINE_ZOMBIES))
        error = zombies_report(look, options, report);
    if (!error && (parts & EXAMINE_COLLECTOR))
        error = collector_report(look, options, report);
    if (!error && (parts & EXAMINE_LOOPS))
        error = loops_report(look, options, report);
    if (!error && (parts & EXAMINE_THREADS))
        error = threads_report(look, options, report);
    if (!error && (parts & EXAMINE_CLASSES))
        error = live_classes_report(look, options, report);
    if (!error && (parts & EXAMINE_HEAP))
        error = heap_report(look, options, report);
    if (!error && (parts & EXAMINE_DESCRIPTORS))
        error = descriptors_report(target, report);
    if (!error)
        report_limits(look, options, parts, report);
    if (!error && look->snapshot)
        error = consistent_check(look->snapshot);
    if (!error)
        error = describe_process(target, &report->target);
    if (!error)
        describe_look(look, &report->target);
    report->target.read_ms = monotonic_milliseconds() - begin - options->seconds * 1e3;
    look_free(look);
    if (target_alive(target))
        return error;
    error_free(error);
    return error_new(ERROR_CANNOT_LOOK, "process %d exited while it was being read",
                     (int)target_pid(target));
}
