"""The case programs read as source, by the rules that need one file: finalizers and event loops."""

import json

import pytest

from looks import CASES, look

FILE_RULES = {"RES002", "RES003", "LOOP005", "LOOP006", "LOOP007"}
# What blocks these can be seen without running them.
LOOPS = {
    "asyncio-self-threadsafe": {"LOOP007"},
    "asyncio-sleep-on-loop": {"LOOP005"},
    "asyncio-two-loops": {"LOOP005", "LOOP007"},
}


def cases(*families):
    for path in sorted(CASES.glob("*.py")):
        facts = json.loads(path.with_suffix(".expect.json").read_text())
        if facts["family"] in families:
            yield pytest.param(path, facts["expect"], id=path.stem)


def read(script):
    seen = look("audit", "--json", "--python", "/usr/bin/python3", script)
    return seen, {one for one in seen.alarms if one in FILE_RULES}


def finalizers(seen):
    """The classes whose finalizer lets self escape, also those that inherit it."""
    names = set()
    for one in seen.data["findings"]:
        if one["rule"] == "RES002":
            names |= {one["facts"]["class"], *one["facts"].get("classes", [])}
    return names


@pytest.mark.parametrize("script, expect", cases("class"))
def test_classes(script, expect):
    seen, rules = read(script)
    assert rules == FILE_RULES & set(expect["rules"]), str(seen)
    assert finalizers(seen) == set(expect.get("res002", [])), str(seen)


@pytest.mark.parametrize("script, expect", cases("zombie"))
def test_what_comes_back_to_life_is_seen_in_the_source(script, expect):
    seen, rules = read(script)
    zombies = {one["type"] for one in expect["zombies"]}
    assert rules == ({"RES002"} if zombies else rules & {"RES002"}), str(seen)
    assert zombies <= {f"__main__.{name}" for name in finalizers(seen)}, str(seen)


@pytest.mark.parametrize("script, expect", cases("healthy"))
def test_healthy_programs_are_silent(script, expect):
    assert expect["rules"] == []
    seen, rules = read(script)
    assert rules == set(), str(seen)


@pytest.mark.parametrize("script, expect", cases("asyncio"))
def test_loops(script, expect):
    seen, rules = read(script)
    assert rules == LOOPS.get(script.stem, set()), str(seen)
    if expect["verdict"] == "healthy":
        assert not rules, str(seen)
