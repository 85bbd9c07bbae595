/* steth demo: starts a small sick program and examines it. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cli/demos.h"
#include "cli/examine.h"
#include "cli/failure.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "render/text.h"

#define READY_SECONDS 30
#define POLL_MS       100

#define EXIT_INTERRUPTED (128 + SIGINT) /* where the signal is ignored */

/* A running demo. */
struct patient {
    char directory[32];
    char *program; /* its file, in the directory */
    pid_t pid;     /* 0: not started */
};

static struct error *print_demos(const struct options *options)
{
    if (options->json) {
        json_t *list = json_array(), *object = output_envelope();
        for (size_t i = 0; i < demo_count; i++)
            json_array_append_new(
                list, json_pack("{s:s, s:s}", "name", demos[i].name, "summary", demos[i].summary));
        json_object_set_new(object, "demos", list);
        return output_json(options, object);
    }
    for (size_t i = 0; i < demo_count; i++)
        fprintf(options->out, "%-10s %s\n", demos[i].name, demos[i].summary);
    return NULL;
}

static const struct demo *find_demo(const char *name)
{
    for (size_t i = 0; i < demo_count; i++)
        if (strcmp(demos[i].name, name) == 0)
            return &demos[i];
    return NULL;
}

static struct error *write_program(struct patient *patient, const struct demo *demo)
{
    strcpy(patient->directory, "/tmp/steth-demo-XXXXXX");
    if (!mkdtemp(patient->directory)) {
        patient->directory[0] = '\0';
        return error_new(ERROR_CANNOT_LOOK, "no directory for the demo's program: %s",
                         strerror(errno));
    }
    patient->program = text_format("%s/%s.py", patient->directory, demo->name);
    if (!patient->program)
        return error_no_memory();
    FILE *file = fopen(patient->program, "we");
    if (!file || fputs(demo->source, file) < 0 || fclose(file))
        return error_new(ERROR_CANNOT_LOOK, "cannot write %s: %s", patient->program,
                         strerror(errno));
    return NULL;
}

/* While a demo runs, Ctrl-C waits until its program and its directory are gone. */
static void hold_signals(sigset_t *before)
{
    sigset_t held;
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    sigaddset(&held, SIGHUP);
    sigprocmask(SIG_BLOCK, &held, before);
}

static bool is_interrupted(void)
{
    sigset_t pending;
    sigpending(&pending);
    return sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM) ||
           sigismember(&pending, SIGHUP);
}

/* In the child: becomes the program; it ends when steth does. */
static void become(const char *python, const struct patient *patient, int output)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0); /* Ctrl-C is for steth, which ends the program itself */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(output, STDOUT_FILENO);
    execlp(python, python, patient->program, (char *)NULL);
    _exit(127);
}

/* Waits until the program has said READY. */
static bool wait_ready(int input)
{
    char line[6];
    size_t length = 0;
    struct pollfd readable = {.fd = input, .events = POLLIN};
    for (int waited = 0; length < 5 && waited < READY_SECONDS * 1000 && !is_interrupted();) {
        if (poll(&readable, 1, POLL_MS) <= 0) {
            waited += POLL_MS;
            continue;
        }
        ssize_t got = read(input, line + length, 5 - length);
        if (got <= 0)
            break;
        length += (size_t)got;
    }
    return length == 5 && memcmp(line, "READY", 5) == 0;
}

static struct error *start(struct patient *patient, const char *python)
{
    int ends[2];
    if (pipe(ends))
        return error_new(ERROR_INTERNAL, "no pipe: %s", strerror(errno));
    _cleanup_close_ int input = ends[0];
    _cleanup_close_ int output = ends[1];
    patient->pid = fork();
    if (patient->pid == 0)
        become(python, patient, output);
    close(output);
    output = -1;
    if (patient->pid < 0 || !wait_ready(input))
        return error_hint(
            error_new(ERROR_CANNOT_LOOK, "the demo's program did not start with '%s'", python),
            "name a CPython 3.8 to 3.15: steth demo --python /usr/bin/python3 zombies");
    return NULL;
}

static void stop(struct patient *patient)
{
    if (patient->pid > 0) {
        kill(patient->pid, SIGKILL);
        waitpid(patient->pid, NULL, 0);
    }
    if (patient->program)
        unlink(patient->program);
    if (patient->directory[0])
        rmdir(patient->directory);
    free(patient->program);
}

/* Examines the running program as `steth check PID` would. */
static int diagnose(const struct options *options, const struct demo *demo,
                    const struct patient *patient, const char *python)
{
    struct options check = *options;
    _cleanup_free_ char *word = text_format("%d", (int)patient->pid);
    const char *words[] = {word};
    if (!word)
        return report_error(options, error_no_memory());
    check.words.items = words;
    check.words.count = 1;
    if (!options->json) {
        fprintf(options->out, "%s\n\n$ %s %s &\n%s\n$ steth check %s\n", demo->summary, python,
                patient->program, demo->source, word);
        fflush(options->out);
    }
    int status = examine_and_render(&check, EXAMINE_ALL, render_text);
    if (!options->json)
        fprintf(options->out,
                "\nThe demo is over and its program has been ended. Yours: steth PID\n");
    /* Findings are what a demo is for. */
    return status == EXIT_FINDINGS ? EXIT_LOOKED : status;
}

int verb_demo(const struct options *options)
{
    if (!options->words.count) {
        struct error *error = print_demos(options);
        return error ? report_error(options, error) : EXIT_LOOKED;
    }
    const struct demo *demo = find_demo(options->words.items[0]);
    if (!demo)
        return report_error(options, error_hint(error_new(ERROR_USAGE, "no demo is called '%s'",
                                                          options->words.items[0]),
                                                "steth demo lists them"));
    const char *python = options->python ? options->python : "python3";
    struct patient patient = {0};
    sigset_t before;
    hold_signals(&before);
    struct error *error = write_program(&patient, demo);
    if (!error)
        error = start(&patient, python);
    int status = EXIT_INTERRUPTED;
    if (is_interrupted())
        error_free(error); /* the signal, let through below, ends steth: that is no failure */
    else
        status = error ? report_error(options, error) : diagnose(options, demo, &patient, python);
    stop(&patient);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return status;
}
