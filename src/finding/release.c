/* release.c: what a report owns is given back; what of it can be copied alone is copied here. */
#include <stdlib.h>
#include <string.h>

#include "finding/report.h"

void place_free(struct place *place)
{
    free(place->file);
    free(place->function);
    *place = (struct place){0};
}

static void free_node(struct wait_node *node)
{
    free(node->name);
    free(node->waits_for);
    place_free(&node->at);
}

void wait_chain_free(wait_chain *chain)
{
    for (size_t i = 0; i < chain->count; i++)
        free_node(&chain->items[i]);
    vector_free(chain);
}

/* Copies `text` into *copy; true also for NULL. */
static bool copy_text(const char *text, char **copy)
{
    *copy = text ? strdup(text) : NULL;
    return *copy || !text;
}

static bool copy_node(const struct wait_node *node, struct wait_node *copy)
{
    *copy = (struct wait_node){.kind = node->kind, .address = node->address};
    copy->at.line = node->at.line;
    return copy_text(node->name, &copy->name) && copy_text(node->waits_for, &copy->waits_for) &&
           copy_text(node->at.file, &copy->at.file) &&
           copy_text(node->at.function, &copy->at.function);
}

bool wait_chain_copy(const wait_chain *chain, wait_chain *copy)
{
    *copy = (wait_chain){0};
    for (size_t i = 0; i < chain->count; i++) {
        struct wait_node node;
        if (!copy_node(&chain->items[i], &node) || !vector_push(copy, node)) {
            free_node(&node);
            wait_chain_free(copy);
            return false;
        }
    }
    return true;
}

static void free_texts(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
}

static void free_finding(struct finding *finding)
{
    free(finding->summary);
    free(finding->location.file);
    free(finding->location.function);
    for (size_t i = 0; i < finding->facts.count; i++) {
        free(finding->facts.items[i].name);
        free(finding->facts.items[i].text);
        name_list_free(&finding->facts.items[i].list);
    }
    vector_free(&finding->facts);
    free_texts(finding->evidence.items, finding->evidence.count);
    free_texts(finding->fix.items, finding->fix.count);
    free(finding->confirm);
    free(finding->suppressed.reason);
    free(finding->suppressed.until);
    place_free(&finding->suppressed.at);
    wait_chain_free(&finding->chain);
}

static void free_zombie_group(struct zombie_group *group)
{
    free(group->type);
    free(group->finalizer.file);
    free(group->finalizer.function);
    free_texts(group->held_by.items, group->held_by.count);
    vector_free(&group->held_count);
    for (size_t i = 0; i < group->objects.count; i++)
        free_texts(group->objects.items[i].steps.items, group->objects.items[i].steps.count);
    vector_free(&group->objects);
    for (size_t i = 0; i < group->resources.count; i++) {
        free(group->resources.items[i].target);
        free(group->resources.items[i].type);
    }
    vector_free(&group->resources);
}

static void free_loop(struct loop_row *loop)
{
    free(loop->class_name);
    free(loop->thread);
    free(loop->reason);
    free(loop->native);
    place_free(&loop->at);
    wait_chain_free(&loop->cycle);
    for (size_t i = 0; i < loop->watch.slow_count; i++)
        place_free(&loop->watch.slow[i].at);
    free(loop->watch.slow);
}

static void free_executor(struct executor_row *executor)
{
    free(executor->class_name);
    place_free(&executor->oldest);
    place_free(&executor->watch.oldest);
}

void task_row_free(struct task_row *task)
{
    free(task->name);
    free(task->coroutine);
    for (size_t i = 0; i < task->stack.count; i++)
        place_free(&task->stack.items[i]);
    vector_free(&task->stack);
    free(task->waits_for);
    vector_free(&task->awaits);
}

static void free_thread(struct thread_row *thread)
{
    free(thread->name);
    free(thread->comm);
    for (size_t i = 0; i < thread->stack.count; i++)
        place_free(&thread->stack.items[i].at);
    vector_free(&thread->stack);
    free(thread->stack_note);
    free(thread->waits_for);
    free(thread->owed_by);
}

static void free_concurrency(struct report *report)
{
    for (size_t i = 0; i < report->loops.count; i++)
        free_loop(&report->loops.items[i]);
    vector_free(&report->loops);
    for (size_t i = 0; i < report->executors.count; i++)
        free_executor(&report->executors.items[i]);
    vector_free(&report->executors);
    for (size_t i = 0; i < report->tasks.count; i++)
        task_row_free(&report->tasks.items[i]);
    vector_free(&report->tasks);
    for (size_t i = 0; i < report->threads.count; i++)
        free_thread(&report->threads.items[i]);
    vector_free(&report->threads);
}

static void free_target(struct target_section *target)
{
    free(target->file);
    free(target->python);
    free(target->executable);
    free(target->command);
    free(target->layout);
}

void report_drop_finding(struct report *report, size_t index)
{
    struct finding *findings = report->findings.items;
    free_finding(&findings[index]);
    report->findings.count--;
    memmove(&findings[index], &findings[index + 1],
            (report->findings.count - index) * sizeof *findings);
}

void report_free(struct report *report)
{
    free_target(&report->target);
    for (size_t i = 0; i < report->findings.count; i++)
        free_finding(&report->findings.items[i]);
    vector_free(&report->findings);
    vector_free(&report->ok);
    for (size_t i = 0; i < report->not_checked.count; i++)
        free(report->not_checked.items[i].reason);
    vector_free(&report->not_checked);
    for (size_t i = 0; i < report->zombies.count; i++)
        free_zombie_group(&report->zombies.items[i]);
    vector_free(&report->zombies);
    for (size_t i = 0; i < report->exempt.count; i++) {
        free(report->exempt.items[i].type);
        free(report->exempt.items[i].reason);
    }
    vector_free(&report->exempt);
    vector_free(&report->gc);
    free_concurrency(report);
    class_section_free(&report->classes);
    heap_section_free(&report->heap);
    for (size_t i = 0; i < report->descriptors.count; i++)
        free(report->descriptors.items[i].target);
    vector_free(&report->descriptors);
    diff_section_free(&report->diff);
    *report = (struct report){0};
}
