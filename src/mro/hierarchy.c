/* hierarchy.c: classes are declared, defined and looked up. */
#include <string.h>

#include "mro/internal.h"

static const struct class_base base_object = {.number = CLASS_OBJECT, .text = "object"};

/* ---- object and type ------------------------------------------------------------------------- */

/* What is the same in every version: sizes as on a 64-bit build, as far as they are compared. */
static bool define_roots(struct hierarchy *hierarchy)
{
    static const class_number object_mro[] = {CLASS_OBJECT};
    static const class_number type_mro[] = {CLASS_TYPE, CLASS_OBJECT};
    const struct class_facts object = {
        .has_metaclass = true,
        .metaclass = CLASS_TYPE,
        .mro = object_mro,
        .mro_length = 1,
        .layout = {.kind = LAYOUT_SIZES, .basicsize = 16, .base = CLASS_UNKNOWN},
    };
    const struct class_facts type = {
        .bases = &base_object,
        .base_count = 1,
        .has_metaclass = true,
        .metaclass = CLASS_TYPE,
        .mro = type_mro,
        .mro_length = 2,
        .layout = {.kind = LAYOUT_SIZES,
                   .basicsize = 880,
                   .itemsize = 40,
                   .dictoffset = 264,
                   .weaklistoffset = 368,
                   .base = CLASS_OBJECT},
    };
    return hierarchy_declare(hierarchy, "object") == CLASS_OBJECT &&
           hierarchy_declare(hierarchy, "type") == CLASS_TYPE &&
           hierarchy_define(hierarchy, CLASS_OBJECT, &object) &&
           hierarchy_define(hierarchy, CLASS_TYPE, &type);
}

struct hierarchy *hierarchy_new(const struct class_rules *rules)
{
    struct hierarchy *hierarchy = calloc(1, sizeof *hierarchy);
    if (!hierarchy)
        return NULL;
    hierarchy->rules = *rules;
    hierarchy->steps = ALL_STEPS_MAX;
    if (define_roots(hierarchy))
        return hierarchy;
    hierarchy_free(hierarchy);
    return NULL;
}

void hierarchy_free(struct hierarchy *hierarchy)
{
    if (!hierarchy)
        return;
    vector_free(&hierarchy->entries);
    vector_free(&hierarchy->metaclasses);
    arena_free(&hierarchy->arena);
    free(hierarchy);
}

/* ---- adding ---------------------------------------------------------------------------------- */

class_number hierarchy_declare(struct hierarchy *hierarchy, const char *name)
{
    struct class_entry entry = {
        .name = arena_text(&hierarchy->arena, name),
        .chain = CLASS_UNKNOWN,
        .best_base = CLASS_UNKNOWN,
        .solid_base = CLASS_UNKNOWN,
    };
    if (!entry.name || hierarchy->entries.count >= CLASSES_MAX ||
        !vector_push(&hierarchy->entries, entry))
        return CLASS_UNKNOWN;
    return (class_number)(hierarchy->entries.count - 1);
}

static bool copy_bases(struct hierarchy *hierarchy, struct class_facts *facts)
{
    if (facts->base_count == 0)
        return true;
    struct class_base *bases =
        arena_copy(&hierarchy->arena, facts->bases, facts->base_count * sizeof *bases);
    facts->bases = bases;
    for (size_t i = 0; bases && i < facts->base_count; i++) {
        if (bases[i].number >= hierarchy->entries.count)
            bases[i].number = CLASS_UNKNOWN;
        const char *text = bases[i].text;
        bases[i].text = arena_text(&hierarchy->arena, text);
        if (text && !bases[i].text)
            return false;
    }
    return bases != NULL;
}

static bool copy_text(struct hierarchy *hierarchy, const char **text)
{
    if (!*text)
        return true;
    *text = arena_text(&hierarchy->arena, *text);
    return *text != NULL;
}

/* Files, distributions and versions repeat from class to class: kept once in a row. */
static bool share_text(struct hierarchy *hierarchy, const char **text, const char *before)
{
    if (*text && before && strcmp(*text, before) == 0) {
        *text = before;
        return true;
    }
    return copy_text(hierarchy, text);
}

static bool copy_facts(struct hierarchy *hierarchy, class_number number, struct class_facts *facts)
{
    static const struct class_facts none = {0};
    const struct class_facts *before = number ? &entry_at(hierarchy, number - 1)->facts : &none;
    if (facts->mro) {
        facts->mro =
            arena_copy(&hierarchy->arena, facts->mro, facts->mro_length * sizeof *facts->mro);
        hierarchy->mro_stored += facts->mro_length;
        if (!facts->mro)
            return false;
    }
    return copy_bases(hierarchy, facts) && share_text(hierarchy, &facts->file, before->file) &&
           share_text(hierarchy, &facts->finalizer_file, before->finalizer_file) &&
           share_text(hierarchy, &facts->distribution, before->distribution) &&
           share_text(hierarchy, &facts->version, before->version) &&
           copy_text(hierarchy, &facts->metaclass_text) && copy_text(hierarchy, &facts->keywords) &&
           copy_text(hierarchy, &facts->parameters) && copy_text(hierarchy, &facts->not_checked);
}

