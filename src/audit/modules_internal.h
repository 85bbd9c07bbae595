/* modules_internal.h: between the files of the table of modules. */
#ifndef STETH_AUDIT_MODULES_INTERNAL_H
#define STETH_AUDIT_MODULES_INTERNAL_H

#include "audit/modules.h"

/* ---- modules.c: the table -------------------------------------------------------------------- */

/* A new entry, the last one from now on; NULL: no memory. */
struct module_entry *module_entry_new(struct modules *modules, enum module_kind kind,
                                      const char *name);
void module_entry_free(struct module_entry *entry);
/* Takes `folder`; NULL: no memory. */
bool module_entry_add_folder(struct module_entry *entry, char *folder);

static inline uint32_t modules_last(const struct modules *modules)
{
    return (uint32_t)(modules->entries.count - 1);
}

/* ---- modules_name.c: files and their folders ------------------------------------------------- */

/* The folder in which a file lies; the caller frees; NULL: no memory. */
char *modules_folder_of(const char *path);
bool modules_is_package(struct modules *modules, const char *folder);

/* ---- modules_folders.c: folders in turn ------------------------------------------------------ */

/* `name` in the first of the folders that has it; MODULES_NONE: none. The parts of a namespace are
 * gathered in *space until then. */
uint32_t modules_search(struct modules *modules, char *const *folders, size_t count,
                        const char *name, const char *full_name, struct module_entry **space);
/* Takes `space`, which is the module when no other was found; NULL: no folders were. */
uint32_t modules_take_space(struct modules *modules, struct module_entry *space, uint32_t found,
                            const char *full_name);

#endif
