"""A heap that three threads churn as fast as they can: each look finds exactly the planted ones."""

import os

import pytest

import interpreters as known
from looks import FOUND, TARGETS, look

LOOKS = int(os.environ.get("STETH_BUSY_LOOKS", "20"))
LOOKS_OF_ONE = int(os.environ.get("STETH_BUSY_LOOKS_OF_ONE", "200"))


def looks_of(interpreter):
    """Many on one interpreter: the machine's own, or else the newest."""
    release = [one for one in known.interpreters() if one.kind == "release"]
    own = [one for one in release if one.vendor == "machine"]
    return LOOKS_OF_ONE if interpreter == (own or release)[-1] else LOOKS


@pytest.mark.parametrize("verb", ["zombies", "check"])
def test_planted_ones_only(start, interpreter, verb):
    process = start(interpreter, TARGETS / "churn.py")
    wrong = []
    count = looks_of(interpreter) if verb == "zombies" else LOOKS // 4
    for number in range(count):
        seen = look(verb, process.pid, "--json")
        right = seen.status == FOUND and seen.zombies == {"__main__.Planted": 7}
        if not right or seen.data["target"]["paused_ms"] != 0:
            wrong.append((number, str(seen)))
    assert not wrong, f"{len(wrong)} of {count} looks are wrong; the first: {wrong[0]}"
    assert process.is_running()
