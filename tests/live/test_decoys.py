"""Memory full of words that look like objects hides none of them."""

import pytest

from looks import FOUND, TARGETS, look

TYPES = 20


@pytest.mark.some
def test_decoys(start, interpreter):
    process = start(interpreter, TARGETS / "decoys.py", timeout=120)
    seen = look("zombies", process.pid, "--json")
    assert seen.status == FOUND, str(seen)
    assert seen.zombies == {f"__main__.Late{number}": 1 for number in range(TYPES)}
