/* escape_known.h: functions of the standard library that keep what they are given, or do not. */
#ifndef STETH_AUDIT_ESCAPE_KNOWN_H
#define STETH_AUDIT_ESCAPE_KNOWN_H

#include "audit/escape.h"

/* Whether `name` is known; then *result is what the call returns. */
bool escape_known_call(struct escape_search *search, struct frame *frame, const char *name,
                       const argument_list *arguments, struct value *result);

#endif
