#include "analysis/diagnosis.h"

#include <string.h>

#include "analysis/native_calls.h"

static uint64_t main_thread(const struct snapshot *snapshot, pid_t pid)
{
    for (size_t i = 0; i < snapshot->threads.count; i++)
        if (snapshot->threads.items[i].native_id == pid)
            return snapshot->threads.items[i].address;
    return 0;
}

struct error *diagnosis_begin(struct look *look, const struct look_options *options,
                              bool threads_only, bool with_stacks, struct report *report,
                              struct diagnosis *diagnosis)
{
    *diagnosis = (struct diagnosis){
        .look = look,
        .options = options,
        .report = report,
        .files = target_files(look->cpython->target),
        .pid = target_pid(look->cpython->target),
    };
    const struct meanwhile meanwhile = {native_stacks_take, diagnosis};
    struct error *error = look_standstill(look, threads_only, with_stacks ? &meanwhile : NULL);
    if (error)
        return error;
    diagnosis->standstill = look->standstill;
    diagnosis->picture = look->standstill->after;
    diagnosis->snapshot = diagnosis->picture->snapshot;
    diagnosis->main_thread = main_thread(diagnosis->snapshot, diagnosis->pid);
    return NULL;
}

void diagnosis_remember(struct diagnosis *diagnosis, struct cpython *remembered)
{
    cpython_remember(diagnosis->look->cpython, remembered);
    diagnosis->picture->snapshot->cpython = remembered;
}

void diagnosis_forget(struct diagnosis *diagnosis, struct cpython *remembered)
{
    diagnosis->picture->snapshot->cpython = diagnosis->look->cpython;
    cpython_forget(diagnosis->look->cpython, remembered);
}

void diagnosis_end(struct diagnosis *diagnosis)
{
    for (size_t i = 0; i < diagnosis->stacks.count; i++)
        native_stack_free(&diagnosis->stacks.items[i].stack);
    vector_free(&diagnosis->stacks);
    native_unwinder_free(diagnosis->unwinder);
}

void finding_place(struct finding *finding, const struct place *place)
{
    finding->location.file = place->file ? strdup(place->file) : NULL;
    finding->location.line = place->line;
    finding->location.function = place->function ? strdup(place->function) : NULL;
}
