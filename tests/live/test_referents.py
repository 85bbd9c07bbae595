"""What an object refers to, seen from outside, is what gc.get_referents() says inside."""

import json
import subprocess

import pytest

from looks import STETH, TARGETS

DUMP = STETH.parent / "tests" / "unit" / "dump_referents"


def dump(pid, lines):
    run = subprocess.run(
        [DUMP, str(pid)],
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()


@pytest.fixture
def process(start, interpreter):
    if not DUMP.exists():
        pytest.skip(f"{DUMP} is not built (meson option tests)")
    return start(interpreter, TARGETS / "referents.py")


def told(process):
    return json.loads(process.lines[-1].split(" ", 1)[1])


def test_same_as_inside(process):
    kinds = told(process)["kinds"]
    missed = {}
    answers = iter(dump(process.pid, [one["address"] for one in kinds.values()]))
    for name, inside in kinds.items():
        seen = set()
        for line in answers:
            if " -> " not in line:
                break
            seen.add(int(line.split()[2]))
        assert line.rsplit(" ", 1) == [inside["type"], "1"], name
        if not seen.issuperset(inside["referents"]):
            missed[name] = len(set(inside["referents"]) - seen)
    assert len(kinds) > 90
    assert not missed


def test_steps_are_python(process):
    steps = told(process)["steps"]
    answers = dump(process.pid, [f"{holder} {referent}" for holder, referent, _ in steps])
    assert len(steps) > 40
    assert answers == [text for _, _, text in steps]
