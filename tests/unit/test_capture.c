/* Captures: what is written reads the same, and what is damaged says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "target/capture.h"
#include "target/capture_frame.h"
#include "target/capture_write.h"
#include "target/pause.h"

#define PAGE  4096
#define FIRST UINT64_C(0x10000)
#define SIZE  (100 * PAGE)
#define LATER (FIRST + 7 * PAGE)

static const char mappings[] = "10000-80000 rw-p 00000000 00:00 0 \n"
                               "90000-91000 r--p 00000000 00:00 5 /lib/x.so\n";
static const char facts[] = "steth 0\npid 4242\nmonotonic.0 5.5\nsince_boot.0 6.5\n"
                            "monotonic.1 6.0\nsince_boot.1 7.0\n";

struct work {
    char path[32];
    uint8_t bytes[SIZE], later[PAGE];
};

static void fill(struct work *work)
{
    for (size_t i = 0; i < SIZE; i++)
        work->bytes[i] = (uint8_t)(i * 2654435761u >> 13);
    memset(work->later, 'L', PAGE);
}

static void put_section(struct capture_writer *writer, uint32_t kind, uint32_t moment,
                        const void *bytes, size_t size, uint32_t flags)
{
    struct capture_section section = {.kind = kind, .moment = moment, .flags = flags};
    assert_null(capture_write_section(writer, section, bytes, size));
}

static void put_text(struct capture_writer *writer, const char *path, const char *text)
{
    capture_bytes bytes = {0};
    struct capture_process_file head = {0, (uint32_t)strlen(path), strlen(text)};
    assert_true(capture_append(&bytes, &head, sizeof head));
    assert_true(capture_append(&bytes, path, strlen(path)));
    assert_true(capture_append(&bytes, text, strlen(text)));
    put_section(writer, SECTION_PROCESS_FILES, 0, bytes.items, bytes.count, 0);
    vector_free(&bytes);
}

static void write_sections(struct capture_writer *writer, const struct work *work)
{
    const struct capture_run runs[] = {{FIRST, SIZE - PAGE}, {FIRST + SIZE, PAGE}};
    const struct capture_run later = {LATER, PAGE};
    assert_null(capture_write_memory(writer, runs, 2, work->bytes, true));
    assert_null(capture_write_memory_end(writer, 0));
    assert_null(capture_write_memory(writer, &later, 1, work->later, false));
    assert_null(capture_write_memory_end(writer, 1));
    put_section(writer, SECTION_MAPPINGS, 0, mappings, sizeof mappings - 1, 0);
    put_section(writer, SECTION_MAPPINGS, 1, mappings, sizeof mappings - 1, 0);
    put_section(writer, SECTION_FACTS, 0, facts, sizeof facts - 1, 0);
    put_text(writer, "comm", "python\n");
}

static void write_capture(struct work *work, uint32_t unknown_flags)
{
    strcpy(work->path, "/tmp/steth-capture-XXXXXX");
    int file = mkstemp(work->path);
    struct capture_writer *writer;
    assert_true(file >= 0);
    fill(work);
    assert_null(capture_writer_new(file, 0, &writer));
    write_sections(writer, work);
    if (unknown_flags != UINT32_MAX)
        put_section(writer, 999, 0, "new", 3, unknown_flags);
    assert_null(capture_writer_finish(writer));
    assert_int_equal(capture_written(writer), lseek(file, 0, SEEK_END));
    capture_writer_free(writer);
    close(file);
}

static int begin(void **state)
{
    struct work *work = calloc(1, sizeof *work);
    if (!work)
        return -1;
    write_capture(work, UINT32_MAX);
    *state = work;
    return 0;
}

static int end(void **state)
{
    struct work *work = *state;
    unlink(work->path);
    free(work);
    return 0;
}

static struct target *opened(const struct work *work)
{
    struct target *target;
    struct error *error = target_open_capture(work->path, &target);
    if (error)
        fail_msg("%s", error->message);
    return target;
}

static void refused(const struct work *work, const char *words)
{
    struct target *target;
    struct error *error = target_open_capture(work->path, &target);
    assert_non_null(error);
    assert_int_equal(error->code, ERROR_CANNOT_LOOK);
    if (!strstr(error->message, words))
        fail_msg("'%s' lacks '%s'", error->message, words);
    error_free(error);
}

static void memory_reads_as_it_was(void **state)
{
    struct work *work = *state;
    struct target *target = opened(work);
    static uint8_t bytes[SIZE + 2 * PAGE];
    assert_true(capture_recognise(work->path));
    assert_string_equal(target_kind(target), "capture");
    assert_int_equal(target_pid(target), 4242);
    assert_false(target_is_live(target));
    assert_int_equal(target_read_some(target, FIRST, bytes, SIZE - PAGE), SIZE - PAGE);
    assert_memory_equal(bytes, work->bytes, SIZE - PAGE);
    assert_true(target_read(target, FIRST + SIZE + 8, bytes, 64));
    assert_memory_equal(bytes, work->bytes + SIZE - PAGE + 8, 64);
    assert_int_equal(target_damage(target).blocks, 0);
    target_close(target);
}

static void what_nobody_touched_is_zero_and_files_are_not(void **state)
{
    struct target *target = opened(*state);
    uint8_t bytes[2 * PAGE] = {1};
    assert_true(target_read(target, 0x76000, bytes, sizeof bytes));
    for (size_t i = 0; i < sizeof bytes; i++)
        assert_int_equal(bytes[i], 0);
    assert_int_equal(target_read_some(target, 0x7f000, bytes, sizeof bytes), PAGE);
    assert_false(target_read(target, 0x90000, bytes, 1));
    assert_false(target_read(target, UINT64_MAX - 4, bytes, 16));
    target_close(target);
}

static void the_second_moment_holds_what_changed(void **state)
{
    struct work *work = *state;
    struct target *target = opened(work);
    struct target *later = target_later(target);
    static uint8_t bytes[3 * PAGE];
    assert_non_null(later);
    assert_true(target_seconds_recorded(target) > 0.49 && target_seconds_recorded(target) < 0.51);
    assert_true(target_read(target, LATER, bytes, PAGE));
    assert_memory_equal(bytes, work->bytes + (LATER - FIRST), PAGE);
    assert_true(target_read(later, LATER - PAGE, bytes, sizeof bytes));
    assert_memory_equal(bytes, work->bytes + (LATER - FIRST) - PAGE, PAGE);
    assert_memory_equal(bytes + PAGE, work->later, PAGE);
    assert_memory_equal(bytes + 2 * PAGE, work->bytes + (LATER - FIRST) + PAGE, PAGE);
    process_files_wait(target_files(target), 0.3);
    assert_true(target_read(target, LATER, bytes, PAGE));
    assert_memory_equal(bytes, work->later, PAGE);
    target_close(target);
}

static void sum_up(void *context, uint64_t start, uint64_t stop)
{
    uint64_t *sum = context;
    sum[0]++;
    sum[1] += stop - start;
}

static void pages_that_are_there_are_visited_once(void **state)
{
    struct target *target = opened(*state);
    uint64_t sum[2] = {0};
    target_visit_present(target, 0, UINT64_MAX, sum_up, sum);
    assert_int_equal(sum[0], 2);
    assert_int_equal(sum[1], SIZE);
    process_files_wait(target_files(target), 0);
    memset(sum, 0, sizeof sum);
    target_visit_present(target, LATER, LATER + 2 * PAGE, sum_up, sum);
    assert_int_equal(sum[0], 1);
    assert_int_equal(sum[1], 2 * PAGE);
    target_close(target);
}

static void what_the_kernel_told_is_there(void **state)
{
    struct target *target = opened(*state);
    char *comm = process_files_read(target_files(target), "comm", 100, NULL);
    assert_string_equal(comm, "python\n");
    free(comm);
    assert_string_equal(target_capture_fact(target, "steth"), "0");
    assert_null(target_capture_fact(target, "ste"));
    target_close(target);
}

/* ---- damage ---------------------------------------------------------------------------------- */

