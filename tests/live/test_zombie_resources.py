"""What a zombie keeps open and what it retains; what others hold, too, is not its own."""

import json

from looks import TARGETS, look

OWN_BYTES = 3_000_000 + 5_000_000 + 400_000 * 8
SHARED_BYTES = 4 << 20


def seen_of(start, interpreter):
    process = start(interpreter, TARGETS / "zombie_resources.py")
    ends = json.loads(process.lines[-1].split(" ", 1)[1])
    (group,) = look("zombies", process.pid, "--json").data["zombies"]
    return ends, group


def test_resources(start, interpreter):
    (client, server), group = seen_of(start, interpreter)
    targets = {}
    for one in group["resources"]:
        targets.setdefault(one["kind"], []).append(one["target"])
    assert sorted(targets["socket"]) == sorted(
        [f"tcp {client} to {server}", f"tcp {server} to {client}"]
    ), "both ends, and not the listening socket, which the module holds"
    (file,) = targets["fd"]
    assert file.endswith("/dev/null")
    assert sorted(targets["buffer"]) == ["2.9 MiB", "3.1 MiB", "4.8 MiB"], "not the shared one"
    assert len(targets["mmap"]) == len(targets["executor"]) == 1
    assert targets["lock"]


def test_retained(start, interpreter):
    _, group = seen_of(start, interpreter)
    assert OWN_BYTES <= group["retained_bytes"] < OWN_BYTES + SHARED_BYTES
