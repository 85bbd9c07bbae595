/* audit_internal.h: between the files of the audit itself. */
#ifndef STETH_AUDIT_AUDIT_INTERNAL_H
#define STETH_AUDIT_AUDIT_INTERNAL_H

#include "audit/audit.h"
#include "audit/files.h"
#include "audit/resolver.h"
#include "audit/suppress.h"

struct audit {
    const struct audit_options *options;
    struct report *report;
    struct environment environment;
    struct modules modules;
    struct hierarchy *hierarchy;
    struct resolver resolver;
    audited_files files;
    VECTOR(uint32_t) entries; /* module of each file; MODULES_NONE */
    suppression_comments comments;
    uint64_t bytes, lines;
};

/* Reads all files, several at once, with the rules that need no more than one file. */
struct error *audit_read_files(struct audit *audit);
/* Reads what their classes are made with, several at once. */
struct error *audit_read_ahead(struct audit *audit);
/* The folders that the files put on sys.path are searched, too. */
void audit_add_paths(struct audit *audit);
/* All classes of the files, or the one that was asked about. */
struct error *audit_judge_all(struct audit *audit);
struct error *audit_judge_one(struct audit *audit);
/* Whether a class belongs to what was asked about, and is really made; `audit` as context. */
bool audit_is_judged(const void *audit, class_number number);
/* Writes the lock file, or adds what is no longer as it says. */
struct error *audit_lock(struct audit *audit);
/* Parses a class statement and judges it. */
struct error *audit_what_if(struct audit *audit, class_number *number);

#endif
