"""A capture gives the answers of the process that it was taken of: after that has ended, and where
its Python is not."""

import json
import os
import subprocess
import time

import pytest

from interpreters import EndedError
from looks import CASES, FOUND, NOTHING_FOUND, STETH, check, look
from matrix import matrix, some_of

STARTS = 20
LOOKS_MORE = 3
VERDICTS_STAY = 3

# Where the interpreters and their libraries are, and the cases; steth needs none of them.
HIDDEN = ["/root/.pyenv", "/usr/local/lib", str(CASES)]


class Case:
    def __init__(self, script):
        facts = json.loads(script.with_suffix(".expect.json").read_text())
        self.script = script
        self.name = facts["id"]
        self.family = facts["family"]
        self.needs = facts["needs"]
        self.expect = facts["expect"]
        self._versions = facts["min_python"], facts["max_python"]

    def supports(self, interpreter):
        lowest, highest = (
            one and tuple(int(part) for part in one.split(".")) for one in self._versions
        )
        version = interpreter.version_info[:2]
        return version >= lowest and (highest is None or version <= highest) and not self.needs


def pytest_generate_tests(metafunc):
    if "case" not in metafunc.fixturenames:
        return
    newest_of_each = list({one.version_info[:2]: one for one in matrix(metafunc)}.values())
    pairs = []
    for path in sorted(CASES.glob("*.py")):
        case = Case(path)
        wanted = some_of(newest_of_each) if case.family == "class" else newest_of_each
        pairs += [(case, one) for one in wanted if case.supports(one)]
    metafunc.parametrize(
        "case,interpreter", pairs, ids=[f"{case.name}-{one.name}" for case, one in pairs]
    )


def start_case(start, case, interpreter):
    for _ in range(STARTS - 1):
        try:
            return start(interpreter, case.script)
        except EndedError:
            pass
    return start(interpreter, case.script)


def settled(process, expect):
    """A live look; on a loaded machine the program may still be on its way to where it stays."""
    seen = check(process.pid)
    for _ in range(LOOKS_MORE):
        if seen.alarms or not expect.get("rules"):
            break
        time.sleep(1)
        seen = check(process.pid)
    return seen


def record(process, path, *arguments):
    seen = look("record", process.pid, "-o", path, "--json", *arguments)
    assert seen.status == NOTHING_FOUND, str(seen)
    return seen.data["record"]


def can_hide():
    return subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0


def look_elsewhere(interpreter, *arguments):
    """steth where neither the interpreter nor the program can be reached."""
    if not can_hide():
        return look(*arguments)
    folders = [*HIDDEN, *([str(interpreter.root)] if interpreter.root else [])]
    hide = " && ".join(
        f"mount -t tmpfs none '{folder}'" for folder in folders if os.path.isdir(folder)
    )
    if not interpreter.root:
        hide += f" && mount --bind /dev/null '{os.path.realpath(interpreter.executable)}'" * (
            not interpreter.executable.startswith("/root/.pyenv")
        )
    return look(*arguments, before=["unshare", "-m", "sh", "-c", hide + ' && exec "$@"', "sh"])


def findings(seen):
    return sorted((one["rule"], one["severity"], one["fingerprint"]) for one in seen.data["findings"])


def verdicts(seen):
    return sorted((one["thread"], one["verdict"]) for one in seen.data.get("loops", []))


def test_cases(start, case, interpreter, tmp_path):
    process = start_case(start, case, interpreter)
    live = settled(process, case.expect)
    capture = tmp_path / "case.steth"
    record(process, capture)
    process.kill()
    seen = look_elsewhere(interpreter, "check", capture, "--json")
    assert seen.data["target"]["kind"] == "capture"
    assert seen.data["target"]["python"] == interpreter.version
    assert seen.data["target"]["pid"] == process.pid
    assert seen.alarms == live.alarms, f"{seen}\n--- live\n{live}"
    assert seen.zombies == live.zombies, f"{seen}\n--- live\n{live}"
    assert seen.paths == live.paths
    assert findings(seen) == findings(live), f"{seen}\n--- live\n{live}"
    assert verdicts(seen) == verdicts(live), f"{seen}\n--- live\n{live}"
    assert seen.status == live.status
    if case.family != "class":
        assert seen.alarms == set(case.expect["rules"]), str(seen)
        assert seen.status == (FOUND if case.expect["rules"] else NOTHING_FOUND), str(seen)


test_cases.own_matrix = True
