/* What a user of libsteth would write: one look at a pid, as JSON. */
#include <stdio.h>
#include <stdlib.h>

#include "steth/steth.h"

int main(int argc, char **argv)
{
    steth_target *target;
    steth_report *report;
    struct steth_failure failure;
    pid_t pid = argc > 1 ? (pid_t)strtol(argv[1], NULL, 10) : 0;
    enum steth_status status = steth_open(pid, &target, &failure);
    if (status) {
        fprintf(stderr, "%s\n", failure.message);
        return status;
    }
    status = steth_check(target, 0, &report, &failure);
    steth_close(target);
    if (status) {
        fprintf(stderr, "%s\n", failure.message);
        return status;
    }
    char *json = steth_report_json(report);
    puts(json ? json : "");
    free(json);
    int findings = steth_report_count(report, STETH_WARNING) > 0;
    steth_report_free(report);
    return findings;
}
