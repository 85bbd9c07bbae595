/* The parallel part: each file is read, parsed and scanned by one of several threads. */
#include "audit/audit_internal.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "audit/parallel.h"
#include "audit/rule.h"
#include "audit/scan.h"
#include "audit/tree_memory.h"
#include "base/cleanup.h"
#include "base/text.h"

struct work {
    struct audit *audit;
    bool only_scan; /* no rules: names alone are wanted */
    atomic_size_t next, done;
};

struct worker {
    struct work *work;
    bool reports; /* it calls the progress function */
    struct report report;
    suppression_comments comments;
    uint64_t bytes, lines;
    struct error *error;
};

static struct error *read_rules(struct worker *worker, const struct source *source,
                                const struct module_entry *entry)
{
    const struct audit_options *options = worker->work->audit->options;
    struct rule_file file = {source, entry->path, entry->name};
    struct rule_choice choice = {options->checks, options->context};
    struct error *error = rules_read_file(&file, &choice, &worker->report);
    return error ? error : suppressions_collect(&file, &worker->comments);
}

static void read_one(struct worker *worker, TSParser *parser, struct module_entry *entry)
{
    struct source source;
    bool parsed = source_read_outline(&source, parser, entry->path, !worker->work->only_scan);
    worker->bytes += source.whole_size;
    worker->lines += source.whole_lines;
    if (parsed) {
        scan_module(&source, &worker->work->audit->modules.grammar, &entry->module);
        if (source.has_rules && !worker->error)
            worker->error = read_rules(worker, &source, entry);
    } else if (source.is_empty) {
        source_free(&source);
        return; /* an import may load it still */
    } else {
        entry->module.problem = take_pointer(&source.problem);
    }
    if (entry->module.no_memory && !entry->module.problem)
        entry->module.problem = text_format("there is no memory to read it");
    entry->loaded = true;
    source_free(&source);
}

static void *work_on(void *argument)
{
    struct worker *worker = argument;
    struct work *work = worker->work;
    struct audit *audit = work->audit;
    if (!tree_memory_begin()) {
        worker->error = error_no_memory();
        return NULL;
    }
    for (;;) {
        size_t i = atomic_fetch_add(&work->next, 1);
        if (i >= audit->entries.count)
            break;
        uint32_t number = audit->entries.items[i];
        if (number != MODULES_NONE && !audit->files.items[i].problem &&
            !audit->modules.entries.items[number]->loaded) {
            TSParser *parser = source_parser();
            read_one(worker, parser, audit->modules.entries.items[number]);
            source_parser_free(parser);
            tree_memory_take_back();
        }
        size_t done = atomic_fetch_add(&work->done, 1) + 1;
        if (worker->reports && audit->options->progress)
            audit->options->progress(audit->options->progress_context, done, audit->entries.count);
    }
    tree_memory_end();
    return NULL;
}

static struct error *collect(struct audit *audit, struct worker *worker)
{
    struct report *report = audit->report;
    struct error *error = take_pointer(&worker->error);
    for (size_t i = 0; i < worker->report.findings.count; i++) {
        if (error || !vector_push(&report->findings, worker->report.findings.items[i])) {
            error = error ? error : error_no_memory();
            break;
        }
        worker->report.findings.items[i] = (struct finding){0};
    }
    if (!error)
        error = suppressions_move(&audit->comments, &worker->comments);
    audit->bytes += worker->bytes;
    audit->lines += worker->lines;
    report_free(&worker->report);
    suppressions_free(&worker->comments);
    return error;
}

/* Threads finish in any order; what they found is put into that of the files. */
static int by_place(const void *left, const void *right)
{
    const struct finding *a = left, *b = right;
    int order =
        strcmp(a->location.file ? a->location.file : "", b->location.file ? b->location.file : "");
    if (!order)
        order = (a->location.line > b->location.line) - (a->location.line < b->location.line);
    return order ? order : strcmp(a->rule, b->rule);
}

struct error *audit_read_files(struct audit *audit)
{
    struct work work = {.audit = audit,
                        .only_scan = audit->options->explain || audit->options->what_if};
    struct worker workers[PARALLEL_MOST] = {0};
    unsigned count = parallel_count(audit->entries.count);
    for (unsigned i = 0; i < count; i++)
        workers[i].work = &work;
    workers[0].reports = true;
    parallel_run(work_on, workers, sizeof *workers, count);
    struct error *error = NULL;
    for (unsigned i = 0; i < count; i++) {
        struct error *one = collect(audit, &workers[i]);
        if (error)
            error_free(one);
        else
            error = one;
    }
    if (audit->report->findings.count)
        qsort(audit->report->findings.items, audit->report->findings.count,
              sizeof *audit->report->findings.items, by_place);
    return error;
}
