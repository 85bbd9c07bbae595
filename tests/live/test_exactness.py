"""Programs that know their own truth (gc.is_finalized): steth must say exactly that."""

import json
import sys

import pytest

from looks import FOUND, NOTHING_FOUND, TARGETS, look

sys.path.insert(0, str(TARGETS))
import exemptions  # noqa: E402
import holders  # noqa: E402
import resurrections  # noqa: E402

SCENARIOS = [
    pytest.param(TARGETS / f"{module.__name__}.py", name, id=name)
    for module in (resurrections, holders, exemptions)
    for name in module.SCENARIOS
]


@pytest.mark.parametrize("program,scenario", SCENARIOS)
def test_exact(start, interpreter, program, scenario):
    process = start(interpreter, program, scenario)
    expected = json.loads(process.lines[-1].split(" ", 1)[1])
    seen = look("zombies", process.pid, "--json", "--limit", "0", "--values")
    assert seen.zombies == expected["zombies"], str(seen)
    assert seen.exempt == expected["exempt"], str(seen)
    assert seen.status == (FOUND if expected["zombies"] else NOTHING_FOUND), str(seen)
    assert process.is_running()
    if not expected["far"]:
        confirm_paths(seen, expected)


def confirm_paths(seen, expected):
    shown = [path for paths in seen.paths.values() for path in paths]
    for group in seen.data["zombies"]:
        assert all(one["reachable"] for one in group["objects"]), str(seen)
    if expected["paths"]:
        assert sorted(shown) == sorted(expected["paths"]), str(seen)
    root = expected["root"]
    if root:
        assert shown and all(path.startswith(root) for path in shown), str(seen)
        for held_by in seen.holders.values():
            assert any(root.startswith(one) or one.startswith(root) for one in held_by), str(seen)
