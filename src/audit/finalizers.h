/* finalizers.h: whether a file gives a class a finalizer, told without a parse. */
#ifndef STETH_AUDIT_FINALIZERS_H
#define STETH_AUDIT_FINALIZERS_H

#include <stdbool.h>
#include <stddef.h>

/* False only when nothing in the text binds __del__; it may be true for less. The text ends with a
 * NUL that `size` leaves out. */
bool finalizers_may_occur(const char *text, size_t size);

#endif
