"""steth demo: each finds what it is for and leaves nothing behind, also when interrupted."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import pytest
from looks import PROJECT, STETH, check, look

# The rules that each demo is for: these fire and no other.
FINDINGS = {
    "deadlock": {"LOOP002"},
    "locks": {"LOOP002", "LOCK002"},
    "zombies": {"RES001"},
}


def start_demo(name="zombies"):
    return subprocess.Popen(
        [STETH, "demo", "--python", sys.executable, name],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # Whoever runs the tests in the background may ignore it, and that is inherited.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def left_behind():
    return set(pathlib.Path("/tmp").glob("steth-demo-*"))


@pytest.mark.parametrize("name", FINDINGS)
def test_demo_finds_what_it_is_for(name):
    demo = start_demo(name)
    stdout, stderr = demo.communicate(timeout=60)
    assert demo.returncode == 0, stderr
    fired = re.findall(r"^(?:error|warning)\[(\w+)\]", stdout, re.MULTILINE)
    assert set(fired) == FINDINGS[name]
    assert "is over" in stdout


@pytest.mark.parametrize("name", FINDINGS)
def test_its_program_is_found_out_on_every_version(start, interpreter, name):
    process = start(interpreter, PROJECT / "src" / "cli" / "demos" / f"{name}.py")
    process.settle()
    seen = check(process.pid)
    assert seen.alarms == FINDINGS[name], str(seen)


def test_every_demo_is_tested():
    listed = subprocess.run([STETH, "demo"], stdout=subprocess.PIPE, text=True, check=True)
    assert {line.split()[0] for line in listed.stdout.splitlines()} == set(FINDINGS)


def test_a_healthy_loop_beside_a_dead_one_is_called_healthy(start, interpreter):
    process = start(interpreter, PROJECT / "src" / "cli" / "demos" / "deadlock.py")
    process.settle()
    seen = look("tasks", process.pid, "--json")
    verdicts = {loop["thread"]: loop["verdict"] for loop in seen.data["loops"]}
    assert verdicts == {"MainThread": "self-deadlock", "heartbeat": "healthy"}, str(seen)


@pytest.mark.parametrize("seconds", [0, 0.01, 0.03, 0.06])
def test_interrupted(seconds):
    before = left_behind()
    demo = start_demo()
    time.sleep(seconds)
    os.killpg(demo.pid, signal.SIGINT)
    stdout, stderr = demo.communicate(timeout=60)
    assert stderr == ""
    assert demo.returncode in (0, -signal.SIGINT), stdout
    while left_behind() - before:  # of other tests, for a moment
        time.sleep(0.1)
