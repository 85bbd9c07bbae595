"""What an object refers to, seen from outside, is what gc.get_referents() says inside."""

import collections
import json
import subprocess

import pytest

from looks import STETH, TARGETS

DUMP = STETH.parent / "tests" / "unit" / "dump_referents"
COMPARE = DUMP.with_name("compare_referents")

# Some of whose references lie in blocks of C libraries, of which nobody knows the size.
BEHIND_BLOCKS = {"module", "sqlite3.Connection", "PyCapsule"}
# Up to 3.10 these types are never made ready; only pointers to them tell that they are types.
NEVER_READY = {
    "async_generator_athrow",
    "async_generator_wrapped_value",
    "functools.KeyWrapper",
    "functools._lru_list_elem",
    "memory_iterator",
}


def dump(pid, lines):
    run = subprocess.run(
        [DUMP, str(pid)],
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()


@pytest.fixture
def process(start, interpreter):
    if not DUMP.exists():
        pytest.skip(f"{DUMP} is not built (meson option tests)")
    return start(interpreter, TARGETS / "referents.py")


def told(process):
    return json.loads(process.lines[-1].split(" ", 1)[1])


def test_same_as_inside(process):
    kinds = told(process)["kinds"]
    missed = {}
    answers = iter(dump(process.pid, [one["address"] for one in kinds.values()]))
    for name, inside in kinds.items():
        seen = set()
        for line in answers:
            if " -> " not in line:
                break
            seen.add(int(line.split()[2]))
        assert line.rsplit(" ", 1) == [inside["type"], "1"], name
        if not seen.issuperset(inside["referents"]):
            missed[name] = len(set(inside["referents"]) - seen)
    assert len(kinds) > 90
    assert not missed


def test_steps_are_python(process):
    steps = told(process)["steps"]
    answers = dump(process.pid, [f"{holder} {referent}" for holder, referent, _ in steps])
    assert len(steps) > 40
    assert answers == [text for _, _, text in steps]


def test_unset_words_of_codes_are_no_references(process):
    codes, bait = told(process)["codes"], told(process)["bait"]
    answers = dump(process.pid, codes)
    assert sum(line.endswith(" 1") and " -> " not in line for line in answers) == len(codes) == 90
    assert not [line for line in answers if f" -> {bait} " in line]


Compared = collections.namedtuple(
    "Compared",
    "objects inside exact conservative missed elsewhere surplus_tracked surplus wrong wrong_guesses",
)


def compare(pid, address, words):
    """What compare_referents counts: by type, and the lines about single references."""
    run = subprocess.run(
        [COMPARE, str(pid), address, words], capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == 0, run.stderr
    kinds, notes = {}, collections.defaultdict(list)
    for line in run.stdout.splitlines():
        first, *rest = line.split("\t")
        if len(rest) == len(Compared._fields):
            counts = Compared(*map(int, rest))
            before = kinds.get(first, Compared(*[0] * len(rest)))
            kinds[first] = Compared(*map(sum, zip(before, counts)))
        else:
            notes[first].append(rest)
    return kinds, notes


def most(kinds, field):
    """The types with most of something, as text."""
    counts = [(getattr(one, field), name) for name, one in kinds.items() if getattr(one, field)]
    return ", ".join(f"{name} {count}" for count, name in sorted(counts, reverse=True)[:8]) or "none"


@pytest.mark.minors
def test_whole_library(start, interpreter, record_property):
    """Of each object of a process that has imported the standard library, and made of it what can
    be made; references that another object holds for the one that tells of them count as seen."""
    process = start(interpreter, TARGETS / "whole_library.py")
    kinds, notes = compare(process.pid, *process.ready[:2])
    total = Compared(*map(sum, zip(*kinds.values())))
    record_property(
        "compared",
        f"{interpreter.name}, gc.get_referents() of {len(kinds)} types, {total.objects} objects,"
        f" {total.inside} references: {total.missed} missed ({most(kinds, 'missed')});"
        f" seen: {total.exact} exact, {total.conservative} conservative;"
        f" beyond: {total.surplus_tracked} to tracked objects"
        f" ({most(kinds, 'surplus_tracked')}), {total.surplus} to others;"
        f" {total.wrong_guesses} conservative ones that no count covers"
        f" ({most(kinds, 'wrong_guesses')})",
    )
    assert len(kinds) > 700 and total.inside > 300_000
    assert notes["unread"] == [["0"]]
    assert {name for name, one in kinds.items() if one.missed} <= BEHIND_BLOCKS
    assert total.missed < 20
    assert total.wrong_guesses < total.conservative / 10
    unknown = {name for name, in notes["unknown"]}
    assert unknown <= (NEVER_READY if interpreter.version_info < (3, 11) else set())


@pytest.mark.minors
def test_taken_as_visited(start, interpreter, record_property):
    """What is taken from lent memory by the plan of a type is what a visit of the object tells."""
    process = start(interpreter, TARGETS / "whole_library.py")
    command = [DUMP.with_name("compare_takes"), str(process.pid), *process.ready[:2]]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stderr
    first, *differing = run.stdout.splitlines()
    objects, planned, references = map(int, first.split())
    record_property(
        "compared",
        f"{interpreter.name}, taken against visited: {objects} objects, {planned} by a plan,"
        f" {references} references",
    )
    assert planned > objects / 5 and references > 300_000
    assert differing == []
