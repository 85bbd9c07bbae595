"""Loops of uvloop, seen from outside."""

import json
import os
import pathlib
import subprocess
import sys

from asyncio_reader import differences
from looks import TARGETS, look

PYTHON = os.environ.get("STETH_APPLICATION_PYTHON", sys.executable)


def test_same_as_inside(packages):
    command = ["setpriv", "--pdeathsig", "KILL", PYTHON, TARGETS / "uvloop_claims.py"]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(packages)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        try:
            claims = json.loads(process.stdout.readline().decode().split(" ", 1)[1])
            assert differences(process.pid, claims) == []
        finally:
            process.kill()


def seconds_without_processor(pid):
    """How long its main thread was ready to run and did not: proc_pid_schedstat(5)."""
    return int(pathlib.Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9


def test_watched(packages):
    """Its turns are C: where callbacks are can be told, how old a turn is cannot."""
    command = ["setpriv", "--pdeathsig", "KILL", PYTHON, TARGETS / "watched_loop.py", "uvloop"]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(packages)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        try:
            assert process.stdout.readline() == b"READY\n"
            before = seconds_without_processor(process.pid)
            data = look("tasks", process.pid, "--for", "4s", "--json").data
            waited = seconds_without_processor(process.pid) - before
        finally:
            process.kill()
    (loop,) = data["loops"]
    # While it is ready to run it is not in its selector either.
    assert 0.25 < loop["utilisation"] < 0.55 + waited / (loop["watched_ms"] / 1e3)
    assert loop["slow"][0]["location"]["function"] == "slow_lookup"
    assert 0.2 < loop["slow"][0]["total_ms"] / loop["watched_ms"] < 0.8
    assert loop["delay_ms"] is None
    assert any("when a turn began" in one["reason"] for one in data["not_checked"])
