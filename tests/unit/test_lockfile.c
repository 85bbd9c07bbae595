/* The lock file of class hierarchies: what is taken, written, read back, and found to differ. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/lockfile.h"

/* An ORM and a validation library, each with a metaclass, and a project that combines them. */
struct world {
    struct hierarchy *hierarchy;
    struct distributions installed;
    class_number orm_meta, base, model_meta, model, combined, customer, plain;
};

static char site[] = "/tmp/steth-site-XXXXXX", orm_file[64], valid_file[64];

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", site, folder);
    mkdir(path, 0755);
    snprintf(path, sizeof path, "%s/%s/%s", site, folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void install(struct distributions *installed, const char *orm_version)
{
    char header[64];
    snprintf(header, sizeof header, "Metadata-Version: 2.1\nName: Orm\nVersion: %s\n\nName: no\n",
             orm_version);
    write_file("orm.dist-info", "METADATA", header);
    write_file("orm.dist-info", "RECORD", "orm/base.py,sha256=x,12\norm/data.txt,,\n");
    write_file("valid.egg-info", "PKG-INFO", "Name: valid\nVersion: 2.9\n");
    write_file("valid.egg-info", "top_level.txt", "valid\n");
    *installed = (struct distributions){0};
    assert_true(distributions_add(installed, site));
    assert_int_equal(installed->items.count, 2);
}

static int make_site(void **state)
{
    (void)state;
    if (!mkdtemp(site))
        return -1;
    snprintf(orm_file, sizeof orm_file, "%s/orm/base.py", site);
    snprintf(valid_file, sizeof valid_file, "%s/valid/__init__.py", site);
    return 0;
}

static int remove_site(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", site);
    return system(command);
}

static class_number define(struct hierarchy *hierarchy, const char *name, struct class_facts facts)
{
    class_number number = hierarchy_declare(hierarchy, name);
    assert_true(hierarchy_define(hierarchy, number, &facts));
    return number;
}

/* `new_orm`: as after an upgrade in which the base class got a metaclass of its own. */
static struct world make_world(const char *orm_version, bool new_orm, bool mixin)
{
    struct world world;
    install(&world.installed, orm_version);
    const struct class_rules rules = class_rules_for(11);
    struct hierarchy *hierarchy = world.hierarchy = hierarchy_new(&rules);
    const struct class_base of_type[] = {{CLASS_TYPE, "type", BASE_PLAIN}};
    world.orm_meta =
        define(hierarchy, "orm.meta.OrmMeta",
               (struct class_facts){.bases = of_type, .base_count = 1, .file = orm_file});
    class_number other_meta =
        define(hierarchy, "orm.meta.NewMeta",
               (struct class_facts){.bases = of_type, .base_count = 1, .file = orm_file});
    class_number mix = define(hierarchy, "orm.Mixin", (struct class_facts){.file = orm_file});
    const struct class_base of_mixin[] = {{mix, "Mixin", BASE_PLAIN}};
    world.base =
        define(hierarchy, "orm.Base",
               (struct class_facts){.bases = mixin ? of_mixin : NULL,
                                    .base_count = mixin,
                                    .names_metaclass = true,
                                    .named_metaclass = new_orm ? other_meta : world.orm_meta,
                                    .file = orm_file});
    world.model_meta =
        define(hierarchy, "valid.ModelMeta",
               (struct class_facts){.bases = of_type, .base_count = 1, .file = valid_file});
    world.model = define(hierarchy, "valid.Model",
                         (struct class_facts){.names_metaclass = true,
                                              .named_metaclass = world.model_meta,
                                              .file = valid_file});
    const struct class_base both_metas[] = {{world.orm_meta, "OrmMeta", BASE_PLAIN},
                                            {world.model_meta, "ModelMeta", BASE_PLAIN}};
    world.combined =
        define(hierarchy, "shop.CombinedMeta",
               (struct class_facts){.file = "shop.py", .bases = both_metas, .base_count = 2});
    const struct class_base both[] = {{world.base, "Base", BASE_PLAIN},
                                      {world.model, "Model", BASE_PLAIN}};
    world.customer = define(hierarchy, "shop.Customer",
                            (struct class_facts){.file = "shop.py",
                                                 .line = 9,
                                                 .bases = both,
                                                 .base_count = 2,
                                                 .names_metaclass = true,
                                                 .named_metaclass = world.combined});
    const struct class_base one[] = {{world.model, "Model", BASE_PLAIN}};
    world.plain = define(hierarchy, "shop.Plain",
                         (struct class_facts){.file = "shop.py", .bases = one, .base_count = 1});
    assert_null(hierarchy_solve(hierarchy));
    return world;
}

static void world_free(struct world *world)
{
    hierarchy_free(world->hierarchy);
    distributions_free(&world->installed);
}

static bool is_own(const void *context, class_number number)
{
    return strncmp(class_name(context, number), "shop.", 5) == 0;
}

static struct lockfile take(const struct world *world)
{
    struct lockfile lockfile;
    const struct lockfile_scope scope = {is_own, world->hierarchy, &world->installed};
    assert_true(lockfile_take(world->hierarchy, &scope, &lockfile));
    return lockfile;
}

static char *text_of(const struct lockfile *lockfile)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    lockfile_print(lockfile, out);
    fclose(out);
    return text;
}

