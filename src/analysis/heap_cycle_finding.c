/* RES003 of a live heap: a ring of objects goes through one with a finalizer. */
#include <string.h>

#include "analysis/heap_cycles.h"
#include "base/text.h"

/* The class with a finalizer of the ring that is shown, and where its __del__ is. */
static void set_place(const struct cycle_search *search, const struct cycle_group *group,
                      struct finding *finding)
{
    const struct heap_view *view = search->work->view;
    struct source_place place = {0};
    for (uint32_t i = row_begin(&search->members, group->shown);
         i < row_end(&search->members, group->shown); i++) {
        uint32_t kind = view->graph->kind_of[search->members.to[i]];
        if (search->finalizer[kind] != 2)
            continue;
        uint64_t del = type_lookup(&view->cpython, kind_table_get(view->graph->kinds, kind)->type,
                                   "__del__", NULL);
        if (del && function_place(&view->cpython, del, &place)) {
            finding->location.file = place.file;
            finding->location.line = place.line;
            finding->location.function = place.function;
            return;
        }
    }
    source_place_free(&place);
}

static void add_fixes(const struct heap_cycle *row, struct finding *finding)
{
    if (!row->cuts.count) {
        finding_add_fix(finding,
                        "no single reference breaks it: let the children hold their parent "
                        "by weakref.ref, or take the ring apart in close()");
        return;
    }
    const struct heap_cut *cut = &row->cuts.items[0];
    if (cut->step[0] == '.')
        /* A bound method is made anew at each access: a plain weak reference to one is dead at
         * once. */
        finding_add_fix(finding, "make %s%s weak: self%s = weakref.%s(…), read by a call",
                        cut->from, cut->step, cut->step,
                        strcmp(cut->to, "method") == 0 ? "WeakMethod" : "ref");
    else
        finding_add_fix(finding,
                        "make the reference from %s to %s (%s) weak, by weakref.ref or in "
                        "a WeakSet or WeakValueDictionary",
                        cut->from, cut->to, cut->step);
    if (cut->needs_slot)
        finding_add_fix(finding, "add '__weakref__' to the __slots__ of %s first", cut->to);
    finding_add_fix(finding, "release what __del__ releases in close() or a context manager");
}

void cycle_report(const struct cycle_search *search, const struct cycle_group *group,
                  const struct heap_cycle *row)
{
    struct finding *finding =
        report_add_finding(search->work->report, "RES003", SEVERITY_WARNING, CONFIDENCE_HIGH);
    if (!finding)
        return;
    const char *name = row->finalizers.count ? row->finalizers.items[0] : "?";
    finding->summary = text_format(
        "%llu ring%s of objects %s through %s, which has a finalizer: only the collector can end "
        "%s",
        (unsigned long long)row->count, row->count == 1 ? "" : "s", row->count == 1 ? "goes" : "go",
        name, row->count == 1 ? "it" : "them");
    set_place(search, group, finding);
    finding_add_list(finding, "finalizers", &row->finalizers);
    finding_add_list(finding, "types", &row->types);
    finding_add_number(finding, "rings", (int64_t)row->count, "");
    finding_add_number(finding, "objects", (int64_t)row->objects, "");
    finding_add_number(finding, "retained", (int64_t)row->retained_bytes, "bytes");
    if (row->ring)
        finding_add_evidence(finding, "%s", row->ring);
    if (row->garbage)
        finding_add_evidence(finding, "no root reaches it any more: it waits for the collector");
    add_fixes(row, finding);
    finding->confirm = look_command(search->work->look, "heap --cycles");
    finding_identify(finding, name);
}
