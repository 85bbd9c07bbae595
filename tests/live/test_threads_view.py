"""`steth threads`: Python and C frames in the order of their calls, waits and who owes them."""

import pytest

from looks import NOTHING_FOUND, TARGETS, look

pytestmark = pytest.mark.minors

LOOKS = 100


@pytest.fixture
def threads(start, interpreter):
    process = start(interpreter, TARGETS / "nested_calls.py")
    process.settle()
    seen = look("threads", process.pid, "--json")
    assert seen.status == NOTHING_FOUND, str(seen)
    assert seen.data["target"]["paused_ms"] == 0
    return {one["name"]: one for one in seen.data["threads"]}


def short(function):
    return (function or "?").split(".")[-1]


def test_stacks_are_merged(threads, interpreter):
    stack = threads["Worker"]["stack"]
    python = [short(one["function"]) for one in stack if not one["native"]]
    wanted = ["inner", "key", "outer", "<lambda>", "top"]
    assert python[: len(wanted)] == wanted, stack
    if interpreter.vendor == "pyenv":  # with symbols
        names = [short(one["function"]) for one in stack]
        for before, native, after in (("key", "builtin_sorted", "outer"), ("<lambda>", "map_next", "top")):
            assert names.index(before) < names.index(native) < names.index(after), names


def test_waits(threads):
    assert threads["Worker"]["wait_kind"] == "sleep"
    waiter = threads["Waiter"]
    assert waiter["wait_kind"] == "lock" and waiter["blocked_in"] == "futex", waiter
    assert "__main__.lock" in waiter["waits_for"], waiter
    assert "MainThread" in waiter["owed_by"], waiter


def test_paused_stacks(start, interpreter):
    process = start(interpreter, TARGETS / "nested_calls.py")
    seen = look("threads", process.pid, "--json", "--native")
    assert seen.data["target"]["paused_ms"] > 0
    [worker] = [one for one in seen.data["threads"] if one["name"] == "Worker"]
    assert [one for one in worker["stack"] if one["native"]], str(seen)
    assert process.is_running()


def test_stacks_beside_a_thread_that_computes(start, interpreter):
    process = start(interpreter, TARGETS / "one_computes.py")
    by_name = {}
    for _ in range(LOOKS):  # until both have gone to sleep
        seen = look("threads", process.pid, "--json")
        by_name = {one["name"]: one for one in seen.data["threads"]}
        if all(by_name[name]["blocked_in"] for name in ("Sleeper", "Waiter")):
            break
    for name, function in (("Sleeper", "sleep"), ("Waiter", "wait")):
        stack = by_name[name]["stack"]
        assert [one for one in stack if one["native"]], stack
        assert short(next(one for one in stack if not one["native"])["function"]) == function, stack
        assert not by_name[name].get("stack_note"), by_name[name]
