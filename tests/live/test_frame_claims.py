"""What frames are doing, seen from outside, is what the interpreter says inside."""

import json
import subprocess

import pytest

from looks import STETH, TARGETS

DUMP = STETH.parent / "tests" / "unit" / "dump_frames"


def dump(pid, lines):
    run = subprocess.run(
        [DUMP, str(pid)],
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


pytestmark = pytest.mark.skipif(not DUMP.exists(), reason=f"{DUMP} is not built")


def told(process):
    return json.loads(process.lines[-1].split(" ", 1)[1])


def differences(inside, seen):
    """What the outside gets wrong of one frame, by name."""
    wrong = {
        key: (inside[key], seen[key])
        for key in ("file", "function", "line", "instruction", "managers")
        if inside[key] != seen[key]
    }
    if inside["locals"] is not None and inside["locals"] != seen["locals"]:
        wrong["locals"] = (inside["locals"], seen["locals"])
    return {**wrong, "in": (inside["function"], inside["line"])} if wrong else {}


def compare_generators(process, said):
    answers = dump(process.pid, [f"generator {address}" for address in said])
    wrong = [differences(*pair) for pair in zip(said.values(), answers)]
    return [one for one in wrong if one]


def units(said):
    """What is said of a code object, for each of its instructions."""
    lines, handlers = [], []
    starts = [*said["lines"], [said["size"], None]]
    if starts[0][0]:
        starts.insert(0, [0, said["first"]])
    for (start, line), (end, _) in zip(starts, starts[1:]):
        lines += [line] * ((end - start) // 2)
    for entry in said["handlers"] or ():
        start, end, target, depth = entry
        handlers += [None] * (start // 2 - len(handlers))
        handlers += [[target, depth]] * ((end - start) // 2)
    handlers += [None] * (said["size"] // 2 - len(handlers))
    return {"lines": lines, "handlers": handlers if said["handlers"] is not None else None}


def compare_threads(process, said):
    wrong = []
    chains = dump(process.pid, [f"thread {ident}" for ident in said])
    for inside, seen in zip(said.values(), chains):
        assert len(inside) == len(seen)
        wrong += filter(None, map(differences, inside, seen))
    return wrong


def test_same_as_inside(start, interpreter):
    process = start(interpreter, TARGETS / "frames.py")
    said = told(process)
    assert len(said["made_up"]) > 800
    assert len(said["codes"]) > 500
    assert compare_generators(process, said["generators"]) == []
    assert compare_generators(process, said["made_up"]) == []
    assert compare_threads(process, said["threads"]) == []
    answers = dump(process.pid, [f"code {address}" for address in said["codes"]])
    assert answers == [units(one) for one in said["codes"].values()]


def count_frames(process, said):
    """How many frames that run are told right, wrong and not at all."""
    a, b, lock = ([manager, False] for manager in said["managers"])
    known = {
        "in_and_out": [[], [a], [a, b], [a, b, lock]],
        "inside": [[a], [a, b]],
    }
    counts = {"right": 0, "wrong": 0, "unknown": 0}
    for chain in dump(process.pid, [f"thread {one}" for one in said["threads"] * 200]):
        for frame in chain:
            if frame["managers"] is None:
                counts["unknown"] += 1
            elif frame["function"] in known:
                right = frame["managers"] in known[frame["function"]]
                counts["right" if right else "wrong"] += 1
    return counts


@pytest.mark.some
def test_of_running_frames_hardly_ever_wrong(start, interpreter):
    process = start(interpreter, TARGETS / "running_frames.py")
    said = told(process)
    for _ in range(5):  # whoever reads may lose its processor between two reads, on a busy machine
        counts = count_frames(process, said)
        assert counts["right"] > 100
        if counts["wrong"] < counts["right"] / 100:
            break
    assert counts["wrong"] < counts["right"] / 100
