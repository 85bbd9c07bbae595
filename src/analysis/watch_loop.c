#include "analysis/watch_loop.h"

#include <math.h>
#include <sys/syscall.h>

#include "base/clock.h"
#include "os/thread_state.h"
#include "target/memo.h"

/* Frames of one thread that are looked at in a sample. */
#define FRAMES_MAX 256
/* How often a frame that moves on while it is read is read again. */
#define TURN_ATTEMPTS 3

/* ---- frames ---------------------------------------------------------------------------------- */

/* What the frames of the thread say, from the innermost to what runs the loop. */
struct frame_search {
    struct code_cache *codes;
    struct watched_loop *loop;
    struct frame_view innermost;
    struct frame_choice choice;
    uint32_t turn; /* code of the turn's frame; NO_CODE: not met */
    bool in_selector;
    bool polls; /* its turn has no end_time yet: whatever class of selector it asks */
};

static bool same_frame(const struct frame_view *a, const struct frame_view *b)
{
    return a->address == b->address && a->code == b->code;
}

static bool look_at_frame(void *context, const struct frame_view *frame)
{
    struct frame_search *search = context;
    bool first = !search->innermost.address;
    if (first)
        search->innermost = *frame;
    if (search->loop->role == ROLE_LOOP_UV && same_frame(frame, &search->loop->beneath))
        return false;
    uint32_t number = code_cache_get(search->codes, frame);
    if (number == NO_CODE)
        return true;
    const struct watched_code *code = &search->codes->items.items[number];
    if (code->part == CODE_TURN) {
        search->loop->turn = *frame;
        search->turn = number;
        return false;
    }
    bool selector = code->part == CODE_SELECTOR;
    search->in_selector = selector && (first || search->in_selector);
    frame_choice_offer(&search->choice, search->codes, number, frame);
    return true;
}

/* Deep inside of a recursion the turn's frame is where it was. */
static void find_turn(struct frame_search *search)
{
    struct watched_loop *loop = search->loop;
    const struct cpython *cpython = search->codes->cpython;
    search->turn = NO_CODE;
    bool whole = thread_frames_visit(cpython, &loop->thread, FRAMES_MAX, look_at_frame, search);
    if (search->turn == NO_CODE && !whole && loop->turn.address &&
        frame_locals_read(cpython, &loop->turn, NULL, NULL, 0))
        search->turn = code_cache_get(search->codes, &loop->turn);
    uint64_t end_time;
    search->polls =
        search->turn != NO_CODE &&
        frame_locals_read(cpython, &loop->turn, search->codes->items.items[search->turn].places,
                          &end_time, 1) &&
        !end_time;
}

/* ---- the turn -------------------------------------------------------------------------------- */

/* Whether what was read of the turn still stands. A counter that went on says nothing, as long as
 * the number that it was is there. */
static bool same_turn(const struct code_cache *codes, const struct frame_view *turn,
                      const uint32_t *places, const uint64_t *objects, int64_t step)
{
    uint64_t now[2];
    int64_t number;
    return frame_locals_read(codes->present, turn, places, now, 2) && now[0] == objects[0] &&
           (now[1] == objects[1] ||
            (int_value(codes->present, objects[1], &number) && number == step));
}

/*
 * _run_once computes `end_time = self.time() + resolution` right after its selector has returned,
 * and counts the callbacks of the turn in `i` (Lib/asyncio/base_events.py, 3.8 to 3.15). False when
 * it moved on meanwhile.
 */
static bool read_turn(const struct frame_search *search, struct loop_sample *sample)
{
    const struct cpython *cpython = search->codes->cpython;
    const struct frame_view *turn = &search->loop->turn;
    const uint32_t *places = search->codes->items.items[search->turn].places;
    uint64_t objects[2];
    sample->turn_began = NAN;
    sample->turn_step = -1;
    if (!frame_locals_read(cpython, turn, places, objects, 2))
        return false;
    if (objects[0] && !float_value(cpython, objects[0], &sample->turn_began))
        return false;
    if (objects[0] && objects[1] && !int_value(cpython, objects[1], &sample->turn_step))
        return false;
    sample->when = monotonic_seconds();
    return same_turn(search->codes, turn, places, objects, sample->turn_step);
}

