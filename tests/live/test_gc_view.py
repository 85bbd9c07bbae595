"""`steth gc` says what the gc module says inside the process."""

import json

import pytest

from looks import NOTHING_FOUND, TARGETS, look


@pytest.mark.parametrize("words", ["plain", "off", "frozen", "thresholds", "off frozen thresholds"])
def test_same_as_inside(start, interpreter, words):
    process = start(interpreter, TARGETS / "gc_state.py", *words.split())
    inside = json.loads(process.lines[-1].split(" ", 1)[1])
    seen = look("gc", process.pid, "--json")
    outside = seen.data["gc"]
    generations = outside["generations"]
    for key in ("enabled", "frozen", "garbage", "debug_flags"):
        assert outside[key] == inside[key], (key, str(seen))
    assert [one["threshold"] for one in generations] == inside["threshold"], str(seen)
    for key in ("collections", "collected", "uncollectable"):
        assert [one[key] for one in generations] == [one[key] for one in inside["stats"]], str(seen)
    assert_counts(generations, inside["count"], seen)
    assert seen.status == NOTHING_FOUND or "off" in words, str(seen)
    assert process.is_running()


def assert_counts(generations, inside, seen):
    """Saying the state makes a few objects more: only the youngest count may move, a little."""
    counts = [one["count"] for one in generations]
    assert counts[1:] == inside[1:], str(seen)
    assert abs(counts[0] - inside[0]) < 100, str(seen)


def test_text(start, interpreter):
    process = start(interpreter, TARGETS / "gc_state.py", "thresholds")
    seen = look("gc", process.pid)
    assert "512" in seen.stdout, str(seen)


def test_garbage_on_its_way_is_no_finding(start, interpreter):
    process = start(interpreter, TARGETS / "gc_passing.py")
    for _ in range(10):
        seen = look("gc", process.pid, "--json")
        assert seen.status == NOTHING_FOUND, str(seen)
