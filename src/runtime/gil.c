#include "runtime/locks.h"

#include "runtime/internal.h"
#include "runtime/parked.h"

/* Inline in the runtime up to 3.11, behind a pointer of each interpreter from 3.12 on. */
static uint64_t gil_address(const struct cpython *cpython, uint64_t interpreter)
{
    uint64_t address = 0;
    if (cpython->at.runtime_gil != LAYOUT_ABSENT)
        return field_of(cpython->runtime, cpython->at.runtime_gil);
    if (cpython->at.interpreter_gil == LAYOUT_ABSENT ||
        !target_read_word(cpython->target, field_of(interpreter, cpython->at.interpreter_gil),
                          &address) ||
        !plausible_link(address))
        return 0;
    return address;
}

bool gil_read(const struct cpython *cpython, uint64_t interpreter, struct gil_view *gil)
{
    const struct layout_offsets *at = &cpython->at;
    uint64_t address = gil_address(cpython, interpreter), holder;
    int32_t locked;
    *gil = (struct gil_view){0};
    if (!address)
        return false;
    struct read_request requests[] = {
        {.address = field_of(address, at->gil_locked), .buffer = &locked, .size = sizeof locked},
        {.address = field_of(address, at->gil_last_holder), .buffer = &holder, .size = 8},
    };
    target_read_batch(cpython->target, requests, 2);
    /* -1: not made yet (Python/ceval_gil.c, 3.8 to 3.15) */
    if (!requests[0].ok || !requests[1].ok || locked < 0 || locked > 1)
        return false;
    gil->known = true;
    gil->locked = locked == 1 && plausible_link(holder);
    gil->holder = gil->locked ? holder : 0;
    gil->wait_from = field_of(address, at->gil_condition);
    gil->wait_to = field_of(gil->wait_from, at->size_of_gil_condition);
    gil->mutex_from = field_of(address, at->gil_mutex);
    gil->mutex_to = field_of(gil->mutex_from, at->size_of_gil_mutex);
    return true;
}

bool gil_waits(const struct gil_view *gil, const struct thread_state *state)
{
    uint64_t futex;
    if (!gil->known || !parked_futex(state, &futex))
        return false;
    return (futex >= gil->wait_from && futex < gil->wait_to) ||
           (futex >= gil->mutex_from && futex < gil->mutex_to);
}
