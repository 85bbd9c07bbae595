"""The matrix of interpreters, and the table of what was covered."""

import collections
import shutil

import pytest

import interpreters as known
import looks
from matrix import matrix


def pytest_addoption(parser):
    parser.addoption(
        "--interpreters",
        metavar="NAME,...",
        help="run on these interpreters only (names: tests/interpreters.py list)",
    )
    parser.addoption(
        "--some-interpreters",
        action="store_true",
        help="run on the oldest, the machine's own and the newest interpreter only",
    )


def pytest_generate_tests(metafunc):
    if "interpreter" in metafunc.fixturenames and not hasattr(metafunc.function, "own_matrix"):
        metafunc.parametrize("interpreter", matrix(metafunc), ids=lambda one: one.name)


@pytest.fixture(autouse=True)
def _covered(request):
    interpreter = getattr(request.node, "callspec", None)
    interpreter = interpreter and interpreter.params.get("interpreter")
    if interpreter:
        request.node.user_properties.append(("interpreter", interpreter.name))


@pytest.fixture
def start():
    """Starts programs; none outlives the test."""
    processes = []

    def start_one(interpreter, script, *arguments, **more):
        processes.append(interpreter.start(script, *arguments, **more))
        return processes[-1]

    yield start_one
    for process in processes:
        process.kill()


def pytest_sessionstart(session):
    if not session.config.getoption("collectonly") and not looks.STETH.exists():
        raise pytest.UsageError(f"{looks.STETH} is not there: build it first (make)")


def pytest_report_header():
    cases = f"cases: {looks.CASES}"
    if not looks.CASES.is_dir():
        cases += " is not there: the programs of tests/targets are all that is examined"
    return [f"steth: {looks.STETH}", cases]


def pytest_sessionfinish():
    if looks.steth_for_everyone.cache_info().currsize:
        shutil.rmtree(looks.steth_for_everyone().parent)


def pytest_terminal_summary(terminalreporter):
    if terminalreporter.config.getoption("collectonly"):
        return
    counts = collections.defaultdict(collections.Counter)
    compared = []
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.stats.get(outcome, []):
            for key, name in getattr(report, "user_properties", []):
                if key == "interpreter":
                    counts[name][outcome] += 1
                elif key == "compared" and report.when == "call":
                    compared.append(name)
    row = "{:<22} {:<9} {:<8} {:<13} {:>6} {:>6} {:>7}".format
    if compared:
        terminalreporter.section("compared")
        for line in compared:
            terminalreporter.write_line(line)
    terminalreporter.section("interpreters covered")
    head = row("NAME", "VERSION", "VENDOR", "KIND", "PASSED", "FAILED", "SKIPPED")
    terminalreporter.write_line(head)
    for one in known.interpreters():
        count = counts[one.name]
        failed = count["failed"] + count["error"]
        numbers = (count["passed"], failed, count["skipped"])
        terminalreporter.write_line(row(one.name, one.version, one.vendor, one.kind, *numbers))
    for name in known.missing():
        terminalreporter.write_line(f"{name:<22} not covered: could not be fetched")
