"""Source that is broken, huge or strange: one line each in `not checked`, and the rest goes on."""

import json
import os
import subprocess

import pytest

from looks import STETH


def audit(*arguments, timeout=120):
    command = [str(STETH), "audit", "--json", "--classes", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    return done, json.loads(done.stdout)


BROKEN = {
    "null.py": (b"x = 1\n\0\n", "line 2: a null byte"),
    "latin.py": (b'x = "\xe9"\n', "line 1: bytes that are not UTF-8"),
    "cookie.py": (b"# coding: nonsense\n", "encoding nonsense is not known"),
    "deep.py": (b"x = " + b"(" * 20000 + b")" * 20000, "line 1: brackets nested more than 200 deep"),
    "syntax.py": (b"class A(:\n  pass\n", "not understood as Python"),
    "wide.py": (b"class M(" + b"B, " * 100000 + b"B): pass\n", "class M: it has more than 1000 bases"),
    "itself.py": (b"class X(X): pass\n", "class X: its base X: X is not bound"),
    "unary.py": (b"x = " + b"-" * 100000 + b"1\nclass D(y): pass\n", "class D: its base y"),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_each_broken_file_has_its_line(name, tmp_path):
    content, reason = BROKEN[name]
    (tmp_path / name).write_bytes(content)
    done, seen = audit(tmp_path)
    told = [one["reason"] for one in seen["not_checked"] if name in one["reason"]]
    assert len(told) == 1 and reason in told[0], seen["not_checked"]
    assert done.returncode == 0


def test_the_rest_goes_on(tmp_path):
    for name, (content, _reason) in BROKEN.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "good.py").write_text("class A: pass\nclass B(A, A): pass\n")
    done, seen = audit(tmp_path)
    assert [one["rule"] for one in seen["findings"]] == ["MRO003"]
    assert done.returncode == 1


def test_a_file_of_100_megabytes_is_not_read(tmp_path):
    with (tmp_path / "big.py").open("wb") as file:
        file.truncate(100 << 20)
    _done, seen = audit(tmp_path)
    assert "has 100 MB" in seen["not_checked"][0]["reason"]


def test_links_and_pipes_do_not_hold_it_up(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "gone.py").symlink_to("nowhere.py")
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "a.py").write_text("class A: pass\n")
    _done, seen = audit(tmp_path, timeout=30)
    reasons = " ".join(one["reason"] for one in seen["not_checked"])
    assert "gone.py: cannot be read" in reasons and "pipe.py: is not a file" in reasons
    assert [row["class"] for row in seen["classes"]] == ["a.A"]


def test_a_chain_of_3000_classes_is_followed(tmp_path):
    lines = ["class C0: pass\n"] + [f"class C{i + 1}(C{i}): pass\n" for i in range(3000)]
    (tmp_path / "chain.py").write_text("".join(lines))
    _done, seen = audit(tmp_path)
    assert len(seen["classes"]) == 3001
    assert not seen["not_checked"], seen["not_checked"][:3]


def test_a_path_that_is_not_there_is_a_mistake_of_the_caller(tmp_path):
    done, _seen = audit(tmp_path / "nothing")
    assert done.returncode == 2


def test_nothing_to_read_is_not_taken_for_nothing_wrong(tmp_path):
    done, seen = audit(tmp_path)
    assert done.returncode == 0 and seen["summary"]["ok"] == 0
    assert "no file of Python source" in seen["not_checked"][0]["reason"]
