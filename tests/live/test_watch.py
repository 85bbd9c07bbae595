"""Event loops watched over some time: steth tasks --for."""

import subprocess

import pytest

import looks
from looks import TARGETS

PROGRAM = TARGETS / "watched_loop.py"
SHARE = 0.08 / 0.2  # of the time that the slow callback takes


def watch(pid, *arguments, seconds=4):
    look = looks.look("tasks", pid, "--for", f"{seconds}s", "--json", *arguments)
    assert look.status in (looks.NOTHING_FOUND, looks.FOUND), str(look)
    return look.data


def only_loop(data):
    (loop,) = data["loops"]
    return loop


def function(call):
    return call["location"]["function"]


def check_slow(loop):
    """The slow callback and its share of the time, as far as a busy machine lets them be seen."""
    assert loop["watched_ms"] > 2000 and loop["samples"] > 10
    assert SHARE - 0.2 < loop["utilisation"] <= 1
    slowest = loop["slow"][0]
    assert function(slowest) == "slow_lookup"
    assert slowest["location"]["file"].endswith("watched_loop.py")
    assert SHARE * loop["watched_ms"] / 3 < slowest["total_ms"] <= loop["watched_ms"]
    return slowest


@pytest.mark.minors
def test_slow_callback(start, interpreter):
    process = start(interpreter, PROGRAM, "slow")
    loop = only_loop(watch(process.pid))
    slowest = check_slow(loop)
    assert slowest["longest_ms"] > 20
    assert loop["delay_ms"]["p50"] <= loop["delay_ms"]["p95"] <= loop["delay_ms"]["max"]
    assert loop["delay_ms"]["max"] > 20
    assert loop["callbacks"]["taken"] > 20
    assert abs(loop["callbacks"]["added"] - loop["callbacks"]["taken"]) < 50
    assert process.is_running()


@pytest.mark.minors
def test_pool(start, interpreter):
    process = start(interpreter, PROGRAM, "slow")
    data = watch(process.pid, "--executor-deadline", "2s")
    (executor,) = [one for one in data["executors"] if one["workers"]]
    watched = executor["watched"]
    assert 1 <= watched["busy"]["mean"] <= 2 and watched["busy"]["max"] <= 2
    assert watched["oldest_ms"] > 2000
    assert watched["location"]["function"] == "long_call"
    (finding,) = [one for one in data["findings"] if one["rule"] == "EXEC002"]
    assert "long_call" in finding["summary"]
    assert finding["location"]["function"] == "long_call"


@pytest.mark.some
def test_deadline_not_met(start, interpreter):
    process = start(interpreter, PROGRAM, "slow")
    data = watch(process.pid, "--executor-deadline", "10m", seconds=1)
    assert "EXEC002" not in {one["rule"] for one in data["findings"]}


@pytest.mark.minors
def test_growing_queue(start, interpreter):
    process = start(interpreter, PROGRAM, "growing")
    data = watch(process.pid)
    loop = only_loop(data)
    assert loop["verdict"] == "ready-queue-growth"
    assert loop["utilisation"] > 0.7
    assert function(loop["slow"][0]) == "handle_order"
    assert loop["ready_watched"]["last"] > loop["ready_watched"]["first"]
    assert loop["callbacks"]["added"] > loop["callbacks"]["taken"] > 0
    (finding,) = [one for one in data["findings"] if one["rule"] == "LOOP003"]
    assert "handle_order" in finding["summary"]
    assert finding["facts"]["added"] > finding["facts"]["taken"]


@pytest.mark.some
def test_idle_loop(start, interpreter):
    process = start(interpreter, PROGRAM, "idle")
    process.settle()
    loop = only_loop(watch(process.pid, seconds=2))
    assert loop["verdict"] == "healthy"
    assert loop["utilisation"] == 0
    assert loop["delay_ms"]["max"] == 0
    assert loop["slow"] == []


@pytest.mark.minors
def test_idle_in_own_selector(start, interpreter):
    process = start(interpreter, PROGRAM, "selector")
    process.settle()
    loop = only_loop(watch(process.pid, seconds=2))
    assert loop["utilisation"] == 0
    assert loop["delay_ms"]["max"] == 0
    assert loop["slow"] == []


@pytest.mark.some
def test_turns_of_its_own(start, interpreter):
    process = start(interpreter, PROGRAM, "own")
    process.settle()
    data = watch(process.pid, seconds=2)
    assert only_loop(data)["watched_ms"] is None
    assert ["the event loop of MainThread was not watched: it was not seen to turn"] == [
        one["reason"] for one in data["not_checked"] if "watched" in one["reason"]
    ]


@pytest.mark.some
def test_not_watched(start, interpreter):
    process = start(interpreter, PROGRAM, "idle")
    loop = only_loop(looks.look("tasks", process.pid, "--json").data)
    for key in ("watched_ms", "samples", "utilisation", "delay_ms", "callbacks", "slow"):
        assert loop[key] is None


@pytest.mark.some
def test_check_watches_too(start, interpreter):
    process = start(interpreter, PROGRAM, "slow")
    look = looks.check(process.pid, "--for", "2s", "--executor-deadline", "1s")
    assert "EXEC002" in look.alarms, str(look)


@pytest.mark.some
def test_program_ends_meanwhile(start, interpreter):
    process = start(interpreter, PROGRAM, "idle")
    watcher = subprocess.Popen(
        [looks.STETH, "tasks", str(process.pid), "--for", "60s"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            watcher.wait(2)
        process.kill()
        assert watcher.wait(30) == looks.CANNOT_LOOK
        assert b"exited while" in watcher.stderr.read()
    finally:
        watcher.kill()
        watcher.stderr.close()
