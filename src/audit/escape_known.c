#include "audit/escape_known.h"

#include <stdlib.h>

enum known_effect {
    KNOWN_KEEPS,    /* the arguments from `from` on, for the life of the process */
    KNOWN_RUNS,     /* … until it has been run */
    KNOWN_WRAPS,    /* the result holds what the arguments hold */
    KNOWN_COLLECTS, /* … what the arguments contain */
    KNOWN_THREAD,   /* the result does, and is a thread */
    KNOWN_STORES,   /* puts the others into the first argument */
    KNOWN_ITEM,     /* the result is one of the things that the arguments contain */
    KNOWN_FRAME,    /* the result refers to the frame that calls it */
    KNOWN_HANDLED,  /* … to those that an exception went through which is being handled */
    KNOWN_WEAK,     /* … and holds its callback alone */
    KNOWN_TYPE,
    KNOWN_SUPER,
    KNOWN_GLOBALS,
    KNOWN_NAMESPACE, /* lives as long as its argument */
    KNOWN_HARMLESS,
};

static const struct known {
    const char *name;
    enum known_effect effect;
    size_t from;
} known_calls[] = {
    {"atexit.register", KNOWN_KEEPS, 0},
    {"weakref.finalize", KNOWN_KEEPS, 1},
    {"signal.signal", KNOWN_KEEPS, 0},
    {"sys.settrace", KNOWN_KEEPS, 0},
    {"sys.setprofile", KNOWN_KEEPS, 0},
    {"sys.addaudithook", KNOWN_KEEPS, 0},
    {"threading.settrace", KNOWN_KEEPS, 0},
    {"threading.setprofile", KNOWN_KEEPS, 0},
    {"os.register_at_fork", KNOWN_KEEPS, 0},
    {"codecs.register", KNOWN_KEEPS, 0},
    {"logging.getLogger().addHandler", KNOWN_KEEPS, 0},
    {"logging.getLogger().addFilter", KNOWN_KEEPS, 0},
    {"asyncio.create_task", KNOWN_RUNS, 0},
    {"asyncio.ensure_future", KNOWN_RUNS, 0},
    {"asyncio.run_coroutine_threadsafe", KNOWN_RUNS, 0},
    {"_thread.start_new_thread", KNOWN_RUNS, 0},
    {"threading.Thread", KNOWN_THREAD, 0},
    {"threading.Timer", KNOWN_THREAD, 0},
    {"functools.partial", KNOWN_WRAPS, 0},
    {"functools.partialmethod", KNOWN_WRAPS, 0},
    {"types.MethodType", KNOWN_WRAPS, 0},
    {"collections.namedtuple()", KNOWN_WRAPS, 0},
    {"types.SimpleNamespace", KNOWN_WRAPS, 0},
    {"itertools.repeat", KNOWN_WRAPS, 0},
    {"builtins.map", KNOWN_WRAPS, 0},
    {"builtins.filter", KNOWN_WRAPS, 0},
    {"builtins.dict", KNOWN_WRAPS, 0},
    {"builtins.list", KNOWN_COLLECTS, 0},
    {"builtins.tuple", KNOWN_COLLECTS, 0},
    {"builtins.set", KNOWN_COLLECTS, 0},
    {"builtins.frozenset", KNOWN_COLLECTS, 0},
    {"builtins.iter", KNOWN_COLLECTS, 0},
    {"builtins.reversed", KNOWN_COLLECTS, 0},
    {"builtins.sorted", KNOWN_COLLECTS, 0},
    {"builtins.enumerate", KNOWN_COLLECTS, 0},
    {"builtins.zip", KNOWN_COLLECTS, 0},
    {"collections.deque", KNOWN_COLLECTS, 0},
    {"collections.OrderedDict", KNOWN_COLLECTS, 0},
    {"itertools.chain", KNOWN_COLLECTS, 0},
    {"itertools.cycle", KNOWN_COLLECTS, 0},
    {"contextlib.ExitStack", KNOWN_COLLECTS, 0},
    {"contextlib.AsyncExitStack", KNOWN_COLLECTS, 0},
    {"copy.copy", KNOWN_COLLECTS, 0},
    {"builtins.next", KNOWN_ITEM, 0},
    {"builtins.min", KNOWN_ITEM, 0},
    {"builtins.max", KNOWN_ITEM, 0},
    {"sys.exc_info", KNOWN_HANDLED, 0},
    {"sys.exception", KNOWN_HANDLED, 0},
    {"sys._getframe", KNOWN_FRAME, 0},
    {"inspect.currentframe", KNOWN_FRAME, 0},
    {"heapq.heappush", KNOWN_STORES, 1},
    {"bisect.insort", KNOWN_STORES, 1},
    {"bisect.insort_left", KNOWN_STORES, 1},
    {"bisect.insort_right", KNOWN_STORES, 1},
    {"operator.setitem", KNOWN_STORES, 1},
    {"builtins.setattr", KNOWN_STORES, 2},
    {"builtins.object.__setattr__", KNOWN_STORES, 2},
    {"builtins.type.__setattr__", KNOWN_STORES, 2},
    {"builtins.dict.__setitem__", KNOWN_STORES, 1},
    {"builtins.dict.setdefault", KNOWN_STORES, 1},
    {"builtins.list.append", KNOWN_STORES, 1},
    {"builtins.list.insert", KNOWN_STORES, 1},
    {"builtins.set.add", KNOWN_STORES, 1},
    {"weakref.ref", KNOWN_WEAK, 0},
    {"weakref.proxy", KNOWN_WEAK, 0},
    {"weakref.WeakMethod", KNOWN_WEAK, 0},
    {"builtins.type", KNOWN_TYPE, 0},
    {"builtins.super", KNOWN_SUPER, 0},
    {"builtins.globals", KNOWN_GLOBALS, 0},
    {"builtins.vars", KNOWN_NAMESPACE, 0},
    {"builtins.print", KNOWN_HARMLESS, 0},
    {"builtins.repr", KNOWN_HARMLESS, 0},
    {"builtins.str", KNOWN_HARMLESS, 0},
    {"builtins.id", KNOWN_HARMLESS, 0},
    {"builtins.len", KNOWN_HARMLESS, 0},
    {"builtins.isinstance", KNOWN_HARMLESS, 0},
    {"builtins.hasattr", KNOWN_HARMLESS, 0},
    {"builtins.hash", KNOWN_HARMLESS, 0},
};

