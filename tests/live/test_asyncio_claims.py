"""What asyncio says of its loops, tasks and futures inside, seen from outside."""

import json
import subprocess

import pytest

from looks import STETH, TARGETS

READER = STETH.parent / "tests" / "unit" / "read_asyncio"
PROGRAM = TARGETS / "asyncio_claims.py"


def without_ends(value):
    """The reader ends each list with a null."""
    if isinstance(value, list):
        return [without_ends(one) for one in value[: -1 if value[-1:] == [None] else None]]
    if isinstance(value, dict):
        return {key: without_ends(one) for key, one in value.items()}
    return value


def answers(pid, claims):
    if not READER.exists():
        pytest.skip(f"{READER} is not built (meson option tests)")
    run = subprocess.run(
        [READER, str(pid)],
        input="".join(f"{request}\n" for request, _ in claims).encode(),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr.decode()
    return [without_ends(json.loads(line)) for line in run.stdout.decode().splitlines()]


def differences(claims, seen):
    """[(request, what of the answer, expected, seen)]"""
    wrong = []
    for (request, expected), answer in zip(claims, seen):
        if "wakes" in answer:
            answer["wakes"].sort()
        if request.startswith("threads"):
            expected = {**dict.fromkeys(answer, [0, 0]), **expected}
        for key, value in expected.items():
            if answer.get(key) != value:
                wrong.append((request, key, value, answer.get(key)))
    return wrong


def confirm(process, pid, claims):
    seen = answers(pid, claims)
    assert len(seen) == len(claims)
    assert differences(claims, seen) == []
    assert process.is_running()


def test_same_as_inside(start, interpreter):
    process = start(interpreter, PROGRAM)
    claims = json.loads(process.lines[-1].split(" ", 1)[1])
    kinds = {request.split()[0] for request, _ in claims}
    assert kinds == {"coroutine", "executor", "future", "loop", "queue", "role", "threads"}
    assert len(claims) > 250
    confirm(process, process.pid, claims)


def test_no_loop_after_fork(start, interpreter):
    process = start(interpreter, PROGRAM, "fork")
    _, pid, claims = process.lines[-1].split(" ", 2)
    confirm(process, int(pid), json.loads(claims))
