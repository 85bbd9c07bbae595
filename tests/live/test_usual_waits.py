"""Waits that look endless and are not: something that gets on will end them, or could."""

import pytest

from looks import FOUND, NOTHING_FOUND, look
from usual_states import HEALTHY, PROGRAM

pytestmark = pytest.mark.minors
NEEDS_A_WHOLE_SYSTEM = {"another_process"}  # /dev/shm


@pytest.mark.parametrize("state", HEALTHY)
def test_healthy(start, interpreter, state):
    if interpreter.root and state in NEEDS_A_WHOLE_SYSTEM:
        pytest.skip("the interpreter's tree has no /dev/shm")
    process = start(interpreter, PROGRAM, state)
    seen = look("check", process.pid, "--json")
    assert seen.status == NOTHING_FOUND, str(seen)
    assert seen.data["findings"] == [], str(seen)
    assert {one["verdict"] for one in seen.data["loops"]} <= {"healthy", None}, str(seen)
    assert process.is_running()


def test_only_the_end_would_cancel_it(start, interpreter):
    process = start(interpreter, PROGRAM, "beside_a_server")
    process.settle()
    seen = look("check", process.pid, "--json")
    assert seen.status == FOUND and seen.alarms == {"TASK002"}, str(seen)
    (finding,) = seen.data["findings"]
    assert finding["location"]["function"] == "for_ever"


def test_could_be_cancelled_is_no_alarm(start, interpreter):
    process = start(interpreter, PROGRAM, "kept_in_a_set")
    process.settle()
    seen = look("check", process.pid, "--json")
    assert seen.status == NOTHING_FOUND, str(seen)
    (finding,) = seen.data["findings"]
    assert (finding["rule"], finding["severity"]) == ("TASK002", "info")
    assert finding["location"]["function"] == "for_ever"
