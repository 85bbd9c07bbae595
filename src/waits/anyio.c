/* anyio/_backends/_asyncio.py: up to 4.13 these objects have dicts, later slots. */
#include "waits/anyio.h"

#define SCOPES_MAX 1000

static uint64_t part_of(const struct cpython *cpython, uint64_t object, const char *name)
{
    uint64_t part = instance_get(cpython, object, name);
    return part ? part : member_get(cpython, object, name);
}

uint64_t cancel_scope_of(struct actors *actors, uint64_t callback)
{
    const struct cpython *cpython = actors->cpython;
    uint64_t self;
    return object_type(cpython, callback) == cpython->method_type &&
                   target_read_word(cpython->target, callback + (uint64_t)cpython->at.method_self,
                                    &self) &&
                   actors_role(actors, self) == ROLE_CANCEL_SCOPE
               ? self
               : 0;
}

struct visit {
    struct actors *actors;
    visit_actor visit;
    void *context;
    VECTOR(uint64_t) scopes; /* met, and to be looked into */
    bool stopped;
};

static bool visit_member(void *context, size_t index, uint64_t member)
{
    struct visit *visit = context;
    (void)index;
    visit->stopped |= !visit->visit(visit->context, member, actors_role(visit->actors, member));
    return !visit->stopped;
}

static bool is_met(const struct visit *visit, uint64_t scope)
{
    for (size_t i = 0; i < visit->scopes.count; i++)
        if (visit->scopes.items[i] == scope)
            return true;
    return false;
}

static bool visit_scope(void *context, size_t index, uint64_t scope)
{
    struct visit *visit = context;
    const struct cpython *cpython = visit->actors->cpython;
    int64_t shield = 0;
    uint64_t value = part_of(cpython, scope, "_shield");
    (void)index;
    if (value && int_value(cpython, value, &shield) && !shield && !is_met(visit, scope))
        visit->stopped |= !vector_push(&visit->scopes, scope);
    return !visit->stopped && visit->scopes.count < SCOPES_MAX;
}

void cancel_scope_visit(struct actors *actors, uint64_t scope, visit_actor visit_task,
                        void *context)
{
    const struct cpython *cpython = actors->cpython;
    struct visit visit = {.actors = actors, .visit = visit_task, .context = context};
    (void)vector_push(&visit.scopes, scope);
    for (size_t i = 0; i < visit.scopes.count && !visit.stopped; i++) {
        uint64_t tasks = part_of(cpython, visit.scopes.items[i], "_tasks");
        uint64_t within = part_of(cpython, visit.scopes.items[i], "_child_scopes");
        if (tasks)
            (void)set_visit(cpython, tasks, visit_member, &visit);
        if (within)
            (void)set_visit(cpython, within, visit_scope, &visit);
    }
    vector_free(&visit.scopes);
}

/* {borrower: asyncio.Event} */
static bool visit_waiting(void *context, uint64_t borrower, uint64_t event)
{
    (void)borrower;
    return visit_member(context, 0, event);
}

void limiter_waiting_visit(struct actors *actors, uint64_t limiter, visit_actor visit_event,
                           void *context)
{
    struct visit visit = {.actors = actors, .visit = visit_event, .context = context};
    uint64_t waiting = part_of(actors->cpython, limiter, "_wait_queue");
    if (waiting)
        (void)dict_visit(actors->cpython, waiting, visit_waiting, &visit);
}

struct counting {
    struct visit visit;
    int64_t borrowers;
};

static bool visit_borrower(void *context, size_t index, uint64_t borrower)
{
    struct counting *counting = context;
    counting->borrowers++;
    return visit_member(&counting->visit, index, borrower);
}

bool limiter_borrowers_visit(struct actors *actors, uint64_t limiter, visit_actor visit_one,
                             void *context)
{
    const struct cpython *cpython = actors->cpython;
    struct counting counting = {{.actors = actors, .visit = visit_one, .context = context}, 0};
    int64_t tokens;
    uint64_t borrowers = part_of(cpython, limiter, "_borrowers");
    uint64_t total = part_of(cpython, limiter, "_total_tokens");
    return borrowers && total && int_value(cpython, total, &tokens) &&
           set_visit(cpython, borrowers, visit_borrower, &counting) && counting.borrowers >= tokens;
}
