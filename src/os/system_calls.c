#include "os/system_calls.h"

#include "os/thread_state.h"

const char *system_call_name(int64_t number)
{
    for (size_t i = 0; i < system_call_count; i++)
        if (system_calls[i].number == number)
            return system_calls[i].name;
    return NULL;
}
