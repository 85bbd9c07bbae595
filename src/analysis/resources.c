#include "analysis/resources.h"

#include <string.h>

#include "base/address_map.h"
#include "base/text.h"
#include "object/referents.h"
#include "os/descriptors.h"

#define DEPTH_MAX    4
#define OBJECTS_MAX  2000 /* looked at from one zombie */
#define BASES_MAX    16
#define BUFFER_BYTES (UINT64_C(1) << 20) /* from where on a buffer is told */

struct step {
    uint64_t object;
    unsigned depth;
};

struct search {
    const struct cpython *cpython;
    resource_vector *resources;
    struct address_map seen;
    VECTOR(struct step) queue;
    unsigned depth; /* of the object whose edges are visited */
    bool failed;
};

/* ---- what counts as a resource --------------------------------------------------------------- */

/* The descriptor of a file or socket, -1 when it is closed or cannot be read. */
static int read_descriptor(const struct cpython *cpython, uint64_t object, int32_t offset)
{
    int32_t number = -1;
    if (offset == LAYOUT_ABSENT ||
        !target_read(cpython->target, object + (uint64_t)offset, &number, sizeof number))
        return -1;
    return number;
}

static bool is_true(const struct cpython *cpython, uint64_t object)
{
    int64_t value;
    return object && int_value(cpython, object, &value) && value != 0;
}

static bool file_open(const struct cpython *cpython, uint64_t object, int *number)
{
    *number = read_descriptor(cpython, object, cpython->at.file_descriptor);
    return *number >= 0;
}

static bool socket_open(const struct cpython *cpython, uint64_t object, int *number)
{
    *number = read_descriptor(cpython, object, cpython->at.socket_descriptor);
    return *number >= 0;
}

static bool map_open(const struct cpython *cpython, uint64_t object, int *number)
{
    (void)number;
    uint64_t data = 0;
    return cpython->at.mmap_data != LAYOUT_ABSENT &&
           target_read_word(cpython->target, object + (uint64_t)cpython->at.mmap_data, &data) &&
           data != 0;
}

static bool lock_held(const struct cpython *cpython, uint64_t object, int *number)
{
    (void)number;
    struct type_view type;
    uint8_t byte = 0;
    if (!type_read(cpython, object_type(cpython, object), &type))
        return false;
    /* 3.13 moved from a semaphore with a flag behind it to a one-byte mutex: the size tells. */
    int32_t flag = cpython->at.lock_locked;
    if (flag == LAYOUT_ABSENT || flag >= type.basicsize)
        flag = cpython->at.lock_mutex;
    return flag != LAYOUT_ABSENT && flag < type.basicsize &&
           target_read(cpython->target, object + (uint64_t)flag, &byte, 1) && (byte & 1);
}

static bool executor_open(const struct cpython *cpython, uint64_t object, int *number)
{
    (void)number;
    return !is_true(cpython, instance_get(cpython, object, "_shutdown")) &&
           !is_true(cpython, instance_get(cpython, object, "_shutdown_thread"));
}

static bool thread_alive(const struct cpython *cpython, uint64_t object, int *number)
{
    (void)number;
    uint64_t started = instance_get(cpython, object, "_started");
    return started && is_true(cpython, instance_get(cpython, started, "_flag")) &&
           !is_true(cpython, instance_get(cpython, object, "_is_stopped"));
}

static bool always(const struct cpython *cpython, uint64_t object, int *number)
{
    (void)cpython;
    (void)object;
    (void)number;
    return true;
}

static bool buffer_is_big(const struct cpython *cpython, uint64_t object, int *number)
{
    (void)number;
    return object_shallow_bytes(cpython, object) >= BUFFER_BYTES;
}

