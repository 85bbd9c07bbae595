"""What a finding about a class proposes is code: pasted behind the program it makes the class."""

import json
import re
import subprocess
import sys

import pytest

from looks import CASES, STETH, script_id

RULES = {"META001", "MRO001", "MRO003"}
# The program's own names, then the proposal; the program checks itself and leaves.
PASTE = """
import sys
sys.argv = [sys.argv[1], "--check"]
names = {"__name__": "__main__", "__file__": sys.argv[0]}
try:
    exec(compile(open(sys.argv[0]).read(), sys.argv[0], "exec"), names)
except SystemExit:
    pass
exec(sys.stdin.read(), names)
"""


def failing_cases():
    for path in sorted(CASES.glob("class-*.expect.json")):
        facts = json.loads(path.read_text())
        newest = tuple(int(part) for part in facts["min_python"].split("."))
        if RULES & set(facts["expect"]["rules"]) and newest <= sys.version_info[:2]:
            yield path.with_name(path.name.replace(".expect.json", ".py"))


def proposals(script):
    """The statements of each finding; none where the next fault is known to come."""
    done = subprocess.run(
        [STETH, "audit", "--json", "--python", sys.executable, script],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    for finding in json.loads(done.stdout)["findings"]:
        lines = [re.sub(r"  \(.*\)$", "", line) for line in finding["fix"]]
        lines = [line for line in lines if line.startswith("class ")]
        if "next_error" in finding["facts"]:
            continue
        assert lines or finding["rule"] != "META001", finding
        if finding["rule"] in RULES and lines:
            yield "\n".join(lines)


@pytest.mark.parametrize("script", failing_cases(), ids=script_id)
def test_proposals_work(script):
    for code in proposals(script):
        done = subprocess.run(
            [sys.executable, "-B", "-c", PASTE, str(script)],
            input=code,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{code}\n{done.stderr}"
