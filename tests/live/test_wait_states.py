"""Verdicts about loops, tasks, threads and locks, on programs that differ in one thing each."""

import os
import subprocess
import sys

import pytest

from looks import FOUND, NOTHING_FOUND, TARGETS, look

HEALTHY = [
    "idle_streams",
    "main_awaits_a_future",
    "main_awaits_an_event",
    "callbacks_of_threads",
    "idle_consumers",
    "limited_requests",
    "condition_that_a_thread_notifies",
    "locks_with_a_deadline",
    "gathered_with_a_deadline",
    "group_with_a_deadline",
    "call_in_an_executor",
    "work_of_another_loop",
    "waits_for_a_signal",
    "answers_are_expected",
    "workers_without_a_loop",
]

# state: rule, verdict of the main thread's loop, function to look at
SICK = {
    "lone_future": ("TASK002", "orphan-future", "lone_future"),
    "event_that_nobody_sets": ("TASK002", "orphan-future", "wait_in_vain"),
    "queue_without_producers": ("TASK002", "orphan-future", "consume"),
    "two_connections_each": ("TASK002", "orphan-future", "connection"),
    "tasks_await_each_other": ("TASK001", "task-cycle", "await_the_other"),
    "bounded_semaphores": ("TASK001", "task-cycle", "take"),
    "condition_around_a_lock": ("TASK001", "task-cycle", "through_the_condition"),
    "computes": ("LOOP001", "blocked-in-call", "compute"),
    "receives_on_the_loop": ("LOOP001", "blocked-in-call", "receives_on_the_loop"),
    "joins_a_thread": ("LOOP001", "blocked-in-call", "joins_a_thread"),
    "joins_a_loop_that_waits_back": ("LOOP004", None, "joins_a_loop_that_waits_back"),
    "condition_of_a_thread": ("LOOP004", "cross-thread-deadlock", "condition_of_a_thread"),
    "queue_of_a_thread": ("LOOP004", "cross-thread-deadlock", "queue_of_a_thread"),
    "takes_its_lock_again": ("LOOP002", "self-deadlock", "takes_its_lock_again"),
    "event_of_a_callback": ("LOOP002", "self-deadlock", "event_of_a_callback"),
    "queue_of_a_task": ("LOOP002", "self-deadlock", "queue_of_a_task"),
    "completed_by_a_thread": ("LOOP002", "self-deadlock", "receive"),
    "added_in_a_signal_handler": ("LOOP002", "self-deadlock", "note"),
    "takes_a_lock_twice": ("LOCK001", None, "takes_a_lock_twice"),
    "shielded_from_a_deadline": ("TASK001", "task-cycle", "take"),
    "waits_for_a_stuck_child": ("TASK002", "orphan-future", "wait_in_vain"),
    "holds_the_lock_of_a_gathered_child": ("TASK001", "task-cycle", "parent"),
    "joins_a_queue_of_dead_workers": (
        "TASK002",
        "orphan-future",
        "joins_a_queue_of_dead_workers",
    ),
    "locks_of_asynchronous_generators": ("TASK001", "task-cycle", "inside_of_async"),
    "locks_in_asynchronous_stacks": ("TASK001", "task-cycle", "inside_of_async"),
    "lock_of_a_generator_across_an_await": ("LOCK002", "healthy", "suspended"),
    "loop_inside_of_a_callback": ("LOOP002", None, "ask"),
    "locks_of_generators": ("LOCK001", None, "inside_of"),
    "locks_in_stacks": ("LOCK001", None, "take"),
    "all_slots_of_a_semaphore": ("LOCK001", None, "take"),
    "queue_in_a_signal_handler": ("LOCK001", None, "note"),
    "pool_waits_for_itself": ("EXEC001", "executor-starved", "outer"),
    "locks_in_two_orders": ("LOCK001", None, "take"),
}
# From 3.14 on asyncio refuses to run a task inside of another one.
UNTIL = {"loop_inside_of_a_callback": (3, 13)}
BLOCKED_IN = {
    "computes": "cpu",
    "receives_on_the_loop": "recvfrom",
    "joins_a_thread": "futex",
    "condition_of_a_thread": "futex",
    "queue_of_a_thread": "futex",
    "takes_its_lock_again": "futex",
    "event_of_a_callback": "futex",
    "queue_of_a_task": "futex",
}

