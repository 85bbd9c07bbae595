#include "layout/cpython.h"
#include "target/memo.h"

void cpython_remember(const struct cpython *cpython, struct cpython *remembered)
{
    struct target *memo = target_open_memo(cpython->target);
    *remembered = *cpython;
    if (memo)
        remembered->target = memo;
}

void cpython_forget(const struct cpython *cpython, struct cpython *remembered)
{
    if (remembered->target != cpython->target)
        target_close(remembered->target);
    remembered->target = cpython->target;
}
