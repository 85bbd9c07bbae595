#include "base/error.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/text.h"

static struct error no_memory = {
    .code = ERROR_CANNOT_LOOK, /* no fault of steth's own */
    .message = (char *)"out of memory",
};

struct error *error_no_memory(void)
{
    return &no_memory;
}

struct error *error_new(enum error_code code, const char *format, ...)
{
    struct error *error = calloc(1, sizeof *error);
    if (!error)
        return &no_memory;
    va_list arguments;
    va_start(arguments, format);
    error->code = code;
    error->message = text_format_list(format, arguments);
    va_end(arguments);
    if (!error->message) {
        free(error);
        return &no_memory;
    }
    return error;
}

struct error *error_hint(struct error *error, const char *format, ...)
{
    if (error == &no_memory)
        return error;
    va_list arguments;
    va_start(arguments, format);
    free(error->hint);
    error->hint = text_format_list(format, arguments);
    va_end(arguments);
    return error;
}

void error_free(struct error *error)
{
    if (!error || error == &no_memory)
        return;
    free(error->message);
    free(error->hint);
    free(error);
}
