/* context_names.c: the names of globals and attributes that code uses. */
#include "analysis/context_names.h"

#include <string.h>

/* Without debug(), mostly switched off, and log(), which loggers themselves are often called. */
static bool is_logging_method(const char *name)
{
    static const char *const methods[] = {"info",  "warning",   "warn",
                                          "error", "exception", "critical"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (strcmp(name, methods[i]) == 0)
            return true;
    return false;
}

bool used_names_read(const struct cpython *cpython, uint64_t code, struct used_names *names)
{
    *names = (struct used_names){.code = code};
    bool ok = code_names_read(cpython, code, &names->items);
    for (size_t i = 0; i < names->items.count; i++) {
        const char *name = names->items.items[i];
        names->gets |= strcmp(name, "get") == 0;
        names->sets |= strcmp(name, "set") == 0 || strcmp(name, "reset") == 0;
        names->logs |= is_logging_method(name);
    }
    return ok;
}

void used_names_free(struct used_names *names)
{
    code_names_free(&names->items);
}
