#include "cli/python_names.h"

#include <string.h>

bool python_named(const char *name)
{
    /* Programs that rename themselves with setproctitle, or that embed the interpreter. */
    static const char *const known[] = {"python", "ipython", "gunicorn", "celery", "uwsgi"};
    const char *slash = strrchr(name, '/');
    const char *base = slash ? slash + 1 : name;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strncmp(base, known[i], strlen(known[i])) == 0)
            return true;
    }
    return false;
}

void python_version_of_name(const char *name, char *version, size_t size)
{
    const char *slash = strrchr(name, '/');
    const char *at = strstr(slash ? slash : name, "python");
    size_t length = at ? strspn(at + strlen("python"), "0123456789.") : 0;
    const char *digits = at ? at + strlen("python") : name;
    while (length && digits[length - 1] == '.')
        length--;
    if (length >= size)
        length = size - 1;
    memcpy(version, digits, length);
    version[length] = '\0';
}
