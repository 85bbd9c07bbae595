/* What a process has open, told by a record of /proc. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "os/descriptors.h"

#define HEAD                                                                                       \
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "  \
    "inode\n"
#define REST " 00000000:00000000 00:00000000 00000000  1000        0 "

static void add(struct process_files *files, const char *path, const char *text)
{
    assert_true(process_files_add(files, 0, path, text, strlen(text)));
}

static struct process_files *record(void)
{
    struct process_files *files = process_files_recorded(4242);
    assert_non_null(files);
    return files;
}

static void assert_group(const struct descriptor_group *group, const char *kind, const char *target,
                         uint64_t count)
{
    assert_string_equal(group->kind, kind);
    assert_string_equal(group->target, target);
    assert_int_equal(group->count, count);
}

static void files_are_grouped_by_path(void **state)
{
    (void)state;
    struct process_files *files = record();
    descriptor_vector groups = {0};
    add(files, "@fd/0", "/dev/null");
    add(files, "@fd/7", "/var/log/x");
    add(files, "@fd/12", "/var/log/x");
    add(files, "@fd/3", "pipe:[77]");
    add(files, "@fd/4", "pipe:[78]");
    add(files, "@fd/5", "anon_inode:[eventpoll]");
    assert_null(descriptors_list(files, &groups));
    assert_int_equal(groups.count, 4);
    assert_group(&groups.items[0], "file", "/dev/null", 1);
    assert_group(&groups.items[1], "file", "/var/log/x", 2);
    assert_group(&groups.items[2], "other", "anon_inode:[eventpoll]", 1);
    assert_group(&groups.items[3], "pipe", "pipe", 2);
    descriptors_free(&groups);
    process_files_free(files);
}

static void sockets_are_grouped_by_their_ends(void **state)
{
    (void)state;
    struct process_files *files = record();
    descriptor_vector groups = {0};
    for (int i = 0; i < 6; i++) {
        char path[16], link[32];
        snprintf(path, sizeof path, "@fd/%d", i);
        snprintf(link, sizeof link, "socket:[%d]", 100 + i);
        add(files, path, link);
    }
    /* One that listens, two that it accepted, one to a server; another process's. */
    add(files, "net/tcp",
        HEAD "   0: 00000000:1F90 00000000:0000 0A" REST "100 1 0 100 0 0 10 0\n"
             "   1: 0100007F:1F90 0100007F:C350 01" REST "101 1 0 100 0 0 10 0\n"
             "   2: 0100007F:1F90 0100007F:C351 08" REST "102 1 0 100 0 0 10 0\n"
             "   3: 0B00000A:D431 0500000A:1538 01" REST "103 1 0 100 0 0 10 0\n"
             "   4: 0B00000A:D432 0500000A:1538 01" REST "999 1 0 100 0 0 10 0\n"
             "garbage\n   5: 0B0:1 :::: 01\n");
    add(files, "net/tcp6",
        HEAD "   0: 0000000000000000FFFF00000B00000A:D433 "
             "0000000000000000FFFF00000500000A:1538 01" REST "104 1 0 100 0 0 10 0\n");
    assert_null(descriptors_list(files, &groups));
    assert_int_equal(groups.count, 4);
    assert_group(&groups.items[0], "socket", "socket, local or not connected", 1);
    assert_group(&groups.items[1], "socket", "tcp accepted on port 8080", 2);
    assert_group(&groups.items[2], "socket", "tcp listening on port 8080", 1);
    assert_group(&groups.items[3], "socket", "tcp to 10.0.0.5:5432", 2);
    descriptors_free(&groups);
    process_files_free(files);
}

static void nothing_recorded_is_an_error(void **state)
{
    (void)state;
    struct process_files *files = record();
    descriptor_vector groups = {0};
    struct error *error = descriptors_list(files, &groups);
    assert_non_null(error);
    error_free(error);
    descriptors_free(&groups);
    process_files_free(files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_grouped_by_path),
        cmocka_unit_test(sockets_are_grouped_by_their_ends),
        cmocka_unit_test(nothing_recorded_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
