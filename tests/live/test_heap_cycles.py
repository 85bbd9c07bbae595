"""Cycles that people make, and the reference in each that steth says to make weak (RES003)."""

import pytest

from looks import FOUND, NOTHING_FOUND, TARGETS, look

# What is made -> the class with __del__, the references whose end breaks the ring, best first.
CUTS = {
    "finalized": ("Finalized", "Finalized.parent"),
    "chained": ("Chained", "Chained.previous"),
    "observers": ("Observer", "Observer.subject"),
    "callback": ("Callback", "Callback.handler"),
    "itself": ("Itself", "Itself.me"),
}
WITHOUT_FINALIZER = {"tree": "Tree.parent", "chain": "Link.previous"}


def cuts_of(cycle):
    return [f"{cut['from']}{cut['step']}".replace("__main__.", "") for cut in cycle["cuts"]]


def own(names):
    return sorted({name.replace("__main__.", "") for name in names if "__main__." in name})


@pytest.mark.minors
def test_the_cut_is_named(start, interpreter):
    process = start(interpreter, TARGETS / "heap_cycles.py", *CUTS, *WITHOUT_FINALIZER)
    seen = look("heap", process.pid, "--cycles", "--json")
    assert seen.status == FOUND, seen
    rows = [row for row in seen.data["heap"]["cycles"] if "__main__." in str(row["types"])]
    by_finalizer = {own(row["finalizers"])[0]: row for row in rows if own(row["finalizers"])}
    assert {name: cuts_of(row)[0] for name, row in by_finalizer.items()} == dict(CUTS.values())
    assert all(row["count"] == 3 and not row["garbage"] for row in rows)
    assert all(row["cuts"][0]["breaks_all"] for row in rows)
    others = {cuts_of(row)[0] for row in rows if not own(row["finalizers"])}
    assert others == set(WITHOUT_FINALIZER.values())
    findings = [one for one in seen.data["findings"] if one["rule"] == "RES003"]
    told = {own(one["facts"]["finalizers"])[0]: " ".join(one["fix"]) for one in findings}
    assert set(told) == {name for name, _ in CUTS.values()}
    for name, cut in CUTS.values():
        assert f"__main__.{cut}" in told[name]
    assert "weakref.WeakMethod" in told["Callback"]


@pytest.mark.some
def test_no_cycle_no_finding(start, interpreter):
    """Neither a finalizer without a ring nor rings without a finalizer are worth a warning."""
    process = start(interpreter, TARGETS / "heap_cycles.py", "healthy", *WITHOUT_FINALIZER)
    seen = look("heap", process.pid, "--cycles", "--json")
    assert seen.status == NOTHING_FOUND, seen
    assert not [one for one in seen.data["findings"] if one["rule"] == "RES003"]
