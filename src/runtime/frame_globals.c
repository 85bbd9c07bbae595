#include "runtime/frame_detail.h"

uint64_t frame_globals(const struct cpython *cpython, const struct frame_view *frame)
{
    int32_t place = cpython->is.frames == FRAME_OBJECTS ? cpython->at.frame_object_globals
                                                        : cpython->at.frame_globals;
    uint64_t globals;
    if (place == LAYOUT_ABSENT ||
        !target_read_word(cpython->target, frame->address + (uint64_t)(int64_t)place, &globals) ||
        object_type(cpython, globals) != cpython->dict_type)
        return 0;
    return globals;
}
