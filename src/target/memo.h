/*
 * memo.h: for a while, one thread reads whole pages and keeps them, so that many small reads of
 * the same neighbourhood cost one system call. What it reads may be as old as the memo; reads of
 * other threads, and large ones, pass it by. Begun and ended by the same thread; one at a time
 * (beginning another is allowed and changes nothing).
 */
#ifndef STETH_TARGET_MEMO_H
#define STETH_TARGET_MEMO_H

#include "target/target.h"

struct memo;

/* NULL when there is one already, or no memory: then reads go on as before. */
struct memo *target_memo_begin(struct target *target);
/* Accepts NULL. */
void target_memo_end(struct memo *memo);

#endif
