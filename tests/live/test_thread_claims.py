"""What threads wait for and where they are, seen from outside, is what they know of themselves."""

import json
import subprocess

import pytest

from looks import STETH, TARGETS

DUMP = STETH.parent / "tests" / "unit" / "dump_threads"
pytestmark = pytest.mark.skipif(not DUMP.exists(), reason="built with -Dtests=true only")

STOPS = 3
LOOKS = 100  # at threads that are where they belong most of the time only

# Names that no build hides: the C library exports them.
IN_LIBC = {
    "sleep": {"clock_nanosleep", "select"},
    "recv": {"recv"},
    "select": {"select"},
    "epoll": {"epoll_wait"},
    "read": {"read"},
    "process": {"wait4", "waitpid"},
}


def dump(process, *arguments):
    run = subprocess.run(
        [DUMP, str(process.pid), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def by_tid(process, *arguments):
    return {one["tid"]: one for one in dump(process, *arguments)["threads"]}


def told(process):
    return json.loads(process.lines[-1].split(" ", 1)[1])


def asleep(process, tid):
    """The thread, when it sleeps: one that wakes now and then may wait for a processor."""
    for _ in range(LOOKS):
        thread = by_tid(process)[tid]
        if thread["state"] == "S":
            break
    return thread


def functions(thread):
    return [frame["function"] for frame in thread["stack"]["frames"]]


@pytest.fixture
def blocked(start, interpreter):
    return start(interpreter, TARGETS / "waits.py", "blocked")


def test_system_calls_and_locks(blocked):
    blocked.settle()
    truth, seen = told(blocked), by_tid(blocked)
    for name, wait in truth["waits"].items():
        thread = asleep(blocked, wait["tid"]) if name == "database" else seen[wait["tid"]]
        assert thread["name"] == name
        assert thread["state"] == "S", name
        assert thread["call"] in wait["call"], name
        assert (thread["lock"] or {}).get("address") == wait["lock"], name
        assert not thread["gil_waits"] and not thread["gil_holds"], name


def test_what_locks_say(blocked):
    blocked.settle()
    truth, seen = told(blocked), by_tid(blocked)
    lock, rlock = (seen[truth["waits"][name]["tid"]]["lock"] for name in ("lock", "rlock"))
    assert lock["locked"] and not lock["owner"]
    assert rlock["locked"] and rlock["owner"] == truth["main"] and rlock["depth"] == 2


def is_whole(thread):
    stack = thread["stack"]
    return stack["incomplete"] is None and any(frame["evaluates"] for frame in stack["frames"])


def test_native_stacks_are_whole(blocked):
    truth = told(blocked)
    for _ in range(STOPS):
        blocked.settle()
        seen = by_tid(blocked)
        cut = [thread for thread in seen.values() if not is_whole(thread)]
        if not cut:  # else one was awake: that of the database is now and then
            break
    assert not cut
    assert "Py_BytesMain" in functions(seen[blocked.pid])
    for name, expected in IN_LIBC.items():
        assert expected & set(functions(seen[truth["waits"][name]["tid"]])[:5]), name


def test_native_stacks_are_those_of_a_stopped_process(blocked):
    """The same frames, with the help of all registers."""
    database = told(blocked)["waits"]["database"]["tid"]  # it wakes now and then
    for _ in range(STOPS):
        blocked.settle()
        moving, stopped = by_tid(blocked), by_tid(blocked, "paused")
        differing = {
            thread["name"]
            for tid, thread in moving.items()
            if tid != database and thread["stack"] != stopped[tid]["stack"]
        }
        if not differing:  # else one was awake all the same
            break
    assert not differing
    assert blocked.is_running()


def test_running_threads(start, interpreter):
    process = start(interpreter, TARGETS / "waits.py", "busy")
    spinners = {wait["tid"] for wait in told(process)["waits"].values()}
    waited = held = 0
    for number in range(LOOKS):
        seen = by_tid(process)
        holders = {tid for tid, thread in seen.items() if thread["gil_holds"]}
        waiters = {tid for tid, thread in seen.items() if thread["gil_waits"]}
        assert holders | waiters <= spinners | {process.pid}  # the main thread may still be on its way
        held += len(holders)
        waited += len(waiters)
        if number >= 10 and held and waited:  # else both wait for a processor
            break
    assert held and waited
    seen = by_tid(process, "paused")
    for tid in spinners:
        assert seen[tid]["stack"]["incomplete"] is None, seen[tid]
        assert any(frame["evaluates"] for frame in seen[tid]["stack"]["frames"]), seen[tid]
