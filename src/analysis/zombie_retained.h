/*
 * zombie_retained.h: what the zombies of a report retain, and which of their resources nothing else
 * holds: read from the graph of the whole heap, which is built only when there are zombies.
 */
#ifndef STETH_ANALYSIS_ZOMBIE_RETAINED_H
#define STETH_ANALYSIS_ZOMBIE_RETAINED_H

#include "analysis/zombie_family.h"

/*
 * Sets `retained_bytes` of the report's groups and drops the resources that are held otherwise,
 * too. Where the graph would take too much memory, says so in the report and does neither.
 */
struct error *zombie_add_retained(const struct family *family, const struct look_options *options,
                                  struct report *report);

#endif
