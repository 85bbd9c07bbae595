/*
 * For tests/live/test_class_logic.py: what hierarchies are judged to be.
 *
 *     judge_classes MINOR < lines
 *
 * Reads what tests/targets/class_hierarchies.py prints, without its answers, and prints an answer
 * a hierarchy in its form.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mro/hierarchy.h"

#define BUILTINS_MAX 32
#define BASES_MAX    32

struct builtin {
    char *name;
    struct class_facts facts;
    struct class_base bases[BASES_MAX];
};

struct world {
    struct class_rules rules;
    struct builtin builtins[BUILTINS_MAX];
    size_t count;
};

static size_t read_bases(char *text, const char *separator, struct class_base *bases)
{
    size_t count = 0;
    char *rest = NULL;
    for (char *word = strtok_r(text, separator, &rest); word && count < BASES_MAX;
         word = strtok_r(NULL, separator, &rest))
        bases[count++] =
            (struct class_base){.number = (class_number)strtoul(word, NULL, 10), .text = NULL};
    return count;
}

static void read_builtin(struct world *world, char *text)
{
    struct builtin *builtin = &world->builtins[world->count++];
    struct class_layout *layout = &builtin->facts.layout;
    char *rest = NULL;
    builtin->name = strdup(strtok_r(text, " ", &rest));
    layout->kind = LAYOUT_SIZES;
    layout->basicsize = strtol(strtok_r(NULL, " ", &rest), NULL, 10);
    layout->itemsize = strtol(strtok_r(NULL, " ", &rest), NULL, 10);
    layout->dictoffset = strtol(strtok_r(NULL, " ", &rest), NULL, 10);
    layout->weaklistoffset = strtol(strtok_r(NULL, " ", &rest), NULL, 10);
    layout->base = CLASS_UNKNOWN;
    builtin->facts.is_final = strtol(strtok_r(NULL, " ", &rest), NULL, 10);
    builtin->facts.bases = builtin->bases;
    builtin->facts.base_count = read_bases(rest, "/\n", builtin->bases);
    builtin->facts.has_metaclass = true;
    builtin->facts.metaclass = CLASS_TYPE;
}

static void add_class(struct hierarchy *hierarchy, class_number number, char *text)
{
    struct class_base bases[BASES_MAX];
    struct class_facts facts = {.bases = bases};
    char *rest = NULL;
    char *listed = strtok_r(text, ":", &rest);
    const char *named = strtok_r(NULL, ":", &rest);
    facts.base_count = read_bases(listed, ",", bases);
    facts.names_metaclass = named[0] != '-';
    facts.named_metaclass = (class_number)strtoul(named, NULL, 10);
    if (rest[0] != 'n') {
        facts.layout.has_slots = true;
        facts.layout.slots = (uint32_t)strtoul(rest, NULL, 10);
        facts.layout.slot_dict = strchr(rest, 'd') != NULL;
        facts.layout.slot_weakref = strchr(rest, 'w') != NULL;
    }
    hierarchy_define(hierarchy, number, &facts);
}

static void print_answer(const struct hierarchy *hierarchy, class_number number)
{
    const struct class_answer *answer = class_answer(hierarchy, number);
    static const char letters[] = {
        [CLASS_SOUND] = 'o',           [CLASS_METACLASS_CONFLICT] = 'm', [CLASS_BASE_FINAL] = 'f',
        [CLASS_LAYOUT_CONFLICT] = 'l', [CLASS_SLOTS_REFUSED] = 's',      [CLASS_BASE_TWICE] = 'd',
        [CLASS_NO_ORDER] = 'c',
    };
    if (!answer->answered) {
        putchar('?');
        return;
    }
    putchar(letters[answer->fault]);
    if (answer->fault)
        return;
    printf(":%u:", answer->metaclass);
    struct mro_walk walk = mro_begin(hierarchy, number);
    const char *comma = "";
    for (class_number next; (next = mro_next(&walk)) != CLASS_UNKNOWN; comma = ",")
        printf("%s%u", comma, next);
}

static void judge_line(const struct world *world, char *line)
{
    struct hierarchy *hierarchy = hierarchy_new(&world->rules);
    if (!hierarchy)
        exit(1);
    for (size_t i = CLASS_TYPE + 1; i < world->count; i++)
        hierarchy_declare(hierarchy, world->builtins[i].name);
    for (size_t i = CLASS_TYPE + 1; i < world->count; i++)
        hierarchy_define(hierarchy, (class_number)i, &world->builtins[i].facts);
    char *words[64], *rest = NULL;
    size_t count = 0;
    for (char *word = strtok_r(line, " \n", &rest); word && count < 64;
         word = strtok_r(NULL, " \n", &rest)) {
        words[count++] = word;
        hierarchy_declare(hierarchy, "C");
    }
    for (size_t i = 0; i < count; i++)
        add_class(hierarchy, (class_number)(world->count + i), words[i]);
    struct error *error = hierarchy_solve(hierarchy);
    if (error)
        exit(1);
    for (size_t i = 0; i < count; i++) {
        if (i)
            putchar(' ');
        print_answer(hierarchy, (class_number)(world->count + i));
    }
    putchar('\n');
    hierarchy_free(hierarchy);
}

int main(int count, char **words)
{
    if (count != 2)
        return 2;
    struct world world = {.rules = class_rules_for((unsigned)strtoul(words[1], NULL, 10))};
    char *line = NULL, *rest = NULL;
    size_t size = 0;
    if (getline(&line, &size, stdin) < 0)
        return 2;
    for (char *text = strtok_r(line, ",", &rest); text && world.count < BUILTINS_MAX;
         text = strtok_r(NULL, ",", &rest))
        read_builtin(&world, text);
    while (getline(&line, &size, stdin) > 0)
        judge_line(&world, line);
    for (size_t i = 0; i < world.count; i++)
        free(world.builtins[i].name);
    free(line);
    return 0;
}
