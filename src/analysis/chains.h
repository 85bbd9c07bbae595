/*
 * chains.h: parts of a wait-for graph as a reader sees them: cycles and chains of named nodes.
 */
#ifndef STETH_ANALYSIS_CHAINS_H
#define STETH_ANALYSIS_CHAINS_H

#include "finding/report.h"
#include "waits/names.h"

/* Hands the strings of `from` over. */
struct place place_of(struct source_place *from);

/* The cycle, beginning with the vertex of `first` (an address) or with its first thread or task. */
bool chain_of_cycle(const struct wait_picture *picture, const struct wait_cycle *cycle,
                    uint64_t first, wait_chain *chain);

/* From `vertex` along what each needs, until something moves or nothing is known. */
bool chain_from(const struct wait_picture *picture, uint32_t vertex, wait_chain *chain);

/* "thread:MainThread>lock>task:…": what makes a finding about `chain` the same in another run. */
char *chain_identity(const wait_chain *chain);

#endif
