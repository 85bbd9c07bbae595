/*
 * For tests/live/test_frame_claims.py: what frames of a live process are doing.
 *
 *     dump_frames PID < lines
 *
 * Each line is answered by one line of JSON: "thread IDENT" by its frames, innermost first;
 * "generator ADDRESS" by the frame of a generator or coroutine; "code ADDRESS" by the line of each
 * of its instructions and where an exception goes from there. Addresses are decimal.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/code_tables.h"
#include "runtime/frame_detail.h"

struct look {
    const struct cpython *cpython;
    thread_vector threads;
    frame_vector frames;
};

/* ---- one frame ------------------------------------------------------------------------------- */

static bool add_local(void *context, const char *name, uint64_t object)
{
    json_object_set_new(context, name, json_integer((json_int_t)object));
    return true;
}

static bool add_manager(void *context, uint64_t manager, bool async)
{
    json_array_append_new(context, json_pack("[I, b]", (json_int_t)manager, async));
    return true;
}

static json_t *frame_json(const struct cpython *cpython, const struct frame_view *frame)
{
    json_t *locals = json_object(), *managers = json_array();
    struct source_place place = {0};
    frame_place(cpython, frame, &place);
    if (!frame_locals_visit(cpython, frame, add_local, locals))
        json_object_clear(locals);
    if (!frame_managers_visit(cpython, frame, add_manager, managers)) {
        json_decref(managers);
        managers = json_null();
    }
    json_t *said = json_pack("{s:s?, s:s?, s:i, s:I, s:o, s:o}", "file", place.file, "function",
                             place.function, "line", (int)place.line, "instruction",
                             (json_int_t)frame_instruction(cpython, frame), "locals", locals,
                             "managers", managers);
    source_place_free(&place);
    return said;
}

static json_t *thread_json(const struct look *look, uint64_t ident)
{
    json_t *frames = json_array();
    for (size_t i = 0; i < look->frames.count; i++) {
        const struct frame_view *frame = &look->frames.items[i];
        if (look->threads.items[frame->thread].ident == ident)
            json_array_append_new(frames, frame_json(look->cpython, frame));
    }
    return frames;
}

static json_t *generator_json(const struct cpython *cpython, uint64_t generator)
{
    const struct layout_offsets *at = &cpython->at;
    struct frame_view frame = {0};
    if (cpython->is.frames != FRAME_OBJECTS)
        frame.address = field_of(generator, at->generator_frame);
    else if (!target_read_word(cpython->target, field_of(generator, at->generator_frame_object),
                               &frame.address))
        return json_null();
    int32_t code = cpython->is.frames == FRAME_OBJECTS ? at->frame_object_code : at->frame_code;
    if (!target_read_word(cpython->target, field_of(frame.address, code), &frame.code))
        return json_null();
    frame.code = untagged_reference(cpython, frame.code);
    return frame_json(cpython, &frame);
}

/* ---- one code object ------------------------------------------------------------------------- */

static json_t *lines_json(const struct cpython *cpython, uint64_t code, int64_t size)
{
    struct bytes_copy table;
    int32_t first = 0;
    if (!code_bytes_read(cpython, code, cpython->at.code_line_table, &table))
        return json_null();
    target_read(cpython->target, field_of(code, cpython->at.code_first_line), &first, sizeof first);
    json_t *lines = json_array();
    for (int64_t offset = 0; offset < size; offset += 2)
        json_array_append_new(lines,
                              json_integer(line_table_find(cpython->is.line_table, table.bytes,
                                                           table.size, first, offset)));
    free(table.bytes);
    return lines;
}

static json_t *handlers_json(const struct cpython *cpython, uint64_t code, int64_t size)
{
    struct bytes_copy table;
    struct exception_handler handler;
    if (!code_bytes_read(cpython, code, cpython->at.code_exception_table, &table))
        return json_null();
    json_t *handlers = json_array();
    for (uint32_t unit = 0; unit < size / 2; unit++)
        json_array_append_new(handlers,
                              exception_table_find(table.bytes, table.size, unit, &handler)
                                  ? json_pack("[i, i]", (int)handler.unit * 2, (int)handler.depth)
                                  : json_null());
    free(table.bytes);
    return handlers;
}

static json_t *code_json(const struct cpython *cpython, uint64_t code)
{
    int64_t size = code_instructions_size(cpython, code);
    return json_pack("{s:o, s:o}", "lines", lines_json(cpython, code, size), "handlers",
                     handlers_json(cpython, code, size));
}

/* ---- the process ----------------------------------------------------------------------------- */

static void answer(const struct look *look, const char *line)
{
    char what[16];
    uint64_t number;
    if (sscanf(line, "%15s %" SCNu64, what, &number) != 2)
        return;
    json_t *said = strcmp(what, "thread") == 0      ? thread_json(look, number)
                   : strcmp(what, "generator") == 0 ? generator_json(look->cpython, number)
                                                    : code_json(look->cpython, number);
    json_dumpf(said, stdout, JSON_COMPACT | JSON_ENCODE_ANY);
    putchar('\n');
    json_decref(said);
}

static struct error *look_and_answer(struct target *target)
{
    struct cpython *cpython;
    interpreter_vector interpreters = {0};
    struct error *error = cpython_attach(target, &cpython);
    if (error)
        return error;
    struct look look = {.cpython = cpython};
    error = interpreters_list(cpython, &interpreters);
    if (!error)
        error = threads_list(cpython, &interpreters, &look.threads, &look.frames);
    char line[64];
    while (!error && fgets(line, sizeof line, stdin))
        answer(&look, line);
    threads_free(&look.threads, &look.frames);
    vector_free(&interpreters);
    cpython_detach(cpython);
    return error;
}

int main(int count, char **words)
{
    struct target *target;
    if (count != 2)
        return 2;
    struct error *error = target_open_live((pid_t)strtol(words[1], NULL, 10), &target);
    if (!error) {
        error = look_and_answer(target);
        target_close(target);
    }
    if (error)
        fprintf(stderr, "%s\n", error->message);
    int status = error ? 1 : 0;
    error_free(error);
    return status;
}
