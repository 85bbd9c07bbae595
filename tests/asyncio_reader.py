"""What tests/unit/read_asyncio.c sees in a process, compared with what a program claims."""

import json
import subprocess

import pytest

from looks import STETH

READER = STETH.parent / "tests" / "unit" / "read_asyncio"


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


def differences(pid, claims):
    """[(request, what of the answer, expected, seen)]"""
    seen = answers(pid, claims)
    assert len(seen) == len(claims)
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