static off_t size_of(const struct work *work)
{
    int file = open(work->path, O_RDONLY | O_CLOEXEC);
    off_t size = lseek(file, 0, SEEK_END);
    close(file);
    return size;
}

static void flip(const struct work *work, off_t at)
{
    uint8_t byte;
    int file = open(work->path, O_RDWR | O_CLOEXEC);
    assert_int_equal(pread(file, &byte, 1, at), 1);
    byte ^= 0x10;
    assert_int_equal(pwrite(file, &byte, 1, at), 1);
    close(file);
}

static void every_truncation_is_named(void **state)
{
    struct work *work = *state;
    off_t size = size_of(work);
    for (off_t left = size - 1; left >= 0; left -= left > 400 ? 997 : 1) {
        assert_int_equal(truncate(work->path, left), 0);
        refused(work, left < CAPTURE_MAGIC_BYTES                    ? "no capture"
                      : left < (off_t)sizeof(struct capture_header) ? ""
                                                                    : "truncated");
    }
}

static void a_flipped_bit_is_an_error_or_a_noted_hole(void **state)
{
    struct work *work = *state;
    off_t size = size_of(work);
    unsigned holes = 0, errors = 0;
    for (off_t at = 0; at < size; at += at < 64 || at > size - 600 ? 1 : 211) {
        static uint8_t bytes[SIZE];
        struct target *target = NULL;
        flip(work, at);
        struct error *error = target_open_capture(work->path, &target);
        errors += error != NULL;
        if (!error && target_read_some(target, FIRST, bytes, SIZE - PAGE) < SIZE - PAGE) {
            assert_true(target_damage(target).blocks > 0);
            assert_true(target_damage(target).first >= FIRST);
            holes++;
        } else if (!error) {
            assert_memory_equal(bytes, work->bytes, SIZE - PAGE);
        }
        error_free(error);
        target_close(target);
        flip(work, at);
    }
    assert_true(holes > 10);
    assert_true(errors > 100);
}

