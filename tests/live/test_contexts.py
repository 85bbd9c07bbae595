"""Contexts of contextvars seen from outside, and calls that run without their caller's."""

import json

from asyncio_reader import differences
from looks import TARGETS, check

PROGRAM = TARGETS / "lost_contexts.py"


def test_same_as_inside(start, interpreter):
    process = start(interpreter, TARGETS / "context_claims.py")
    claims = json.loads(process.lines[-1].split(" ", 1)[1])
    assert len(claims) > 40
    assert differences(process.pid, claims) == []
    assert process.is_running()


def findings(seen):
    return [one for one in seen.data["findings"] if one["rule"] == "CTX001"]


def limits(seen):
    return [one["reason"] for one in seen.data["not_checked"] if one["rule"] == "CTX001"]


def line_of(function):
    """The line of the (last) await in a coroutine of the program."""
    lines = PROGRAM.read_text().splitlines()
    number = lines.index(f"async def {function}():") + 1
    while lines[number]:
        number += 1
    return number


def test_lost(start, interpreter):
    """Each place where a variable that is read got lost, and none but these."""
    process = start(interpreter, PROGRAM, "lost")
    seen = check(process.pid)
    lost = ["plain", "by_helper", "by_closure", "by_filter", "gathered", "waited_for", "wrapped"]
    expected = {name: "request" for name in lost}
    expected["by_method"] = "user"
    if interpreter.version_info >= (3, 11):
        expected["group_member"] = "request"
    found = {one["location"]["function"]: one for one in findings(seen)}
    assert len(found) == len(findings(seen)), str(seen)
    assert {name: one["facts"]["variables"] for name, one in found.items()} == expected, str(seen)
    for name, one in found.items():
        assert one["location"]["file"].endswith("/lost_contexts.py")
        assert one["location"]["line"] == line_of(name), name
        assert one["severity"] == "warning"
        certain = "medium" if name in ("by_helper", "by_filter") else "high"
        assert one["confidence"] == certain, name
        assert "7f3a" not in json.dumps(one)
    assert process.is_running()


def test_kept(start, interpreter):
    """A server with requests under way whose threads and tasks have what they read."""
    process = start(interpreter, PROGRAM, "kept")
    seen = check(process.pid)
    assert seen.data["findings"] == [], str(seen)
    assert "CTX001" in seen.data["ok"], str(seen)
    assert limits(seen) == [], str(seen)


def test_unknown(start, interpreter):
    """Who made it, and with which variables, cannot be told: nothing is claimed."""
    process = start(interpreter, PROGRAM, "unknown")
    seen = check(process.pid)
    assert findings(seen) == [], str(seen)
    assert "CTX001" not in seen.data["ok"], str(seen)
    assert len(limits(seen)) == 1 and "calls in executors: 1)" in limits(seen)[0], str(seen)
