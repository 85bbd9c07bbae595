/*
 * Structs that CPython declares in .c files only, in the shape their source gives (file and
 * versions beside each). tools/layout/generate.py compiles this after the version's own headers.
 */

/* Modules/_collectionsmodule.c, 3.8 to 3.15: dequeobject. */
struct deque_object {
    PyVarObject base;
    void *left_block;
    void *right_block;
    Py_ssize_t left_index;
    Py_ssize_t right_index;
    size_t state;
};

#if PY_VERSION_HEX < 0x030B0000
/* Objects/dict-common.h, 3.8 to 3.10: struct _dictkeysobject. */
struct _dictkeysobject {
    Py_ssize_t dk_refcnt;
    Py_ssize_t dk_size;
    void *dk_lookup;
    Py_ssize_t dk_usable;
    Py_ssize_t dk_nentries;
    char dk_indices[];
};
#endif

#if PY_VERSION_HEX < 0x030A0000
/* Objects/moduleobject.c, 3.8 and 3.9: PyModuleObject. */
struct module_object {
    PyObject base;
    PyObject *dict;
    struct PyModuleDef *definition;
    void *state;
    PyObject *weaklist;
    PyObject *name;
};
#endif

/* Modules/_io/fileio.c, 3.8 to 3.15: fileio. */
struct file_object {
    PyObject base;
    int descriptor;
};

/* Modules/socketmodule.h, 3.8 to 3.15: PySocketSockObject. */
struct socket_object {
    PyObject base;
    int descriptor;
};

/* Modules/mmapmodule.c, 3.8 to 3.15: mmap_object. */
struct mmap_object {
    PyObject base;
    char *data;
};

/* Modules/arraymodule.c, 3.8 to 3.15: arrayobject, struct arraydescr. */
struct array_descriptor {
    char type_code;
    int item_bytes;
};

struct array_object {
    PyVarObject base;
    char *items;
    Py_ssize_t allocated;
    const struct array_descriptor *descriptor;
};

/* Modules/_threadmodule.c, 3.8 to 3.13: lockobject. */
struct semaphore_lock_object {
    PyObject base;
    void *lock;
    PyObject *weaklist;
    char locked;
};

/* Modules/_threadmodule.c, late 3.13 to 3.15: lockobject. */
struct mutex_lock_object {
    PyObject base;
    unsigned char mutex;
};

/* Modules/_threadmodule.c, 3.8 to 3.13: rlockobject. */
struct semaphore_rlock_object {
    PyObject base;
    void *lock;
    unsigned long owner;
    unsigned long count;
    PyObject *weaklist;
};

/* Modules/_threadmodule.c, 3.14 and 3.15: rlockobject; its _PyRecursiveMutex is
 * Include/internal/pycore_lock.h. */
struct mutex_rlock_object {
    PyObject base;
    unsigned char mutex;
    unsigned long long owner;
    size_t level;
};

#if PY_VERSION_HEX < 0x030D0000
/* Modules/_queuemodule.c, 3.8 to 3.12: simplequeueobject. */
struct semaphore_queue_object {
    PyObject base;
    void *lock;
};
#else
/* Modules/_queuemodule.c, 3.13 to 3.15: simplequeueobject. */
struct parking_queue_object {
    PyObject base;
    unsigned char has_threads_waiting;
};
#endif

/* Modules/_asynciomodule.c, 3.8 to 3.15: FutureObj and TaskObj. */
#define FUTURE_MEMBERS_TO_EXCEPTION                                                                \
    PyObject base;                                                                                 \
    PyObject *loop, *callback0, *context0, *callbacks, *exception;
#if PY_VERSION_HEX < 0x03090000
#define FUTURE_MEMBERS                                                                             \
    FUTURE_MEMBERS_TO_EXCEPTION                                                                    \
    PyObject *result, *source_tb;                                                                  \
    int state, log_tb, blocking;                                                                   \
    PyObject *dict, *weakreflist;
#elif PY_VERSION_HEX < 0x030A0000
#define FUTURE_MEMBERS                                                                             \
    FUTURE_MEMBERS_TO_EXCEPTION                                                                    \
    PyObject *result, *source_tb, *cancel_msg;                                                     \
    int state, log_tb, blocking;                                                                   \
    PyObject *dict, *weakreflist;                                                                  \
    _PyErr_StackItem cancelled_exc_state;