/* ---- a sample -------------------------------------------------------------------------------- */

static bool is_selector_call(const struct thread_state *state, enum role role)
{
    switch (state->system_call) {
    case SYS_epoll_wait:
    case SYS_epoll_pwait:
        return true;
    case SYS_poll:
    case SYS_ppoll:
    case SYS_select:
    case SYS_pselect6:
        return role != ROLE_LOOP_UV;
    default:
        return false;
    }
}

/* Where the kernel does not tell, being in the selector's function has to do. */
static bool waits(const struct frame_search *search, const struct thread_state *state)
{
    enum role role = search->loop->role;
    bool told = state->in_system_call || state->running;
    if (role == ROLE_LOOP_UV)
        return state->in_system_call && is_selector_call(state, role) && !search->in_selector;
    if (!told)
        return search->in_selector;
    return (search->in_selector || search->polls) && state->in_system_call &&
           is_selector_call(state, role);
}

/* One look at the thread; false when it moved on too fast to be understood. */
static bool look(struct code_cache *codes, struct watched_loop *loop, struct frame_search *search,
                 struct loop_sample *sample)
{
    struct thread_state state;
    *search = (struct frame_search){.codes = codes, .loop = loop, .choice = FRAME_CHOICE_NONE};
    thread_system_call_read(target_files(codes->cpython->target), loop->thread.native_id, &state);
    find_turn(search);
    *sample = (struct loop_sample){
        .when = monotonic_seconds(),
        .waits = waits(search, &state),
        .turn_began = NAN,
        .turn_step = -1,
        .function = CALL_UNKNOWN,
        .ready = -1,
    };
    if (loop->role == ROLE_LOOP_UV)
        return search->innermost.address;
    return search->turn != NO_CODE && (sample->waits || read_turn(search, sample));
}

/* The two counts are not read at quite the same moment. */
static uint64_t half(uint64_t difference)
{
    return (int64_t)difference > 0 ? difference / 2 : 0;
}

static void count_ready(const struct cpython *cpython, struct watched_loop *loop,
                        struct loop_sample *sample)
{
    struct deque_counts counts = loop->counts;
    bool counted = loop->ready && deque_counts_read(cpython, loop->ready, &counts);
    if (counted)
        sample->ready = counts.length;
    if (counted && loop->counted) {
        uint64_t changes = counts.changes - loop->counts.changes;
        uint64_t longer = (uint64_t)counts.length - (uint64_t)loop->counts.length;
        loop->added += half(changes + longer);
        loop->taken += half(changes - longer);
    }
    loop->counts = counts;
    loop->counted = counted;
}

bool watched_loop_sample(struct code_cache *codes, struct watched_loop *loop)
{
    struct frame_search search;
    struct loop_sample sample;
    bool understood = false;
    for (int i = 0; i < TURN_ATTEMPTS && !understood; i++) {
        if (i)
            target_renew_memo(codes->cpython->target);
        understood = look(codes, loop, &search, &sample);
    }
    if (!understood && (loop->role == ROLE_LOOP_UV || search.turn == NO_CODE))
        return true;
    if (!understood) {
        sample.turn_began = NAN;
        sample.turn_step = -1;
    }
    if (sample.waits)
        loop->beneath = search.innermost;
    else if (search.choice.code != NO_CODE && !search.in_selector) {
        sample.function = search.choice.code;
        sample.line = code_cache_line(codes, search.choice.code, &search.choice.frame);
    }
    count_ready(codes->cpython, loop, &sample);
    if (!loop->series.samples)
        loop->began = sample.when;
    return loop_series_add(&loop->series, sample);
}
