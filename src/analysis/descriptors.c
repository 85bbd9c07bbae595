#include "analysis/descriptors.h"

#include "os/descriptors.h"

struct error *descriptors_report(const struct target *target, struct report *report)
{
    descriptor_vector groups = {0};
    struct error *error = descriptors_list(target_files(target), &groups);
    bool refused = error && error->code != ERROR_INTERNAL;
    if (refused) {
        report_add_not_checked(report, NULL, "%s", error->message);
        error_free(error);
        error = NULL;
    }
    report->has_descriptors = !error && !refused;
    for (size_t i = 0; i < groups.count && !error; i++) {
        struct descriptor_row row = {groups.items[i].kind, groups.items[i].target,
                                     groups.items[i].count};
        if (!vector_push(&report->descriptors, row))
            error = error_no_memory();
        else
            groups.items[i].target = NULL; /* the row's now */
    }
    descriptors_free(&groups);
    return error;
}
