"""The usual waits again, with the loops of uvloop."""

import os
import subprocess
import sys

import looks
import pytest
from usual_states import HEALTHY, PROGRAM, SICK

PYTHON = os.environ.get("STETH_APPLICATION_PYTHON", sys.executable)
PLAIN = {"idle_workers", "idle_pool", "condition_taken_by_another_call"}  # without a loop


@pytest.fixture
def start(packages):
    processes = []

    def start_one(state):
        command = ["setpriv", "--pdeathsig", "KILL", PYTHON, PROGRAM, state, "uvloop"]
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(packages)}
        process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
        processes.append(process)
        assert process.stdout.readline() == b"READY\n"
        return process

    yield start_one
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize("state", [one for one in HEALTHY if one not in PLAIN])
def test_healthy(start, state):
    seen = looks.check(start(state).pid)
    assert seen.status == looks.NOTHING_FOUND, str(seen)
    assert seen.data["findings"] == [], str(seen)


@pytest.mark.parametrize("state", sorted(SICK))
def test_waits_for_ever(start, state):
    seen = looks.check(start(state).pid)
    (finding,) = seen.data["findings"]
    assert finding["rule"] == "TASK002", str(seen)
    assert finding["location"]["function"] == "for_ever"
