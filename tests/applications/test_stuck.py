"""A handler that blocks the event loop of its server in a call that does not end."""

import contextlib
import http.client
import pathlib
import threading
import time

import looks
import pytest

HERE = pathlib.Path(__file__).resolve().parent
DEADLINE = 30


class Expected:
    def __init__(self, function, line, blocked_in, natives=()):
        self.function = function
        self.line = line
        self.blocked_in = blocked_in
        self.natives = natives


# What may be named depends on the symbols of libraries and of the interpreter (a distribution's has
# none of its own functions), and on the C library's way to wait.
STUCK = {
    "/stuck/database": Expected(
        "locked_database",
        'other.execute("INSERT',
        {"clock_nanosleep", "nanosleep"},
        {"sqlite3_step", "pysqlite_connection_execute"},
    ),
    "/stuck/server": Expected(
        "silent_server",
        "with urllib.request.urlopen",
        {"recvfrom", "read", "poll"},
        {"recv", "sock_recv", "sock_recv_into"},
    ),
    "/stuck/handshake": Expected(
        "silent_handshake",
        "return ssl.create_default_context",
        {"read", "recvfrom", "poll"},
        {"SSL_do_handshake", "BIO_read", "_ssl__SSLSocket_do_handshake"},
    ),
}


def line_of(file, text):
    lines = file.read_text().splitlines()
    return 1 + next(number for number, line in enumerate(lines) if text in line)


@contextlib.contextmanager
def asked(application, path):
    """Has somebody ask for `path`, who gets no answer."""

    def ask():
        with contextlib.suppress(OSError, http.client.HTTPException):
            application.ask("GET", path)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    yield
    application.server.kill()
    thread.join()


def look_until(application, rule):
    """The first look with a finding of `rule`: the request has to arrive first."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        seen = looks.check(application.worker)
        if rule in seen.alarms:
            return seen
        assert not seen.alarms, str(seen)
    return pytest.fail(f"no {rule}: {seen}")


def the_finding(seen, function, line):
    (finding,) = seen.data["findings"]
    location = finding["location"]
    assert location["file"] == str(HERE / "stuck.py"), str(seen)
    assert location["function"] == function, str(seen)
    assert location["line"] == line_of(HERE / "stuck.py", line), str(seen)
    return finding


@pytest.mark.parametrize("path", STUCK)
def test_call_without_end(asynchronous, path):
    expected = STUCK[path]
    with asked(asynchronous, path):
        seen = look_until(asynchronous, "LOOP001")
        finding = the_finding(seen, expected.function, expected.line)
        assert finding["facts"]["blocked_in"] in expected.blocked_in, str(seen)
        (loop,) = [one for one in seen.data["loops"] if one["running"]]
        assert loop["verdict"] == "blocked-in-call"
        assert loop["blocked_in"] in expected.blocked_in
        assert loop["native"] in expected.natives, str(seen)


def test_result_of_its_own_loop(asynchronous):
    with asked(asynchronous, "/stuck/result"):
        seen = look_until(asynchronous, "LOOP002")
        finding = the_finding(seen, "own_result", "return queued.result()")
        assert finding["severity"] == "error"
        (loop,) = [one for one in seen.data["loops"] if one["running"]]
        assert loop["verdict"] == "self-deadlock"
        kinds = [node["kind"] for node in loop["cycle"]]
        assert kinds[0] == "thread" and {"future", "loop"} <= set(kinds), kinds
