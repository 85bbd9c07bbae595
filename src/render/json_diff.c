#include <math.h>
#include <string.h>

#include "render/json_parts.h"

/* ---- memory ---------------------------------------------------------------------------------- */

static json_t *look_value(const struct diff_look *look)
{
    return json_pack("{s:o, s:o, s:i, s:o, s:o, s:o, s:o, s:o}", "target", value_text(look->name),
                     "kind", value_text(look->kind), "pid", (int)look->pid, "command",
                     value_text(look->command), "after_ms",
                     isnan(look->seconds) ? json_null() : value_milliseconds(look->seconds * 1000),
                     "objects", value_number(look->objects), "bytes", value_number(look->bytes),
                     "rss_bytes", value_number(look->rss_bytes));
}

static json_t *type_value(const struct diff_type *row)
{
    json_t *counts = json_array();
    for (size_t i = 0; i < row->counts.count; i++)
        value_append(&counts, value_number(row->counts.items[i]));
    return json_pack(
        "{s:o, s:s, s:o, s:i, s:{s:o, s:o}, s:{s:o, s:o}}", "type", value_text(row->type),
        "verdict", row->verdict, "counts", counts, "rises", (int)row->rises, "bytes", "before",
        value_number(row->bytes_before), "after", value_number(row->bytes_after), "retained_bytes",
        "before", value_number(row->retained_before), "after", value_number(row->retained_after));
}

static json_t *holder_value(const struct diff_holder *row)
{
    json_t *held = json_array();
    for (size_t i = 0; i < row->held.count; i++) {
        const struct diff_held *one = &row->held.items[i];
        value_append(&held, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:b}", "type",
                                      value_text(one->type), "before", value_number(one->before),
                                      "after", value_number(one->after), "bytes_before",
                                      value_number(one->bytes_before), "bytes_after",
                                      value_number(one->bytes_after), "way", value_text(one->way),
                                      "exact", one->exact, "before_at_most", one->at_most));
    }
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "holder", value_text(row->place), "address",
                     value_address(row->address), "type", value_text(row->type), "root",
                     value_text(row->root), "new_bytes", value_number(row->new_bytes), "holds",
                     held);
}

static json_t *zombie_value(const struct diff_zombie *row)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "type", value_text(row->type), "before",
                     value_number(row->before), "after", value_number(row->after), "bytes_before",
                     value_number(row->bytes_before), "bytes_after", value_number(row->bytes_after),
                     "held_by", value_text(row->held_by), "finalizer",
                     value_place(row->finalizer_file, row->finalizer_line, NULL));
}

/* ---- the rest -------------------------------------------------------------------------------- */

static json_t *still_value(const struct diff_still *row)
{
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "kind", row->kind, "name",
                     value_text(row->name), "at", value_text(row->at), "wait_kind",
                     value_text(row->wait_kind), "waits_for", value_text(row->waits_for), "owed_by",
                     value_text(row->owed_by), "count", value_number(row->count), "idle",
                     row->idle);
}

static json_t *count_value(const struct diff_count *row)
{
    return json_pack("{s:s, s:o, s:o, s:o, s:b}", "kind", row->kind, "what", value_text(row->what),
                     "before", value_number(row->before), "after", value_number(row->after), "grew",
                     row->grew);
}

static json_t *executor_value(const struct diff_executor *row)
{
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:{s:o, s:o}, s:{s:o, s:o}, s:b, s:o, s:o}", "class",
        value_text(row->class_name), "address", value_address(row->address), "workers",
        value_known(row->workers), "max_workers", value_known(row->max_workers), "busy", "before",
        value_known(row->busy_before), "after", value_known(row->busy_after), "queued", "before",
        value_known(row->queued_before), "after", value_known(row->queued_after), "grew", row->grew,
        "oldest_ms", row->oldest_ms > 0 ? value_milliseconds(row->oldest_ms) : json_null(),
        "oldest", value_text(row->oldest));
}

static json_t *collector_value(const struct diff_collector *row)
{
    return json_pack("{s:o, s:i, s:o, s:o, s:o, s:{s:o, s:o}}", "interpreter",
                     value_number(row->interpreter), "generation", (int)row->generation,
                     "collections", value_known(row->collections), "collected",
                     value_known(row->collected), "uncollectable", value_known(row->uncollectable),
                     "objects", "before", value_known(row->objects_before), "after",
                     value_known(row->objects_after));
}

/* ---- the section ----------------------------------------------------------------------------- */

#define rows_value(rows, row_value)                                                                \
    ({                                                                                             \
        json_t *array_ = json_array();                                                             \
        for (size_t i_ = 0; i_ < (rows)->count; i_++)                                              \
            value_append(&array_, row_value(&(rows)->items[i_]));                                  \
        array_;                                                                                    \
    })

static json_t *criterion_value(void)
{
    return json_pack("{s:i, s:i, s:i, s:f, s:i, s:f}", "objects", DIFF_OBJECTS, "handles",
                     DIFF_HANDLES, "deviations", DIFF_DEVIATIONS, "share", 1.0 / DIFF_SHARE,
                     "bytes", (int)DIFF_BYTES, "bytes_share", 1.0 / DIFF_BYTES_SHARE);
}

json_t *section_diff(const struct report *report)
{
    const struct diff_section *diff = &report->diff;
    return json_pack(
        "{s:o, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:{s:o, s:o}}", "looks",
        rows_value(&diff->looks, look_value), "same_process", diff->same_process, "grew",
        diff->grew, "criterion", criterion_value(), "types", rows_value(&diff->types, type_value),
        "holders", rows_value(&diff->holders, holder_value), "zombies",
        rows_value(&diff->zombies, zombie_value), "still", rows_value(&diff->still, still_value),
        "counts", rows_value(&diff->counts, count_value), "executors",
        rows_value(&diff->executors, executor_value), "collectors",
        rows_value(&diff->collectors, collector_value), "findings", "before",
        value_number(diff->findings_before), "gone", value_number(diff->findings_gone));
}