static void what_is_new_and_optional_is_skipped(void **state)
{
    struct work *work = *state;
    unlink(work->path);
    write_capture(work, SECTION_OPTIONAL);
    target_close(opened(work));
    unlink(work->path);
    write_capture(work, 0);
    refused(work, "does not know");
}

static void rewrite_header(const struct work *work, uint32_t version, uint32_t readable_from)
{
    struct capture_header header;
    int file = open(work->path, O_RDWR | O_CLOEXEC);
    assert_int_equal(pread(file, &header, sizeof header, 0), sizeof header);
    header.version = version;
    header.readable_from = readable_from;
    header.checksum = capture_checksum(&header, offsetof(struct capture_header, checksum));
    assert_int_equal(pwrite(file, &header, sizeof header, 0), sizeof header);
    close(file);
}

static void versions_follow_their_rules(void **state)
{
    struct work *work = *state;
    rewrite_header(work, CAPTURE_VERSION + 5, CAPTURE_VERSION);
    target_close(opened(work));
    rewrite_header(work, CAPTURE_VERSION + 5, CAPTURE_VERSION + 1);
    refused(work, "has format");
}

/* Its pid may by now be that of any process. */
static void what_has_its_pid_is_not_stopped(void **state)
{
    struct work *work = *state;
    struct target *target = opened(work);
    struct pause *pause = NULL;
    assert_int_equal(target_pid(target), 4242);
    struct error *error = pause_begin(target, &pause);
    assert_non_null(error);
    assert_int_equal(error->code, ERROR_USAGE);
    assert_null(pause);
    error_free(error);
    target_close(target);
}

static void a_file_may_not_exceed_its_limit(void **state)
{
    struct work *work = *state;
    struct capture_writer *writer;
    int file = open(work->path, O_RDWR | O_TRUNC | O_CLOEXEC);
    const struct capture_run run = {FIRST, SIZE};
    assert_null(capture_writer_new(file, 0, &writer));
    capture_limit(writer, 1000);
    struct error *error = capture_write_memory(writer, &run, 1, work->bytes, false);
    assert_non_null(error);
    assert_non_null(strstr(error->message, "largest size"));
    assert_true(lseek(file, 0, SEEK_END) <= 1000);
    error_free(error);
    capture_writer_free(writer);
    close(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(memory_reads_as_it_was, begin, end),
        cmocka_unit_test_setup_teardown(what_nobody_touched_is_zero_and_files_are_not, begin, end),
        cmocka_unit_test_setup_teardown(the_second_moment_holds_what_changed, begin, end),
        cmocka_unit_test_setup_teardown(pages_that_are_there_are_visited_once, begin, end),
        cmocka_unit_test_setup_teardown(what_the_kernel_told_is_there, begin, end),
        cmocka_unit_test_setup_teardown(every_truncation_is_named, begin, end),
        cmocka_unit_test_setup_teardown(a_flipped_bit_is_an_error_or_a_noted_hole, begin, end),
        cmocka_unit_test_setup_teardown(what_is_new_and_optional_is_skipped, begin, end),
        cmocka_unit_test_setup_teardown(versions_follow_their_rules, begin, end),
        cmocka_unit_test_setup_teardown(a_file_may_not_exceed_its_limit, begin, end),
        cmocka_unit_test_setup_teardown(what_has_its_pid_is_not_stopped, begin, end),
    };
    return cmocka_run_group_tests_name("capture", tests, NULL, NULL);
}
