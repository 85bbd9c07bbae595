/*
 * json_parts.h: values of the JSON renderer; only the json*.c files of this room use it. Each
 * function returns a new reference, NULL when there is no memory, which json_pack's "o" passes on.
 */
#ifndef STETH_RENDER_JSON_PARTS_H
#define STETH_RENDER_JSON_PARTS_H

#include <jansson.h>

#include "finding/report.h"

json_t *value_text(const char *text); /* null for NULL */
json_t *value_texts(char *const *texts, size_t count);
json_t *value_number(uint64_t number);                                      /* at most INT64_MAX */
json_t *value_known(int64_t number);                                        /* null for -1 */
json_t *value_milliseconds(double ms);                                      /* to the microsecond */
json_t *value_address(uint64_t address);                                    /* "0x7f…" */
json_t *value_place(const char *file, unsigned line, const char *function); /* null without both */

json_t *value_at(const struct place *place); /* "app.py:4 in f" */
json_t *value_location(const struct place *place);
json_t *value_chain(const wait_chain *chain);

/* Appends and takes `item`; *array becomes NULL when there is no memory. */
void value_append(json_t **array, json_t *item);

json_t *section_zombies(const struct report *report);
json_t *section_exempt(const struct report *report);
json_t *section_loops(const struct report *report);
json_t *section_executors(const struct report *report);
json_t *section_tasks(const struct report *report);
json_t *section_threads(const struct report *report);
json_t *section_heap(const struct report *report);
json_t *section_diff(const struct report *report);
json_t *section_gc(const struct report *report);
json_t *section_classes(const struct report *report);
json_t *section_class_summary(const struct report *report);
json_t *section_combined(const struct report *report);
json_t *section_collisions(const struct report *report);
json_t *section_explanations(const struct report *report);

#endif
