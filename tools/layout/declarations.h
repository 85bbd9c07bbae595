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
