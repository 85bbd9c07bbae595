/* Keys of dicts of names, as far as they are known: written out, or what a loop goes through. */
#include "audit/scan_internal.h"

#include <string.h>

/* What a name in the scope was bound to last, or the expression itself. */
static expression_id followed(const struct scan *scan, expression_id id)
{
    const struct module *module = scan->module;
    const struct expression *expression = id == NONE ? NULL : module_expression(module, id);
    if (!expression || expression->kind != EXPRESSION_NAME)
        return id;
    uint32_t event = module_last_event(module, scan->scope, expression->text);
    if (event == NONE && scan->scope)
        event = module_last_event(module, 0, expression->text);
    bool assigned = event != NONE && module->events.items[event].kind == EVENT_ASSIGN;
    return assigned ? module->events.items[event].index : NONE;
}

/* {…}.items(), {…}.keys(), list(…): the items of what is called, or given. */
static expression_id without_call(const struct scan *scan, expression_id id)
{
    const struct module *module = scan->module;
    const struct expression *call = id == NONE ? NULL : module_expression(module, id);
    if (!call || call->kind != EXPRESSION_CALL)
        return id;
    const struct expression *head = module_expression(module, module_child(module, call, 0));
    const char *name = head->kind == EXPRESSION_NAME || head->kind == EXPRESSION_ATTRIBUTE
                           ? module_text(module, head->text)
                           : "";
    if (strcmp(name, "items") == 0 || strcmp(name, "keys") == 0)
        return head->kind == EXPRESSION_ATTRIBUTE ? module_child(module, head, 0) : NONE;
    bool same = strcmp(name, "list") == 0 || strcmp(name, "tuple") == 0 ||
                strcmp(name, "sorted") == 0 || strcmp(name, "set") == 0;
    return same && call->count > 1 ? module_child(module, call, 1) : NONE;
}

/* The texts in a list; `place`: in the tuples that it consists of (NONE: there are none). */
static bool take_texts(const struct scan *scan, expression_id list, uint32_t place,
                       symbol_list *texts)
{
    const struct module *module = scan->module;
    if (list == NONE || module_expression(module, list)->kind != EXPRESSION_SEQUENCE)
        return false;
    const struct expression *all = module_expression(module, list);
    for (uint32_t i = 0; i < all->count; i++) {
        const struct expression *one = module_expression(module, module_child(module, all, i));
        if (place != NONE && one->kind == EXPRESSION_SEQUENCE && place < one->count)
            one = module_expression(module, module_child(module, one, place));
        else if (place != NONE && place != 0)
            return false;
        if (one->kind != EXPRESSION_STRING || !vector_push(texts, one->text))
            return false;
    }
    return true;
}

/* The innermost loop that binds the name; *place: in a tuple, or NONE. */
static const struct loop *loop_of(const struct scan *scan, TSNode name, uint32_t *place)
{
    size_t size;
    const char *text = source_text(scan->source, name, &size);
    for (const struct loop *loop = scan->loops; loop; loop = loop->outer) {
        TSNode target = loop->target;
        *place = NONE;
        size_t length;
        const char *written = source_text(scan->source, target, &length);
        if (length == size && memcmp(written, text, size) == 0)
            return loop;
        uint32_t count =
            SCAN_KIND(scan, target) == NODE_identifier ? 0 : ts_node_named_child_count(target);
        for (*place = 0; *place < count; ++*place) {
            written = source_text(scan->source, ts_node_named_child(target, *place), &length);
            if (length == size && memcmp(written, text, size) == 0)
                return loop;
        }
    }
    return NULL;
}

bool scan_key_texts(struct scan *scan, TSNode key, symbol_list *texts)
{
    expression_id written = scan_expression(scan, key);
    if (written != NONE && module_expression(scan->module, written)->kind == EXPRESSION_STRING)
        return vector_push(texts, module_expression(scan->module, written)->text);
    uint32_t place;
    const struct loop *loop =
        SCAN_KIND(scan, key) == NODE_identifier ? loop_of(scan, key, &place) : NULL;
    if (!loop)
        return false;
    expression_id values = followed(scan, scan_expression(scan, loop->values));
    return take_texts(scan, followed(scan, without_call(scan, values)), place, texts);
}

bool scan_keys_of(struct scan *scan, TSNode dict, symbol_list *texts)
{
    return take_texts(scan, followed(scan, scan_expression(scan, dict)), NONE, texts);
}

bool scan_loops_over_own_names(const struct scan *scan)
{
    static const char *const all[] = {"globals()", "locals()", "vars()", "dir()"};
    for (const struct loop *loop = scan->loops; loop; loop = loop->outer) {
        size_t size;
        const char *text = source_text(scan->source, loop->values, &size);
        for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
            if (memmem(text, size, all[i], strlen(all[i])))
                return true;
        }
    }
    return false;
}
