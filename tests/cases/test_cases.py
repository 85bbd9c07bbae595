"""The case programs with a stated truth, examined with `steth check`."""

import json
import time

from interpreters import EndedError
from looks import CASES, FOUND, NOTHING_FOUND, check, look
from matrix import matrix, some_of


STARTS = 20
LOOKS_MORE = 3
HEALTHY_LOOKS = 20


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
    """A deadlock that depends on timing now and then does not come about: such a program ends,
    with an error of its own when it ends in the middle of the race."""
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
    for _ in range(LOOKS_MORE):
        if seen.alarms or case.only_silent or not case.expect.get("rules"):
            break
        # On a loaded machine the thread that said READY may still be there: it could do anything.
        time.sleep(1)
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
        assert_stays_healthy(seen)


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


def assert_stays_healthy(seen):
    pid = seen.data["target"]["pid"]
    for _ in range(HEALTHY_LOOKS):
        assert seen.data["findings"] == [], str(seen)
        assert {one["verdict"] for one in seen.data["loops"]} <= {"healthy", None}, str(seen)
        seen = check(pid)


@families("asyncio")
def test_asyncio(start, case, interpreter):
    seen = examine(start, case, interpreter)
    expect = case.expect
    assert seen.alarms == set(expect["rules"]), str(seen)
    [loop] = [one for one in seen.data["loops"] if one["thread"] == expect["loop_thread"]]
    assert loop["verdict"] == expect["verdict"], str(seen)
    if expect["verdict"] == "healthy":
        assert_stays_healthy(seen)
        return
    file, function = expect["at"].split(":")
    assert f"/{file}:" in loop["at"] and loop["at"].endswith(f"in {function}"), str(seen)
    blocked_in = expect["blocked_in"]
    if blocked_in:
        calls = blocked_in if isinstance(blocked_in, list) else [blocked_in]
        if "pselect6" in calls:
            calls.append("select")  # the same in the C library of older suites
        assert loop["blocked_in"] in calls, str(seen)
    assert is_part(expect["cycle"], loop["cycle"]), str(seen)
    if expect["holder"]:
        held = [one for one in seen.data["findings"] if one["rule"] == "LOCK002"]
        assert [one["facts"]["holder"] for one in held] == [expect["holder"]], str(seen)


@families("class")
def test_class(start, case, interpreter):
    """Only the classes whose finalizer lets self escape may have zombies."""
    seen = examine(start, case, interpreter)
    escaping = {f"__main__.{name}" for name in case.expect.get("res002", [])}
    assert set(seen.zombies) <= escaping, str(seen)
    assert [one for one in seen.data["findings"] if one["rule"].startswith("GC")] == [], str(seen)
    check_class(look("classes", seen.data["target"]["pid"], "--json"), case.expect)


def short(name):
    return name.rpartition(".")[2]


def check_class(seen, expect):
    """The class lives with the stated metaclass and MRO; one whose statement failed is not there."""
    assert seen.status == NOTHING_FOUND, str(seen)
    if "class" not in expect:
        return
    own = [row for row in seen.data["classes"] if row["class"] == f"__main__.{expect['class']}"]
    if expect["error"] != "none":
        assert own == [], str(seen)
        return
    [row] = own
    if "metaclass" in expect:
        assert short(row["metaclass"]) == short(expect["metaclass"]), row
    if "mro" in expect:
        assert list(map(short, row["mro"])) == list(map(short, expect["mro"])), row
    pid = seen.data["target"]["pid"]
    explained = look("classes", pid, "--json", "--explain", row["class"])
    [explanation] = explained.data["explanations"]
    assert "MRO: " + ", ".join(row["mro"]) in explanation["lines"], str(explained)
    assert f"  result: {row['metaclass']}" in explanation["lines"], str(explained)
