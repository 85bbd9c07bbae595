/*
 * open.h: from the word on the command line to a target.
 */
#ifndef STETH_CLI_OPEN_H
#define STETH_CLI_OPEN_H

#include "cli/options.h"
#include "target/target.h"

/*
 * Opens what `word` names: a running process, or a capture or core file, told by its content. Every
 * refusal says why and what to do next: not a number, no such process, a kernel thread, an exited
 * process, no permission, neither a capture nor a core, an option that is for another kind of
 * target (ERROR_USAGE). The caller closes *target.
 */
struct error *open_target(const struct options *options, const char *word, struct target **target);

#endif
