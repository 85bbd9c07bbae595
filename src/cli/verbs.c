#include "cli/verbs.h"

#include <limits.h>
#include <string.h>

/* In the order of `steth --help`. */
static const struct verb verbs[] = {
    {
        .name = "list",
        .usage = "[list]",
        .summary = "the Python processes of this machine, and whether they may be read",
        .help = "Shows every process that runs CPython, embedded interpreters and those in\n"
                "containers too. READ says 'yes' or why not; a version with '?' is a guess\n"
                "from the name of a program that may not be read.\n"
                "\n"
                "examples:\n"
                "  steth                    the table\n"
                "  steth --json | jq '.processes[] | select(.readable) | .pid'\n"
                "  sudo steth               processes of other users, too\n",
        .accepts = OPTIONS_COMMON,
        .run = verb_list,
    },
    {
        .name = "check",
        .usage = "check TARGET",
        .summary = "every rule: findings, what was ok, what was not checked",
        .help = "Looks at a running interpreter without stopping it and runs every rule.\n"
                "\n"
                "examples:\n"
                "  steth 4242               short for steth check 4242\n"
                "  steth check 4242 --only RES001,GC001\n"
                "  steth check 4242 --json --fail-on error\n"
                "  steth check 4242 --for 2s   watch collector and event loops for two seconds\n"
                "  steth check 4242 --format sarif -o steth.sarif\n"
                "  steth check core.4242    a core file: the kernel's, or gcore's\n",
        .accepts = OPTIONS_COMMON | OPTIONS_TARGET | OPTIONS_FINDINGS | OPTION_BIT(OPTION_FORMAT) |
                   OPTION_BIT(OPTION_PAUSE) | OPTION_BIT(OPTION_FOR) |
                   OPTION_BIT(OPTION_EXECUTOR_DEADLINE),
        .min_words = 1,
        .max_words = 2,
        .formats = FORMATS_FINDINGS,
        .run = verb_check,
    },
    {
        .name = "zombies",
        .usage = "zombies TARGET",
        .summary = "resurrected objects: type, count, bytes, holder, path, finalizer",
        .help = "Lists the objects whose finalizer has run and which are alive all the same, by\n"
                "type, with the shortest path that keeps each alive.\n"
                "\n"
                "examples:\n"
                "  steth zombies 4242\n"
                "  steth zombies 4242 --limit 0     every object, not only ten of a type\n"
                "  steth zombies 4242 --retained    what they retain, also of a large heap\n"
                "  steth zombies 4242 --pause       the exact picture of one instant\n"
                "  steth zombies 4242 --consistent  the same, without stopping it for so long\n"
                "  steth zombies core.4242 --executable ./python3.11\n",
        .accepts = OPTIONS_COMMON | OPTIONS_TARGET | OPTIONS_FINDINGS |
                   OPTION_BIT(OPTION_RETAINED) | OPTION_BIT(OPTION_PAUSE) |
                   OPTION_BIT(OPTION_CONSISTENT),
        .min_words = 1,
        .max_words = 2,
        .run = verb_zombies,
    },
    {
        .name = "tasks",
        .usage = "tasks TARGET",
        .summary = "event loops, tasks, executors: who waits for whom, a verdict a loop",
        .help = "Shows each event loop with a verdict, and below it the tasks as a forest: a task\n"
                "stands below the one that awaits it. Cycles are drawn with the edge that closes\n"
                "them. Equal tasks share an entry with their number; --limit N shows the first N\n"
                "trees of each loop (default here: all).\n"
                "\n"
                "examples:\n"
                "  steth tasks 4242\n"
                "  steth tasks 4242 --for 5s    also delays, utilisation, slow callbacks\n"
                "  steth tasks 4242 -v          whole stacks\n"
                "  steth tasks 4242 --json | jq '.loops[] | {class, verdict, at}'\n",
        .accepts = OPTIONS_COMMON | OPTIONS_TARGET | OPTIONS_FINDINGS | OPTION_BIT(OPTION_FOR) |
                   OPTION_BIT(OPTION_EXECUTOR_DEADLINE),
        .min_words = 1,
        .max_words = 2,
        .run = verb_tasks,
    },
    {
        .name = "threads",
        .usage = "threads TARGET",
        .summary = "threads: stacks, the GIL, what each waits for and who holds it",
        .help = "Shows each thread: its state, the processor time it used while it was watched,\n"
                "whether it holds or wants the GIL, what it waits for and who owes it, and its\n"
                "stack, C functions marked with [C].\n"
                "\n"
                "examples:\n"
                "  steth threads 4242\n"
                "  steth threads 4242 --native  C functions too, for a stop of a moment\n"
                "  steth threads 4242 --for 1s  who uses the processor\n"
                "  steth threads core.4242 --sysroot /srv/images/web\n"
                "  steth threads 4242 --json | jq '.threads[] | select(.waits_for)'\n",
        .accepts = OPTIONS_COMMON | OPTIONS_TARGET | OPTIONS_FINDINGS | OPTION_BIT(OPTION_FOR) |
                   OPTION_BIT(OPTION_NATIVE),
        .min_words = 1,
        .max_words = 2,
        .run = verb_threads,
    },
    {
        .name = "gc",
        .usage = "gc TARGET",
        .summary = "the collector: generations, thresholds, counts, statistics",
        .help = "Shows the state of the cyclic garbage collector as the gc module would, and\n"
                "runs its rules.\n"
                "\n"
                "examples:\n"
                "  steth gc 4242\n"
                "  steth gc 4242 --for 10s  how the counts move\n"
                "  steth gc 4242 --json | jq .gc.generations\n",
        .accepts = OPTIONS_COMMON | OPTIONS_TARGET | OPTIONS_FINDINGS | OPTION_BIT(OPTION_PAUSE) |
                   OPTION_BIT(OPTION_FOR),
        .min_words = 1,
        .max_words = 2,
        .run = verb_gc,
    },
    {
        .name = "heap",
        .usage = "heap TARGET",
        .summary = "types by count, bytes and retained bytes; paths, dominators, cycles",
        .help = "Copies the memory of the process without stopping it and builds the graph of all\n"
                "objects. RETAINED is what would be freed if all instances of a type were. Needs\n"
                "as much memory as the process has resident, and a third more.\n"
                "\n"
                "examples:\n"
                "  steth heap 4242                         types, and what the memory is\n"
                "  steth heap 4242 --dominators            the objects that retain most\n"
                "  steth heap 4242 --path app.models.User  how they are held\n"
                "  steth heap 4242 --path 0x7f52a4c19d30   one object, all its holders\n"
                "  steth heap 4242 --cycles                rings, and the edge to make weak\n"
                "  steth heap 4242 --consistent            all of one instant, on a busy process\n"
                "  steth heap 4242 --json | jq '.heap.types[] | select(.retained_bytes > 1e6)'\n",
        .accepts = OPTIONS_COMMON | OPTIONS_TARGET | OPTIONS_FINDINGS | OPTION_BIT(OPTION_PATH) |
                   OPTION_BIT(OPTION_DOMINATORS) | OPTION_BIT(OPTION_CYCLES) |
                   OPTION_BIT(OPTION_CONSISTENT),
        .min_words = 1,
        .max_words = 2,
        .run = verb_heap,
    },
    {
        .name = "audit",
        .usage = "audit PATH...",
        .summary = "classes that cannot be, and finalizers that misbehave, from source",
        .help = "Reads Python source and imports nothing: every class below the paths, its bases\n"
                "and metaclasses followed through project, packages and standard library.\n"
                "Without --python: the project's own virtual environment, else this machine's.\n"
                "\n"
                "examples:\n"
                "  steth audit src\n"
                "  steth audit src --python .venv/bin/python --format sarif -o steth.sarif\n"
                "  steth audit --explain app.models.Customer src\n"
                "  steth audit --what-if 'class X(app.models.Base, abc.ABC)' src\n"
                "  steth audit src --lock steth.lock            before an upgrade\n"
                "  steth audit src --lock steth.lock --verify   after it\n"
                "  steth audit --classes --json src | jq '.classes[] | {class, mro}'\n",
        .accepts = OPTIONS_COMMON | OPTIONS_FINDINGS | OPTION_BIT(OPTION_FORMAT) |
                   OPTION_BIT(OPTION_PYTHON) | OPTION_BIT(OPTION_SITE) |
                   OPTION_BIT(OPTION_CLASSES) | OPTION_BIT(OPTION_EXPLAIN) |
                   OPTION_BIT(OPTION_WHAT_IF) | OPTION_BIT(OPTION_LOCK) | OPTION_BIT(OPTION_VERIFY),
        .max_words = UINT_MAX,
        .formats = FORMATS_FINDINGS,
        .run = verb_audit,
    },
    {
        .name = "classes",
        .usage = "classes TARGET",
        .summary = "live classes: metaclasses, MROs, what would collide",
        .help = "Reads every class of the process, made by Python code or in C. Shows metaclasses\n"
                "that were combined by hand, base classes of different packages that one class\n"
                "could not derive from, and classes with __del__; -v and --json: all classes.\n"
                "--explain shows how one class got its metaclass and its MRO, step by step.\n"
                "\n"
                "examples:\n"
                "  steth classes 4242\n"
                "  steth classes 4242 --explain app.models.Customer\n"
                "  steth classes 4242 --json | jq '.classes[] | select(.metaclass != \"type\")'\n",
        .accepts = OPTIONS_COMMON | OPTIONS_TARGET | OPTIONS_FINDINGS | OPTION_BIT(OPTION_EXPLAIN),
        .min_words = 1,
        .max_words = 2,
        .run = verb_classes,
    },
    {
        .name = "record",
        .usage = "record PID -o FILE",
        .summary = "a capture that every reading verb accepts in place of a pid",
        .help = "Records what the analyses need: memory, mappings, what /proc tells, symbols.\n"
                "Every reading verb takes the file in place of the pid, also on another machine\n"
                "and without that Python. The process is not stopped. --values no leaves the\n"
                "program's own texts out. The file appears whole or not at all.\n"
                "\n"
                "examples:\n"
                "  steth record 4242 -o app.steth\n"
                "  steth record 4242 -n                  how large would it be?\n"
                "  steth record 4242 -o app.steth --pause     memory of one instant\n"
                "  steth record 4242 -o app.steth --consistent  the same, without a long stop\n"
                "  steth record 4242 -o app.steth --values no --max-size 2G\n"
                "  steth zombies app.steth\n"
                "  ssh host steth record 4242 -o - >app.steth\n",
        .accepts = OPTIONS_COMMON | OPTION_BIT(OPTION_PAUSE) | OPTION_BIT(OPTION_CONSISTENT) |
                   OPTION_BIT(OPTION_NO_VALUES) | OPTION_BIT(OPTION_VALUES) |
                   OPTION_BIT(OPTION_MAX_SIZE) | OPTION_BIT(OPTION_ESTIMATE),
        .min_words = 1,
        .max_words = 1,
        .writes_file = true,
        .run = verb_record,
    },
    {
        .name = "diff",
        .usage = "diff TARGET TARGET...",
        .summary = "what grew, came back, froze or piled up from one look to another",
        .help =
            "Compares looks at processes, captures or cores, the earliest first: types and\n"
            "what holds their new instances, zombies, threads and tasks that did not move,\n"
            "descriptors, executors, collections. A pid twice, or alone, is looked at again\n"
            "after --for (default 10s). Exit status 1: something grew, or there are new\n"
            "findings. What counts as growth is printed: steth explain growth\n"
            "\n"
            "examples:\n"
            "  steth diff before.steth after.steth\n"
            "  steth diff before.steth 4242            a capture and what runs now\n"
            "  steth diff 4242 --for 1m\n"
            "  steth diff 4242 4242 4242 --for 30s     three looks tell a leak from a cache\n"
            "  steth diff a.steth b.steth --format markdown >> $GITHUB_STEP_SUMMARY\n"
            "  steth diff a.steth b.steth --json | jq '.diff.holders[] | {holder, new_bytes}'\n",
        .accepts = OPTIONS_COMMON | OPTIONS_FINDINGS | OPTIONS_TARGET | OPTION_BIT(OPTION_FORMAT) |
                   OPTION_BIT(OPTION_PAUSE) | OPTION_BIT(OPTION_CONSISTENT) |
                   OPTION_BIT(OPTION_FOR),
        .min_words = 1,
        .max_words = 20,
        .formats = FORMAT_BIT(FORMAT_MARKDOWN),
        .run = verb_diff,
    },
    {
        .name = "access",
        .usage = "access [PID]",
        .summary = "may I read it? if not: the one cause and the narrowest fix",
        .help = "Tries to read one byte of the process and, when that is refused, names the one\n"
                "cause with its current value and what to change, the narrowest change first.\n"
                "Without PID: what steth itself may do here.\n"
                "\n"
                "examples:\n"
                "  steth access             uid, capabilities, Yama, seccomp\n"
                "  steth access 4242        exit status 0: yes; 3: refused; 4: nothing to read\n"
                "  steth access 4242 --json | jq -r .access.cause\n",
        .accepts = OPTIONS_COMMON,
        .max_words = 1,
        .run = verb_access,
    },
    {
        .name = "explain",
        .usage = "explain [RULE|TERM]",
        .summary = "what a rule or a term means, why it happens, what to do; offline",
        .help = "Prints the page of a rule (by code or by name) or of a term. Without an\n"
                "argument: all rules and terms.\n"
                "\n"
                "examples:\n"
                "  steth explain            the list\n"
                "  steth explain RES001     what it means, the evidence, the runbook\n"
                "  steth explain exit-status\n",
        .accepts = OPTIONS_COMMON,
        .max_words = 1,
        .run = verb_explain,
    },
    {
        .name = "demo",
        .usage = "demo [NAME]",
        .summary = "start a small sick program and examine it",
        .help = "Writes a small program to a temporary directory, runs it, examines it from the\n"
                "outside and ends it. Without NAME: the list of programs.\n"
                "\n"
                "examples:\n"
                "  steth demo zombies\n"
                "  steth demo zombies --python /usr/bin/python3.13\n",
        .accepts = OPTIONS_COMMON | OPTIONS_FINDINGS | OPTION_BIT(OPTION_PYTHON),
        .max_words = 1,
        .run = verb_demo,
    },
};

const struct verb *verbs_all(size_t *count)
{
    *count = sizeof verbs / sizeof *verbs;
    return verbs;
}

const struct verb *verb_find(const char *name)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(verbs[i].name, name) == 0)
            return &verbs[i];
    }
    return NULL;
}
