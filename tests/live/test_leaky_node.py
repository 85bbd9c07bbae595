"""The first thing steth is for: two nodes that their finalizers brought back."""

from looks import FOUND, TARGETS, check, look

PROGRAM = TARGETS / "leaky_node.py"
FINALIZER_LINE = 1 + PROGRAM.read_text().splitlines().index("    def __del__(self):")
PATHS = {"__main__._resurrection_bin[0]", "__main__._resurrection_bin[1]"}


def test_json(start, interpreter):
    process = start(interpreter, PROGRAM)
    seen = check(process.pid)
    assert seen.status == FOUND, str(seen)
    assert seen.zombies == {"__main__.LeakyNode": 2}, str(seen)
    (group,) = seen.data["zombies"]
    assert group["held_by"] == ["__main__._resurrection_bin"]
    assert set(seen.paths["__main__.LeakyNode"]) == PATHS
    assert group["finalizer"]["file"] == str(PROGRAM)
    assert group["finalizer"]["line"] == FINALIZER_LINE
    assert seen.data["target"]["python"] == interpreter.version
    assert seen.data["target"]["pid"] == process.pid
    assert seen.data["target"]["paused_ms"] == 0
    (finding,) = [one for one in seen.data["findings"] if one["rule"] == "RES001"]
    assert finding["severity"] == "error"
    assert finding["location"]["line"] == FINALIZER_LINE


def test_text(start, interpreter):
    process = start(interpreter, PROGRAM)
    for verb in ("check", "zombies"):
        seen = look(verb, process.pid)
        assert seen.status == FOUND, str(seen)
        assert "LeakyNode" in seen.stdout
        assert f"{PROGRAM}:{FINALIZER_LINE}" in seen.stdout, str(seen)
        path = "__main__._resurrection_bin" + ("[0]" if verb == "zombies" else "")
        assert path in seen.stdout, str(seen)
        assert "\x1b" not in seen.stdout, "colour on something that is no terminal"


def test_pid_alone_means_check(start, interpreter):
    process = start(interpreter, PROGRAM)
    assert look(process.pid, "--json").zombies == {"__main__.LeakyNode": 2}


def test_fingerprint_is_stable(start, interpreter):
    """The same fault in another process has the same fingerprint."""

    def fingerprints():
        process = start(interpreter, PROGRAM)
        return {(one["rule"], one["fingerprint"]) for one in check(process.pid).data["findings"]}

    assert fingerprints() == fingerprints() != set()


def test_paused_look_sees_the_same(start, interpreter):
    process = start(interpreter, PROGRAM)
    seen = check(process.pid, "--pause")
    assert seen.zombies == {"__main__.LeakyNode": 2}, str(seen)
    assert seen.data["target"]["paused_ms"] > 0
    assert process.is_running()
