/* Which texts are names that stay. */
#include "record/blank_internal.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "runtime/asyncio.h"

#define BUFFER_MAX            ((uint64_t)1 << 40)
#define C_NAME_MAX            512
#define FIELD_ARGUMENTS       48
#define FIELD_ENVIRONMENT_END 51

/* ---- classes --------------------------------------------------------------------------------- */

static void note_role(struct blanking *blanking, const struct type_view *type, const char *name)
{
    const struct {
        const char *name;
        uint64_t *address;
    } roles[] = {
        {"bytes", &blanking->bytes_type},
        {"bytearray", &blanking->bytearray_type},
        {"int", &blanking->int_type},
        {"float", &blanking->float_type},
    };
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        if (!*roles[i].address && !(type->flags & TYPE_HEAPTYPE && i < 4) &&
            strcmp(name, roles[i].name) == 0)
            *roles[i].address = type->address;
    if (type->address == blanking->cpython->code_type) {
        blanking->code_basic = (uint64_t)type->basicsize;
        blanking->code_item = (uint64_t)type->itemsize;
    }
    if (type->address == blanking->cpython->type_type)
        blanking->type_bytes = (uint64_t)type->basicsize;
}

static void keep_word_of(struct blanking *blanking, uint64_t object, int32_t place)
{
    uint64_t word;
    if (object && place != LAYOUT_ABSENT &&
        target_read_word(blanking->cpython->target, object + (uint64_t)place, &word))
        keep_address(blanking, word);
}

static void keep_entry_of(struct blanking *blanking, uint64_t dict, const char *key)
{
    keep_address(blanking, dict ? dict_get(blanking->cpython, dict, key) : 0);
}

static void keep_class(struct blanking *blanking, const struct type_view *type)
{
    const struct layout_offsets *at = &blanking->cpython->at;
    char name[C_NAME_MAX];
    if (target_read_c_string(blanking->cpython->target, type->name, name, sizeof name))
        note_role(blanking, type, name);
    note(blanking, &blanking->c_names, type->name & ~UINT64_C(7));
    note(blanking, &blanking->metatypes, type->metatype);
    if (role_of_type(blanking->cpython, type->address) == ROLE_TASK)
        note(blanking, &blanking->task_types, type->address);
    if (type->flags & TYPE_DICT_SUBCLASS)
        note(blanking, &blanking->dict_types, type->address);
    if (!(type->flags & TYPE_HEAPTYPE))
        return;
    uint64_t table; /* of the names of attributes that instances share */
    if (target_read_word(blanking->cpython->target,
                         type->address + (uint64_t)at->heap_type_cached_keys, &table))
        note(blanking, &blanking->tables, table);
    keep_word_of(blanking, type->address, at->heap_type_name);
    keep_word_of(blanking, type->address, at->heap_type_qualname);
    keep_entry_of(blanking, type_namespace(blanking->cpython, type), "__module__");
}

/* ---- modules and threads --------------------------------------------------------------------- */

static bool keep_module(void *context, uint64_t key, uint64_t module)
{
    static const char *const names[] = {"__name__", "__file__", "__package__", NULL};
    struct blanking *blanking = context;
    uint64_t dict;
    keep_address(blanking, key);
    if (object_type(blanking->cpython, module) == blanking->cpython->module_type &&
        target_read_word(blanking->cpython->target,
                         module + (uint64_t)blanking->cpython->at.module_dict, &dict))
        for (size_t i = 0; names[i]; i++)
            keep_entry_of(blanking, dict, names[i]);
    return !blanking->no_memory;
}

static bool keep_thread(void *context, uint64_t key, uint64_t thread)
{
    struct blanking *blanking = context;
    (void)key;
    keep_address(blanking, instance_get(blanking->cpython, thread, "_name"));
    return !blanking->no_memory;
}

static void keep_threads(struct blanking *blanking, const struct interpreter *interpreter)
{
    const struct cpython *cpython = blanking->cpython;
    uint64_t module = dict_get(cpython, interpreter->modules, "threading"), dict, active;
    if (!module || object_type(cpython, module) != cpython->module_type ||
        !target_read_word(cpython->target, module + (uint64_t)cpython->at.module_dict, &dict))
        return;
    active = dict_get(cpython, dict, "_active");
    if (active)
        (void)dict_visit(cpython, active, keep_thread, blanking);
}

/* Where the kernel put the arguments and the environment: proc_pid_stat(5), fields 48 to 51. */
static void find_arguments(struct blanking *blanking)
{
    _cleanup_free_ char *stat =
        process_files_read(target_files(blanking->cpython->target), "stat", 4096, NULL);
    char *rest = NULL, *text = stat ? strrchr(stat, ')') : NULL;
    unsigned field = 2;
    for (char *word = text ? strtok_r(text, " ", &rest) : NULL; word;
         word = strtok_r(NULL, " ", &rest), field++) {
        if (field == FIELD_ARGUMENTS)
            blanking->arguments = strtoull(word, NULL, 10);
        else if (field == FIELD_ENVIRONMENT_END)
            blanking->arguments_end = strtoull(word, NULL, 10);
    }
}

