"""Web applications under load, examined again and again."""

import os
import pathlib
import time

import looks

LOOKS = int(os.environ.get("STETH_APPLICATION_LOOKS", "30"))
STRETCH = 2 if LOOKS < 100 else 10  # seconds of load before and after the looks
UPLOADS = 25

HERE = pathlib.Path(__file__).resolve().parent


def print_speeds(speeds, done, name):
    print(f"\n{name}: {LOOKS} looks by each verb,", end=" ")
    print(f"{done['requests']} requests, {done['failed']} failed;", end="")
    print(" requests/s", ", ".join(f"{key} {value:.0f}" for key, value in speeds.items()))


def look_by(verb, worker):
    """What is wrong with the look, or None."""
    seen = looks.look(verb, worker, "--json")
    healthy = seen.status == looks.NOTHING_FOUND and seen.data["findings"] == []
    verdicts = {loop["verdict"] for loop in seen.data.get("loops", [])} - {"healthy"}
    if healthy and not verdicts and seen.data["target"]["paused_ms"] == 0:
        return None
    return str(seen)


def test_healthy(application, request, capsys):
    load = application.load()
    worker, speeds, wrong = application.worker, {}, []
    time.sleep(1)
    with load.measured(speeds, "before"):
        time.sleep(STRETCH)
    with load.measured(speeds, "while"):
        for number in range(LOOKS):
            for verb in ("check", "tasks"):
                failure = look_by(verb, worker)
                if failure:
                    wrong.append((number, failure))
    with load.measured(speeds, "after"):
        time.sleep(STRETCH)
    done = load.done()
    with capsys.disabled():
        print_speeds(speeds, done, request.node.callspec.id)
    assert not wrong, f"{len(wrong)} looks of 2 x {LOOKS} are wrong; the first: {wrong[0]}"
    assert done["failed"] == 0, done["failures"]
    assert done["requests"] > LOOKS
    assert application.worker == worker, application.errors()


def line_of(file, text):
    lines = file.read_text().splitlines()
    return 1 + next(number for number, line in enumerate(lines) if text in line)


def test_view_that_leaks(application):
    load = application.load()
    for number in range(UPLOADS):
        assert application.ask("POST", "/upload", f"part {number}") == 200
    for _ in range(max(3, LOOKS // 10)):
        seen = looks.check(application.worker)
        assert seen.status == looks.FOUND and seen.alarms == {"RES001"}, str(seen)
        assert seen.zombies == {"shop.Upload": UPLOADS}
        assert seen.holders == {"shop.Upload": ["shop._unfinished"]}
        (group,) = seen.data["zombies"]
        assert group["finalizer"]["file"] == str(HERE / "shop.py")
        assert group["finalizer"]["line"] == line_of(HERE / "shop.py", "def __del__")
        assert seen.data["target"]["paused_ms"] == 0
    done = load.done()
    assert done["failed"] == 0 and done["requests"] > 0, done
