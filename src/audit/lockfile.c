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

/* What of Python's own takes part: only what brings a metaclass. */
static const char *framework_of(const struct frameworks *frameworks, class_number number)
{
    const struct class_facts *facts = class_facts(frameworks->hierarchy, number);
    if (number == CLASS_OBJECT || number == CLASS_TYPE ||
        frameworks->scope->is_own(frameworks->scope->context, number))
        return NULL;
    if (facts->distribution)
        return facts->distribution;
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

static bool add_distribution(struct lockfile *lockfile, const struct class_facts *facts)
{
    for (size_t i = 0; i < lockfile->distributions.count; i++)
        if (strcmp(lockfile->distributions.items[i].name, facts->distribution) == 0)
            return true;
    struct lockfile_distribution one = {strdup(facts->distribution),
                                        strdup(facts->version ? facts->version : "?")};
    if (one.name && one.version && vector_push(&lockfile->distributions, one))
        return true;
    free(one.name);
    free(one.version);
    return false;
}

static bool take_links(const struct hierarchy *hierarchy, class_number number,
                       struct lockfile *lockfile, lockfile_links *links)
{
    struct mro_walk walk = mro_begin(hierarchy, number);
    for (class_number one; (one = mro_next(&walk)) != CLASS_UNKNOWN;) {
        const struct class_facts *facts = class_facts(hierarchy, one);
        struct lockfile_link link = {strdup(class_name(hierarchy, one)),
                                     copy_of(facts->distribution)};
        if (one == CLASS_OBJECT) {
            free(link.name);
            free(link.distribution);
            continue;
        }
        if (!link.name || !vector_push(links, link)) {
            free(link.name);
            free(link.distribution);
            return false;
        }
        if (facts->distribution && !add_distribution(lockfile, facts))
            return false;
    }
    return true;
}

static bool take_class(const struct hierarchy *hierarchy, class_number number,
                       struct lockfile *lockfile)
{
    struct lockfile_class one = {.name = strdup(class_name(hierarchy, number)),
                                 .file = copy_of(class_facts(hierarchy, number)->file)};
    if (!one.name || !vector_push(&lockfile->classes, one)) {
        free(one.name);
        free(one.file);
        return false;
    }
    struct lockfile_class *kept = &lockfile->classes.items[lockfile->classes.count - 1];
    return take_links(hierarchy, class_answer(hierarchy, number)->metaclass, lockfile,
                      &kept->metaclasses) &&
           take_links(hierarchy, number, lockfile, &kept->mro);
}

static int compare_classes(const void *left, const void *right)
{
    const struct lockfile_class *a = left, *b = right;
    return strcmp(a->name, b->name);
}

static int compare_distributions(const void *left, const void *right)
{
    const struct lockfile_distribution *a = left, *b = right;
    return strcmp(a->name, b->name);
}

bool lockfile_take(const struct hierarchy *hierarchy, const struct lockfile_scope *scope,
                   struct lockfile *lockfile)
{
    *lockfile = (struct lockfile){0};
    for (size_t i = 0; i < hierarchy_count(hierarchy); i++)
        if (is_wanted(hierarchy, scope, (class_number)i) &&
            !take_class(hierarchy, (class_number)i, lockfile))
            return false;
    if (lockfile->classes.count)
        qsort(lockfile->classes.items, lockfile->classes.count, sizeof *lockfile->classes.items,
              compare_classes);
    if (lockfile->distributions.count)
        qsort(lockfile->distributions.items, lockfile->distributions.count,
              sizeof *lockfile->distributions.items, compare_distributions);
    return true;
}