static const struct resource_class {
    const char *type; /* or a subclass of it */
    const char *kind;
    bool (*open)(const struct cpython *cpython, uint64_t object, int *number);
} classes[] = {
    {"_io.FileIO", "fd", file_open},
    {"_socket.socket", "socket", socket_open},
    {"sqlite3.Cursor", "cursor", always},
    {"sqlite3.Connection", "connection", always},
    {"mmap.mmap", "mmap", map_open},
    {"bytes", "buffer", buffer_is_big},
    {"bytearray", "buffer", buffer_is_big},
    {"array.array", "buffer", buffer_is_big},
    {"_thread.lock", "lock", lock_held},
    {"_thread.RLock", "lock", lock_held},
    {"threading.Thread", "thread", thread_alive},
    {"concurrent.futures.thread.ThreadPoolExecutor", "executor", executor_open},
    {"concurrent.futures.process.ProcessPoolExecutor", "executor", executor_open},
};

/* The resource class of a type or of one of its bases, NULL when there is none. */
static const struct resource_class *class_of(const struct cpython *cpython, uint64_t type)
{
    struct type_view view;
    for (int i = 0; i < BASES_MAX && type && type_read(cpython, type, &view); i++) {
        char *name = type_qualified_name(cpython, type);
        for (size_t k = 0; name && k < sizeof classes / sizeof *classes; k++)
            if (strcmp(classes[k].type, name) == 0) {
                free(name);
                return &classes[k];
            }
        free(name);
        type = view.base;
    }
    return NULL;
}

/* ---- search ---------------------------------------------------------------------------------- */

/* False: it holds nothing open itself. */
static bool add_resource(struct search *search, uint64_t object, const struct resource_class *class)
{
    struct zombie_resource resource = {.kind = class->kind, .number = -1, .address = object};
    if (!class->open(search->cpython, object, &resource.number))
        return false;
    for (size_t i = 0; i < search->resources->count; i++)
        if (search->resources->items[i].address == object)
            return true;
    resource.type = type_qualified_name(search->cpython, object_type(search->cpython, object));
    if (class->open == buffer_is_big)
        resource.target = text_format(
            "%.1f MiB", (double)object_shallow_bytes(search->cpython, object) / (1 << 20));
    if (resource.number >= 0)
        resource.target = descriptor_target(target_files(search->cpython->target), resource.number);
    if (!vector_push(search->resources, resource)) {
        free(resource.type);
        free(resource.target);
        search->failed = true;
    }
    return true;
}

/* Behind these lies the program, not what the object owns. */
static bool leads_away(const struct cpython *cpython, uint64_t type)
{
    struct type_view view;
    return !type || type == cpython->module_type || type == cpython->function_type ||
           type == cpython->code_type || type == cpython->str_type || type == cpython->frame_type ||
           !type_read(cpython, type, &view) || (view.flags & TYPE_TYPE_SUBCLASS);
}

static bool visit_edge_of(void *context, const struct edge *edge)
{
    struct search *search = context;
    if (edge->kind == EDGE_TYPE || search->queue.count >= OBJECTS_MAX)
        return search->queue.count < OBJECTS_MAX;
    if (leads_away(search->cpython, object_type(search->cpython, edge->referent)) ||
        address_map_get(&search->seen, edge->referent) != ADDRESS_MAP_ABSENT)
        return true;
    struct step step = {edge->referent, search->depth + 1};
    search->failed =
        !address_map_put(&search->seen, edge->referent, 1) || !vector_push(&search->queue, step);
    return !search->failed;
}

bool resources_find(const struct cpython *cpython, uint64_t object, resource_vector *resources)
{
    struct search search = {.cpython = cpython, .resources = resources};
    search.failed = !vector_push(&search.queue, ((struct step){object, 0})) ||
                    !address_map_put(&search.seen, object, 1);
    for (size_t i = 0; i < search.queue.count && !search.failed; i++) {
        struct step step = search.queue.items[i];
        const struct resource_class *class = class_of(cpython, object_type(cpython, step.object));
        if (class && add_resource(&search, step.object, class))
            continue;
        if (step.depth < DEPTH_MAX) {
            search.depth = step.depth;
            (void)referents_visit(cpython, step.object, NULL, visit_edge_of, &search);
        }
    }
    vector_free(&search.queue);
    address_map_free(&search.seen);
    return !search.failed;
}
