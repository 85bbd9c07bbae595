"""The heap as a graph: retained sizes that are known, what is reachable, what is garbage."""

import array
import json
import os
import subprocess
import time
import warnings

import pytest

from looks import CANNOT_LOOK, NOTHING_FOUND, STETH, TARGETS, USAGE, join_path, look

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import networkx

DUMP = STETH.parent / "tests" / "unit" / "dump_graph"
# A stale word somewhere may hold one small object for a while, and share it with its owner.
STALE_BYTES = 256
# Its garbage comes in waves: a look may meet half a million objects while three threads compute.
LOOKS_WHILE_BUSY = 8

built = pytest.mark.skipif(not DUMP.exists(), reason=f"{DUMP} is not built (meson option tests)")


def dump(pid, what, text=""):
    done = subprocess.run(
        [DUMP, str(pid), what], input=text, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def told(process):
    return json.loads(process.lines[-1].split(" ", 1)[1])


def addresses_of(pid, address, count):
    numbers = array.array("Q")
    with open(f"/proc/{pid}/mem", "rb") as memory:
        memory.seek(address)
        numbers.frombytes(memory.read(8 * count))
    return list(numbers)


def differences(version):
    """What steth counts beyond (-: without) sys.getsizeof(), at most, by structure."""
    # The nodes that keep the order; the frames that called, with the list of what is planted.
    expected = {"ordered_dict": (-8448, 0), "exceptions": (0, 1500)}
    if version < (3, 11):
        expected["generators"] = (0, 20 * 8)  # one word of each frame
    else:  # the values of attributes lie beside or behind the instance
        expected["instances_with_attributes"] = (50 * 24, 50 * 104)
        expected["instances_whose_dict_was_asked_for"] = (0, 50 * 24)
        expected["bound_methods"] = (0, 10 * 104)
    return expected


@built
@pytest.mark.minors
def test_known_retained_sizes(start, interpreter, record_property):
    process = start(interpreter, TARGETS / "heap_truth.py")
    facts = told(process)
    planted = facts["planted"]
    holders = "".join(f"{one['holder']}\n" for one in planted.values())
    seen = [int(line.split()[1]) for line in dump(process.pid, "objects", holders)]
    expected = differences(interpreter.version_info[:2])
    beyond, shared = {}, []
    for (name, one), retained in zip(planted.items(), seen):
        least, most = expected.get(name, (0, 0))
        if retained != one["bytes"]:
            beyond[name] = retained - one["bytes"]
        assert retained - one["bytes"] <= most, name
        if retained - one["bytes"] < least - STALE_BYTES:
            shared.append(name)
    assert len(shared) <= 1, "a stale word may pass for a second holder of one"
    assert sum(one not in expected for one in beyond) <= 3
    record_property(
        "compared",
        f"{interpreter.name}, {len(planted)} planted structures: {len(planted) - len(beyond)} retain"
        f" exactly what they own, the others: {beyond or 'none'}",
    )


@built
@pytest.mark.minors
def test_reachable_and_lost(start, interpreter, record_property):
    """All that sys.modules leads to is reached; cycles that nobody holds are not."""
    process = start(interpreter, TARGETS / "heap_truth.py")
    facts = told(process)
    reached = addresses_of(process.pid, *facts["reached"])
    everything = [*facts["lost"], *reached]
    answers = dump(process.pid, "objects", "".join(f"{one}\n" for one in everything))
    lost, others = answers[: len(facts["lost"])], answers[len(facts["lost"]) :]
    assert all(line.endswith("unreachable") for line in lost)
    unreachable = sum(line.endswith("unreachable") for line in others)
    absent = others.count("absent")
    record_property(
        "compared",
        f"{interpreter.name}, {len(reached)} objects reached from sys.modules: {unreachable} called"
        f" unreachable, {absent} not seen, {others.count('static')} static;"
        f" {len(lost)} of {len(lost)} lost ones found",
    )
    assert not unreachable and not absent


@built
@pytest.mark.some
def test_dominators_of_a_process(start, interpreter, record_property):
    """networkx gives the same dominators and retained sizes for the graph that steth built."""
    process = start(interpreter, TARGETS / "idle.py")
    count, *lines = dump(process.pid, "rows")
    top = int(count)
    rows = [list(map(int, line.split())) for line in lines]
    graph = networkx.DiGraph()
    graph.add_nodes_from(range(top + 1))
    for node, (_, _, _, rooted, *ends) in enumerate(rows):
        graph.add_edges_from((node, end) for end in ends)
        if rooted:
            graph.add_edge(top, node)
    parent = dict(networkx.immediate_dominators(graph, top))
    parent.pop(top, None)
    assert [row[2] for row in rows] == [parent.get(node, -1) for node in range(top)]
    tree = networkx.DiGraph()
    tree.add_edges_from((up, node) for node, up in parent.items())
    sums = [row[0] for row in rows] + [0]
    for node in networkx.dfs_postorder_nodes(tree, top):
        sums[node] += sum(sums[child] for child in tree[node])
    assert [row[1] for row in rows] == sums[:top]
    record_property(
        "compared",
        f"{interpreter.name}, dominators and retained sizes of {top} nodes,"
        f" {graph.number_of_edges()} edges of a process: as networkx has them",
    )


@pytest.mark.some
def test_busy_process(start, interpreter, record_property):
    """Looks at objects that come and go: sums stay near what is resident."""
    process = start(interpreter, TARGETS / "churn.py")
    lost = []
    for _ in range(LOOKS_WHILE_BUSY):
        seen = look("heap", process.pid, "--json")
        with open(f"/proc/{process.pid}/statm") as statm:  # its garbage comes in waves
            resident = int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")
        assert seen.status == NOTHING_FOUND, seen
        heap = seen.data["heap"]
        assert 1000 < heap["objects"] < 10_000_000
        assert heap["bytes"] < 3 * resident + (1 << 26)
        lost.append(heap["unreachable"]["objects"] / heap["objects"])
    record_property(
        "compared",
        f"{interpreter.name}, {LOOKS_WHILE_BUSY} looks while it churns:"
        f" {max(lost):.1%} unreachable at most",
    )


@pytest.mark.some
@pytest.mark.parametrize(
    "scenario,root",
    [
        ("in_context", "__main__.the_context"),
        ("in_simple_queue", "__main__.simple_queue"),
        ("in_a_list_of_a_thread", "thread keeper"),
        ("signal_handler", "C "),
    ],
)
def test_paths_begin_at_what_holds(start, interpreter, scenario, root):
    process = start(interpreter, TARGETS / "holders.py", scenario)
    seen = look("heap", process.pid, "--json", "--path=__main__.Zombie")
    paths = [join_path(one["path"]) for one in seen.data["heap"]["paths"]]
    assert paths and all(path.startswith(root) for path in paths), str(seen)


@pytest.mark.parametrize("path", ["no.such.Type", "0x1", "0xffffffffffffffff", "", "0x", "-1"])
def test_path_to_nothing(start, interpreter, path):
    process = start(interpreter, TARGETS / "idle.py")
    seen = look("heap", process.pid, "--json", f"--path={path}")
    assert seen.status in (NOTHING_FOUND, USAGE, CANNOT_LOOK), seen
    if seen.status == NOTHING_FOUND:
        assert seen.data["heap"]["paths"] == [] or seen.data["heap"]["paths"] is None
    else:
        assert len(seen.stderr.strip().splitlines()) <= 3 and "internal" not in seen.stderr


@pytest.mark.some
def test_little_memory(start, interpreter):
    process = start(interpreter, TARGETS / "idle.py")
    for megabytes in (24, 48, 96):
        limit = ["prlimit", f"--as={megabytes << 20}"]
        seen = look("heap", process.pid, "--json", before=limit)
        # Too little for the program and its libraries is not ours to tell.
        if seen.status not in (NOTHING_FOUND, 127):
            assert seen.status == CANNOT_LOOK and seen.stderr.count("\n") <= 3, seen


@pytest.mark.some
def test_program_that_ends_meanwhile(start, interpreter):
    for delay in (0, 0.005, 0.02, 0.05):
        process = start(interpreter, TARGETS / "idle.py")
        command = [str(STETH), "heap", str(process.pid), "--json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as looking:
            time.sleep(delay)
            process.kill()
            _, errors = looking.communicate(timeout=60)
        assert looking.returncode in (NOTHING_FOUND, CANNOT_LOOK), errors
        assert errors.count(b"\n") <= 3
    seen = look("heap", process.pid)
    assert seen.status == CANNOT_LOOK and seen.stderr
