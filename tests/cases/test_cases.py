"""The case programs with a stated truth, examined with `steth check`."""

import time

from looks import NOTHING_FOUND, check, look
from matrix import matrix, some_of
from case_truth import assert_loop, assert_objects, cases, start_case


LOOKS_MORE = 3
HEALTHY_LOOKS = 20


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
    assert_objects(seen, case.expect)
    if case.expect.get("verdict") == "healthy":
        assert_stays_healthy(seen)


def assert_stays_healthy(seen):
    pid = seen.data["target"]["pid"]
    for _ in range(HEALTHY_LOOKS):
        assert seen.data["findings"] == [], str(seen)
        assert {one["verdict"] for one in seen.data["loops"]} <= {"healthy", None}, str(seen)
        seen = check(pid)


@families("asyncio")
def test_asyncio(start, case, interpreter):
    seen = examine(start, case, interpreter)
    assert_loop(seen, case.expect)
    if case.expect["verdict"] == "healthy":
        assert_stays_healthy(seen)


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
