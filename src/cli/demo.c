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
#include "cli/verbs.h"
#include "render/text.h"

#define READY_SECONDS 30

/* A running demo. */
struct patient {
    char directory[32];
    char *program; /* its file, in the directory */
    pid_t pid;     /* 0: not started */
};

static void print_demos(FILE *out)
{
    for (size_t i = 0; i < demo_count; i++)
        fprintf(out, "%-10s %s\n", demos[i].name, demos[i].summary);
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

/* In the child: becomes the program; it ends when steth does. */
static void become(const char *python, const struct patient *patient, int output)
{
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
    while (length < 5 && poll(&readable, 1, READY_SECONDS * 1000) > 0) {
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
    int status = examine_and_render(&check, EXAMINE_ZOMBIES | EXAMINE_COLLECTOR, render_text);
    /* Findings are what a demo is for. */
    return status == EXIT_FINDINGS ? EXIT_LOOKED : status;
}

int verb_demo(const struct options *options)
{
    if (!options->words.count) {
        print_demos(options->out);
        return EXIT_LOOKED;
    }
    const struct demo *demo = find_demo(options->words.items[0]);
    if (!demo)
        return report_error(options, error_hint(error_new(ERROR_USAGE, "no demo is called '%s'",
                                                          options->words.items[0]),
                                                "steth demo lists them"));
    const char *python = options->python ? options->python : "python3";
    struct patient patient = {0};
    struct error *error = write_program(&patient, demo);
    if (!error)
        error = start(&patient, python);
    int status = error ? report_error(options, error) : diagnose(options, demo, &patient, python);
    stop(&patient);
    return status;
}