static const char expected[] =
    "steth-lock 1\n"
    "# Classes that combine frameworks, and what they rest on.\n"
    "# Written by `steth audit --lock`; compared by `steth audit --verify`.\n"
    "\n"
    "distribution Orm 1.4\n"
    "distribution valid 2.9\n"
    "\n"
    "class shop.Customer\n"
    "  file shop.py\n"
    "  metaclass shop.CombinedMeta\n"
    "  metaclass orm.meta.OrmMeta Orm\n"
    "  metaclass valid.ModelMeta valid\n"
    "  metaclass type\n"
    "  mro shop.Customer\n"
    "  mro orm.Base Orm\n"
    "  mro valid.Model valid\n";

static void what_combines_frameworks_is_written(void **state)
{
    (void)state;
    struct world world = make_world("1.4", false, false);
    struct lockfile lockfile = take(&world);
    char *text = text_of(&lockfile);
    assert_string_equal(text, expected);
    free(text);
    lockfile_free(&lockfile);
    world_free(&world);
}

static void what_was_written_is_read(void **state)
{
    (void)state;
    struct lockfile lockfile;
    assert_null(lockfile_parse("steth.lock", expected, strlen(expected), &lockfile));
    char *text = text_of(&lockfile);
    assert_string_equal(text, expected);
    free(text);
    lockfile_free(&lockfile);
}

/* Takes, upgrades, compares: the report. */
static struct report after(const char *orm_version, bool new_orm, bool mixin)
{
    struct world then = make_world("1.4", false, false);
    struct world now = make_world(orm_version, new_orm, mixin);
    struct lockfile was = take(&then), is = take(&now);
    struct report report = {0};
    const struct lockfile_scope scope = {is_own, now.hierarchy, &now.installed};
    lockfile_compare(&was, &is, now.hierarchy, &scope, &report);
    lockfile_free(&was);
    lockfile_free(&is);
    world_free(&then);
    world_free(&now);
    return report;
}

static void an_upgrade_that_changes_nothing_is_ok(void **state)
{
    (void)state;
    struct report report = after("1.5", false, false);
    assert_int_equal(report.findings.count, 0);
    report_free(&report);
}

