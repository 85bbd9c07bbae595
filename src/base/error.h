/*
 * base: the few things every room needs and no room owns. It knows nothing of processes or Python
 * and includes no other room.
 *
 * error.h: errors are values. A fallible function returns `struct error *`, NULL on success. The
 * caller owns a returned error and releases it with error_free() (or _cleanup_error_).
 */
#ifndef STETH_BASE_ERROR_H
#define STETH_BASE_ERROR_H

/* The codes are the exit statuses of the command line (docs: steth explain exit-status). */
enum error_code {
    ERROR_USAGE = 2,       /* the caller asked for something that makes no sense */
    ERROR_PERMISSION = 3,  /* the system refuses to let us look */
    ERROR_CANNOT_LOOK = 4, /* no such process, not CPython, unsupported build, no memory */
    ERROR_INTERNAL = 70,   /* a defect in steth, or stdout does not take the results */
};

struct error {
    enum error_code code;
    char *message; /* one sentence for the person, without a full stop or a newline */
    char *hint;    /* what to do next, or NULL */
};

/* Never returns NULL: when memory is exhausted it returns a static error that error_free ignores.
 */
struct error *error_new(enum error_code code, const char *format, ...)
    __attribute__((format(printf, 2, 3), returns_nonnull));

/* Sets the hint of `error` and returns it, so that `return error_hint(error_new(…), …)` reads well.
 */
struct error *error_hint(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

struct error *error_no_memory(void) __attribute__((returns_nonnull));

void error_free(struct error *error);

#endif
