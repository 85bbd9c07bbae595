"""steth demo: it leaves nothing behind, also when it is interrupted."""

import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest
from looks import STETH


def start_demo():
    return subprocess.Popen(
        [STETH, "demo", "--python", sys.executable, "zombies"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def left_behind():
    return set(pathlib.Path("/tmp").glob("steth-demo-*"))


def test_demo_finds_what_it_is_for():
    demo = start_demo()
    stdout, stderr = demo.communicate(timeout=60)
    assert demo.returncode == 0, stderr
    assert "RES001" in stdout and "is over" in stdout


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
