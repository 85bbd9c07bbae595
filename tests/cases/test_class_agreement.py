"""A class explained from its source and from the live process: the same words."""

import json
import subprocess

import pytest

import interpreters
from looks import CASES, STETH, look


def living_cases():
    for path in sorted(CASES.glob("class-*.expect.json")):
        expect = json.loads(path.read_text())["expect"]
        if "mro" in expect and not expect.get("not_checked"):
            yield pytest.param(path.with_name(path.name.replace(".expect.json", ".py")), expect["class"])


def derivation(data, module):
    """The lines without the module's name and without the places."""
    [explanation] = data["explanations"]
    lines = [line.replace(f"{module}.", "") for line in explanation["lines"]]
    return lines[: lines.index("places:")]


@pytest.mark.parametrize("script,name", living_cases())
def test_source_and_process_agree(start, script, name):
    [own] = [one for one in interpreters.interpreters() if one.vendor == "machine"]
    live = look("classes", start(own, script).pid, "--json", "--explain", f"__main__.{name}")
    command = [STETH, "audit", "--json", "--explain", f"{script.stem}.{name}"]
    command += ["--python", own.executable, script]
    audit = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert audit.returncode in (0, 1), audit.stderr
    told = derivation(json.loads(audit.stdout), script.stem)
    assert told == derivation(live.data, "__main__")
