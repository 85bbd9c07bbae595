"""A program of somebody else's that uses libsteth sees what the command line sees."""

import json
import subprocess

import pytest

import looks
from looks import FOUND, TARGETS, look

PROGRAM = looks.STETH.parent / "tests" / "unit" / "check_with_library"


@pytest.mark.skipif(not PROGRAM.exists(), reason="built with -Dtests=true only")
def test_library_and_command_line_agree(start, interpreter):
    process = start(interpreter, TARGETS / "leaky_node.py")
    answer = subprocess.run([PROGRAM, str(process.pid)], capture_output=True, text=True, timeout=60)
    assert answer.returncode == FOUND, answer.stderr
    report = json.loads(answer.stdout)
    seen = look("check", process.pid, "--json")
    assert report["zombies"] == seen.data["zombies"]
    assert [one["fingerprint"] for one in report["findings"]] == [
        one["fingerprint"] for one in seen.data["findings"]
    ]
