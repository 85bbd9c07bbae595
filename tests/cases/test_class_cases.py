"""The cases of the family "class", read as source: `steth audit` says what each class statement does,
as the interpreter would, and imports nothing."""

import json
import subprocess

import pytest

from looks import CASES, STETH, script_id

CLASS_RULES = {"META001", "MRO001", "MRO002", "MRO003"}
# What later releases renamed.
RENAMED = {"EnumMeta": "EnumType"}


def class_cases():
    for path in sorted(CASES.glob("class-*.expect.json")):
        yield path.with_name(path.name.replace(".expect.json", ".py"))


def names_same(one, other):
    """Whether two names may mean the same class: one of them may leave out its module."""
    one, other = (".".join(RENAMED.get(part, part) for part in name.split(".")) for name in (one, other))
    return one == other or one.endswith("." + other) or other.endswith("." + one)


def lists_same(some, others):
    return len(some) == len(others) and all(map(names_same, some, others))


def audit(script, *options):
    command = [STETH, "audit", "--classes", "--json", "--python", "/usr/bin/python3", *options, script]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


def row_of(seen, expect):
    """The row of the class; a finalizer's case names the finalizer's line instead of its class's."""
    rows = [row for row in seen["classes"] if names_same(row["class"], expect["class"])]
    if "res002" not in expect:
        rows = [row for row in rows if row["line"] == expect["line"]]
    assert len(rows) == 1, seen["classes"]
    return rows[0]


def check_row(row, expect):
    if expect.get("not_checked"):
        assert row["status"] == "not_checked" and row["reason"]
        return
    assert row["status"] == "answered", row["reason"]
    if expect["error"] == "none":
        if "metaclass" in expect:
            assert names_same(row["metaclass"], expect["metaclass"])
        if "mro" in expect:
            assert lists_same(row["mro"], expect["mro"]), row["mro"]


def check_facts(findings, expect):
    assert len(findings) == 1, findings
    finding = findings[0]
    assert finding["location"]["line"] == expect["line"]
    assert finding["facts"]["error"] == expect["error"]
    for name in ("bases", "metaclasses", "fix_metaclass_bases", "clash"):
        if name in expect:
            assert lists_same(finding["facts"].get(name, []), expect[name]), finding["facts"]


@pytest.mark.parametrize("script", class_cases(), ids=script_id)
def test_the_source_says_what_the_class_statement_does(script):
    expect = json.loads(script.with_suffix("").with_suffix(".expect.json").read_text())["expect"]
    seen = audit(script)
    wanted = {rule for rule in expect["rules"] if rule in CLASS_RULES}
    findings = [one for one in seen["findings"] if one["rule"] in CLASS_RULES]
    assert {one["rule"] for one in findings} == wanted
    loud = {one["rule"] for one in seen["findings"] if one["severity"] != "info"}
    assert wanted <= loud <= set(expect["rules"])
    if "class" in expect:
        check_row(row_of(seen, expect), expect)
    if wanted:
        check_facts(findings, expect)
