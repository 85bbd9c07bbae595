#include "render/text_tasks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "render/place.h"
#include "render/text_parts.h"

#define STACK_SHOWN 3  /* places of a task without -v */
#define LEVELS      12 /* of the tree that move to the right; deeper ones say how deep they are */
#define STEP        3  /* columns of a level */

enum { DRAWN_NOT, DRAWN_OPEN, DRAWN_DONE };

/* The tasks from the first of a tree to the one being drawn. */
struct branch {
    uint32_t row;
    size_t position; /* in its awaits */
    bool more;       /* another child follows below the one being drawn */
};

typedef VECTOR(struct branch) branch_path;

/* "  |     |  ": the margin of what stands below the first `levels` branches. */
static const char *build_margin(char *margin, const branch_path *path, size_t levels)
{
    char *end = stpcpy(margin, "  ");
    for (size_t i = 0; i < levels && i < LEVELS; i++)
        end = stpcpy(end, path->items[i].more ? "|  " : "   ");
    return margin;
}
#define MARGIN (3 + STEP * (LEVELS + 1))

/* ---- one task -------------------------------------------------------------------------------- */

static char *task_label(const struct task_row *task)
{
    return task->name ? style_escape(task->name) : text_format("task 0x%" PRIx64, task->address);
}

/* ", waits: lock held by Task-2" */
static char *task_wait(const struct task_row *task)
{
    const char *wait = task->waits_for ? task->waits_for : task->wait_kind;
    return wait ? text_format(", waits: %s", wait) : strdup("");
}

static void print_task(struct forest_drawing *drawing, const branch_path *path, uint32_t row)
{
    const struct task_row *task = &drawing->forest->report->tasks.items[row];
    char margin[MARGIN], depth[32] = "", times[STYLE_NUMBER + 4] = "", number[STYLE_NUMBER];
    size_t level = path->count;
    if (level > LEVELS)
        snprintf(depth, sizeof depth, "(level %zu) ", level);
    if (task->count > 1)
        snprintf(times, sizeof times, " x %s", style_count(number, (int64_t)task->count));
    _cleanup_free_ char *label = task_label(task);
    _cleanup_free_ char *head =
        text_format("%s%s%s", level ? "+- " : "", depth, label ? label : "(no memory)");
    _cleanup_free_ char *wait = task_wait(task);
    _cleanup_free_ char *text = text_format(
        "%s%s%s  %s%s%s", times, task->coroutine ? "  " : "",
        task->coroutine ? task->coroutine : "", task->state ? task->state : "state unknown",
        wait ? wait : "", task->in_cycle ? "  (in a cycle)" : "");
    style_paragraph(drawing->out, drawing->style,
                    &(struct paragraph){.margin = build_margin(margin, path, level ? level - 1 : 0),
                                        .margin_hue = HUE_GUTTER,
                                        .head = head ? head : "",
                                        .head_hue = task->in_cycle ? HUE_ERROR : HUE_BOLD,
                                        .text = text,
                                        .indent = level ? 7 : 4});
}

static void print_stack_line(struct forest_drawing *drawing, const char *margin, const char *text,
                             enum hue hue)
{
    style_paragraph(drawing->out, drawing->style,
                    &(struct paragraph){.margin = margin,
                                        .margin_hue = HUE_GUTTER,
                                        .head = "  ",
                                        .text = text,
                                        .text_hue = hue,
                                        .unbroken = true});
}

/* The innermost place first. `path` ends with the task. */
static void print_stack(struct forest_drawing *drawing, const branch_path *path)
{
    const struct branch *last = &path->items[path->count - 1];
    const struct task_row *task = &drawing->forest->report->tasks.items[last->row];
    size_t count = task->stack.count, position = 0;
    size_t shown = drawing->style->verbose || count <= STACK_SHOWN ? count : STACK_SHOWN;
    bool children = forest_child(drawing->forest, last->row, &position) != FOREST_NONE;
    char margin[MARGIN + STEP];
    build_margin(margin, path, path->count - 1);
    strcat(margin, children ? "|  " : "   ");
    for (size_t i = 0; i < shown; i++) {
        const struct place *place = &task->stack.items[count - 1 - i];
        _cleanup_free_ char *at = place_format(place->file, place->line, place->function);
        _cleanup_free_ char *text = text_format("at %s", at ? at : "an unknown place");
        print_stack_line(drawing, margin, text, i == 0 ? HUE_BOLD : HUE_PLAIN);
    }
    if (shown < count) {
        char number[STYLE_NUMBER];
        _cleanup_free_ char *text =
            text_format("and %s more outside (-v)", style_count(number, (int64_t)(count - shown)));
        print_stack_line(drawing, margin, text, HUE_PLAIN);
    }
}

