/*
 * watch_code.h: what is worth remembering of code objects while frames are looked at again and
 * again: their names, whose they are, and the lines of instructions met so far.
 */
#ifndef STETH_ANALYSIS_WATCH_CODE_H
#define STETH_ANALYSIS_WATCH_CODE_H

#include "base/address_map.h"
#include "runtime/frame_detail.h"

enum code_part {
    CODE_OTHER,
    CODE_SELECTOR, /* of the selectors module */
    CODE_TURN,     /* BaseEventLoop._run_once: locals end_time and i */
    CODE_WORKER,   /* _worker of a thread pool: locals work_queue and work_item */
};

struct code_line {
    int64_t instruction;
    unsigned line;
};

struct watched_code {
    uint64_t address;
    char *file, *function; /* NULL: unknown */
    bool library, standard;
    enum code_part part;
    uint32_t places[2]; /* of the locals, in that order */
    VECTOR(struct code_line) lines;
};

struct code_cache {
    const struct cpython *cpython; /* which remembers, from one sample to the next */
    const struct cpython *present; /* which reads what is there now */
    char *standard;                /* where the standard library is, owned */
    struct address_map index;
    VECTOR(struct watched_code) items;
};

#define NO_CODE UINT32_MAX

/* The number of the code of `frame`; NO_CODE when it is none, or there is no memory. */
uint32_t code_cache_get(struct code_cache *cache, const struct frame_view *frame);

/* The line that `frame`, of code number `code`, is at now; 0 when unknown. */
unsigned code_cache_line(struct code_cache *cache, uint32_t code, const struct frame_view *frame);

/*
 * The choice of a frame to show: the first of the program's own, or else of an installed package,
 * or else the first at all. Offer frames innermost first.
 */
struct frame_choice {
    struct frame_view frame;
    uint32_t code; /* NO_CODE: none was offered */
    unsigned rank;
};
#define FRAME_CHOICE_NONE ((struct frame_choice){.code = NO_CODE})
void frame_choice_offer(struct frame_choice *choice, const struct code_cache *cache, uint32_t code,
                        const struct frame_view *frame);

void code_cache_free(struct code_cache *cache);

#endif
