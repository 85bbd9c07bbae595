/* sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib")): folders that files add. */
#include <stdlib.h>
#include <string.h>

#include "audit/resolver_internal.h"
#include "base/cleanup.h"
#include "base/text.h"

#define DEEPEST_PATH 12

static char *folder_above(char *path)
{
    char *slash = path ? strrchr(path, '/') : NULL;
    if (slash && slash != path)
        *slash = '\0';
    else if (path && !slash)
        strcpy(path, *path ? "." : "");
    return path;
}

static char *join(char *left, char *right)
{
    char *whole = NULL;
    if (left && right)
        whole = *right == '/' ? strdup(right) : text_format("%s/%s", left, right);
    free(left);
    free(right);
    return whole;
}

static char *path_of(struct resolver *resolver, uint32_t module, expression_id id, unsigned depth);

/* os.path.join(a, b), dirname(a), abspath(a), Path(a), str(a). */
static char *path_of_call(struct resolver *resolver, uint32_t module, const struct expression *call,
                          unsigned depth)
{
    const struct module *source = resolver_module(resolver, module);
    const struct expression *head = module_expression(source, module_child(source, call, 0));
    const char *name = module_text(source, head->text);
    if (head->kind != EXPRESSION_NAME && head->kind != EXPRESSION_ATTRIBUTE)
        return NULL;
    if (head->kind == EXPRESSION_ATTRIBUTE &&
        (strcmp(name, "resolve") == 0 || strcmp(name, "absolute") == 0))
        return path_of(resolver, module, module_child(source, head, 0), depth + 1);
    if (call->count < 2)
        return NULL;
    char *first = path_of(resolver, module, module_child(source, call, 1), depth + 1);
    if (strcmp(name, "dirname") == 0)
        return folder_above(first);
    if (strcmp(name, "join") == 0) {
        for (uint32_t i = 2; i < call->count; i++)
            first =
                join(first, path_of(resolver, module, module_child(source, call, i), depth + 1));
        return first;
    }
    static const char *const same[] = {"abspath", "realpath", "normpath", "Path", "str", "fspath"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        if (strcmp(name, same[i]) == 0)
            return first;
    }
    free(first);
    return NULL;
}

/* The path that an expression spells; NULL: not known. The caller frees. */
static char *path_of(struct resolver *resolver, uint32_t module, expression_id id, unsigned depth)
{
    const struct module *source = resolver_module(resolver, module);
    if (depth > DEEPEST_PATH || id == NONE)
        return NULL;
    const struct expression expression = *module_expression(source, id);
    const char *text = module_text(source, expression.text);
    switch (expression.kind) {
    case EXPRESSION_STRING:
        return strdup(text);
    case EXPRESSION_NAME:
        if (strcmp(text, "__file__") == 0)
            return strdup(resolver->modules->entries.items[module]->path);
        uint32_t event = module_last_event(source, 0, expression.text);
        if (event == NONE || source->events.items[event].kind != EVENT_ASSIGN)
            return NULL;
        return path_of(resolver, module, source->events.items[event].index, depth + 1);
    case EXPRESSION_ATTRIBUTE:
        if (strcmp(text, "pardir") == 0)
            return strdup("..");
        if (strcmp(text, "parent") != 0)
            return NULL;
        return folder_above(
            path_of(resolver, module, module_child(source, &expression, 0), depth + 1));
    case EXPRESSION_DIVISION:
        return join(path_of(resolver, module, module_child(source, &expression, 0), depth + 1),
                    path_of(resolver, module, module_child(source, &expression, 1), depth + 1));
    case EXPRESSION_CALL:
        return path_of_call(resolver, module, &expression, depth);
    default:
        return NULL;
    }
}

void resolver_add_paths(struct resolver *resolver, uint32_t module)
{
    const struct module_entry *entry = resolver->modules->entries.items[module];
    if (!entry->path)
        return;
    for (size_t i = 0; i < entry->module.paths.count; i++) {
        _cleanup_free_ char *path = path_of(resolver, module, entry->module.paths.items[i], 0);
        if (path && path_is_folder(path) && !modules_add_root(resolver->modules, path))
            resolver->no_memory = true;
    }
}