static bool keeps(const struct argument *argument)
{
    return argument->value.holds && !argument->value.weak;
}

static bool any_keeps(const argument_list *arguments, size_t from, bool contents)
{
    for (size_t i = from; i < arguments->count; i++) {
        const struct argument *one = &arguments->items[i];
        if (keeps(one) && !(contents && one->value.is_self))
            return true;
    }
    return false;
}

static void note_kept(struct escape_search *search, struct frame *frame, const struct known *known,
                      const argument_list *arguments)
{
    if (!any_keeps(arguments, known->from, false))
        return;
    struct slice name = {known->name, strlen(known->name)};
    escape_note(search, frame, ESCAPE_CERTAIN,
                known->effect == KNOWN_KEEPS ? "a register that nothing leaves by itself"
                                             : "a task or thread, until it has ended",
                name, name);
}

static void store_first(struct escape_search *search, struct frame *frame,
                        const struct known *known, const argument_list *arguments)
{
    if (arguments->count <= known->from || !any_keeps(arguments, known->from, false))
        return;
    struct store store = {.container = arguments->items[0].node,
                          .into = arguments->items[0].value,
                          .method = {"append", strlen("append")}};
    escape_store(search, frame, &store);
}

/* super(): looked up behind the class whose method is being walked. */
static struct value super_of(struct escape_search *search, struct frame *frame)
{
    struct value value = value_plain(ORIGIN_OTHER);
    value.kind = KIND_SUPER;
    value.holds = true;
    value.receiver_class = search->class_scope;
    for (uint32_t scope = frame->scope; scope != NOWHERE && value.scope == NOWHERE;
         scope = search->scopes->items.items[scope].parent)
        value.scope = scopes_class_of(search->scopes, scope);
    return value;
}

/* Whether an exception is handled that was raised below the finalizer. */
static bool is_handling(const struct frame *frame)
{
    while (frame && !frame->handlers)
        frame = frame->caller;
    return frame;
}

static const struct known *find_known(const char *name)
{
    for (size_t i = 0; i < sizeof known_calls / sizeof *known_calls; i++)
        if (strcmp(known_calls[i].name, name) == 0)
            return &known_calls[i];
    return NULL;
}

bool escape_known_call(struct escape_search *search, struct frame *frame, const char *name,
                       const argument_list *arguments, struct value *result)
{
    const struct known *known = find_known(name);
    *result = value_plain(ORIGIN_OTHER);
    if (!known)
        return false;
    switch (known->effect) {
    case KNOWN_KEEPS:
    case KNOWN_RUNS:
        note_kept(search, frame, known, arguments);
        break;
    case KNOWN_WRAPS:
        *result = value_new(any_keeps(arguments, 0, false));
        break;
    case KNOWN_COLLECTS:
        *result = value_new(any_keeps(arguments, 0, true));
        result->kind = KIND_CONTAINER;
        break;
    case KNOWN_THREAD:
        *result = value_new(any_keeps(arguments, 0, false));
        result->kind = KIND_THREAD;
        break;
    case KNOWN_STORES:
        store_first(search, frame, known, arguments);
        break;
    case KNOWN_ITEM:
        *result = value_new(any_keeps(arguments, 0, true));
        break;
    case KNOWN_FRAME:
        *result = value_new(true);
        break;
    case KNOWN_HANDLED:
        *result = value_new(is_handling(frame));
        break;
    case KNOWN_WEAK:
        if (any_keeps(arguments, 1, false))
            *result = value_new(true);
        else
            result->weak = true;
        break;
    case KNOWN_TYPE:
        if (arguments->count == 1)
            *result = value_class_of(&arguments->items[0].value);
        break;
    case KNOWN_SUPER:
        *result = super_of(search, frame);
        break;
    case KNOWN_GLOBALS:
        *result = value_plain(ORIGIN_LIVE);
        result->kind = KIND_CONTAINER;
        break;
    case KNOWN_NAMESPACE:
        if (arguments->count == 1 && !arguments->items[0].value.is_self)
            *result = value_plain(arguments->items[0].value.origin);
        break;
    case KNOWN_HARMLESS:
        break;
    }
    return true;
}
