"""The case programs with a stated truth, and that truth as assertions about a look."""

import json

from interpreters import EndedError
from looks import CASES, FOUND, NOTHING_FOUND

STARTS = 20


class Case:
    def __init__(self, script):
        facts = json.loads(script.with_suffix(".expect.json").read_text())
        self.script = script
        self.name = facts["id"]
        self.family = facts["family"]
        self.needs = facts["needs"]
        self.expect = facts["expect"]
        self._versions = facts["min_python"], facts["max_python"]

    @property
    def only_silent(self):
        """What it shows is not yet a matter of this look, which must only stay silent."""
        return self.family == "class"

    def supports(self, interpreter):
        lowest, highest = (
            one and tuple(int(part) for part in one.split(".")) for one in self._versions
        )
        version = interpreter.version_info[:2]
        return version >= lowest and (highest is None or version <= highest) and not self.needs


def cases():
    return [Case(path) for path in sorted(CASES.glob("*.py"))]


def start_case(start, case, interpreter):
    """A deadlock that depends on timing now and then does not come about: such a program ends,
    with an error of its own when it ends in the middle of the race."""
    for _ in range(STARTS - 1):
        try:
            return start(interpreter, case.script)
        except EndedError:
            pass
    return start(interpreter, case.script)


def assert_objects(seen, expect):
    """Of the families zombie, gc and healthy."""
    assert seen.zombies == {one["type"]: one["count"] for one in expect["zombies"]}, str(seen)
    assert seen.alarms == set(expect["rules"]), str(seen)
    assert seen.status == (FOUND if expect["rules"] else NOTHING_FOUND), str(seen)
    if "holder" in expect:
        for held_by in seen.holders.values():
            assert any(expect["holder"] in holder for holder in held_by), str(seen)
    kinds = {one["kind"] for group in seen.data.get("zombies", []) for one in group["resources"]}
    assert kinds >= set(expect.get("resources", [])), str(seen)


def is_part(expected, cycle):
    """Whether `expected` ("kind" or "kind:name") is met in this order along the cycle, which has
    no beginning."""
    for start in range(len(cycle)):
        nodes = iter(cycle[start:] + cycle[:start])
        if all(
            any(
                node["kind"] == kind and (not name or node["name"] == name) for node in nodes
            )
            for kind, _, name in (one.partition(":") for one in expected)
        ):
            return True
    return not expected


def assert_loop(seen, expect):
    """Of the family asyncio."""
    assert seen.alarms == set(expect["rules"]), str(seen)
    [loop] = [one for one in seen.data["loops"] if one["thread"] == expect["loop_thread"]]
    assert loop["verdict"] == expect["verdict"], str(seen)
    if expect["verdict"] == "healthy":
        return
    file, function = expect["at"].split(":")
    assert f"/{file}:" in loop["at"] and loop["at"].endswith(f"in {function}"), str(seen)
    blocked_in = expect["blocked_in"]
    if blocked_in:
        calls = blocked_in if isinstance(blocked_in, list) else [blocked_in]
        if "pselect6" in calls:
            calls = [*calls, "select"]  # the same in the C library of older suites
        assert loop["blocked_in"] in calls, str(seen)
    assert is_part(expect["cycle"], loop["cycle"]), str(seen)
    if expect["holder"]:
        held = [one for one in seen.data["findings"] if one["rule"] == "LOCK002"]
        assert [one["facts"]["holder"] for one in held] == [expect["holder"]], str(seen)
