#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/failure.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "os/access.h"
#include "os/process.h"

static json_t *self_json(const struct access_self *self)
{
    json_t *yama = self->yama < 0 ? json_null() : json_integer(self->yama);
    json_t *read_error =
        self->own_read_error ? json_string(strerror(self->own_read_error)) : json_null();
    return json_pack("{s:i, s:i, s:b, s:s, s:o, s:s, s:i, s:o, s:b, s:b, s:b, s:s?}", "uid",
                     (int)self->uid, "effective_uid", (int)self->effective_uid, "cap_sys_ptrace",
                     self->trace_capability, "capabilities", self->capabilities, "yama", yama,
                     "yama_meaning", self->yama_meaning, "seccomp", self->seccomp, "own_read_error",
                     read_error, "no_new_privileges", self->no_new_privileges, "in_container",
                     self->in_container, "in_user_namespace", self->in_user_namespace, "label",
                     self->label);
}

static const char *seccomp_meaning(const struct access_self *self)
{
    if (self->own_read_error)
        return "forbids process_vm_readv";
    return self->seccomp > 0 ? "on, lets process_vm_readv through" : "off";
}

/* What it comes to, for a process in the same namespaces without special marks. */
static const char *conclusion(const struct access_self *self)
{
    if (self->own_read_error)
        return "nothing: process_vm_readv fails even on steth itself";
    if (self->yama == 3)
        return "nothing: Yama forbids it until the next boot";
    if (self->trace_capability)
        return "every process of this user namespace";
    if (self->yama == 2)
        return "nothing: Yama wants CAP_SYS_PTRACE";
    return self->yama == 1 ? "its own descendants" : "the processes of its own user";
}

static void put_row(const struct options *options, const char *name, const char *value)
{
    struct text_style style = output_style(options);
    char head[24];
    snprintf(head, sizeof head, "%-18s", name);
    struct paragraph row = {.margin = "", .head = head, .text = value, .indent = 18};
    style_paragraph(options->out, &style, &row);
}

static void print_self(const struct options *options, const struct access_self *self)
{
    char line[256];
    put_row(options, "steth may read", conclusion(self));
    snprintf(line, sizeof line, "%u (effective %u)", (unsigned)self->uid,
             (unsigned)self->effective_uid);
    put_row(options, "uid", line);
    put_row(options, "CAP_SYS_PTRACE", self->trace_capability ? "yes" : "no");
    if (options->verbose)
        put_row(options, "capabilities", self->capabilities);
    if (self->yama < 0)
        snprintf(line, sizeof line, "not active");
    else
        snprintf(line, sizeof line, "ptrace_scope %d: %s", self->yama, self->yama_meaning);
    put_row(options, "Yama", line);
    put_row(options, "seccomp", seccomp_meaning(self));
    if (self->label)
        put_row(options, "security label", self->label);
    if (self->in_container)
        put_row(options, "container", "yes");
    if (self->in_user_namespace)
        put_row(options, "user namespace", "not the machine's first: capabilities end at its edge");
    if (self->no_new_privileges)
        put_row(options, "no_new_privs", "set: sudo and file capabilities have no effect");
}

static int access_of_self(const struct options *options)
{
    struct access_self self;
    struct error *error = access_self_read(&self);
    if (error)
        return report_error(options, error);
    if (options->json) {
        json_t *object = output_envelope();
        json_object_set_new(object, "self", self_json(&self));
        error = output_json(options, object);
    } else {
        print_self(options, &self);
    }
    access_self_free(&self);
    return error ? report_error(options, error) : EXIT_LOOKED;
}

static void print_verdict(const struct options *options, const struct access_verdict *verdict)
{
    struct text_style style = output_style(options);
    bool granted = verdict->cause == ACCESS_GRANTED;
    _cleanup_free_ char *head = NULL;
    if (asprintf(&head, granted ? "%s: " : "no[%s]: ", granted ? "yes" : verdict->name) < 0)
        return;
    struct paragraph sentence = {.margin = "",
                                 .head = head,
                                 .head_hue = granted ? HUE_OK : HUE_ERROR,
                                 .text = verdict->sentence,
                                 .indent = 4};
    style_paragraph(options->out, &style, &sentence);
    for (size_t i = 0; i < verdict->remedies.count; i++) {
        struct paragraph remedy = {.margin = "  ",
                                   .head = i ? "  or: " : "hint: ",
                                   .head_hue = HUE_BOLD,
                                   .text = verdict->remedies.items[i],
                                   .indent = 6};
        style_paragraph(options->out, &style, &remedy);
    }
}

/* The verdict is the result here: it goes to stdout whatever it says. */
static int access_of_process(const struct options *options, pid_t pid)
{
    struct access_verdict verdict;
    struct error *error = access_examine(pid, &verdict);
    if (error)
        return report_error(options, error);
    if (options->json) {
        json_t *object = output_envelope();
        json_object_set_new(object, "access", access_json(pid, &verdict));
        error = output_json(options, object);
    } else {
        print_verdict(options, &verdict);
    }
    struct error *refusal = access_error(&verdict);
    int status = refusal ? (int)refusal->code : EXIT_LOOKED;
    error_free(refusal);
    access_verdict_free(&verdict);
    return error ? report_error(options, error) : status;
}

static struct error *parse_pid(const char *word, pid_t *pid)
{
    if (process_parse_pid(word, pid))
        return NULL;
    if (access(word, F_OK) == 0)
        return error_hint(
            error_new(ERROR_USAGE, "'%s' is a file: access is a question about a process", word),
            "give the pid of a running process; steth alone lists them");
    return error_hint(error_new(ERROR_USAGE, "'%s' is not a pid", word),
                      "steth alone lists the Python processes and their pids");
}

int verb_access(const struct options *options)
{
    if (!options->words.count)
        return access_of_self(options);
    pid_t pid;
    struct error *error = parse_pid(options->words.items[0], &pid);
    return error ? report_error(options, error) : access_of_process(options, pid);
}
