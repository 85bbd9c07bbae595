#include "os/signals.h"

#include "os/status.h"

uint64_t process_caught_signals(const struct process_files *files)
{
    struct process_status status;
    return process_status_of(files, "status", &status) ? status.signals_caught : 0;
}
