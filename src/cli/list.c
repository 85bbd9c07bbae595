#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/failure.h"
#include "cli/output.h"
#include "cli/python_names.h"
#include "cli/verbs.h"
#include "layout/cpython.h"
#include "os/access.h"
#include "os/mapped.h"
#include "os/process.h"
#include "render/table.h"

/* One process that runs CPython, or seems to. */
struct row {
    struct process_facts facts;
    struct cpython_identity identity; /* `found` is false where only names were seen */
    char guess[16];                   /* the version that the names suggest, "" when none */
    bool embedded;
    enum access_cause cause;
    const char *reason; /* of the cause, static; NULL when readable */
};

typedef VECTOR(struct row) row_vector;

static void row_free(struct row *row)
{
    process_facts_free(&row->facts);
    cpython_identity_free(&row->identity);
}

static void rows_free(row_vector *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        row_free(&rows->items[i]);
    vector_free(rows);
}

/* ---- looking --------------------------------------------------------------------------------- */

/* What the names say of a process that may not be read; false: it does not seem to be Python. */
static bool guess(struct row *row, const char *library)
{
    const char *executable = row->facts.executable ? row->facts.executable : "";
    const char *const names[] = {executable, library ? library : "", row->facts.command,
                                 row->facts.comm};
    _cleanup_free_ char *program = strndup(row->facts.command, strcspn(row->facts.command, " "));
    bool python = python_named(executable) || python_named(row->facts.comm) ||
                  (program && python_named(program)) || (library && strstr(library, "libpython"));
    row->embedded = library && !python_named(executable);
    for (size_t i = 0; i < sizeof names / sizeof *names && !row->guess[0]; i++) {
        const char *name = i == 2 && program ? program : names[i];
        python_version_of_name(name, row->guess, sizeof row->guess);
    }
    return python;
}

/* Reads the version out of the process; false: there is no CPython in it. */
static bool identify(struct row *row)
{
    struct target *target = NULL;
    struct error *error = target_open_live(row->facts.pid, &target);
    if (!error)
        error = cpython_identify(target, &row->identity);
    target_close(target);
    if (error) {
        error_free(error);
        row->cause = ACCESS_UNKNOWN;
        row->reason = "unknown";
        return true;
    }
    row->embedded = row->identity.embedded;
    return row->identity.found;
}

/* Fills `row`; *python: whether it belongs into the list. */
static struct error *look(pid_t pid, struct row *row, bool *python)
{
    _cleanup_free_ char *library = NULL;
    *row = (struct row){0};
    *python = false;
    enum mapped mapped = process_maps_word(pid, "python", &library);
    if (mapped == MAPPED_NO)
        return NULL;
    struct process_files *files = process_files_live(pid);
    struct error *error = files ? process_facts_read(files, &row->facts) : error_no_memory();
    process_files_free(files);
    if (error || row->facts.kernel_thread || row->facts.state == 'Z') {
        error_free(error); /* it has just ended */
        return NULL;
    }
    bool named = guess(row, library);
    if (mapped == MAPPED_UNREADABLE && !named)
        return NULL;
    struct access_verdict verdict;
    error = access_examine(pid, &verdict);
    if (error)
        return error;
    row->cause = verdict.cause;
    row->reason = verdict.cause == ACCESS_GRANTED ? NULL : verdict.name;
    *python = verdict.cause == ACCESS_GRANTED ? identify(row) : named;
    access_verdict_free(&verdict);
    return NULL;
}

static struct error *look_at_all(row_vector *rows, size_t *seen)
{
    pid_vector pids;
    struct error *error = process_list(&pids);
    *seen = error ? 0 : pids.count;
    for (size_t i = 0; !error && i < pids.count; i++) {
        struct row row;
        bool python;
        error = look(pids.items[i], &row, &python);
        if (!error && python && !vector_push(rows, row))
            error = error_no_memory();
        if (error || !python)
            row_free(&row);
    }
    if (pids.items)
        vector_free(&pids);
    return error;
}

/* ---- showing --------------------------------------------------------------------------------- */

static json_t *row_json(const struct row *row)
{
    const struct process_facts *facts = &row->facts;
    bool found = row->identity.found;
    json_t *python = found ? json_string(row->identity.version.text) : json_null();
    json_t *guessed = !found && row->guess[0] ? json_string(row->guess) : json_null();
    return json_pack("{s:i, s:o, s:o, s:b, s:b, s:b, s:I, s:f, s:s, s:s?, s:b, s:s?, s:i, s:b}",
                     "pid", (int)facts->pid, "python", python, "python_guess", guessed,
                     "free_threaded", row->identity.free_threaded, "debug_build",
                     row->identity.debug_build, "embedded", row->embedded, "rss_bytes",
                     (json_int_t)facts->rss_bytes, "uptime_ms", facts->uptime_s * 1e3, "command",
                     facts->command, "executable", facts->executable, "readable", !row->reason,
                     "reason", row->reason, "inner_pid", (int)facts->inner_pid,
                     "other_pid_namespace", facts->other_pid_namespace);
}

static struct error *show_json(const struct options *options, const row_vector *rows)
{
    json_t *processes = json_array();
    for (size_t i = 0; processes && i < rows->count; i++)
        json_array_append_new(processes, row_json(&rows->items[i]));
    json_t *object = output_envelope();
    json_object_set_new(object, "processes", processes);
    return output_json(options, object);
}

