"""--consistent: exact, and the target notices nothing, however the look ends."""

import contextlib
import ctypes
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import threading
import time

import pytest

from looks import CANNOT_LOOK, FOUND, NOTHING_FOUND, PERMISSION, STETH, TARGETS, look
from looks import steth_environment

LOOKS = 10
KILLS = int(os.environ.get("STETH_KILLS", "50"))
CLIENTS = 4
# Far above what a loaded machine does to a wait, far below what a stopped thread would show.
LONGEST = 2.0

ptrace = ctypes.CDLL(None, use_errno=True).ptrace
ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT = 17, 0x4206, 0x4207
WALL = 0x40000000


def consistent(process, *arguments):
    return look("zombies", process.pid, "--json", "--consistent", *arguments)


def children(pid):
    """(pid, state) of each child."""
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for child in (task / "children").read_text().split():
                found.append((int(child), state(child)))
    return found


def state(pid):
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return None


def states(pid):
    """Of every thread."""
    return {state(f"{pid}/task/{task.name}") for task in pathlib.Path(f"/proc/{pid}/task").iterdir()}


def keepers(pid):
    """Processes that keep a copy of `pid` and are not ending."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and (entry / "comm").read_text() == "steth-keeper\n":
                words = (entry / "cmdline").read_bytes().split(b"\0")
                if str(pid).encode() in words and state(entry.name) not in ("Z", "X", None):
                    found.append(int(entry.name))
    return found


def wait_until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it does not come about"
        time.sleep(0.01)


@pytest.mark.minors
def test_exact_on_a_busy_heap(start, interpreter):
    process = start(interpreter, TARGETS / "churn.py")
    for _ in range(LOOKS):
        seen = consistent(process)
        assert seen.status == FOUND and seen.zombies == {"__main__.Planted": 7}, str(seen)
        assert seen.data["target"]["paused_ms"] > 0
        assert children(process.pid) == []
    assert process.is_running()


@pytest.mark.some
def test_recorded_and_drawn(start, interpreter, tmp_path):
    """steth record and steth heap, too."""
    process = start(interpreter, TARGETS / "churn.py")
    capture = tmp_path / "busy.steth"
    for _ in range(3):
        done = look("record", process.pid, "--consistent", "--json", "-o", capture)
        assert done.status == NOTHING_FOUND, str(done)
        assert look("zombies", capture, "--json").zombies == {"__main__.Planted": 7}
    seen = look("heap", process.pid, "--consistent", "--json", "--limit", "0")
    counts = {one["type"]: one["count"] for one in seen.data["heap"]["types"]}
    assert counts["__main__.Planted"] == 7 and seen.data["target"]["paused_ms"] > 0, str(seen)
    assert children(process.pid) == []


@pytest.mark.minors
def test_target_notices_nothing(start, interpreter):
    process = start(interpreter, TARGETS / "wary.py", LONGEST)
    for _ in range(LOOKS):
        seen = consistent(process)
        assert seen.status == NOTHING_FOUND, str(seen)
    process.send_line("how")
    said = json.loads(process.read_line())
    assert said["noticed"] == [] and len(said["rounds"]) == 11, said
    assert children(process.pid) == []


@pytest.mark.some
@pytest.mark.parametrize("wait", ["sleep", "lock", "select", "poll", "epoll", "read", "asyncio"])
def test_one_wait_alone(start, interpreter, wait):
    """There is no other thread that could be stopped in its place."""
    process = start(interpreter, TARGETS / "wary.py", LONGEST, wait)
    for _ in range(LOOKS):
        assert consistent(process).status == NOTHING_FOUND
    process.send_line("how")
    said = json.loads(process.read_line())
    assert said["noticed"] == [] and said["rounds"][wait] > 0, said


class Load:
    """Clients that ask a server all the time, and read until it closes the connection."""

    def __init__(self, port):
        self.port = port
        self.answers = 0
        self.failures = []
        self.longest = 0
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(CLIENTS)]

    def _ask(self):
        while not self._stop.is_set():
            begin = time.monotonic()
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
                    connection.sendall(b"GET /x HTTP/1.0\r\n\r\n")
                    answer = b"".join(iter(lambda: connection.recv(65536), b""))
                assert answer.startswith(b"HTTP/1.0 200") and answer.endswith(b"'number': 299}]")
                self.answers += 1
            except (OSError, AssertionError) as error:
                self.failures.append(repr(error))
            self.longest = max(self.longest, time.monotonic() - begin)
            time.sleep(0.002)

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exception):
        self._stop.set()
        for thread in self._threads:
            thread.join()


def kill_at_random(process, also_keeper):
    """One look that is killed at a random moment of its run."""
    victim = subprocess.Popen(
        [str(STETH), "zombies", str(process.pid), "--json", "--consistent"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=steth_environment(),
    )
    time.sleep(random.uniform(0, 1.2) * kill_at_random.duration)
    below = []
    if also_keeper:
        with contextlib.suppress(OSError):
            path = pathlib.Path(f"/proc/{victim.pid}/task/{victim.pid}/children")
            below = [int(child) for child in path.read_text().split()]
    for pid in [*below, victim.pid]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    victim.wait()


@pytest.mark.some
@pytest.mark.parametrize("also_keeper", [False, True], ids=["steth", "both"])
def test_killed_at_random_moments(start, interpreter, also_keeper):
    process = start(interpreter, TARGETS / "http_server.py")
    began = time.monotonic()
    assert consistent(process).zombies == {"__main__.Zombie": 5}
    kill_at_random.duration = time.monotonic() - began
    left = set()
    with Load(int(process.ready[0])) as load:
        for _ in range(KILLS):
            kill_at_random(process, also_keeper)
            if not also_keeper:
                continue
            wait_until(lambda: {one[1] for one in children(process.pid)} <= {"Z"})
            left.update(children(process.pid))
        wait_until(lambda: not keepers(process.pid))
        seen = consistent(process)
        assert seen.zombies == {"__main__.Zombie": 5}, str(seen)
    print(f"{KILLS} kills, {load.answers} answers, longest {load.longest:.3f} s, left {len(left)}")
    assert load.failures == [] and load.answers > KILLS
    assert children(process.pid) == []
    assert states(process.pid) <= {"S", "R", "D"}
    process.send_line("how")
    assert process.read_line() == "0"


@contextlib.contextmanager
def traced(pid):
    """Another tracer: this process."""
    assert ptrace(PTRACE_SEIZE, pid, None, None) == 0
    yield
    ptrace(PTRACE_INTERRUPT, pid, None, None)
    os.waitpid(pid, WALL)
    ptrace(PTRACE_DETACH, pid, None, None)


def assert_refused(seen, status, words):
    assert seen.status == status and seen.stdout == "", str(seen)
    first, *hints = seen.stderr.splitlines()
    assert first.startswith("steth: ") and words in first, str(seen)
    assert len(hints) == 1 and "hint: " in hints[0], str(seen)


@pytest.mark.some
def test_refused_while_traced(start, interpreter):
    process = start(interpreter, TARGETS / "idle.py")
    with traced(process.pid):
        seen = look("zombies", process.pid, "--consistent")
        assert_refused(seen, PERMISSION, "is being traced by")
        assert f"(pid {os.getpid()})" in seen.stderr
    assert look("zombies", process.pid, "--consistent").status == NOTHING_FOUND


FILTERED = """
import ctypes, sys
class Filter(ctypes.Structure):
    _fields_ = [("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte),
                ("k", ctypes.c_uint)]
class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.POINTER(Filter))]
allow = Filter(0x06, 0, 0, 0x7FFF0000)
prctl = ctypes.CDLL(None).prctl
assert prctl(38, 1, 0, 0, 0) == 0
assert prctl(22, 2, ctypes.byref(Program(1, ctypes.pointer(allow))), 0, 0) == 0
print("READY", flush=True)
sys.stdin.read()
"""


@pytest.mark.some
def test_refused_under_seccomp(start, interpreter, tmp_path):
    script = tmp_path / "filtered.py"
    script.write_text(FILTERED)
    process = start(interpreter, script)
    assert_refused(look("zombies", process.pid, "--consistent"), PERMISSION, "seccomp filter")


@pytest.mark.some
def test_refused_while_stopped(start, interpreter):
    process = start(interpreter, TARGETS / "idle.py")
    os.kill(process.pid, signal.SIGSTOP)
    wait_until(lambda: process.state() == "T")
    assert_refused(look("zombies", process.pid, "--consistent"), CANNOT_LOOK, "is stopped")
    assert process.state() == "T"
    os.kill(process.pid, signal.SIGCONT)
    assert look("zombies", process.pid, "--consistent").status == NOTHING_FOUND


@pytest.mark.some
def test_target_that_ends_is_gone(start, interpreter):
    """Its copy does not keep its files open."""
    for _ in range(10):
        process = start(interpreter, TARGETS / "churn.py")
        ender = threading.Timer(random.uniform(0, 0.2), process.kill)
        ender.start()
        seen = look("zombies", process.pid, "--consistent")
        ender.join()
        assert seen.status in (FOUND, CANNOT_LOOK), str(seen)
        wait_until(lambda: not keepers(process.pid))
