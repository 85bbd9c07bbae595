"""`steth diff` names what grew and what holds it, and is silent about what only moves."""

import subprocess

import pytest

from cores import gcore
from looks import FOUND, NOTHING_FOUND, STETH, TARGETS, USAGE, look, steth_environment

BEFORE, BETWEEN = 300, 1200

# Name -> the type whose instances leak, and what holds them.
LEAKS = {
    "Unbounded": ("__main__.Row", "__main__.app.entries"),
    "Session": ("__main__.Row", "__main__.app.identity_map"),
    "Failures": ("LookupError", "__main__.app.errors"),
    "Closures": ("cell", "__main__.app.callbacks"),
    "Signal": ("__main__.Row", "__main__.app.receivers"),
    "Waiting": ("__main__.Row", "__main__.app.jobs.queue"),
    "Chain": ("__main__.Chain.Link", "__main__.app"),
    "Large": ("bytes", "__main__.app.pages"),
}


def about(number):
    """A few words may look like an object and be none; a few objects may be cached elsewhere."""
    return pytest.approx(number, rel=0.02)


def work(process, rounds):
    process.send_line(str(rounds))
    assert process.read_line() == "done"


def record(process, path):
    seen = look("record", process.pid, "-o", path)
    assert seen.status == NOTHING_FOUND, str(seen)
    return path


def captures(process, folder, *rounds):
    """A capture after each number of rounds."""
    paths = []
    for i, number in enumerate(rounds):
        work(process, number)
        paths.append(record(process, folder / f"{i}.steth"))
    return paths


def holders_of(diff, type_name):
    """Holder -> how many more of the type it has."""
    return {
        holder["holder"]: held["after"] - held["before"]
        for holder in diff["holders"]
        for held in holder["holds"]
        if held["type"] == type_name
    }


@pytest.mark.minors
@pytest.mark.parametrize("name", LEAKS)
def test_holder_of_a_leak_is_named(start, interpreter, tmp_path, name):
    process = start(interpreter, TARGETS / "leaks.py", name)
    paths = captures(process, tmp_path, BEFORE, BETWEEN)
    seen = look("diff", *paths, "--json")
    assert seen.status == FOUND, str(seen)
    diff = seen.data["diff"]
    type_name, holder = LEAKS[name]
    grown = {row["type"]: row for row in diff["types"] if row["verdict"] == "grew"}
    assert type_name in grown, str(seen)
    named = holders_of(diff, type_name)
    assert list(named) == [holder], str(seen)
    if name != "Large":
        counts = grown[type_name]["counts"]
        assert counts[1] - counts[0] == about(BETWEEN), str(seen)
        assert named[holder] == about(BETWEEN), str(seen)
    assert diff["holders"][0]["holder"] == holder, str(seen)


@pytest.mark.minors
@pytest.mark.parametrize(
    "name,kind,what",
    [("Threads", "thread", "poll in "), ("Sockets", "descriptor", "tcp to 127.0.0.1:")],
)
def test_what_piles_up_is_named(start, interpreter, tmp_path, name, kind, what):
    process = start(interpreter, TARGETS / "leaks.py", name)
    paths = captures(process, tmp_path, BEFORE, BETWEEN)
    seen = look("diff", *paths, "--json")
    assert seen.status == FOUND, str(seen)
    grown = [row for row in seen.data["diff"]["counts"] if row["grew"] and row["kind"] == kind]
    assert any(what in row["what"] for row in grown), str(seen)
    assert {row["after"] - row["before"] for row in grown} == {BETWEEN // 10}, str(seen)


@pytest.mark.minors
def test_queue_of_an_executor_grows(start, interpreter, tmp_path):
    process = start(interpreter, TARGETS / "leaks.py", "Overloaded")
    seen = look("diff", *captures(process, tmp_path, BEFORE, BETWEEN), "--json")
    assert seen.status == FOUND, str(seen)
    (executor,) = seen.data["diff"]["executors"]
    assert executor["grew"], str(seen)
    assert executor["queued"] == {"before": 30, "after": 150}, str(seen)
    assert executor["busy"] == {"before": 1, "after": 1}, str(seen)


@pytest.mark.minors
def test_what_came_back_is_counted(start, interpreter, tmp_path):
    process = start(interpreter, TARGETS / "leaks.py", "Undead")
    seen = look("diff", *captures(process, tmp_path, BEFORE, BETWEEN), "--json")
    assert seen.status == FOUND, str(seen)
    (zombies,) = seen.data["diff"]["zombies"]
    assert zombies["type"] == "__main__.Undead", str(seen)
    assert (zombies["before"], zombies["after"]) == (3, 15), str(seen)
    assert "graves" in zombies["held_by"], str(seen)


@pytest.mark.minors
@pytest.mark.parametrize("name", ["Churn", "Bounded", "Cycles", "Still"])
def test_what_only_moves_is_no_growth(start, interpreter, tmp_path, name):
    process = start(interpreter, TARGETS / "leaks.py", name)
    seen = look("diff", *captures(process, tmp_path, BEFORE, BETWEEN), "--json")
    diff = seen.data["diff"]
    assert not diff["grew"], str(seen)
    assert not diff["holders"], str(seen)
    assert {row["verdict"] for row in diff["types"]} <= {"garbage"}, str(seen)


@pytest.mark.some
def test_three_looks_tell_a_cache_from_a_leak(start, interpreter, tmp_path):
    verdicts = {}
    for name in ("Filling", "Unbounded"):
        process = start(interpreter, TARGETS / "leaks.py", name)
        folder = tmp_path / name
        folder.mkdir()
        paths = captures(process, folder, 100, 900, 900, 900)
        seen = look("diff", *paths, "--json")
        verdicts[name] = {row["type"]: row["verdict"] for row in seen.data["diff"]["types"]}
        two = look("diff", *paths[:2], "--json")
        assert two.data["diff"]["grew"], str(two)
    assert verdicts["Filling"]["__main__.Row"] == "settled"
    assert verdicts["Unbounded"]["__main__.Row"] == "grew"


@pytest.mark.some
def test_pid_is_looked_at_twice(start, interpreter, tmp_path):
    process = start(interpreter, TARGETS / "leaks.py", "Unbounded")
    work(process, BEFORE)
    before = record(process, tmp_path / "before.steth")
    command = [str(STETH), "diff", str(process.pid), "--for", "1s"]
    watching = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=steth_environment(),
    )
    assert "again in 1.0 s" in watching.stderr.readline()
    work(process, BETWEEN)
    output, _errors = watching.communicate(timeout=60)
    assert watching.returncode == FOUND, output
    assert "__main__.app.entries" in output
    against = look("diff", before, process.pid, "--json")
    named = holders_of(against.data["diff"], "__main__.Row")
    assert named == about({"__main__.app.entries": BETWEEN}), str(against)
    assert process.is_running()