static void format_version(const struct row *row, char *text, size_t size)
{
    const struct cpython_identity *identity = &row->identity;
    const char *separator = row->embedded ? " in " : "";
    const char *host = row->embedded ? row->facts.comm : "";
    if (identity->found)
        snprintf(text, size, "%s%s%s%s%s", identity->version.text,
                 identity->free_threaded ? "t" : "", identity->debug_build ? " debug" : "",
                 separator, host);
    else
        snprintf(text, size, "%s?%s%s", row->guess, separator, host);
}

enum { COLUMN_PID, COLUMN_VERSION, COLUMN_RSS, COLUMN_UPTIME, COLUMN_READ, COLUMN_COMMAND };
#define COLUMNS           (COLUMN_COMMAND + 1)
#define CELL              128
#define ELLIPSIS          "..."
#define NARROWEST_COMMAND 16

static const struct table_column columns[COLUMNS] = {
    {.title = "PID", .right = true},    {.title = "VERSION"}, {.title = "RSS", .right = true},
    {.title = "UPTIME", .right = true}, {.title = "READ"},    {.title = "COMMAND"},
};

static void format_row(const struct row *row, char cells[COLUMN_COMMAND][CELL])
{
    const struct process_facts *facts = &row->facts;
    if (facts->inner_pid == facts->pid)
        snprintf(cells[COLUMN_PID], CELL, "%d", (int)facts->pid);
    else
        snprintf(cells[COLUMN_PID], CELL, "%d (%d)", (int)facts->pid, (int)facts->inner_pid);
    format_version(row, cells[COLUMN_VERSION], CELL);
    style_bytes(cells[COLUMN_RSS], facts->rss_bytes);
    style_age(cells[COLUMN_UPTIME], facts->uptime_s);
    snprintf(cells[COLUMN_READ], CELL, "%s", row->reason ? access_brief(row->cause) : "yes");
}

/* The columns that remain for the command beside the widest of the other cells. */
static size_t room_for_command(const row_vector *rows, size_t width)
{
    size_t widest[COLUMN_COMMAND], used = 0;
    for (size_t column = 0; column < COLUMN_COMMAND; column++)
        widest[column] = strlen(columns[column].title);
    for (size_t i = 0; i < rows->count; i++) {
        char cells[COLUMN_COMMAND][CELL];
        format_row(&rows->items[i], cells);
        for (size_t column = 0; column < COLUMN_COMMAND; column++) {
            size_t length = style_columns(cells[column]);
            widest[column] = length > widest[column] ? length : widest[column];
        }
    }
    for (size_t column = 0; column < COLUMN_COMMAND; column++)
        used += widest[column] + 2;
    return width > used + NARROWEST_COMMAND ? width - used : NARROWEST_COMMAND;
}

/*
 * A command that is too long loses the directory of its program, then its end: its start says what
 * it is, where a table would keep the end.
 */
static void add_command(struct table *table, const char *command, size_t room)
{
    _cleanup_free_ char *text = strdup(command);
    if (text && room && style_columns(text) > room) {
        const char *slash = memrchr(text, '/', strcspn(text, " "));
        if (slash)
            memmove(text, slash + 1, strlen(slash));
    }
    if (text && room && style_columns(text) > room) {
        char *end = text;
        for (size_t column = 0; column < room - strlen(ELLIPSIS); column++)
            do
                end++;
            while ((*end & 0xc0) == 0x80);
        strcpy(end, ELLIPSIS);
    }
    table_add(table, text);
}

static void print_totals(const struct options *options, const row_vector *rows)
{
    size_t readable = 0, nested = 0;
    for (size_t i = 0; i < rows->count; i++) {
        readable += !rows->items[i].reason;
        nested += rows->items[i].facts.inner_pid != rows->items[i].facts.pid;
    }
    char all[STYLE_NUMBER], some[STYLE_NUMBER];
    fprintf(options->out, "%s Python process%s, %s readable\n",
            style_count(all, (int64_t)rows->count), rows->count == 1 ? "" : "es",
            style_count(some, (int64_t)readable));
    if (nested && !options->quiet)
        fprintf(stderr, "(in parentheses: the pid inside of the process's own pid namespace)\n");
    if (readable < rows->count && !options->quiet)
        fprintf(stderr, "why one may not be read: steth access PID\n");
}

static void show_text(const struct options *options, const row_vector *rows)
{
    struct text_style style = output_style(options);
    struct table table = {.columns = columns, .column_count = COLUMNS};
    size_t room = options->width ? room_for_command(rows, options->width) : 0;
    for (size_t i = 0; i < rows->count; i++) {
        char cells[COLUMN_COMMAND][CELL];
        format_row(&rows->items[i], cells);
        for (size_t column = 0; column < COLUMN_COMMAND; column++)
            table_add(&table, cells[column]);
        add_command(&table, rows->items[i].facts.command, room);
    }
    table_print(options->out, &style, &table);
    table_free(&table);
    print_totals(options, rows);
}

static void print_none(size_t seen)
{
    char number[STYLE_NUMBER];
    fprintf(stderr, "steth: none of the %s processes here runs CPython\n",
            style_count(number, (int64_t)seen));
}

int verb_list(const struct options *options)
{
    row_vector rows = {0};
    size_t seen;
    struct error *error = look_at_all(&rows, &seen);
    if (!error && options->json)
        error = show_json(options, &rows);
    else if (!error && rows.count)
        show_text(options, &rows);
    else if (!error)
        print_none(seen);
    rows_free(&rows);
    return error ? report_error(options, error) : EXIT_LOOKED;
}
