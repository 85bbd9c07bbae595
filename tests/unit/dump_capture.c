/* Prints everything that a capture holds: all memory of its moments, and what /proc told. For
 * tests/live/test_captures.py. */
#include <stdio.h>
#include <stdlib.h>

#include "target/capture.h"

#define PAGE 4096

static void print_run(void *context, uint64_t start, uint64_t end)
{
    static char page[PAGE];
    for (; start < end; start += PAGE)
        if (target_read(context, start, page, PAGE))
            fwrite(page, 1, PAGE, stdout);
}

static bool print_thread(void *context, const char *name)
{
    static const char *const files[] = {"stat", "status", "syscall", "comm"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[64];
        size_t size;
        snprintf(path, sizeof path, "task/%.20s/%s", name, files[i]);
        char *text = process_files_read(context, path, 1 << 16, &size);
        if (text)
            fwrite(text, 1, size, stdout);
        free(text);
    }
    return true;
}

static void print_moment(struct target *target)
{
    size_t size;
    char *command = process_files_read(target_files(target), "cmdline", 1 << 16, &size);
    if (command)
        fwrite(command, 1, size, stdout);
    free(command);
    (void)process_files_visit(target_files(target), "task", print_thread, target_files(target));
    target_visit_present(target, 0, UINT64_MAX, print_run, target);
}

int main(int argc, char **argv)
{
    struct target *target;
    if (argc != 2)
        return 2;
    struct error *error = target_open_capture(argv[1], &target);
    if (error) {
        fprintf(stderr, "%s\n", error->message);
        error_free(error);
        return 1;
    }
    print_moment(target);
    process_files_wait(target_files(target), 0);
    print_moment(target);
    bool damaged = target_damage(target).blocks;
    target_close(target);
    return damaged;
}
