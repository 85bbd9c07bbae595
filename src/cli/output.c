#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/verbs.h"
#include "render/json.h"

#define NARROWEST_TERMINAL 40
#define ORDINARY_TERMINAL  80

static unsigned terminal_width(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return ORDINARY_TERMINAL;
    return size.ws_col < NARROWEST_TERMINAL ? NARROWEST_TERMINAL : size.ws_col;
}

static bool wants_color(const struct options *options, bool terminal)
{
    if (options->color != COLOR_AUTO)
        return options->color == COLOR_ALWAYS;
    const char *no_color = getenv("NO_COLOR"), *kind = getenv("TERM");
    return terminal && !(no_color && *no_color) && kind && strcmp(kind, "dumb") != 0;
}

struct error *output_cannot_write(const char *path, int number)
{
    return error_hint(error_new(ERROR_USAGE, "cannot write %s: %s", path, strerror(number)),
                      "choose another file for -o");
}

char *output_resolve(const char *path)
{
    char *real = realpath(path, NULL);
    return real ? real : strdup(path);
}

static struct error *check_writable(const char *path)
{
    struct stat facts;
    if (stat(path, &facts) == 0 && !S_ISREG(facts.st_mode))
        return S_ISDIR(facts.st_mode) ? output_cannot_write(path, EISDIR) : NULL;
    _cleanup_free_ char *copy = strdup(path);
    if (!copy)
        return error_no_memory();
    return access(dirname(copy), W_OK | X_OK) == 0 ? NULL : output_cannot_write(path, errno);
}

struct error *output_begin(struct output *output, struct options *options)
{
    *output = (struct output){0};
    bool terminal = !options->output_path && isatty(STDOUT_FILENO);
    options->out = stdout;
    options->colored = wants_color(options, terminal);
    options->width = terminal ? terminal_width() : 0;
    if (!options->output_path || (options->verb && options->verb->writes_file))
        return NULL;
    output->path = output_resolve(options->output_path);
    if (!output->path)
        return error_no_memory();
    struct error *error = check_writable(output->path);
    if (error)
        return error;
    FILE *out = open_memstream(&output->bytes, &output->size);
    if (!out)
        return error_no_memory();
    options->out = out;
    return NULL;
}

static bool write_all(int file, const char *bytes, size_t size)
{
    while (size) {
        ssize_t written = write(file, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes += written;
        size -= (size_t)written;
    }
    return true;
}

/* What an ordinary creation would give, or what the file has. */
static mode_t mode_for(const char *path)
{
    struct stat facts;
    if (stat(path, &facts) == 0)
        return facts.st_mode & 07777;
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

static struct error *replace_file(const struct output *output)
{
    char temporary[PATH_MAX];
    if (snprintf(temporary, sizeof temporary, "%s.XXXXXX", output->path) >= (int)sizeof temporary)
        return output_cannot_write(output->path, ENAMETOOLONG);
    int file = mkostemp(temporary, O_CLOEXEC);
    if (file < 0)
        return output_cannot_write(output->path, errno);
    bool written =
        write_all(file, output->bytes, output->size) && fchmod(file, mode_for(output->path)) == 0;
    int number = errno;
    if (close(file) != 0 && written) {
        written = false;
        number = errno;
    }
    if (written && rename(temporary, output->path) == 0)
        return NULL;
    number = written ? errno : number;
    unlink(temporary);
    return output_cannot_write(output->path, number);
}

/* A terminal, a pipe, /dev/null: there is nothing to replace. */
static struct error *write_through(const struct output *output)
{
    _cleanup_close_ int file = open(output->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (file >= 0 && write_all(file, output->bytes, output->size))
        return NULL;
    return output_cannot_write(output->path, errno);
}

static struct error *finish_stdout(void)
{
    errno = 0;
    bool failed = fflush(stdout) != 0 || ferror(stdout);
    if (!failed || errno == EPIPE)
        return NULL;
    return error_new(ERROR_INTERNAL, "cannot write the results: %s",
                     errno ? strerror(errno) : "an earlier write failed");
}

void output_retract(const struct options *options)
{
    if (options->out && options->out != stdout)
        rewind(options->out); /* a memory stream ends where its position is */
}

struct error *output_finish(struct output *output, struct options *options, bool succeeded)
{
    if (!output->path)
        return finish_stdout();
    bool failed = ferror(options->out);
    failed |= fclose(options->out) != 0;
    options->out = stdout;
    struct error *error;
    struct stat facts;
    if (!succeeded && !output->size)
        error = NULL;
    else if (failed)
        error = error_no_memory();
    else if (stat(output->path, &facts) == 0 && !S_ISREG(facts.st_mode))
        error = write_through(output);
    else
        error = replace_file(output);
    output_abandon(output, options);
    return error;
}

void output_abandon(struct output *output, struct options *options)
{
    if (options->out && options->out != stdout)
        fclose(options->out);
    options->out = stdout;
    free(output->bytes);
    free(output->path);
    *output = (struct output){0};
}

struct text_style output_style(const struct options *options)
{
    return (struct text_style){
        .color = options->colored,
        .width = (int)options->width,
        .quiet = options->quiet,
        .verbose = options->verbose > 0,
        .limit = options->limit,
    };
}

json_t *output_envelope(void)
{
    return json_pack("{s:s, s:{s:s, s:s}}", "schema", "steth/1", "tool", "name", "steth", "version",
                     STETH_VERSION);
}

struct error *output_json(const struct options *options, json_t *object)
{
    if (!object)
        return error_no_memory();
    int failed = json_dumpf(object, options->out, RENDER_JSON_FLAGS);
    json_decref(object);
    /* A failed write stays in the stream and is reported by output_finish. */
    if (failed && !ferror(options->out))
        return error_no_memory();
    fputc('\n', options->out);
    return NULL;
}
