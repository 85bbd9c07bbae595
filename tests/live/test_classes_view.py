"""The classes of a process, read from outside, are those that it has: names, metaclasses, MROs."""

import collections
import json

import pytest

from interpreters import EndedError
from looks import FOUND, NOTHING_FOUND, TARGETS, look


def classes(pid, *arguments):
    seen = look("classes", pid, "--json", *arguments)
    assert seen.status in (NOTHING_FOUND, FOUND), str(seen)
    return seen.data


def key(row):
    return row["class"], row["metaclass"], tuple(row["mro"])


def test_all_classes(start, interpreter):
    """Names are compared as often as they occur: some classes share all three."""
    process = start(interpreter, TARGETS / "many_classes.py")
    told = json.loads(process.lines[-1].split(" ", 1)[1])
    inside = collections.Counter((name, meta, tuple(mro)) for name, meta, mro in told["classes"])
    data = classes(process.pid)
    assert all(row["status"] == "answered" for row in data["classes"])
    outside = collections.Counter(map(key, data["classes"]))
    assert not inside - outside
    assert not outside - inside
    assert len(told["classes"]) > 1500
    assert {row["class"] for row in data["classes"] if row["own_order"]} == set(told["own_order"])


def test_what_stands_out(start, interpreter):
    process = start(interpreter, TARGETS / "combined_classes.py")
    data = classes(process.pid)
    [combined] = data["combined_metaclasses"]
    assert combined["metaclass"] == "__main__.ServiceABCMeta"
    assert combined["bases"] == ["__main__.SingletonMeta", "abc.ABCMeta"]
    assert combined["classes"] == 2
    by_name = {row["class"]: row for row in data["classes"]}
    mailer = by_name["__main__.Mailer"]
    assert mailer["finalizer"]["line"] == told_line(process, "del")
    assert mailer["line"] == told_line(process, "line")
    assert mailer["file"] == str(TARGETS / "combined_classes.py")
    assert by_name["int"]["file"] is None and by_name["int"]["kind"] == "c"
    between = [{side["class"] for side in one["between"]} for one in data["class_collisions"]]
    assert {"__main__.Service", "abc.ABC"} in between
    made = by_name["__main__.made_at_run_time.<locals>.Made"]
    assert made["bases"] == ["__main__.Mailer"]
    assert data["class_summary"]["classes"] == len(data["classes"])


def told_line(process, name):
    return json.loads(process.lines[-1].split(" ", 1)[1])[name]


@pytest.mark.minors
def test_explain(start, interpreter):
    process = start(interpreter, TARGETS / "combined_classes.py")
    data = classes(process.pid, "--explain", "Mailer")
    [explanation] = data["explanations"]
    lines = explanation["lines"]
    assert explanation["class"] == "__main__.Mailer"
    assert "  the statement names __main__.ServiceABCMeta" in lines
    assert "  3. __main__.Startable, from the MRO of __main__.Startable" in lines
    assert (
        "MRO: __main__.Mailer, __main__.Service, __main__.Startable, abc.ABC, object" in lines
    )
    [row] = data["classes"]
    assert row["metaclass"] == "__main__.ServiceABCMeta"
    text = look("classes", process.pid, "--explain", "__main__.Reversed").stdout
    assert "its own mro() decides otherwise" in text
    assert look("classes", process.pid, "--explain", "__main__.Missing").status == 4


@pytest.mark.parametrize("module", ["test.test_descr", "test.test_metaclass"])
def test_the_interpreters_own_hierarchies(start, interpreter, module):
    """Classes that CPython's tests make; where the package `test` is not installed there are none."""
    try:
        process = start(interpreter, TARGETS / "many_classes.py", module)
    except EndedError:
        pytest.skip("no package test")
    told = json.loads(process.lines[-1].split(" ", 1)[1])
    inside = {(name, meta, tuple(mro)) for name, meta, mro in told["classes"]}
    outside = {key(row) for row in classes(process.pid)["classes"]}
    assert inside == outside
    made = [one for one in told["classes"] if one[0].startswith((module, "__main__"))]
    assert len(made) > (100 if module == "test.test_descr" else 5)