static void a_class_that_cannot_be_made_any_more_is_an_error(void **state)
{
    (void)state;
    struct report report = after("2.0", true, false);
    assert_int_equal(report.findings.count, 1);
    const struct finding *finding = &report.findings.items[0];
    assert_string_equal(finding->rule, "META002");
    assert_int_equal(finding->severity, SEVERITY_ERROR);
    assert_string_equal(finding->summary, "shop.Customer can no longer be made: its metaclasses "
                                          "conflict (META001), since Orm 1.4 -> 2.0");
    assert_string_equal(finding->location.file, "shop.py");
    assert_int_equal(finding->location.line, 9);
    report_free(&report);
}

static void another_order_is_a_warning(void **state)
{
    (void)state;
    struct report report = after("1.5", false, true);
    assert_int_equal(report.findings.count, 1);
    const struct finding *finding = &report.findings.items[0];
    assert_int_equal(finding->severity, SEVERITY_WARNING);
    assert_string_equal(finding->summary, "the MRO of shop.Customer is not what it was when it was "
                                          "locked: Orm 1.4 -> 1.5");
    assert_string_equal(finding->evidence.items[0], "its MRO had valid.Model (valid) where it now "
                                                    "has orm.Mixin (Orm)");
    report_free(&report);
}

static void a_file_belongs_to_what_recorded_it(void **state)
{
    (void)state;
    struct distributions installed;
    char path[64];
    install(&installed, "1");
    assert_string_equal(distributions_of_file(&installed, orm_file)->name, "Orm");
    assert_string_equal(distributions_of_file(&installed, valid_file)->name, "valid");
    snprintf(path, sizeof path, "%s/orm/other.py", site);
    assert_null(distributions_of_file(&installed, path));
    assert_null(distributions_of_file(&installed, "shop.py"));
    assert_string_equal(distributions_named(&installed, "Orm")->version, "1");
    assert_null(distributions_named(&installed, "no"));
    distributions_free(&installed);
}

static void bad_lines_are_told_with_their_number(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "f:1: not a lock file of steth, or of a newer one: it does not begin with "
             "\"steth-lock 1\""},
        {"steth-lock 1\nclass\n", "f:2: a name is missing"},
        {"steth-lock 1\n\ndistribution a\n", "f:3: a version is missing"},
        {"steth-lock 1\nmro a\n", "f:2: it belongs to no class"},
        {"steth-lock 1\nclass a\n  vtable b\n", "f:3: not a line of a lock file of this version"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lockfile lockfile;
        struct error *error = lockfile_parse("f", cases[i].text, strlen(cases[i].text), &lockfile);
        assert_non_null(error);
        assert_int_equal(error->code, ERROR_USAGE);
        assert_string_equal(error->message, cases[i].message);
        error_free(error);
    }
}

static void a_file_is_replaced_as_a_whole(void **state)
{
    (void)state;
    char directory[] = "/tmp/steth-lock-XXXXXX", path[64];
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/steth.lock", directory);
    struct world world = make_world("1.4", false, false);
    struct lockfile lockfile = take(&world), again;
    assert_null(lockfile_save(&lockfile, path));
    assert_null(lockfile_save(&lockfile, path));
    assert_null(lockfile_load(path, &again));
    assert_int_equal(again.classes.count, 1);
    unlink(path);
    assert_int_equal(rmdir(directory), 0);
    struct error *error = lockfile_save(&lockfile, path);
    assert_int_equal(error->code, ERROR_USAGE);
    error_free(error);
    lockfile_free(&lockfile);
    lockfile_free(&again);
    world_free(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_combines_frameworks_is_written),
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(an_upgrade_that_changes_nothing_is_ok),
        cmocka_unit_test(a_class_that_cannot_be_made_any_more_is_an_error),
        cmocka_unit_test(another_order_is_a_warning),
        cmocka_unit_test(a_file_belongs_to_what_recorded_it),
        cmocka_unit_test(bad_lines_are_told_with_their_number),
        cmocka_unit_test(a_file_is_replaced_as_a_whole),
    };
    return cmocka_run_group_tests_name("lockfile", tests, make_site, remove_site);
}
