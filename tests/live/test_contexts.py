"""Contexts of contextvars seen from outside, and calls that run without their caller's."""

import json

from asyncio_reader import differences
from looks import TARGETS


def test_same_as_inside(start, interpreter):
    process = start(interpreter, TARGETS / "context_claims.py")
    claims = json.loads(process.lines[-1].split(" ", 1)[1])
    assert len(claims) == 20
    assert differences(process.pid, claims) == []
    assert process.is_running()
