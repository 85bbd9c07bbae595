/* context_findings.h: what the rule about contexts says: private to it. */
#ifndef STETH_ANALYSIS_CONTEXT_FINDINGS_H
#define STETH_ANALYSIS_CONTEXT_FINDINGS_H

#include "analysis/context_pairs.h"
#include "analysis/context_use.h"
#include "analysis/diagnosis.h"

/* Adds a finding about `missing`, variables that are read where they are missing; one for a place.
 */
void context_report(struct diagnosis *diagnosis, const struct context_pair *pair,
                    const variable_uses *missing);

#endif
