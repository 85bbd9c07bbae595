"""What cannot be looked at: one clear line, the right status, nothing that a script could take for
an answer."""

import contextlib
import os
import pathlib
import re
import subprocess

import pytest

from looks import (
    CANNOT_LOOK,
    NOTHING_FOUND,
    PERMISSION,
    TARGETS,
    USAGE,
    look,
    steth_for_everyone,
)

NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
IDLE = TARGETS / "idle.py"


def assert_refused(status, *arguments, says="", **how):
    """In text mode and in JSON mode, with every verb that takes a process."""
    for verb in ("check", "zombies", "gc"):
        seen = look(verb, *arguments, **how)
        assert seen.status == status, str(seen)
        assert seen.stdout == "", str(seen)
        first, *hints = seen.stderr.splitlines()
        assert first.startswith("steth: ") and says in first, str(seen)
        assert all(re.match(r"  +(hint|or): ", one) for one in hints), str(seen)
        assert "\x1b" not in seen.stderr

        seen = look(verb, *arguments, "--json", **how)
        assert seen.status == status, str(seen)
        assert seen.data["error"]["exit"] == status, str(seen)
        assert seen.data["error"]["message"], str(seen)
        assert "findings" not in seen.data


@contextlib.contextmanager
def running(*command):
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.kill()
        process.communicate()


def free_pid():
    return int(pathlib.Path("/proc/sys/kernel/pid_max").read_text()) - 1


def test_no_such_process():
    assert_refused(CANNOT_LOOK, free_pid(), says=str(free_pid()))


@pytest.mark.parametrize("word", ["abc", "", "12x", "0x10", "1.5", "99999999999999999999", "0"])
def test_not_a_pid(word):
    assert_refused(USAGE, word)


@pytest.mark.parametrize("arguments", [(), ("1", "2"), ("--no-such-option", "1")])
def test_wrong_arguments(arguments):
    assert_refused(USAGE, *arguments)


def test_unknown_verb():
    seen = look("chekc", os.getpid())
    assert seen.status == USAGE, str(seen)
    assert "check" in seen.stderr


def test_file_that_is_no_process():
    assert look("check", __file__).status == CANNOT_LOOK


def test_not_python():
    with running("sleep", "3600") as pid:
        assert_refused(CANNOT_LOOK, pid)


def test_kernel_thread():
    executable = pathlib.Path("/proc/2/exe")
    with contextlib.suppress(OSError):
        executable.readlink()
        pytest.skip("pid 2 is no kernel thread here")
    status = pathlib.Path("/proc/2/status")
    if not status.exists() or "Kthread:\t0" in status.read_text():
        pytest.skip("pid 2 is no kernel thread here")
    assert_refused(CANNOT_LOOK, 2, says="kernel")


def test_exited_and_not_reaped():
    process = subprocess.Popen(["true"])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert_refused(CANNOT_LOOK, process.pid)
    process.wait()


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user needs root")
@pytest.mark.some
def test_process_of_another_user(start, interpreter):
    process = start(interpreter, IDLE)
    assert_refused(PERMISSION, process.pid, before=NOBODY, steth=steth_for_everyone())
    assert process.is_running()


@pytest.mark.kinds("pypy", "python2", "old", "debug", "free-threaded")
def test_unsupported_interpreter(start, interpreter):
    process = start(interpreter, IDLE)
    assert_refused(CANNOT_LOOK, process.pid)
    assert process.is_running()


@pytest.mark.some
def test_a_closed_stream_is_not_what_was_opened_in_its_place(start, interpreter, tmp_path):
    process = start(interpreter, IDLE)
    capture = tmp_path / "app.steth"
    for redirect, arguments, status in (
        (">&-", ["check", process.pid], 70),
        (">&-", ["record", process.pid, "-o", "-"], CANNOT_LOOK),
        ("<&- >&-", ["record", process.pid, "-o", capture], 70),
    ):
        shell = ("sh", "-c", f'"$@" {redirect}', "sh")
        seen = look(*arguments, before=shell)
        assert seen.status == status, str(seen)
        assert "Bad file descriptor" in seen.stderr, str(seen)
    assert look("zombies", capture).status == NOTHING_FOUND


@pytest.mark.some
def test_a_rule_that_a_verb_does_not_know_is_not_passed_over(start, interpreter):
    process = start(interpreter, IDLE)
    assert look("check", process.pid, "--only", "META001").status == USAGE
    seen = look("check", process.pid, "--only", "META001,RES001", "--json")
    assert seen.status == NOTHING_FOUND and seen.data["ok"] == ["RES001"]
    assert "META001" in [one["rule"] for one in seen.data["not_checked"]]
