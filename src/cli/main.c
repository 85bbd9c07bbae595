/* steth: a stethoscope for CPython. */
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/failure.h"
#include "cli/output.h"
#include "cli/verbs.h"

static int print_version(const struct options *options)
{
    if (!options->json) {
        fprintf(options->out, "steth %s\n", STETH_VERSION);
        return EXIT_LOOKED;
    }
    struct error *error = output_json(options, output_envelope());
    return error ? report_error(options, error) : EXIT_LOOKED;
}

static int run(const struct options *options)
{
    if (options->given & OPTION_BIT(OPTION_HELP)) {
        verb_print_help(options->out, options->verb);
        return EXIT_LOOKED;
    }
    if (options->given & OPTION_BIT(OPTION_VERSION))
        return print_version(options);
    return options->verb->run(options);
}

static int run_with_output(struct options *options)
{
    struct output output;
    struct error *error = output_begin(&output, options);
    if (error) {
        output_abandon(&output, options);
        return report_error(options, error);
    }
    int status = run(options);
    error = output_finish(&output, options, status == EXIT_LOOKED || status == EXIT_FINDINGS);
    return error ? report_error(options, error) : status;
}

/* A standard stream that came in closed stays as good as closed: a file that got its number would
 * be written to in its place. */
static void hold_closed_streams(void)
{
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
        if (fcntl(stream, F_GETFD) < 0)
            (void)!open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv)
{
    hold_closed_streams();
    /* A reader that goes away ends steth silently, even where SIGPIPE came in ignored. */
    signal(SIGPIPE, SIG_DFL);
    /* Arrays for whole heaps go back to the system when they are freed. By default the limit grows
     * with them, and up to 32 MiB each stays. */
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    /* A small look need not ask for the same memory twice. */
    mallopt(M_TRIM_THRESHOLD, 4 << 20);
    struct options options;
    struct error *error = options_parse(argc, argv, &options);
    int status = error ? report_error(&options, error) : run_with_output(&options);
    options_free(&options);
    return status;
}
