"""A capture gives the answers of the process that it was taken of: after that has ended, and where
its Python is not."""

import itertools
import json
import os
import random
import subprocess
import time

import pytest

from interpreters import PYENV, EndedError
from looks import (
    CANNOT_LOOK,
    CASES,
    FOUND,
    NOTHING_FOUND,
    STETH,
    TARGETS,
    USAGE,
    check,
    look,
    steth_environment,
)
from matrix import matrix, some_of

DUMP = STETH.parent / "tests" / "unit" / "dump_capture"

STARTS = 20
KILLS = 25
RECORDED_AGAIN = 2
DIFFERENCES_SHOWN = 5
LOOKS_MORE = 3

# Where the interpreters and their libraries are, and the cases; steth needs none of them.
HIDDEN = [str(PYENV), "/usr/local/lib", str(CASES)]


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
        few = case.family in ("class", "healthy")
        wanted = some_of(newest_of_each) if few else newest_of_each
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
            not interpreter.executable.startswith(str(PYENV))
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
    assert seen.data.get("target", {}).get("kind") == "capture", str(seen)
    assert seen.data["target"]["python"] == interpreter.version
    assert seen.data["target"]["pid"] == process.pid
    assert seen.alarms == live.alarms, f"{seen}\n--- live\n{live}"
    assert seen.zombies == live.zombies, f"{seen}\n--- live\n{live}"
    assert seen.paths == live.paths
    assert findings(seen) == findings(live), f"{seen}\n--- live\n{live}"
    assert verdicts(seen) == verdicts(live), f"{seen}\n--- live\n{live}"
    assert seen.status == live.status
    for one in seen.data["findings"]:
        assert str(process.pid) not in (one.get("confirm") or "").split(), "the process is no more"
    if case.family != "class":
        assert seen.alarms == set(case.expect["rules"]), str(seen)
        assert seen.status == (FOUND if case.expect["rules"] else NOTHING_FOUND), str(seen)


test_cases.own_matrix = True


# ---- values ----------------------------------------------------------------------------------


def everything_in(capture):
    done = subprocess.run([str(DUMP), str(capture)], capture_output=True, check=True)
    return done.stdout


def without_times(seen):
    """The answer without what differs between two recordings and what is a value."""
    data = json.loads(seen.stdout)
    data["target"] = {key: data["target"][key] for key in ("pid", "python", "executable")}
    text = json.dumps(data, sort_keys=True)
    lines = json.loads(text, parse_float=lambda _: 0.0)

    def strip(value):
        if isinstance(value, dict):
            return {
                key: strip(one)
                for key, one in value.items()
                if not key.endswith("_ms") and key not in ("confirm", "objects", "waits_for")
            }
        return [strip(one) for one in value] if isinstance(value, list) else value

    return strip(lines)


def differences(first, second, place=""):
    """What differs between two answers: lines of place, the first's value, the second's."""
    if isinstance(first, dict) and isinstance(second, dict):
        for key in sorted(first.keys() | second.keys()):
            yield from differences(first.get(key), second.get(key), f"{place}/{key}")
    elif isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        for number, (one, other) in enumerate(zip(first, second)):
            yield from differences(one, other, f"{place}/{number}")
    elif first != second:
        yield f"{place}: {first!r} and {second!r}"


def differing_answers(whole, blank):
    """What differs in the answers of the first verb of which any do."""
    for verb in ("zombies", "tasks", "threads", "classes", "gc", "check"):
        first, second = (without_times(look(verb, one, "--json")) for one in (whole, blank))
        found = list(itertools.islice(differences(first, second, verb), DIFFERENCES_SHOWN))
        if found:
            return found
    return []


@pytest.mark.minors
def test_values_are_left_out(start, interpreter, tmp_path):
    argument = "argument-that-nobody-may-see"
    process = start(interpreter, TARGETS / "hidden_values.py", argument)
    [secret] = process.ready
    whole, blank = tmp_path / "whole.steth", tmp_path / "blank.steth"
    # The program may move on between two recordings, but not each time.
    for _ in range(RECORDED_AGAIN):
        process.settle()
        record(process, whole)
        assert record(process, blank, "--values", "no")["values"] is False
        differs = differing_answers(whole, blank)
        if not differs:
            break
    assert not differs
    with_values, without = everything_in(whole), everything_in(blank)
    for text in (secret, argument):
        encoded = [text.encode(one) for one in ("utf-8", "utf-16-le", "utf-32-le")]
        assert encoded[0] in with_values
        assert [one for one in encoded if one in without] == []


