"""Who holds a lock, or works at the other end of a queue, where no object says so."""

import pytest

from looks import FOUND, NOTHING_FOUND, TARGETS, look

PROGRAM = TARGETS / "indirect_waits.py"
HEALTHY = [
    "users_of_a_counter",
    "generator_that_goes_on",
    "idle_ring",
    "slow_end",
    "pool_with_room",
    "waits_for_several_that_run",
    "cancelled_by_a_scope",
]

# state: rule, function to look at, confidence
SICK = {
    "guards": ("LOCK001", "take", "medium"),
    "sessions": ("LOCK001", "take", "medium"),
    "async_guards": ("TASK001", "take", "medium"),
    "guard_across_an_await": ("LOCK002", "suspended", "medium"),
    "adds_while_it_iterates": ("LOCK001", "add", "medium"),
    "stages": ("LOCK001", "send", "medium"),
    "queues_given_to_threads": ("LOCK001", "pump", "medium"),
    "gets_with_a_lock": ("LOCK001", "give", "medium"),
    "forgotten_task_done": ("LOCK001", "forgotten_task_done", "medium"),
    "waits_for_several_behind_itself": ("EXEC001", "outer", "high"),
    "threads_in_a_pool_in_itself": ("EXEC001", "outer", "high"),
    "shielded_from_a_scope": ("TASK001", "take", "high"),
    "inner_run_waits_for_the_outer": ("TASK001", "inner", "high"),
    "inner_run_takes_the_lock_of_the_outer": ("TASK001", "inner", "high"),
}
# From 3.14 on asyncio refuses to run a task inside of another one.
UNTIL = {"inner_run_waits_for_the_outer": (3, 13), "inner_run_takes_the_lock_of_the_outer": (3, 13)}
NEEDS_A_WHOLE_SYSTEM = {"threads_in_a_pool_in_itself", "pool_with_room"}  # /dev/shm

LOOKS = 10

pytestmark = pytest.mark.minors


def start_state(start, interpreter, state):
    if interpreter.root and state in NEEDS_A_WHOLE_SYSTEM:
        pytest.skip("the interpreter's tree has no /dev/shm")
    if interpreter.version_info[:2] > UNTIL.get(state, interpreter.version_info[:2]):
        pytest.skip("asyncio does not let it happen")
    return start(interpreter, PROGRAM, state)


@pytest.mark.parametrize("state", HEALTHY)
def test_healthy(start, interpreter, state):
    process = start_state(start, interpreter, state)
    seen = look("check", process.pid, "--json")
    assert seen.status == NOTHING_FOUND, str(seen)
    assert seen.data["findings"] == [], str(seen)
    assert process.is_running()


def look_until_found(pid):
    """What said READY is on its way still, where the processors are busy; then it stays there."""
    for _ in range(LOOKS):
        seen = look("check", pid, "--json")
        if seen.alarms:
            break
    return seen


@pytest.mark.parametrize("state", SICK)
def test_sick(start, interpreter, state):
    rule, function, confidence = SICK[state]
    process = start_state(start, interpreter, state)
    seen = look_until_found(process.pid)
    assert seen.status == FOUND and seen.alarms == {rule}, str(seen)
    (finding,) = [one for one in seen.data["findings"] if one["rule"] == rule]
    assert finding["location"]["function"].split(".")[-1] == function, str(seen)
    assert finding["confidence"] == confidence, str(seen)
    assert finding["fix"] and finding["confirm"], str(seen)
    assert process.is_running()


def test_who_empties_it(start, interpreter):
    process = start(interpreter, PROGRAM, "slow_end")
    for _ in range(LOOKS):
        seen = look("threads", process.pid, "--json")
        owed = [one["owed_by"] for one in seen.data["threads"] if one.get("owed_by")]
        if len(owed) == 2:
            break
    assert len(owed) == 2 and all(one.startswith("emptied by thread ") for one in owed), str(seen)