/* Cuts what is beyond the bounds and says so. */
static void bound_facts(const struct hierarchy *hierarchy, class_number number,
                        struct class_facts *facts)
{
    if (facts->base_count > BASES_MAX) {
        facts->base_count = 0;
        facts->not_checked = "it has more bases than are followed (65536)";
    }
    if (facts->mro_length > MRO_LENGTH_MAX || hierarchy->mro_stored > MRO_STORED_MAX) {
        facts->mro = NULL;
        facts->mro_length = 0;
        facts->not_checked = "the orders of all classes are too long to be kept";
    }
    for (size_t i = 0; i < facts->mro_length; i++)
        if (facts->mro[i] >= hierarchy->entries.count)
            facts->mro_length = 0;
    if (facts->mro_length == 0)
        facts->mro = NULL;
    if (facts->base_count == 0 && number != CLASS_OBJECT) {
        facts->bases = &base_object;
        facts->base_count = 1;
    }
    if (facts->named_metaclass >= hierarchy->entries.count)
        facts->named_metaclass = CLASS_UNKNOWN;
    if (facts->metaclass >= hierarchy->entries.count)
        facts->has_metaclass = false;
}

bool hierarchy_define(struct hierarchy *hierarchy, class_number number,
                      const struct class_facts *facts)
{
    if (number >= hierarchy->entries.count)
        return false;
    struct class_facts copy = *facts;
    bound_facts(hierarchy, number, &copy);
    if (!copy_facts(hierarchy, number, &copy))
        return false;
    struct class_entry *entry = &hierarchy->entries.items[number];
    entry->facts = copy;
    entry->defined = true;
    entry->state = CLASS_DECLARED;
    entry->mro = NULL;
    entry->solid_base = CLASS_UNKNOWN;
    return true;
}

/* ---- looking up ------------------------------------------------------------------------------ */

size_t hierarchy_count(const struct hierarchy *hierarchy)
{
    return hierarchy->entries.count;
}

const char *class_name(const struct hierarchy *hierarchy, class_number number)
{
    return number < hierarchy->entries.count ? entry_at(hierarchy, number)->name : "?";
}

const char *class_short_name(const struct hierarchy *hierarchy, class_number number)
{
    const char *name = class_name(hierarchy, number);
    const char *dot = strrchr(name, '.');
    return dot && dot[1] ? dot + 1 : name;
}

const struct class_facts *class_facts(const struct hierarchy *hierarchy, class_number number)
{
    return &entry_at(hierarchy, number)->facts;
}

static bool ends_after_dot(const char *name, const char *end)
{
    size_t length = strlen(name), end_length = strlen(end);
    return length > end_length && name[length - end_length - 1] == '.' &&
           strcmp(name + length - end_length, end) == 0;
}

bool hierarchy_find(const struct hierarchy *hierarchy, const char *name, class_number *number)
{
    *number = CLASS_UNKNOWN;
    for (size_t i = 0; i < hierarchy->entries.count; i++) {
        if (strcmp(hierarchy->entries.items[i].name, name) == 0) {
            *number = (class_number)i;
            return true;
        }
        if (*number == CLASS_UNKNOWN && ends_after_dot(hierarchy->entries.items[i].name, name))
            *number = (class_number)i;
    }
    return *number != CLASS_UNKNOWN;
}

const struct class_answer *class_answer(const struct hierarchy *hierarchy, class_number number)
{
    return &entry_at(hierarchy, number)->answer;
}

/* ---- orders ---------------------------------------------------------------------------------- */

struct mro_walk mro_begin(const struct hierarchy *hierarchy, class_number number)
{
    struct mro_walk walk = {.hierarchy = hierarchy, .chain = CLASS_UNKNOWN};
    if (number < hierarchy->entries.count && entry_at(hierarchy, number)->answer.mro_length)
        walk.chain = number;
    return walk;
}

class_number mro_next(struct mro_walk *walk)
{
    if (walk->left == 0 && walk->chain != CLASS_UNKNOWN) {
        class_number number = walk->chain;
        const struct class_entry *entry = entry_at(walk->hierarchy, number);
        walk->chain = entry->mro ? CLASS_UNKNOWN : entry->chain;
        if (!entry->mro)
            return number;
        walk->items = entry->mro;
        walk->left = entry->answer.mro_length;
    }
    if (walk->left == 0)
        return CLASS_UNKNOWN;
    walk->left--;
    return *walk->items++;
}

bool class_derives(const struct hierarchy *hierarchy, class_number number, class_number ancestor)
{
    struct mro_walk walk = mro_begin(hierarchy, number);
    for (class_number next; (next = mro_next(&walk)) != CLASS_UNKNOWN;)
        if (next == ancestor)
            return true;
    return false;
}

bool class_is_metaclass(const struct hierarchy *hierarchy, class_number number)
{
    return number < hierarchy->entries.count && entry_at(hierarchy, number)->is_metaclass;
}

class_number class_best_base(const struct hierarchy *hierarchy, class_number number)
{
    return entry_at(hierarchy, number)->best_base;
}

class_number class_solid_base(const struct hierarchy *hierarchy, class_number number)
{
    return entry_at(hierarchy, number)->solid_base;
}
