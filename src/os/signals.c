#include "os/signals.h"

#include "os/status.h"

uint64_t process_caught_signals(pid_t pid)
{
    struct process_status status;
    return process_status_read("", pid, &status) ? status.signals_caught : 0;
}
