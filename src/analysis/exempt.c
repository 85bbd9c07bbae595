#include "analysis/exempt.h"

#include <stddef.h>
#include <string.h>

#define WARNED      "warnings.WarningMessage"
#define WARNED_KEPT "closed by its built-in finalizer, kept by a recorded ResourceWarning"
#define LOOP_KEPT   "reported to the loop's exception handler, which keeps the context it was given"

/* Verified on 3.8-3.15: rules/RES001.md says for each how it comes about and how long it lasts. */
static const struct exemption exemptions[] = {
    {"generator", NULL, NULL, "its frame was closed; kept by an unraisable hook or a traceback"},
    {"coroutine", NULL, NULL,
     "never awaited or destroyed while pending; kept by the warning or "
     "report that says so"},
    {"async_generator", NULL, NULL, "being closed by its event loop (asyncgen hooks)"},
    {"async_generator_asend", NULL, NULL, "part of an async generator that is being closed"},
    {"async_generator_athrow", NULL, NULL, "part of an async generator that is being closed"},
    {"_asyncio.Task", NULL, NULL, LOOP_KEPT},
    {"_asyncio.Future", NULL, NULL, LOOP_KEPT},
    {"asyncio.tasks.Task", NULL, NULL, LOOP_KEPT},
    {"asyncio.futures.Future", NULL, NULL, LOOP_KEPT},
    {"subprocess.Popen", "subprocess._active", NULL,
     "its child still runs; subprocess._active keeps it by design until it is reaped"},
    {"_io._IOBase", NULL, WARNED, WARNED_KEPT},
    {"_io.FileIO", NULL, WARNED, WARNED_KEPT},
    {"_socket.socket", NULL, WARNED, WARNED_KEPT},
    {"posix.ScandirIterator", NULL, WARNED, WARNED_KEPT},
};

const struct exemption *exemption_of(const char *provider)
{
    for (size_t i = 0; i < sizeof exemptions / sizeof *exemptions; i++)
        if (strcmp(exemptions[i].provider, provider) == 0)
            return &exemptions[i];
    return NULL;
}