struct error *blanking_new(const struct cpython *cpython, const interpreter_vector *interpreters,
                           struct blanking **out)
{
    struct blanking *blanking = calloc(1, sizeof *blanking);
    if (!blanking)
        return error_no_memory();
    blanking->cpython = cpython;
    struct error *error = class_list_read(cpython, interpreters, &blanking->classes);
    for (size_t i = 0; !error && i < blanking->classes.types.count; i++)
        keep_class(blanking, &blanking->classes.types.items[i]);
    for (size_t i = 0; !error && i < interpreters->count; i++) {
        const struct interpreter *interpreter = &interpreters->items[i];
        if (!interpreter->modules)
            continue;
        (void)dict_visit(cpython, interpreter->modules, keep_module, blanking);
        keep_threads(blanking, interpreter);
    }
    find_arguments(blanking);
    if (!error && blanking->no_memory)
        error = error_no_memory();
    if (!error && (!blanking->bytes_type || !blanking->bytearray_type || !blanking->int_type))
        error = error_new(ERROR_CANNOT_LOOK, "the types whose values are to be left out were not "
                                             "found; nothing was recorded");
    if (error) {
        blanking_free(blanking);
        return error;
    }
    *out = blanking;
    return NULL;
}

void blanking_free(struct blanking *blanking)
{
    if (!blanking)
        return;
    class_list_free(&blanking->classes);
    address_map_free(&blanking->kept);
    address_map_free(&blanking->c_names);
    address_map_free(&blanking->metatypes);
    address_map_free(&blanking->task_types);
    address_map_free(&blanking->dict_types);
    address_map_free(&blanking->tables);
    vector_free(&blanking->buffers);
    free(blanking);
}

/* ---- names that objects in the copy refer to ------------------------------------------------- */

static void keep_field(struct blanking *blanking, const struct run_bytes *run, size_t object,
                       int32_t place)
{
    if (place != LAYOUT_ABSENT && object + (size_t)place + sizeof(uint64_t) <= run->size)
        keep_address(blanking, word_at(run->bytes + object + place));
}

bool blank_is_code(const struct blanking *blanking, const struct run_bytes *run, size_t object)
{
    const struct layout_offsets *at = &blanking->cpython->at;
    const int32_t places[] = {at->code_filename, at->code_name, at->code_line_table};
    if (!blanking->code_basic || run->size - object < blanking->code_basic)
        return false;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (!blank_is_address(blanking, word_at(run->bytes + object + places[i])))
            return false;
    return true;
}

/* PyByteArrayObject: ob_size, ob_alloc, ob_bytes, ob_start (Include/cpython/bytearrayobject.h). */
static void learn_buffer(struct blanking *blanking, const struct run_bytes *run, size_t object)
{
    uint64_t words[4];
    if (run->size - object < 16 + sizeof words)
        return;
    memcpy(words, run->bytes + object + 16, sizeof words);
    struct capture_run buffer = {words[2], words[1]};
    if (words[0] <= words[1] && words[1] < BUFFER_MAX && words[3] - words[2] <= words[1] &&
        blank_is_address(blanking, words[2]) && !vector_push(&blanking->buffers, buffer))
        blanking->no_memory = true;
}

static void learn_object(struct blanking *blanking, const struct run_bytes *run, size_t object,
                         uint64_t type)
{
    const struct cpython *cpython = blanking->cpython;
    const struct layout_offsets *at = &cpython->at;
    if (type == cpython->code_type) {
        if (!blank_is_code(blanking, run, object))
            return;
        const int32_t places[] = {at->code_filename, at->code_name,       at->code_qualname,
                                  at->code_bytes,    at->code_line_table, at->code_exception_table};
        for (size_t i = 0; i < sizeof places / sizeof *places; i++)
            keep_field(blanking, run, object, places[i]);
    } else if (type == cpython->function_type) {
        keep_field(blanking, run, object, at->function_name);
        keep_field(blanking, run, object, at->function_qualname);
        keep_field(blanking, run, object, at->function_module);
    } else if (type == cpython->module_type) {
        keep_field(blanking, run, object, at->module_name);
    } else if (type == cpython->generator_type || type == cpython->coroutine_type ||
               type == cpython->async_generator_type) {
        keep_field(blanking, run, object, at->generator_name);
        keep_field(blanking, run, object, at->generator_qualname);
    } else if (type == blanking->bytearray_type) {
        learn_buffer(blanking, run, object);
    } else if (is_in(&blanking->dict_types, type)) {
        if (run->size - object >= (size_t)at->dict_keys + sizeof(uint64_t))
            note(blanking, &blanking->tables, word_at(run->bytes + object + at->dict_keys));
    } else if (is_in(&blanking->task_types, type)) {
        struct future_view task;
        if (future_read(cpython, run->address + object, &task))
            keep_address(blanking, task.name);
    }
}

struct error *blanking_learn(struct blanking *blanking, struct copied_memory memory)
{
    size_t type_place = (size_t)blanking->cpython->at.object_type;
    uint8_t *bytes = memory.bytes;
    for (size_t i = 0; i < memory.runs->count; i++) {
        const struct capture_run *part = &memory.runs->items[i];
        struct run_bytes run = {part->address, bytes, part->size, part->address + part->size};
        for (size_t at = 0; at + type_place + sizeof(uint64_t) <= run.size; at += 16) {
            uint64_t type = word_at(run.bytes + at + type_place);
            if (type && blank_is_count(blanking, word_at(run.bytes + at)))
                learn_object(blanking, &run, at, type);
        }
        bytes += run.size;
    }
    return blanking->no_memory ? error_no_memory() : NULL;
}
