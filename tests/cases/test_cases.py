"""The case programs with a stated truth, examined with `steth check`."""

import json

from interpreters import EndedError
from looks import CASES, FOUND, NOTHING_FOUND, check
from matrix import matrix, some_of


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
        return self.family == "class" or (
            self.family == "asyncio" and self.expect["verdict"] != "healthy"
        )

    def supports(self, interpreter):
        lowest, highest = (
            one and tuple(int(part) for part in one.split(".")) for one in self._versions
        )
        version = interpreter.version_info[:2]
        return version >= lowest and (highest is None or version <= highest) and not self.needs


def cases():
    return [Case(path) for path in sorted(CASES.glob("*.py"))]


def pytest_generate_tests(metafunc):
    pairs = []
    for case in cases():
        if case.family in metafunc.function.families:
            supported = [one for one in matrix(metafunc) if case.supports(one)]
            if case.only_silent:
                supported = some_of(supported)
            pairs += [(case, one) for one in supported]
    metafunc.parametrize(
        "case,interpreter", pairs, ids=[f"{case.name}-{one.name}" for case, one in pairs]
    )


def families(*names):
    def mark(function):
        function.families = names
        function.own_matrix = True
        return function

    return mark


def start_case(start, case, interpreter):
    """A deadlock that depends on timing now and then does not come about: such a program ends."""
    for _ in range(STARTS - 1):
        try:
            return start(interpreter, case.script)
        except EndedError:
            pass
    return start(interpreter, case.script)


def examine(start, case, interpreter):
    """Looks at the running case; the look must have left no trace."""
    process = start_case(start, case, interpreter)
    seen = check(process.pid)
    assert process.is_running(), str(seen)
    assert seen.data["target"]["paused_ms"] == 0
    assert seen.data["target"]["python"] == interpreter.version
    return seen


@families("zombie", "gc", "healthy")
def test_truth(start, case, interpreter):
    seen = examine(start, case, interpreter)
    expect = case.expect
    assert seen.zombies == {one["type"]: one["count"] for one in expect["zombies"]}, str(seen)
    assert seen.alarms == set(expect["rules"]), str(seen)
    assert seen.status == (FOUND if expect["rules"] else NOTHING_FOUND), str(seen)
    if "holder" in expect:
        for held_by in seen.holders.values():
            assert any(expect["holder"] in holder for holder in held_by), str(seen)
    kinds = {one["kind"] for group in seen.data.get("zombies", []) for one in group["resources"]}
    assert kinds >= set(expect.get("resources", [])), str(seen)
    if expect.get("verdict") == "healthy":
        assert seen.data["findings"] == [], str(seen)


@families("asyncio")
def test_asyncio(start, case, interpreter):
    seen = examine(start, case, interpreter)
    if case.expect["verdict"] == "healthy":
        assert seen.data["findings"] == [], str(seen)
        assert seen.status == NOTHING_FOUND, str(seen)
    assert [one for one in seen.data["findings"] if one["rule"][:2] in ("RE", "GC")] == [], str(seen)


@families("class")
def test_class(start, case, interpreter):
    """Only the classes whose finalizer lets self escape may have zombies."""
    seen = examine(start, case, interpreter)
    escaping = {f"__main__.{name}" for name in case.expect.get("res002", [])}
    assert set(seen.zombies) <= escaping, str(seen)
    assert [one for one in seen.data["findings"] if one["rule"].startswith("GC")] == [], str(seen)
