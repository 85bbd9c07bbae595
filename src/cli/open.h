/*
 * open.h: from the word on the command line to a target.
 */
#ifndef STETH_CLI_OPEN_H
#define STETH_CLI_OPEN_H

#include "cli/options.h"
#include "target/target.h"

/*
 * Opens what `word` names: a running process, or a core file, which is told by its content. Every
 * refusal says why and what to do next: not a number, no such process, a kernel thread, an exited
 * process, no permission, not a core. The caller closes *target.
 */
struct error *open_target(const struct options *options, const char *word, struct target **target);

/* Parses `word` as a pid; ERROR_USAGE when it is none. */
struct error *parse_target_pid(const char *word, pid_t *pid);

#endif
