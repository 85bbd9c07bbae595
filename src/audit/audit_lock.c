/* --lock and --verify: what classes that combine frameworks rest on, written or compared. */
#include "audit/audit_internal.h"
#include "audit/lockfile.h"

static bool find_installed(const struct environment *environment, struct distributions *installed)
{
    for (size_t i = 0; i < environment->sites.count; i++)
        if (!distributions_add(installed, environment->sites.items[i]))
            return false;
    return true;
}

static struct error *compare(struct audit *audit, const struct lockfile_scope *scope,
                             const struct lockfile *is)
{
    struct lockfile was;
    struct error *error = lockfile_load(audit->options->lock, &was);
    if (error)
        return error;
    lockfile_compare(&was, is, audit->hierarchy, scope, audit->report);
    lockfile_free(&was);
    return NULL;
}

struct error *audit_lock(struct audit *audit)
{
    struct distributions installed = {0};
    struct lockfile is = {0};
    const struct lockfile_scope scope = {audit_is_judged, audit, &installed};
    struct error *error = NULL;
    if (!find_installed(&audit->environment, &installed) ||
        !lockfile_take(audit->hierarchy, &scope, &is))
        error = error_no_memory();
    if (!error)
        error = audit->options->verify ? compare(audit, &scope, &is)
                                       : lockfile_save(&is, audit->options->lock);
    lockfile_free(&is);
    distributions_free(&installed);
    return error;
}
