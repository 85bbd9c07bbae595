/* scan.h: from the tree of a file to its module: the one walk that the names need. */
#ifndef STETH_AUDIT_SCAN_H
#define STETH_AUDIT_SCAN_H

#include "audit/grammar.h"
#include "audit/module.h"
#include "audit/source.h"

/* Fills `module` (zeroed but for path and name). What cannot be followed is left opaque. */
void scan_module(const struct source *source, const struct grammar *grammar, struct module *module);

#endif
