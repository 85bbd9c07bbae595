"""Who would end a wait, where only the names in code tell: finally blocks, what comes later."""

import pytest

from looks import FOUND, NOTHING_FOUND, TARGETS, look

PROGRAM = TARGETS / "named_waits.py"
HEALTHY = [
    "waits_inside_of_try",
    "guarded_by_a_lock",
    "lock_taken_in_an_executor",
    "lock_given_back_for_a_while",
    "lock_lent_to_a_thread",
    "event_that_a_thread_sets_later",
    "asks_for_the_end_of_a_worker",
    "event_of_a_timer",
    "event_that_a_timer_sets",
]

# state: rules, function to look at, confidence, kinds along the cycle
SICK = {
    "attributes_in_finally": ("LOCK001", "take", "medium", "thread lock thread lock"),
    "variables_in_finally": ("LOCK001", "take", "medium", "thread lock thread lock"),
    "variable_in_a_cell_and_a_global": ("LOCK001", None, "medium", "thread lock thread lock"),
    "finally_across_an_await": ("LOOP002 LOCK002", "take", "medium", "thread lock task loop"),
    "tasks_with_finally": ("TASK001", "take", "medium", "task lock task lock"),
    "task_twice_with_finally": ("TASK001", "inner", "medium", "task lock"),
    "events_of_each_other": ("LOCK001", None, "medium", "thread event thread event"),
    "notifies_with_the_lock_of_who_waits": (
        "LOCK001",
        None,
        "medium",
        "thread condition thread lock",
    ),
    "event_of_a_thread": ("LOOP004", "event_of_a_thread", "medium", "thread event thread event"),
    "event_of_a_task": ("LOOP002", "take", "medium", "thread event task loop"),
    "barrier_of_tasks": ("LOOP002", "meet", "medium", "thread barrier task loop"),
    "simple_queue_of_a_task": ("LOOP002", "take", "medium", "thread queue task loop"),
    "event_of_work_behind": ("EXEC001", None, "medium", "thread event executor"),
    "event_of_a_function_behind": ("EXEC001", "take", "medium", "thread event executor"),
    "barrier_of_work_behind": ("EXEC001", "meet", "medium", "thread barrier executor"),
    "queue_of_work_behind": ("EXEC001", "take", "medium", "thread queue executor"),
    "tasks_set_events": ("TASK001", "wait_and_set", "medium", "task event task event"),
    "tasks_fill_queues": ("TASK001", "pump", "medium", "task queue task queue"),
    "tasks_complete_futures": (
        "TASK001",
        "wait_and_complete",
        "medium",
        "task future task future",
    ),
    "parent_sets_the_event_of_its_child": ("TASK001", "parent", "medium", "task task event"),
    "locks_without_with": ("TASK001", "take", "medium", "task lock task lock"),
    "timer_that_was_cancelled": ("TASK002", "wait", "high", None),
    "items_are_used_up": ("TASK002", "consume", "high", None),
    "result_in_a_comprehension": (
        "LOOP002",
        "result_in_a_comprehension",
        "high",
        "thread future task loop",
    ),
    "import_joins_who_imports": ("LOCK001", "<module>", "high", "thread thread"),
    "loop_inside_of_an_import": ("LOOP004", "load", "high", "thread task future future"),
    "locks_of_a_loop_and_a_thread": (
        "LOOP004",
        "locks_of_a_loop_and_a_thread",
        "high",
        "thread lock thread lock",
    ),
}

LOOKS = 10
# Memory that was given back may still hold the address of what is waited for: then somebody unknown
# may end the wait, and nothing is said. Seen in one process of twenty (3.12).
PROCESSES = 4

pytestmark = pytest.mark.minors


def start_state(start, interpreter, state):
    process = start(interpreter, PROGRAM, state)
    process.wait_for_end_of(int(process.ready[0]))  # what said READY could end any wait
    return process


@pytest.mark.parametrize("state", HEALTHY)
def test_healthy(start, interpreter, state):
    process = start_state(start, interpreter, state)
    for _ in range(2):
        seen = look("check", process.pid, "--json")
        assert seen.status == NOTHING_FOUND, str(seen)
        assert seen.data["findings"] == [], str(seen)
    assert process.is_running()


def start_until_found(start, interpreter, state):
    for _ in range(PROCESSES):
        process = start_state(start, interpreter, state)
        seen = look_until_found(process.pid)
        if seen.alarms:
            break
        process.kill()
    return process, seen


def look_until_found(pid):
    """What said READY is on its way still, where the processors are busy; then it stays there."""
    for _ in range(LOOKS):
        seen = look("check", pid, "--json")
        if seen.alarms:
            break
    return seen


def rotations(kinds):
    return [kinds[i:] + kinds[:i] for i in range(len(kinds))]


@pytest.mark.parametrize("state", SICK)
def test_sick(start, interpreter, state):
    rules, function, confidence, kinds = SICK[state]
    process, seen = start_until_found(start, interpreter, state)
    assert seen.status == FOUND and seen.alarms == set(rules.split()), str(seen)
    (finding,) = [one for one in seen.data["findings"] if one["rule"] == rules.split()[0]]
    if function:
        assert finding["location"]["function"].split(".")[-1] == function, str(seen)
    assert finding["confidence"] == confidence, str(seen)
    if kinds:
        assert [one["kind"] for one in finding["cycle"]] in rotations(kinds.split()), str(seen)
    assert finding["fix"] and finding["confirm"], str(seen)
    assert process.is_running()
