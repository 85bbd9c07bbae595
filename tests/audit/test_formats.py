"""steth audit --format: SARIF that the schema accepts, GitHub's commands, suppressions in all."""

import json
import subprocess
import urllib.parse

import jsonschema
import pytest

from looks import CASES, FOUND, NOTHING_FOUND, STETH, TARGETS, USAGE, script_id
from sarif_schema import sarif_schema

FAULTS = """\
    import asyncio
    import time

    pool = []

    class Buffer:
        def __del__(self):
            pool.append(self)

    class Kept:
        def __del__(self):
            pool.append(self)  # steth: ignore[RES002] until=2999-12-31 it goes back, 100% sure

    async def wait():
        time.sleep(1)  # steth: ignore[LOOP005] until=2020-01-01 for a while
        # steth: ignore[RES003]
        await asyncio.sleep(1)  # steth: ignore[NOPE]
"""


def validate(text):
    sarif = json.loads(text)
    schema = sarif_schema()
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    errors = list(kind(schema, format_checker=jsonschema.FormatChecker()).iter_errors(sarif))
    assert not errors, errors[0]
    return sarif


def results(sarif):
    [run] = sarif["runs"]
    return run["results"]


def test_sarif_has_all_that_json_has(project):
    project.write("pkg/a b,c:d.py", FAULTS)
    plain = project.audit("--json", "pkg").data
    sarif = validate(project.audit("--format", "sarif", "pkg").stdout)
    seen = [(one["ruleId"], one["partialFingerprints"]["steth/v1"]) for one in results(sarif)]
    assert seen == [(one["rule"], one["fingerprint"]) for one in plain["findings"]]
    levels = {"error": "error", "warning": "warning", "info": "note"}
    assert [one["level"] for one in results(sarif)] == [
        levels[one["severity"]] for one in plain["findings"]
    ]
    [run] = sarif["runs"]
    rules = run["tool"]["driver"]["rules"]
    for one in results(sarif):
        assert rules[one["ruleIndex"]]["id"] == one["ruleId"]
        assert "## Runbook" in rules[one["ruleIndex"]]["help"]["markdown"]


def test_sarif_places_are_relative_to_the_root(project):
    path = project.write("pkg/a b,c:d.py", FAULTS)
    sarif = validate(project.audit("--format", "sarif", path).stdout)
    [run] = sarif["runs"]
    root = run["originalUriBaseIds"]["SRCROOT"]["uri"]
    assert root.endswith("/")
    for one in results(sarif):
        [location] = one["locations"]
        artifact = location["physicalLocation"]["artifactLocation"]
        assert artifact["uriBaseId"] == "SRCROOT"
        whole = urllib.parse.unquote(urllib.parse.urlparse(root + artifact["uri"]).path)
        assert whole == str(path)
        assert location["physicalLocation"]["region"]["startLine"] > 0


def test_suppressions_are_in_every_format(project):
    project.write("a.py", FAULTS)
    plain = project.audit("--json", "a.py")
    assert plain.status == FOUND
    hidden = [one for one in plain.data["findings"] if one["suppressed"]]
    assert [(one["rule"], one["location"]["line"]) for one in hidden] == [("RES002", 12)]
    assert hidden[0]["suppressed"]["until"] == "2999-12-31"
    assert hidden[0]["suppressed"]["reason"] == "it goes back, 100% sure"
    assert plain.data["summary"]["suppressed"] == 1
    assert plain.alarms >= {"RES002", "LOOP005", "SUP001", "SUP003"}
    assert plain.rules("info") == {"SUP002"}

    sarif = validate(project.audit("--format", "sarif", "a.py").stdout)
    [hidden] = [one for one in results(sarif) if one.get("suppressions")]
    assert hidden["suppressions"][0]["kind"] == "inSource"
    assert hidden["suppressions"][0]["justification"] == "it goes back, 100% sure"

    text = project.audit("a.py").stdout
    assert "Kept" not in text and "1 suppressed" in text
    github = project.audit("--format", "github", "a.py").stdout
    assert "Kept" not in github and "suppressed 1" in github


def test_a_project_whose_faults_are_all_accepted_passes(project):
    line = "    def __del__(self): bin_.append(self)"
    project.write("a.py", f"bin_ = []\nclass A:\n{line}  # steth: ignore[RES002] accepted\n")
    assert project.audit("a.py").status == NOTHING_FOUND
    project.write("a.py", f"bin_ = []\nclass A:\n{line}\n")
    assert project.audit("a.py").status == FOUND
    assert project.audit("a.py", "--fail-on", "error").status == NOTHING_FOUND


def test_the_last_day_counts(project):
    project.write(
        "a.py",
        """\
        bin_ = []
        class A:
            # steth: ignore[finalizer-escapes-self] until=2027-03-01
            # it is measured
            def __del__(self): bin_.append(self)
        """,
    )
    last_day, day_after = "1803902400", "1803945600"  # 2027-03-01 12:00 UTC, 2027-03-02
    assert project.audit("a.py", SOURCE_DATE_EPOCH=last_day).status == NOTHING_FOUND
    late = project.audit("a.py", "--json", SOURCE_DATE_EPOCH=day_after)
    assert late.alarms == {"RES002", "SUP001"}


def test_github_commands_hold_one_line_each(project):
    project.write("sub,dir/100%.py", FAULTS)
    seen = project.audit("--format", "github", ".")
    lines = seen.stdout.splitlines()
    assert lines[-1].startswith("steth: error 0, warning ")
    for line in lines[:-1]:
        assert line.startswith(("::warning file=", "::notice file=", "::error file="))
    [buffer] = [line for line in lines if "Buffer" in line]
    assert buffer.startswith(
        "::warning file=sub%2Cdir/100%25.py,line=8,title=RES002 finalizer-escapes-self::"
    )
    assert "%0Afix: " in buffer


def test_formats_are_named_in_the_refusal(project):
    seen = project.audit("--format", "xml", ".")
    assert seen.status == USAGE
    assert "text, json, sarif, github" in seen.stderr


def test_a_running_process_as_sarif(start, project):
    import interpreters

    own = next(one for one in interpreters.interpreters() if one.name.startswith("system"))
    process = start(own, TARGETS / "leaky_node.py")
    done = subprocess.run(
        [str(STETH), "check", str(process.pid), "--format", "sarif"],
        capture_output=True,
        timeout=60,
        check=False,
    )
    sarif = validate(done.stdout)
    assert "RES001" in {one["ruleId"] for one in results(sarif)}


@pytest.mark.parametrize("script", sorted(CASES.glob("*.py")), ids=script_id)
def test_every_case_as_sarif(project, script):
    validate(project.audit("--format", "sarif", script).stdout)