@pytest.mark.some
def test_two_processes_are_compared_by_names(start, interpreter, tmp_path):
    paths = []
    for rounds in (BEFORE, BEFORE + BETWEEN):
        process = start(interpreter, TARGETS / "leaks.py", "Unbounded")
        paths += captures(process, tmp_path, rounds)
        paths[-1] = paths[-1].rename(tmp_path / f"{rounds}.steth")
    seen = look("diff", *paths, "--json")
    diff = seen.data["diff"]
    assert not diff["same_process"] and diff["grew"], str(seen)
    named = holders_of(diff, "__main__.Row")
    assert named == about({"__main__.app.entries": BETWEEN}), str(seen)
    assert diff["still"] == [] and diff["collectors"] == [], str(seen)


@pytest.mark.some
def test_core_against_what_runs(start, interpreter, tmp_path):
    process = start(interpreter, TARGETS / "leaks.py", "Closures")
    work(process, BEFORE)
    core = gcore(process.pid, tmp_path)
    work(process, BETWEEN)
    seen = look("diff", core, process.pid, "--json")
    diff = seen.data["diff"]
    assert diff["same_process"] and diff["grew"], str(seen)
    assert holders_of(diff, "cell") == about({"__main__.app.callbacks": BETWEEN}), str(seen)
    assert all(row["kind"] != "descriptor" for row in diff["counts"]), str(seen)


@pytest.mark.some
def test_what_stands_still_is_told(start, interpreter):
    process = start(interpreter, TARGETS / "leaks.py", "Threads")
    work(process, 20)
    seen = look("diff", process.pid, "--for", "500ms", "--json")
    still = [row for row in seen.data["diff"]["still"] if row["kind"] == "thread"]
    (stuck,) = [row for row in still if "poll" in row["at"]]
    assert stuck["count"] == 2, str(seen)
    assert stuck["wait_kind"] in ("event", "condition"), str(seen)
    assert not stuck["idle"], str(seen)


@pytest.mark.some
def test_markdown(start, interpreter, tmp_path):
    process = start(interpreter, TARGETS / "leaks.py", "Unbounded")
    paths = captures(process, tmp_path, BEFORE, BETWEEN)
    seen = look("diff", *paths, "--format", "markdown")
    assert seen.status == FOUND, str(seen)
    assert "| `__main__.app.entries` |" in seen.stdout
    assert seen.stdout.startswith("### steth diff: something grew\n")
    assert look("diff", *paths, "--fail-on", "error").status == NOTHING_FOUND


def test_usage():
    for words in (["diff"], ["diff", "/no/such/file"], ["diff", "1", "--format", "sarif"]):
        assert look(*words).status == USAGE, words


# ---- leaks of public issues, as docs/WALKTHROUGH-LEAK.md shows them --------------------------


def has_shutdown_locks_leak(interpreter):
    """https://github.com/python/cpython/issues/81969: fixed in 3.9.6 and 3.10."""
    version = tuple(int(part) for part in interpreter.version.split("."))
    return version < (3, 9, 6)


def test_threads_that_nobody_joins(start, interpreter, tmp_path):
    process = start(interpreter, TARGETS / "leak_shutdown_locks.py")
    seen = look("diff", *captures(process, tmp_path, 100, 500), "--json")
    named = holders_of(seen.data["diff"], "_thread.lock")
    if has_shutdown_locks_leak(interpreter):
        assert named == about({"threading._shutdown_locks": 500}), str(seen)
    else:
        assert not seen.data["diff"]["grew"], str(seen)


@pytest.mark.minors
def test_method_that_is_cached(start, interpreter, tmp_path):
    process = start(interpreter, TARGETS / "leak_cached_method.py")
    seen = look("diff", *captures(process, tmp_path, 300, 1000), "--json")
    named = holders_of(seen.data["diff"], "__main__.RepoClient")
    assert list(named.values()) == about([1000]), str(seen)
    assert next(iter(named)).startswith("__main__.RepoClient.file"), str(seen)
