/* The managers of the with blocks that a frame is inside of. */
#include "runtime/frame_detail.h"

#include "runtime/code_tables.h"

/*
 * A frame may run on while it is read, and its words be others' by then. So every word that leads
 * to a manager is kept, and in the end all of them are read once more in one stroke.
 */
#define WORDS_MAX (3 * WITH_BLOCKS_MAX) /* two slots and a self for each block */
struct look {
    const struct cpython *cpython;
    const struct frame_view *frame;
    struct with_blocks blocks;
    uint64_t managers[WITH_BLOCKS_MAX];
    uint64_t kept[WITH_BLOCKS_MAX]; /* on the stack: the bound __exit__, or the manager itself */
    struct {
        uint64_t address, word;
    } words[WORDS_MAX];
    size_t words_read;
};

static bool word_at(struct look *look, uint64_t address, uint64_t *word)
{
    if (look->words_read == WORDS_MAX || !target_read_word(look->cpython->target, address, word))
        return false;
    look->words[look->words_read].address = address;
    look->words[look->words_read++].word = *word;
    return true;
}

/* ---- from the value stack to the manager ----------------------------------------------------- */

/* METH_METHOD functions have a type of their own, derived from that of the others. */
static bool is_builtin(const struct cpython *cpython, const struct type_view *type)
{
    return type->address == cpython->builtin_type || type->base == cpython->builtin_type;
}

/* What a bound method is bound to, 0 for other callables; false when it is no object at all. */
static bool bound_self(struct look *look, uint64_t callable, uint64_t *self)
{
    const struct cpython *cpython = look->cpython;
    struct type_view type;
    *self = 0;
    if (!plausible_link(callable) || !type_read(cpython, object_type(cpython, callable), &type))
        return false;
    int32_t place = type.address == cpython->method_type ? cpython->at.method_self
                    : is_builtin(cpython, &type)         ? cpython->at.builtin_self
                                                         : LAYOUT_ABSENT;
    return place == LAYOUT_ABSENT || word_at(look, field_of(callable, place), self);
}

static bool is_object(const struct cpython *cpython, uint64_t address)
{
    struct type_view type;
    return plausible_link(address) && type_read(cpython, object_type(cpython, address), &type);
}

/*
 * On top of the words that stay when a block is left lies its __exit__; in two slots together with
 * its self, if it is not bound. 0 for a manager that its __exit__ does not know.
 */
static bool manager_of(struct look *look, uint64_t stack, uint32_t depth, uint64_t *manager,
                       uint64_t *kept)
{
    const struct cpython *cpython = look->cpython;
    uint64_t callable, self = 0;
    uint64_t top = stack + (uint64_t)depth * sizeof self;
    if (cpython->is.exit_in_two_slots) {
        if (depth < 2 || !word_at(look, top -= sizeof self, &self))
            return false;
        *manager = *kept = untagged_reference(cpython, self);
        if (*manager)
            return is_object(cpython, *manager);
    }
    if (depth < 1 || !word_at(look, top - sizeof self, &callable))
        return false;
    *kept = untagged_reference(cpython, callable);
    return bound_self(look, *kept, manager) && (!*manager || is_object(cpython, *manager));
}

static bool find_managers(struct look *look)
{
    const struct cpython *cpython = look->cpython;
    struct code_extent extent;
    if (!code_extent_read(cpython, look->frame->code, &extent))
        return false;
    uint64_t stack = field_of(look->frame->address, frame_locals_place(cpython)) +
                     (uint64_t)extent.locals * sizeof(uint64_t);
    for (size_t i = 0; i < look->blocks.count; i++) {
        uint32_t depth = look->blocks.items[i].depth;
        if (depth > extent.stack ||
            !manager_of(look, stack, depth, &look->managers[i], &look->kept[i]))
            return false;
    }
    return true;
}

/* ---- all of them, at one moment -------------------------------------------------------------- */

static bool same_blocks(const struct with_blocks *left, const struct with_blocks *right)
{
    if (left->count != right->count)
        return false;
    for (size_t i = 0; i < left->count; i++)
        if (left->items[i].handler != right->items[i].handler ||
            left->items[i].depth != right->items[i].depth)
            return false;
    return true;
}

/* Reads all again; false when anything has changed. */
static bool still_same(const struct look *look)
{
    uint64_t words[WORDS_MAX];
    struct read_request requests[1 + WORDS_MAX];
    struct frame_position position;
    struct with_blocks blocks;
    if (!frame_position_request(look->cpython, look->frame, &position, &requests[0]))
        return false;
    for (size_t i = 0; i < look->words_read; i++)
        requests[1 + i] = (struct read_request){
            .address = look->words[i].address, .buffer = &words[i], .size = sizeof words[i]};
    target_read_batch(look->cpython->target, requests, 1 + look->words_read);
    for (size_t i = 0; i < look->words_read; i++)
        if (!requests[1 + i].ok || words[i] != look->words[i].word)
            return false;
    return requests[0].ok && frame_current(look->cpython, look->frame) &&
           with_blocks_find(look->cpython, look->frame->code, &position, &blocks) &&
           same_blocks(&look->blocks, &blocks);
}

static bool look_once(struct look *look)
{
    struct frame_position position;
    struct read_request request;
    look->words_read = 0;
    return frame_position_request(look->cpython, look->frame, &position, &request) &&
           target_read(look->cpython->target, request.address, request.buffer, request.size) &&
           with_blocks_find(look->cpython, look->frame->code, &position, &look->blocks) &&
           find_managers(look) && still_same(look);
}

static bool look_at_blocks(struct look *look)
{
    unsigned attempt = 0;
    while (!look_once(look))
        if (++attempt == CHAIN_ATTEMPTS || !frame_current(look->cpython, look->frame))
            return false;
    return true;
}

bool frame_managers_visit(const struct cpython *cpython, const struct frame_view *frame,
                          visit_manager visit, void *context)
{
    struct look look = {.cpython = cpython, .frame = frame};
    if (!look_at_blocks(&look))
        return false;
    for (size_t i = 0; i < look.blocks.count; i++)
        if (look.managers[i] && !visit(context, look.managers[i], look.blocks.items[i].async))
            break;
    return true;
}

bool frame_keeps_for_exit(const struct cpython *cpython, const struct frame_view *frame,
                          uint64_t object)
{
    struct look look = {.cpython = cpython, .frame = frame};
    bool keeps = false;
    if (object && look_at_blocks(&look))
        for (size_t i = 0; i < look.blocks.count; i++)
            keeps |= look.kept[i] == object;
    return keeps;
}
