/* remedies.h: private to this room: between the files that find the words for a refusal. */
#ifndef STETH_OS_REMEDIES_H
#define STETH_OS_REMEDIES_H

#include "os/evidence.h"

/* A verdict in the making: the first failed allocation is remembered, the rest is skipped. */
struct draft {
    const struct access_evidence *evidence;
    struct access_verdict *verdict;
    bool failed;
};

void draft_say(struct draft *draft, const char *format, ...) __attribute__((format(printf, 2, 3)));
void draft_advise(struct draft *draft, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- remedies_privilege.c: what the kernel grants to some only ------------------------------- */

/* Ways to CAP_SYS_PTRACE, as far as they can work from here. */
void advise_capability(struct draft *draft);
void explain_other_uid(struct draft *draft);
void explain_not_dumpable(struct draft *draft);
void explain_yama(struct draft *draft);
void explain_user_namespace(struct draft *draft);
void explain_missing_capability(struct draft *draft);

#endif