#elif PY_VERSION_HEX < 0x030B0000
/* Without exception_tb in the first micro releases of 3.10. */
#define FUTURE_MEMBERS                                                                             \
    FUTURE_MEMBERS_TO_EXCEPTION                                                                    \
    PyObject *exception_tb, *result, *source_tb, *cancel_msg;                                      \
    int state, log_tb, blocking;                                                                   \
    PyObject *dict, *weakreflist;                                                                  \
    _PyErr_StackItem cancelled_exc_state;
#elif PY_VERSION_HEX < 0x030D0000
#define FUTURE_MEMBERS                                                                             \
    FUTURE_MEMBERS_TO_EXCEPTION                                                                    \
    PyObject *exception_tb, *result, *source_tb, *cancel_msg;                                      \
    int state, log_tb, blocking;                                                                   \
    PyObject *dict, *weakreflist, *cancelled_exc;
#elif PY_VERSION_HEX < 0x030E0000
#define FUTURE_MEMBERS                                                                             \
    FUTURE_MEMBERS_TO_EXCEPTION                                                                    \
    PyObject *exception_tb, *result, *source_tb, *cancel_msg, *cancelled_exc;                      \
    int state;                                                                                     \
    unsigned bits;
#else
#define FUTURE_MEMBERS                                                                             \
    FUTURE_MEMBERS_TO_EXCEPTION                                                                    \
    PyObject *exception_tb, *result, *source_tb, *cancel_msg, *cancelled_exc, *awaited_by;         \
    int state;                                                                                     \
    unsigned bits;
#endif

struct future_object {
    FUTURE_MEMBERS
};

struct task_object {
    FUTURE_MEMBERS
#if PY_VERSION_HEX >= 0x030D0000
    int num_cancels_requested;
#endif
    PyObject *fut_waiter, *coro, *name, *context;
#if PY_VERSION_HEX < 0x030B0000
    int must_cancel, log_destroy_pending;
#elif PY_VERSION_HEX < 0x030D0000
    int must_cancel, log_destroy_pending, num_cancels_requested;
#elif PY_VERSION_HEX >= 0x030E0000
    void *node[2];
#endif
};

/*
 * Objects whose first member is the one other object that they are about:
 * Modules/_asynciomodule.c: futureiterobject, TaskStepMethWrapper (3.8 to 3.15),
 * TaskWakeupMethWrapper (up to 3.9), PyRunningLoopHolder (up to 3.11);
 * Objects/genobject.c: PyCoroWrapper, PyAsyncGenASend, PyAsyncGenAThrow (3.8 to 3.15);
 * Objects/iterobject.c: anextawaitableobject (3.10 to 3.15).
 */
struct wrapper_object {
    PyObject base;
    PyObject *wrapped;
};

#if PY_VERSION_HEX < 0x030C0000
/* Modules/_asynciomodule.c, 3.8 to 3.11: PyRunningLoopHolder. */
struct running_loop_object {
    PyObject base;
    PyObject *loop;
    int process;
};
#endif

/* Modules/_functoolsmodule.c, 3.8 to 3.15: partialobject. */
struct partial_object {
    PyObject base;
    PyObject *function;
    PyObject *arguments;
};

#if PY_VERSION_HEX < 0x030D0000
/* Modules/_queuemodule.c, 3.8 to 3.12: simplequeueobject. */
struct list_queue_object {
    PyObject base;
    void *lock;
    int locked;
    PyObject *list;
    Py_ssize_t position;
};
#else
/* Modules/_queuemodule.c, 3.13 to 3.15: simplequeueobject with its RingBuf. */
struct ring_queue_object {
    PyObject base;
    unsigned char has_threads_waiting;
    Py_ssize_t put, get;
    PyObject **items;
    Py_ssize_t capacity, count;
};
#endif

/*
 * Python/hamt.c, 3.8 to 3.11, and Include/internal/pycore_hamt.h or pycore_structs.h, 3.12 to 3.15:
 * PyHamtNode_Bitmap, PyHamtNode_Array, PyHamtNode_Collision.
 */
struct hamt_bitmap_object {
    PyVarObject base;
    unsigned bitmap;
    PyObject *items[1];
};
struct hamt_array_object {
    PyObject base;
    PyObject *items[32];
    Py_ssize_t count;
};
struct hamt_collision_object {
    PyVarObject base;
    int hash;
    PyObject *items[1];
};