# ---- the file --------------------------------------------------------------------------------


@pytest.mark.some
def test_a_killed_recording_leaves_nothing(start, interpreter, tmp_path):
    process = start(interpreter, TARGETS / "ticking.py", 200000)
    capture = tmp_path / "app.steth"
    capture.write_text("what was there before")
    chance = random.Random(5)
    for _ in range(KILLS):
        running = subprocess.Popen(
            [str(STETH), "record", str(process.pid), "-o", str(capture), "-q"],
            env=steth_environment(),
        )
        time.sleep(chance.uniform(0, 0.6))
        running.kill()
        if running.wait() == 0:
            capture.write_text("what was there before")
        assert capture.read_text() == "what was there before"
    process.send_line("how")
    process.read_line()
    assert process.is_running()
    record(process, capture)
    assert [one.name for one in tmp_path.iterdir()] == ["app.steth"]
    assert capture.stat().st_mode & 0o077 == 0
    assert look("gc", capture).status == NOTHING_FOUND


@pytest.mark.some
def test_bad_captures(start, interpreter, tmp_path):
    process = start(interpreter, TARGETS / "leaky_node.py")
    capture, bad = tmp_path / "app.steth", tmp_path / "bad.steth"
    record(process, capture)
    assert look("zombies", capture).status == FOUND
    good = capture.read_bytes()
    chance = random.Random(7)
    for size in [*range(0, 200, 13), *(chance.randrange(len(good)) for _ in range(20))]:
        bad.write_bytes(good[:size])
        seen = look("zombies", bad)
        assert seen.status == CANNOT_LOOK, (size, str(seen))
        assert seen.stderr.startswith("steth: ")
    for _ in range(60):
        damaged = bytearray(good)
        for _ in range(chance.choice((1, 1, 20, 2000))):
            damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        bad.write_bytes(damaged)
        seen = look("check", bad)
        assert seen.status in (NOTHING_FOUND, FOUND, CANNOT_LOOK), str(seen)
        # Without its last bytes it looks as if it were cut off.
        said = any(word in seen.stdout + seen.stderr for word in ("damaged", "truncated"))
        assert said or seen.status == FOUND, str(seen)


@pytest.mark.some
def test_record_by_its_options(start, interpreter, tmp_path):
    process = start(interpreter, TARGETS / "leaky_node.py")
    capture = tmp_path / "app.steth"
    assert look("record", process.pid).status == USAGE
    estimate = look("record", process.pid, "--estimate", "--json")
    assert 0 < estimate.data["record"]["estimated_file_bytes"] < 1 << 30
    refused = look("record", process.pid, "-o", capture, "--max-size", "100k")
    assert refused.status == CANNOT_LOOK and "max-size" in refused.stderr
    assert list(tmp_path.iterdir()) == []
    for more in ([], ["--pause"]):
        told = record(process, capture, *more)
        assert told["file_bytes"] == capture.stat().st_size
        assert (told["paused_ms"] > 0) == bool(more)
        assert look("zombies", capture).status == FOUND
    with capture.open("wb") as out:
        command = [str(STETH), "record", str(process.pid), "-o", "-"]
        done = subprocess.run(
            command, stdout=out, stderr=subprocess.PIPE, env=steth_environment(), check=False
        )
    assert done.returncode == NOTHING_FOUND and b"MiB" in done.stderr
    assert look("zombies", capture).status == FOUND
    again = look("record", capture, "-o", tmp_path / "again.steth")
    assert again.status == USAGE and "running process" in again.stderr


@pytest.mark.some
def test_no_process_is_touched_for_a_capture(start, interpreter, tmp_path):
    """Whatever runs under the pid of the capture by now is not what was asked about."""
    process = start(interpreter, TARGETS / "leaky_node.py")
    capture = tmp_path / "app.steth"
    record(process, capture)
    for verb, option in (
        ("check", "--pause"),
        ("zombies", "--pause"),
        ("zombies", "--consistent"),
        ("gc", "--for=1s"),
        ("threads", "--native"),
        ("check", "--executable=/bin/true"),
        ("heap", "--sysroot=/"),
    ):
        seen = look(verb, capture, option)
        assert seen.status == USAGE and not seen.stdout, (verb, option, str(seen))
    assert look("diff", capture, capture, "--pause").status == USAGE
    paused = look("diff", capture, process.pid, "--pause", "--json")
    assert paused.status in (NOTHING_FOUND, FOUND), str(paused)
