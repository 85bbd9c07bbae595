"""What asyncio says of its loops, tasks and futures inside, seen from outside."""

import json

from asyncio_reader import differences
from looks import TARGETS

PROGRAM = TARGETS / "asyncio_claims.py"


def test_same_as_inside(start, interpreter):
    process = start(interpreter, PROGRAM)
    claims = json.loads(process.lines[-1].split(" ", 1)[1])
    kinds = {request.split()[0] for request, _ in claims}
    assert kinds == {"coroutine", "executor", "future", "loop", "queue", "role", "threads"}
    assert len(claims) > 250
    assert differences(process.pid, claims) == []
    assert process.is_running()


def test_no_loop_after_fork(start, interpreter):
    process = start(interpreter, PROGRAM, "fork")
    _, pid, claims = process.lines[-1].split(" ", 2)
    assert differences(int(pid), json.loads(claims)) == []