LOOKS = 10
CHAIN_MAX = 8  # nodes; a chain that comes back to itself ends there

pytestmark = pytest.mark.minors


def start_state(start, interpreter, state):
    process = start(interpreter, TARGETS / "wait_states.py", state)
    process.wait_for_end_of(int(process.ready[0]))  # what said READY could end any wait
    return process


@pytest.mark.parametrize("state", HEALTHY)
def test_healthy(start, interpreter, state):
    process = start(interpreter, TARGETS / "wait_states.py", state)
    for _ in range(2):
        seen = look("check", process.pid, "--json")
        assert seen.alarms == set(), str(seen)
        assert seen.status == NOTHING_FOUND, str(seen)
        assert {one["verdict"] for one in seen.data["loops"]} <= {"healthy", None}, str(seen)
    assert process.is_running()


@pytest.mark.parametrize("state", SICK)
def test_sick(start, interpreter, state):
    rule, verdict, function = SICK[state]
    if interpreter.version_info[:2] > UNTIL.get(state, interpreter.version_info[:2]):
        pytest.skip("asyncio does not let it happen")
    process = start_state(start, interpreter, state)
    for _ in range(LOOKS if state == "computes" else 1):
        seen = look("check", process.pid, "--json")
        if seen.alarms:  # a thread that hardly gets a processor is not said to compute
            break
    assert seen.alarms == {rule}, str(seen)
    assert seen.status == FOUND, str(seen)
    [finding] = [one for one in seen.data["findings"] if one["rule"] == rule]
    assert finding["location"]["function"].split(".")[-1] == function, str(seen)
    assert finding["fix"] and finding["confirm"], str(seen)
    assert len(finding["cycle"]) <= CHAIN_MAX, str(seen)
    if verdict:
        [loop] = seen.data["loops"]
        assert loop["verdict"] == verdict, str(seen)
    if verdict not in (None, "healthy"):
        assert loop["at"].split(".")[-1].split(" ")[-1] == function, str(seen)
        assert loop["blocked_in"] == BLOCKED_IN.get(state), str(seen)
    assert process.is_running()


@pytest.fixture
def spinner():
    """Keeps the first processor busy, as far as it may."""
    command = ["setpriv", "--pdeathsig", "KILL", sys.executable, "-c", "while True: pass"]
    with subprocess.Popen(command) as process:
        os.sched_setaffinity(process.pid, {min(os.sched_getaffinity(0))})
        yield
        process.kill()


@pytest.mark.some
def test_computes_with_hardly_any_processor(start, interpreter, spinner):
    """A callback that goes on and on, though for most of the time it is not its turn."""
    process = start(interpreter, TARGETS / "wait_states.py", "computes")
    os.sched_setaffinity(process.pid, {min(os.sched_getaffinity(0))})
    os.setpriority(os.PRIO_PROCESS, process.pid, 8)  # a seventh of what is left of the processor
    for _ in range(LOOKS):
        seen = look("check", process.pid, "--json")
        if seen.alarms:
            break
    assert seen.alarms == {"LOOP001"}, str(seen)
    [loop] = seen.data["loops"]
    assert (loop["verdict"], loop["blocked_in"]) == ("blocked-in-call", "cpu"), str(seen)


def test_owner_that_is_gone(start, interpreter):
    process = start_state(start, interpreter, "owner_is_gone")
    seen = look("threads", process.pid, "--json")
    [main] = [one for one in seen.data["threads"] if one["name"] == "MainThread"]
    assert main["waits_for"].startswith("lock "), str(seen)
    assert main["owed_by"].endswith("which does not exist (any more)"), str(seen)
