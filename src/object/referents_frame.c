/* The references of frames and of the frames inside generators: variables and value stacks. */
#include "object/referents_internal.h"

#include "base/cleanup.h"

static void tell_variable(struct referents *visit, const struct frame_slots *slots, size_t index,
                          uint64_t referent)
{
    if (!referents_wants(visit, referent))
        return;
    _cleanup_free_ char *name = code_local_name(visit->cpython, slots->code, index);
    referents_tell(visit, &(struct edge){
                              .kind = EDGE_LOCAL,
                              .referent = referent,
                              .label = name,
                              .index = index,
                              .exact = true,
                          });
}

static void tell_slots(struct referents *visit, const struct frame_slots *slots)
{
    struct words words;
    words_begin(&words, visit->cpython, slots->first, slots->live);
    size_t index = 0;
    for (uint64_t word; !visit->stopped && words_next(&words, &word); index++) {
        uint64_t referent = frame_reference(visit->cpython, word);
        if (index < slots->locals)
            tell_variable(visit, slots, index, referent);
        else
            referents_tell(visit, &(struct edge){
                                      .kind = EDGE_STACK,
                                      .referent = referent,
                                      .index = index - (size_t)slots->locals,
                                      .exact = true,
                                  });
    }
    if (words.fault)
        visit->incomplete = true;
}

static void tell_header_field(struct referents *visit, uint64_t frame, int32_t offset,
                              const char *label)
{
    uint64_t referent =
        frame_reference(visit->cpython, field_pointer(visit->cpython, frame, offset));
    if (referent != visit->object)
        referents_tell(visit, &(struct edge){
                                  .kind = EDGE_SLOT,
                                  .referent = referent,
                                  .label = label,
                                  .exact = true,
                              });
}

/* An interpreter frame borrows its globals and builtins from the function. */
static void tell_interpreter_frame(struct referents *visit, uint64_t frame)
{
    const struct layout_offsets *at = &visit->cpython->at;
    if (visit->shape.kind == SHAPE_FRAME)
        tell_header_field(visit, frame, at->frame_code, "f_code");
    tell_header_field(visit, frame, at->frame_function, "<function>");
    tell_header_field(visit, frame, at->frame_locals_dict, "f_locals");
    tell_header_field(visit, frame, at->frame_object, "gi_frame");
    struct frame_slots slots;
    if (frame_slots_read(visit->cpython, frame, &slots))
        tell_slots(visit, &slots);
    else
        visit->incomplete = true;
}

/* Words of a generator that hold no reference and are not always initialised. */
static void explain_generator(struct referents *visit)
{
    const struct layout_offsets *at = &visit->cpython->at;
    const int32_t word = sizeof(uint64_t);
    if (at->generator_frame_state >= 0)
        referents_explain(visit, at->generator_frame_state / word * word);
    else if (at->generator_code == at->generator_frame_object + 2 * word)
        referents_explain(visit, at->generator_frame_object + word); /* gi_running, 3.8 and 3.9 */
    if (visit->shape.type.address == visit->cpython->generator_type)
        referents_explain(visit, at->generator_origin);
}

/* 3.11 has a second reference to the code, that of the frame; without it the one of the frame stays
 * when the generator is finished. */
static void tell_code_of_generator(struct referents *visit)
{
    const struct layout_offsets *at = &visit->cpython->at;
    if (at->generator_frame < 0 ||
        (at->generator_code >= 0 && !frame_inside(visit->cpython, visit->object, &visit->shape)))
        return;
    tell_header_field(visit, visit->object + (uint64_t)at->generator_frame, at->frame_code,
                      "gi_code");
}

void referents_of_frame(struct referents *visit)
{
    const struct cpython *cpython = visit->cpython;
    struct frame_slots slots;
    if (visit->shape.kind != SHAPE_FRAME && visit->shape.kind != SHAPE_GENERATOR)
        return;
    if (visit->shape.kind == SHAPE_GENERATOR) {
        explain_generator(visit);
        tell_code_of_generator(visit);
    }
    if (cpython->at.frame_locals >= 0) {
        uint64_t frame = frame_inside(cpython, visit->object, &visit->shape);
        if (frame)
            tell_interpreter_frame(visit, frame);
    } else if (visit->shape.kind == SHAPE_FRAME) {
        if (frame_object_slots_read(cpython, visit->object, &slots))
            tell_slots(visit, &slots);
        else
            visit->incomplete = true;
    }
}
