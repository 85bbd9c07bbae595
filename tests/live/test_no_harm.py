"""A look never stops, changes or ends its target, however the look itself ends."""

import pathlib
import random
import re
import subprocess
import threading
import time

import pytest

from looks import CANNOT_LOOK, FOUND, NOTHING_FOUND, STETH, TARGETS, check, look, steth_environment

pytestmark = pytest.mark.minors

PROGRAM = TARGETS / "ticking.py"
HEAP = 200000
# Far above what a loaded machine does to a thread, far below what a stopped one would show.
LONGEST_GAP = 1.5
BUSY_MACHINE = 0.25  # seconds by which two clocks may see a pause differently


class Watcher:
    """Notes every stopped state and every tracer of a process while it runs."""

    def __init__(self, pid):
        self.seen = set()
        self.samples = 0
        self._tasks = pathlib.Path(f"/proc/{pid}/task")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self):
        while not self._stop.is_set():
            for task in self._tasks.iterdir():
                status = (task / "status").read_text()
                state = re.search(r"^State:\s+(\S)", status, re.MULTILINE).group(1)
                tracer = re.search(r"^TracerPid:\s+(\d+)", status, re.MULTILINE).group(1)
                self.samples += 1
                if state in "Tt" or tracer != "0":
                    self.seen.add((state, tracer))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_exception):
        self._stop.set()
        self._thread.join()


def ask(process, word="how"):
    """(ticks, longest gap in seconds); the word "forget" makes it begin anew."""
    process.send_line(word)
    ticks, longest = process.read_line().split()
    return int(ticks), float(longest)


def assert_goes_on(process):
    before, _ = ask(process)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if ask(process)[0] > before + 5:
            break
        time.sleep(0.01)
    else:
        pytest.fail(f"the target does not go on: {process.state()}")
    assert process.is_running()


def test_never_stopped(start, interpreter):
    process = start(interpreter, PROGRAM, HEAP)
    ask(process, "forget")
    with Watcher(process.pid) as watcher:
        for verb in ("check", "zombies", "gc"):
            seen = look(verb, process.pid, "--json")
            assert seen.status == NOTHING_FOUND, str(seen)
            assert seen.data["target"]["paused_ms"] == 0
    assert watcher.samples > 0 and watcher.seen == set()
    assert_goes_on(process)
    assert ask(process)[1] < LONGEST_GAP


def kill_looks(process, *options, times):
    """Ends looks at random moments of their run."""
    began = time.monotonic()
    whole = check(process.pid, *options)
    duration = time.monotonic() - began
    assert whole.status in (NOTHING_FOUND, FOUND), whole
    for _ in range(times):
        command = [str(STETH), "check", str(process.pid), "--json", *options]
        victim = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=steth_environment(),
        )
        time.sleep(random.uniform(0, duration))
        victim.kill()
        victim.wait()


@pytest.mark.parametrize("options", [(), ("--pause",)], ids=["plain", "pause"])
def test_killed_look(start, interpreter, options):
    process = start(interpreter, PROGRAM, HEAP)
    ask(process, "forget")
    kill_looks(process, *options, times=15)
    assert_goes_on(process)
    assert ask(process)[1] < LONGEST_GAP
    with Watcher(process.pid) as watcher:
        time.sleep(0.01)
    assert watcher.seen == set()


def test_pause_is_reported_and_short(start, interpreter):
    process = start(interpreter, PROGRAM, HEAP)
    ask(process, "forget")
    seen = check(process.pid, "--pause")
    assert seen.data["target"]["paused_ms"] > 0, str(seen)
    assert_goes_on(process)
    _, longest = ask(process)
    assert seen.data["target"]["paused_ms"] / 1000 <= longest + BUSY_MACHINE


@pytest.mark.some
def test_target_ends_mid_look(start, interpreter):
    """Whatever the moment: an answer, or one clear refusal."""
    refused = 0
    duration = 0.05
    for attempt in range(30):
        process = start(interpreter, PROGRAM, HEAP)
        if attempt == 0:
            began = time.monotonic()
            check(process.pid)
            duration = time.monotonic() - began
        ender = threading.Timer(random.uniform(0, duration), process.kill)
        ender.start()
        seen = look("check", process.pid)
        ender.join()
        assert seen.status in (NOTHING_FOUND, CANNOT_LOOK), str(seen)
        if seen.status == CANNOT_LOOK:
            refused += 1
            assert seen.stdout == "", str(seen)
            first, *hints = seen.stderr.splitlines()
            assert first.startswith("steth: "), str(seen)
            assert all(re.match(r"  +(hint|or): ", one) for one in hints), str(seen)
    assert refused > 0