/* A task that stands further up already. `path` ends with the one that awaits it. */
static void print_reference(struct forest_drawing *drawing, const branch_path *path, uint32_t row)
{
    const struct task_row *task = &drawing->forest->report->tasks.items[row];
    bool closes = drawing->drawn[row] == DRAWN_OPEN;
    char margin[MARGIN];
    _cleanup_free_ char *label = task_label(task);
    _cleanup_free_ char *head = text_format("+-> %s", label ? label : "(no memory)");
    style_paragraph(
        drawing->out, drawing->style,
        &(struct paragraph){.margin = build_margin(margin, path, path->count - 1),
                            .margin_hue = HUE_GUTTER,
                            .head = head ? head : "",
                            .head_hue = closes ? HUE_ERROR : HUE_BOLD,
                            .text = closes ? " (shown above: a cycle)" : " (shown above)",
                            .indent = 7});
}

/* ---- one tree -------------------------------------------------------------------------------- */

static bool enter(struct forest_drawing *drawing, branch_path *path, uint32_t row)
{
    drawing->drawn[row] = DRAWN_OPEN;
    print_task(drawing, path, row);
    if (!vector_push(path, ((struct branch){.row = row})))
        return false;
    print_stack(drawing, path);
    return true;
}

/* Every task is drawn once with what it awaits, and named wherever else it is awaited. */
static void draw_tree(struct forest_drawing *drawing, uint32_t start)
{
    branch_path path = {0};
    bool complete = enter(drawing, &path, start);
    while (complete && path.count > 0) {
        struct branch *last = &path.items[path.count - 1];
        uint32_t child = forest_child(drawing->forest, last->row, &last->position);
        if (child == FOREST_NONE) {
            drawing->drawn[last->row] = DRAWN_DONE;
            path.count--;
            continue;
        }
        size_t position = last->position;
        last->more = forest_child(drawing->forest, last->row, &position) != FOREST_NONE;
        if (drawing->drawn[child] != DRAWN_NOT)
            print_reference(drawing, &path, child);
        else
            complete = enter(drawing, &path, child);
    }
    if (!complete)
        fputs("(no memory for the rest of the tree)\n", drawing->out);
    vector_free(&path);
}

static bool belongs(const struct task_row *task, const struct loop_row *loop,
                    const struct address_map *known)
{
    if (loop)
        return task->loop == loop->address;
    return !task->loop || address_map_get(known, task->loop) == ADDRESS_MAP_ABSENT;
}

size_t text_forest_count(const struct forest_drawing *drawing, const struct loop_row *loop,
                         const struct address_map *known)
{
    const struct forest *forest = drawing->forest;
    size_t count = 0;
    for (size_t i = 0; i < forest->starts.count; i++)
        count += belongs(&forest->report->tasks.items[forest->starts.items[i]], loop, known);
    return count;
}

void text_forest(struct forest_drawing *drawing, const struct loop_row *loop,
                 const struct address_map *known)
{
    const struct forest *forest = drawing->forest;
    size_t count = text_forest_count(drawing, loop, known);
    size_t shown = text_limited(drawing->style, count), left = shown;
    for (size_t i = 0; left > 0 && i < forest->starts.count; i++) {
        uint32_t row = forest->starts.items[i];
        if (!belongs(&forest->report->tasks.items[row], loop, known))
            continue;
        draw_tree(drawing, row);
        left--;
    }
    text_shown(drawing->out, drawing->style, shown, count, "trees of tasks");
}
