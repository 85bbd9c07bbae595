/* Members of C structs and __slots__: the PyMemberDef arrays of a type and its bases. */
#include "object/internal.h"

#define MEMBERS_MAX      512
#define MEMBER_BYTES_MAX 64
#define MEMBER_NAME_MAX  128

/* The types of members that are objects (Include/structmember.h: T_OBJECT, T_OBJECT_EX). */
enum member_types {
    MEMBER_OBJECT = 6,
    MEMBER_OBJECT_EX = 16,
};

/* What one type itself defines; false when the visitor stopped. */
static bool visit_own(const struct cpython *cpython, const struct type_view *type,
                      visit_member visit, void *context)
{
    const struct layout_offsets *at = &cpython->at;
    uint64_t members = field_pointer(cpython, type->address, at->type_members);
    size_t size = (size_t)at->size_of_member;
    if (!members || at->size_of_member <= 0 || size > MEMBER_BYTES_MAX)
        return true;
    for (int i = 0; i < MEMBERS_MAX; i++, members += size) {
        uint8_t bytes[MEMBER_BYTES_MAX];
        char name[MEMBER_NAME_MAX];
        if (!target_read(cpython->target, members, bytes, size))
            return true;
        uint64_t name_address = load_word(bytes, at->member_name);
        uint32_t kind = load_half(bytes, at->member_type);
        uint64_t offset = load_word(bytes, at->member_offset);
        if (!name_address)
            return true;
        if ((kind != MEMBER_OBJECT && kind != MEMBER_OBJECT_EX) ||
            offset + sizeof(uint64_t) > (uint64_t)type->basicsize ||
            !target_read_c_string(cpython->target, name_address, name, sizeof name))
            continue;
        if (!visit(context, name, offset))
            return false;
    }
    return true;
}

bool members_visit(const struct cpython *cpython, const struct type_view *type, visit_member visit,
                   void *context)
{
    struct type_view view = *type;
    for (int depth = 0; depth < CHAIN_MAX; depth++) {
        if (!visit_own(cpython, &view, visit, context))
            return false;
        if (!view.base || !type_read(cpython, view.base, &view))
            break;
    }
    return true;
}

struct member_search {
    const char *name;
    uint64_t offset;
};

static bool match_member(void *context, const char *name, uint64_t offset)
{
    struct member_search *search = context;
    if (strcmp(name, search->name) != 0)
        return true;
    search->offset = offset;
    return false;
}

bool member_find(const struct cpython *cpython, const struct type_view *type, const char *name,
                 uint64_t *offset)
{
    struct member_search search = {.name = name};
    if (members_visit(cpython, type, match_member, &search))
        return false;
    *offset = search.offset;
    return true;
}

uint64_t member_get(const struct cpython *cpython, uint64_t object, const char *name)
{
    struct type_view type;
    uint64_t offset;
    if (!type_read(cpython, object_type(cpython, object), &type) ||
        !member_find(cpython, &type, name, &offset))
        return 0;
    return field_pointer(cpython, object + offset, 0);
}
