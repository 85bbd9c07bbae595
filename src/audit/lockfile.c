#include "audit/lockfile.h"

#include <string.h>

static void free_links(lockfile_links *links)
{
    for (size_t i = 0; i < links->count; i++) {
        free(links->items[i].name);
        free(links->items[i].distribution);
    }
    vector_free(links);
}

void lockfile_free(struct lockfile *lockfile)
{
    for (size_t i = 0; i < lockfile->classes.count; i++) {
        struct lockfile_class *one = &lockfile->classes.items[i];
        free(one->name);
        free(one->file);
        free_links(&one->metaclasses);
        free_links(&one->mro);
    }
    for (size_t i = 0; i < lockfile->distributions.count; i++) {
        free(lockfile->distributions.items[i].name);
        free(lockfile->distributions.items[i].version);
    }
    vector_free(&lockfile->classes);
    vector_free(&lockfile->distributions);
}

/* ---- which classes --------------------------------------------------------------------------- */

/* How many frameworks a class brings together; two are enough to know. */
struct frameworks {
    const struct hierarchy *hierarchy;
    const struct lockfile_scope *scope;
    const char *first;
    bool several;
};

static const struct distribution *distribution_of(const struct hierarchy *hierarchy,
                                                  const struct lockfile_scope *scope,
                                                  class_number number)
{
    const char *file = class_facts(hierarchy, number)->file;
    return file && !scope->is_own(scope->context, number)
               ? distributions_of_file(scope->installed, file)
               : NULL;
}

/* What of Python's own takes part: only what brings a metaclass. */
static const char *framework_of(const struct frameworks *frameworks, class_number number)
{
    const struct distribution *distribution =
        distribution_of(frameworks->hierarchy, frameworks->scope, number);
    if (number == CLASS_OBJECT || number == CLASS_TYPE ||
        frameworks->scope->is_own(frameworks->scope->context, number))
        return NULL;
    if (distribution)
        return distribution->name;
    return class_answer(frameworks->hierarchy, number)->metaclass == CLASS_TYPE ? NULL : "";
}

static void note_frameworks(struct frameworks *frameworks, class_number number)
{
    struct mro_walk walk = mro_begin(frameworks->hierarchy, number);
    for (class_number one; (one = mro_next(&walk)) != CLASS_UNKNOWN && !frameworks->several;) {
        const char *framework = framework_of(frameworks, one);
        if (!framework)
            continue;
        frameworks->several = frameworks->first && strcmp(frameworks->first, framework) != 0;
        frameworks->first = framework;
    }
}

/* A metaclass of the project that derives from one of somebody else's. */
static bool is_combined_by_hand(const struct frameworks *frameworks, class_number metaclass)
{
    struct frameworks of_metaclass = {frameworks->hierarchy, frameworks->scope, NULL, false};
    if (!frameworks->scope->is_own(frameworks->scope->context, metaclass))
        return false;
    note_frameworks(&of_metaclass, metaclass);
    return of_metaclass.first;
}

static bool is_wanted(const struct hierarchy *hierarchy, const struct lockfile_scope *scope,
                      class_number number)
{
    const struct class_answer *answer = class_answer(hierarchy, number);
    struct frameworks frameworks = {hierarchy, scope, NULL, false};
    if (!answer->answered || answer->fault != CLASS_SOUND || answer->metaclass == CLASS_UNKNOWN ||
        class_is_metaclass(hierarchy, number) || !scope->is_own(scope->context, number))
        return false;
    note_frameworks(&frameworks, number);
    if (!frameworks.several && !is_combined_by_hand(&frameworks, answer->metaclass))
        note_frameworks(&frameworks, answer->metaclass);
    return frameworks.several || is_combined_by_hand(&frameworks, answer->metaclass);
}

/* ---- taking them ----------------------------------------------------------------------------- */

static char *copy_of(const char *text)
{
    return text ? strdup(text) : NULL;
}

static bool add_distribution(struct lockfile *lockfile, const struct distribution *distribution)
{
    for (size_t i = 0; i < lockfile->distributions.count; i++)
        if (strcmp(lockfile->distributions.items[i].name, distribution->name) == 0)
            return true;
    struct distribution one = {strdup(distribution->name), strdup(distribution->version)};
    if (one.name && one.version && vector_push(&lockfile->distributions, one))
        return true;
    free(one.name);
    free(one.version);
    return false;
}

/* A lock file in the making. */
struct taking {
    const struct hierarchy *hierarchy;
    const struct lockfile_scope *scope;
    struct lockfile *lockfile;
};

static bool take_links(const struct taking *taking, class_number number, lockfile_links *links)
{
    struct mro_walk walk = mro_begin(taking->hierarchy, number);
    for (class_number one; (one = mro_next(&walk)) != CLASS_UNKNOWN;) {
        if (one == CLASS_OBJECT)
            continue;
        const struct distribution *distribution =
            distribution_of(taking->hierarchy, taking->scope, one);
        struct lockfile_link link = {strdup(class_name(taking->hierarchy, one)),
                                     copy_of(distribution ? distribution->name : NULL)};
        if (!link.name || !vector_push(links, link)) {
            free(link.name);
            free(link.distribution);
            return false;
        }
        if (distribution && !add_distribution(taking->lockfile, distribution))
            return false;
    }
    return true;
}

static bool take_class(const struct taking *taking, class_number number)
{
    struct lockfile_class one = {
        .name = strdup(class_name(taking->hierarchy, number)),
        .file = copy_of(class_facts(taking->hierarchy, number)->file),
    };
    if (!one.name || !vector_push(&taking->lockfile->classes, one)) {
        free(one.name);
        free(one.file);
        return false;
    }
    size_t last = taking->lockfile->classes.count - 1;
    struct lockfile_class *kept = &taking->lockfile->classes.items[last];
    return take_links(taking, class_answer(taking->hierarchy, number)->metaclass,
                      &kept->metaclasses) &&
           take_links(taking, number, &kept->mro);
}

static int compare_classes(const void *left, const void *right)
{
    const struct lockfile_class *a = left, *b = right;
    return strcmp(a->name, b->name);
}

static int compare_distributions(const void *left, const void *right)
{
    const struct distribution *a = left, *b = right;
    return strcmp(a->name, b->name);
}

bool lockfile_take(const struct hierarchy *hierarchy, const struct lockfile_scope *scope,
                   struct lockfile *lockfile)
{
    const struct taking taking = {hierarchy, scope, lockfile};
    *lockfile = (struct lockfile){0};
    for (size_t i = 0; i < hierarchy_count(hierarchy); i++)
        if (is_wanted(hierarchy, scope, (class_number)i) && !take_class(&taking, (class_number)i))
            return false;
    if (lockfile->classes.count)
        qsort(lockfile->classes.items, lockfile->classes.count, sizeof *lockfile->classes.items,
              compare_classes);
    if (lockfile->distributions.count)
        qsort(lockfile->distributions.items, lockfile->distributions.count,
              sizeof *lockfile->distributions.items, compare_distributions);
    return true;
}
