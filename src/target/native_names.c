/* Names for the frames of stacks: all addresses of a file are looked up together. */
#include "target/native_internal.h"

#include <string.h>

#include "base/cleanup.h"

/* The interpreter's loop; compilers split it ("….cold"), and some builds chain one function an
 * instruction instead (Python/ceval.c, 3.14 and later). */
static bool is_evaluator(const char *function)
{
    static const char name[] = "_PyEval_EvalFrameDefault", tail[] = "_TAIL_CALL_";
    size_t length = sizeof name - 1;
    return (strncmp(function, name, length) == 0 &&
            (function[length] == '\0' || function[length] == '.')) ||
           strncmp(function, tail, sizeof tail - 1) == 0;
}

typedef VECTOR(struct native_frame *) frame_pointers;

/* Where its code lies: a call may be a function's last instruction. */
static uint64_t code_address(const struct native_frame *frame)
{
    return frame->program_counter - frame->called;
}

static bool frames_of(const struct native_module *module, struct native_stack *stacks, size_t count,
                      frame_pointers *frames)
{
    frames->count = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < stacks[i].frames.count; k++) {
            struct native_frame *frame = &stacks[i].frames.items[k];
            if (frame->library == module->file->path && !vector_push(frames, frame))
                return false;
        }
    }
    return true;
}

static bool name_frame(const struct native_module *module, struct native_frame *frame)
{
    struct native_symbol symbol = native_module_symbol(module, code_address(frame));
    if (!symbol.name)
        return true;
    frame->function = strdup(symbol.name);
    frame->offset = symbol.offset + frame->called;
    frame->evaluates |= is_evaluator(symbol.name);
    return frame->function;
}

static bool name_frames(struct target *target, struct native_module *module,
                        const frame_pointers *frames)
{
    _cleanup_free_ uint64_t *addresses = calloc(frames->count + 1, sizeof *addresses);
    for (size_t i = 0; addresses && i < frames->count; i++)
        addresses[i] = code_address(frames->items[i]);
    bool ok = addresses && native_module_resolve(target, module, addresses, frames->count);
    for (size_t i = 0; i < frames->count && ok; i++)
        ok = name_frame(module, frames->items[i]);
    return ok;
}

struct error *native_stacks_name(struct native_unwinder *unwinder, struct native_stack *stacks,
                                 size_t count)
{
    frame_pointers frames = {0};
    bool ok = true;
    for (size_t i = 0; i < unwinder->files.count && ok; i++) {
        struct native_module *module = &unwinder->modules[i];
        ok = frames_of(module, stacks, count, &frames) &&
             (!frames.count || name_frames(unwinder->target, module, &frames));
    }
    vector_free(&frames);
    return ok ? NULL : error_no_memory();
}
