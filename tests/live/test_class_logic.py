"""What becomes of a class statement, computed, is what type() makes of it: random hierarchies."""

import collections
import subprocess

import pytest

from looks import STETH, TARGETS

JUDGE = STETH.parent / "tests" / "unit" / "judge_classes"
HIERARCHIES = 100_000  # on the machine's own interpreter
FEW = 2_000  # on each of the others
FAULTS = "mlfsdc"


def judge(interpreter, lines):
    run = subprocess.run(
        [JUDGE, str(interpreter.version_info[1])],
        input="\n".join(line.split("\t")[0] for line in lines) + "\n",
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()


def test_same_as_type(interpreter):
    if not JUDGE.exists():
        pytest.skip(f"{JUDGE} is not built (meson option tests)")
    count = HIERARCHIES if interpreter.vendor == "machine" else FEW
    done = interpreter.run(TARGETS / "class_hierarchies.py", interpreter.version, count, timeout=300)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    answers = judge(interpreter, lines)
    assert len(answers) == len(lines) - 1 == count
    seen = collections.Counter()
    for line, answer in zip(lines[1:], answers):
        hierarchy, truth = line.split("\t")
        assert answer == truth, hierarchy
        seen.update(word[0] for word in truth.split())
    assert all(seen[letter] > count // 100 for letter in FAULTS), seen
