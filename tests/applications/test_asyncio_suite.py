"""CPython's own tests of asyncio while they run, examined ten times a second: each verdict about a
wait has to be true of the test that it hits.

Needs interpreters with their test package (pyenv's have it; Debian's libpython3.X-testsuite can be
unpacked into a tree that STETH_INTERPRETERS names) and some minutes for each:

    STETH=$PWD/build/steth /usr/bin/python3 -m pytest tests/applications/test_asyncio_suite.py

STETH_SUITE_TESTS names the tests to run, "test.test_asyncio.test_locks ..." (default: all).
"""

import collections
import contextlib
import os
import pathlib
import re
import subprocess
import time

import interpreters as known
import looks
import pytest

TESTS = os.environ.get("STETH_SUITE_TESTS", "test.test_asyncio").split()
RULES = "LOOP001,LOOP002,LOOP004,TASK001,TASK002,EXEC001,LOCK001,LOCK002"
PAUSE = 0.1
LONGEST = 1800

# (rule, test): why the verdict is right.
SLEEPS = "its callback sleeps for a second in time.sleep()"
STARTS = "its coroutine starts a process, and waits in os.read() until that answers"
JUSTIFIED = {
    ("LOOP001", "test_call_soon_threadsafe_handle_block_check_cancelled"): SLEEPS,
    ("LOOP001", "test_call_soon_threadsafe_handle_block_cancellation"): SLEEPS,
    ("LOOP001", "test_get_event_loop_new_process"): STARTS,
}


def package_of(interpreter):
    """Where the test package lies, seen from here; None where it is missing."""
    ask = "import test.test_asyncio, test; print(test.__path__[0])"
    command = interpreter.command("-c", ask)
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False)
    return done.stdout.strip() if done.returncode == 0 else None


class Suite:
    """The tests running, and which of them was last begun."""

    def __init__(self, interpreter, folder):
        environment = {"PATH": known.SEARCH_PATH, "LC_ALL": "C.UTF-8", "HOME": "/tmp"}
        if not interpreter.root:
            # By a link, as the tests are the program here, not part of the standard library.
            (folder / "test").symlink_to(package_of(interpreter))
            environment["PYTHONPATH"] = str(folder)
        self._log = folder / "log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    *["setpriv", "--pdeathsig", "KILL"],
                    *interpreter.command("-m", "unittest", "-v", *TESTS),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                cwd="/",
            )

    def running(self):
        return self.process.poll() is None

    def ends(self):
        """Also when it is about to: its memory goes before it does."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=10)
        return not self.running()

    def test(self):
        text = self._log.read_bytes()[-4000:].decode("utf-8", "replace")
        names = re.findall(r"^(\w+) \([\w.]+\)", text, re.MULTILINE)
        return names[-1] if names else "?"

    def ran(self):
        found = re.findall(r"^Ran (\d+) tests", self._log.read_text(errors="replace"), re.MULTILINE)
        return int(found[-1]) if found else 0


def examine(suite):
    """{(rule, tests meanwhile, place, summary): count}, the number of looks, and failed ones."""
    verdicts, count, failures = collections.Counter(), 0, []
    deadline = time.monotonic() + LONGEST
    while suite.running() and suite.test() == "?":
        time.sleep(PAUSE)
    while suite.running() and time.monotonic() < deadline:
        before = suite.test()
        seen = looks.check(suite.process.pid, "--only", RULES)
        tests = tuple(dict.fromkeys((before, suite.test())))
        count += 1
        if seen.status not in (looks.NOTHING_FOUND, looks.FOUND):
            if not suite.ends():
                failures.append(str(seen))
            continue
        for finding in seen.data["findings"]:
            place = finding["location"]
            where = place and f"{place['file']}:{place['line']} in {place['function']}"
            verdicts[finding["rule"], tests, where, finding["summary"]] += 1
        time.sleep(PAUSE)
    return verdicts, count, failures


def with_suite():
    release = [one for one in known.interpreters() if one.kind == "release"]
    return [one for one in release if package_of(one)]


def pytest_generate_tests(metafunc):
    metafunc.parametrize("python", with_suite(), ids=lambda one: one.name)


def test_each_verdict_is_true(python, tmp_path, capsys):
    suite = Suite(python, pathlib.Path(tmp_path))
    try:
        verdicts, count, failures = examine(suite)
    finally:
        suite.process.kill()
        suite.process.wait()
    with capsys.disabled():
        print(f"\n{python.name}: {count} looks at {suite.ran()} tests;", end=" ")
        print(sum(verdicts.values()), "verdicts")
        for verdict, times in verdicts.items():
            print(f"  {times} times", *verdict)
    wrong = [
        verdict
        for verdict in verdicts
        if not any((verdict[0], test) in JUSTIFIED for test in verdict[1])
    ]
    assert not wrong
    assert not failures, f"{len(failures)} of {count} looks failed; the first: {failures[0]}"
    assert suite.ran() > 0
