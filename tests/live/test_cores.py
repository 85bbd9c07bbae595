"""A core file in place of a pid: the same truth, and one clear line about what is no core."""

import random
import shutil
import struct
import subprocess
import sys

import pytest

from cores import CoreFolder, gcore, kernel_core, kernel_refuses
from interpreters import interpreters
from looks import CANNOT_LOOK, FOUND, NOTHING_FOUND, USAGE, look
from matrix import matrix, some_of
from case_truth import assert_loop, assert_objects, cases, start_case

VERBS = ["check", "zombies", "tasks", "threads", "gc", "classes", "heap"]
# Needs time to be told: of one instant its loop is as good as healthy.
NEEDS_TIME = {"LOOP003", "EXEC002"}
# On every interpreter; the others on some.
EVERYWHERE = {"zombie-leakynode", "asyncio-self-threadsafe", "asyncio-task-cycle", "gc-disabled"}
BY_KERNEL = {"zombie-leakynode", "asyncio-self-threadsafe", "asyncio-sleep-on-loop"}


def pytest_generate_tests(metafunc):
    if "case" not in metafunc.fixturenames:
        return
    everywhere = metafunc.function.everywhere
    pairs = []
    for case in cases():
        there = [one for one in matrix(metafunc) if case.supports(one)]
        if case.name not in everywhere:
            there = some_of(there) if metafunc.function.others else []
        if not case.only_silent:
            pairs += [(case, one) for one in there]
    metafunc.parametrize(
        "case,interpreter", pairs, ids=[f"{case.name}-{one.name}" for case, one in pairs]
    )


def own_pairs(everywhere, others):
    def mark(function):
        function.everywhere, function.others, function.own_matrix = everywhere, others, True
        return function

    return mark


def told_by_one_instant(expect):
    if not set(expect["rules"]) & NEEDS_TIME:
        return expect
    rules = sorted(set(expect["rules"]) - NEEDS_TIME)
    return {**expect, "rules": rules, "verdict": "healthy"}


def assert_truth(case, seen):
    expect = told_by_one_instant(case.expect)
    if case.family == "asyncio":
        assert_loop(seen, expect)
        for one in seen.data["findings"]:
            assert one["confidence"] != "high", one
    else:
        assert_objects(seen, expect)


def assert_is_core(seen, core, interpreter, script):
    target = seen.data["target"]
    assert target["command"].endswith(f" {script}"), target
    assert (target["kind"], target["file"]) == ("core", str(core))
    assert target["python"] == interpreter.version
    assert target["paused_ms"] == 0 and target["torn_reads"] == 0
    assert not [one for one in seen.data["not_checked"] if "code and symbols" in one["reason"]]


@own_pairs(EVERYWHERE, others=True)
def test_what_gcore_wrote(start, case, interpreter, tmp_path):
    process = start_case(start, case, interpreter)
    for _ in range(5):
        core = gcore(process.pid, tmp_path)
        seen = look("check", core, "--json")
        if case.family != "asyncio" or seen.alarms or not told_by_one_instant(case.expect)["rules"]:
            break  # else the thread that said READY may still be on its way
    assert_is_core(seen, core, interpreter, case.script)
    assert_truth(case, seen)


@own_pairs(BY_KERNEL, others=False)
def test_what_the_kernel_wrote(start, case, interpreter):
    why = kernel_refuses()
    if why:
        pytest.skip(why)
    with CoreFolder(interpreter) as folder:
        for _ in range(5):
            process = start(interpreter, case.script, environment=folder.environment)
            core = kernel_core(process, folder.path)
            seen = look("check", core, "--json", *sysroot(interpreter))
            if case.family != "asyncio" or seen.alarms:
                break
            core.unlink()
        assert_is_core(seen, core, interpreter, case.script)
        assert_truth(case, seen)


def sysroot(interpreter):
    return ["--sysroot", interpreter.root] if interpreter.root else []


# ---- one core, of this machine's own interpreter -------------------------------------------------


@pytest.fixture(scope="module")
def own():
    return next(one for one in interpreters() if one.vendor == "machine" and one.kind == "release")


def case_named(name):
    return next(one for one in cases() if one.name == name)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cores")


@pytest.fixture(scope="module")
def zombies(own, folder):
    with own.start(case_named("zombie-leakynode").script) as process:
        process.settle()
        return gcore(process.pid, folder)


@pytest.fixture(scope="module")
def whole(own, folder):
    """With the code and the constants in it."""
    with own.start(case_named("zombie-leakynode").script) as process:
        return gcore(process.pid, folder, keep_all=True)


def refused(seen, *words, status=CANNOT_LOOK):
    """One line, and perhaps a hint."""
    assert seen.status == status and seen.stdout == "", str(seen)
    lines = seen.stderr.splitlines()
    assert lines[0].startswith("steth: ") and len(lines) <= 2, str(seen)
    for word in words:
        assert word in seen.stderr, str(seen)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_takes_a_core(zombies, verb):
    seen = look(verb, zombies, "--json")
    assert seen.status in (NOTHING_FOUND, FOUND), str(seen)
    text = look(verb, zombies)
    assert f"core {zombies}" in " ".join(text.stdout.split()), str(text)


def test_a_core_alone_is_checked(zombies):
    short, whole = look(zombies, "--json"), look("check", zombies, "--json")
    assert short.alarms == whole.alarms and short.alarms


def test_the_commands_that_are_proposed_work(zombies):
    seen = look("check", zombies, "--json")
    commands = {one["confirm"] for one in seen.data["findings"]}
    assert commands == {f"steth zombies {zombies}"}


def test_the_threads_of_a_core(zombies):
    [thread] = look("threads", zombies, "--json").data["threads"]
    assert thread["state"] == "S"
    assert thread["blocked_in"] and thread["wait_kind"]
    functions = [frame["function"] for frame in thread["stack"]]
    assert "<module>" in functions and "_start" in functions, functions


def test_limits_are_said(zombies):
    reasons = {one["reason"] for one in look("check", zombies, "--json").data["not_checked"]}
    assert any("one instant" in one for one in reasons)
    assert any("descriptors" in one for one in reasons)


@pytest.mark.parametrize(
    "verb,option", [("check", "--pause"), ("check", "--for=1s"), ("threads", "--native")]
)
def test_nothing_moves_in_a_core(zombies, verb, option):
    refused(look(verb, zombies, option), "needs a running process", status=USAGE)


@pytest.mark.parametrize("verb", ["check", "zombies", "tasks", "threads", "gc", "heap", "classes"])
def test_every_verb_takes_the_executable_of_a_core(zombies, tmp_path, own, verb):
    seen = look(verb, zombies, "--executable", own.executable, "--sysroot", tmp_path, "--json")
    assert seen.data["target"]["kind"] == "core", str(seen)


def test_an_executable_is_of_a_core_only(start, own):
    process = start(own, case_named("zombie-leakynode").script)
    refused(look("check", process.pid, "--executable", "/bin/true"), "core", status=USAGE)


def test_without_the_executable(zombies, tmp_path, own):
    refused(look("zombies", zombies, "--sysroot", tmp_path), own.executable, "--executable")
    for more in (["--executable", own.executable], [own.executable]):
        arguments = [zombies, *more] if more[0] == own.executable else [*more, zombies]
        seen = look("zombies", *arguments, "--sysroot", tmp_path, "--json")
        assert "__main__.LeakyNode" in seen.zombies, str(seen)
        assert any("no such file" in one["reason"] for one in seen.data["not_checked"])


def test_beside_the_core(zombies, tmp_path, own):
    shutil.copy(zombies, tmp_path / "core")
    shutil.copy(own.executable, tmp_path / real_name(own))
    seen = look("zombies", tmp_path / "core", "--sysroot", "/nonexistent", "--json")
    assert seen.status == FOUND, str(seen)


def real_name(interpreter):
    code = "import os, sys; print(os.path.basename(os.path.realpath(sys.executable)))"
    return subprocess.check_output([interpreter.executable, "-c", code], text=True).strip()


def test_another_build(zombies, tmp_path):
    refused(look("zombies", zombies, "--executable", sys.executable.replace("python", "nothing")),
            "cannot read")
    refused(look("zombies", zombies, "--executable", "/bin/true", "--sysroot", tmp_path),
            "build of no file")


def test_another_build_in_its_place(zombies, tmp_path, own):
    """The path fits, the build does not."""
    program = look("zombies", zombies, "--json").data["target"]["executable"]
    place = tmp_path / program.lstrip("/")
    place.parent.mkdir(parents=True)
    shutil.copy("/bin/true", place)
    refused(look("zombies", zombies, "--sysroot", tmp_path), own.executable, "another build")


def test_a_core_that_holds_everything_needs_no_files(whole, tmp_path):
    seen = look("check", whole, "--sysroot", tmp_path, "--json")
    assert seen.status == FOUND and seen.alarms, str(seen)
    assert look("threads", whole, "--sysroot", tmp_path).status == NOTHING_FOUND


# ---- what is no core -----------------------------------------------------------------------------


def elf(kind=4, machine=None, bits=2, order=1, headers=(), tail=b""):
    """An ELF file of 64 bits with these program headers."""
    machine = machine or struct.unpack_from("<H", open("/bin/true", "rb").read(20), 18)[0]
    ident = b"\x7fELF" + bytes([bits, order, 1]) + bytes(9)
    head = struct.pack("<HHIQQQIHHHHHH", kind, machine, 1, 0, 64, 0, 0, 64, 56, len(headers), 0, 0, 0)
    return ident + head + b"".join(headers) + tail


def segment(kind=1, flags=6, offset=4096, address=0x10000, filesz=4096, memsz=4096):
    return struct.pack("<IIQQQQQQ", kind, flags, offset, address, 0, filesz, memsz, 4096)


BIG = 2**64 - 1
BROKEN = {
    "empty": (b"", "is empty"),
    "text": (b"hello\n" * 1000, "neither"),
    "magic": (b"\x7fELF", "ELF"),
    "zstd": (b"\x28\xb5\x2f\xfd" + bytes(100), "compressed"),
    "executable": (elf(kind=2), "not a core"),
    "32-bit": (elf(bits=1), "32-bit"),
    "other-machine": (elf(machine=8, headers=[segment()]), "another processor"),
    "big-endian": (elf(order=2, headers=[segment()]), "big-endian"),
    "no-segments": (elf(), "memory"),
    "only-notes": (elf(headers=[segment(kind=4, filesz=64)], tail=bytes(8192)), "no memory"),
    "empty-segment": (elf(headers=[segment(filesz=0, memsz=0)], tail=bytes(8192)), "no memory"),
    "overlap": (elf(headers=[segment(), segment(address=0x10000)], tail=bytes(9000)), "overlap"),
    "wraps": (elf(headers=[segment(address=2**64 - 4096, memsz=8192)]), "damaged"),
    "huge": (elf(headers=[segment(offset=BIG, filesz=BIG, memsz=BIG)]), "damaged"),
    "unaligned": (elf(headers=[segment(address=0x10001)], tail=bytes(9000)), "damaged"),
    "zeros": (elf(headers=[segment()], tail=bytes(9000)), "not CPython"),
    "notes-of-zeros": (
        elf(headers=[segment(kind=4, offset=4096), segment()], tail=bytes(9000)),
        "not CPython",
    ),
    "notes-of-ones": (
        elf(headers=[segment(kind=4, offset=4096), segment()], tail=b"\xff" * 9000),
        "not CPython",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_core_is_refused(tmp_path, name):
    content, words = BROKEN[name]
    path = tmp_path / "core"
    path.write_bytes(content)
    refused(look("check", path), words)


def test_a_folder_and_nothing_are_refused(tmp_path):
    refused(look("check", tmp_path), "not a file")
    refused(look("check", tmp_path / "nothing"), "neither a pid nor a file", status=USAGE)


# ---- damage --------------------------------------------------------------------------------------


def assert_sound(seen):
    assert seen.status in (NOTHING_FOUND, FOUND, CANNOT_LOOK), str(seen)
    if seen.status == CANNOT_LOOK:
        refused(seen)


def damaged_looks(core):
    return [look(verb, core, timeout=60) for verb in ("check", "threads")]


def test_a_core_that_is_cut_off(zombies, tmp_path):
    """The notes of gcore stand at the end: without them there is no answer, but a reason."""
    content = zombies.read_bytes()
    chance = random.Random(5)
    sizes = {0, 1, 63, 64, 65, 4095, len(content) // 2, len(content) - 1}
    for size in sorted(sizes | {chance.randrange(len(content)) for _ in range(8)}):
        (tmp_path / "core").write_bytes(content[:size])
        for seen in damaged_looks(tmp_path / "core"):
            assert_sound(seen)


def test_a_kernel_core_that_is_cut_off_answers_in_part(start, own):
    why = kernel_refuses()
    if why:
        pytest.skip(why)
    with CoreFolder(own) as folder:
        script = case_named("zombie-leakynode").script
        core = kernel_core(start(own, script, environment=folder.environment), folder.path)
        content = core.read_bytes()
        cut = folder.path / "cut"
        cut.write_bytes(content[: len(content) - 65536])
        seen = look("check", cut, "--json")
        assert seen.status in (NOTHING_FOUND, FOUND), str(seen)
        assert any("cut off" in one["reason"] for one in seen.data["not_checked"]), str(seen)
        for share in range(1, 8):
            cut.write_bytes(content[: len(content) * share // 8])
            for one in damaged_looks(cut):
                assert_sound(one)


def test_bits_that_flipped(zombies, tmp_path):
    """Anywhere in the headers and the notes, and everywhere else."""
    content = zombies.read_bytes()
    [notes, size] = next(
        struct.unpack_from("<8xQ16xQ", content, 64 + 56 * i)
        for i in range(struct.unpack_from("<H", content, 56)[0])
        if struct.unpack_from("<I", content, 64 + 56 * i)[0] == 4
    )
    chance = random.Random(7)
    for turn in range(24):
        broken = bytearray(content)
        for _ in range(chance.choice([1, 8, 64])):
            begin, end = [(0, 4096), (notes, notes + size), (0, len(content))][turn % 3]
            broken[chance.randrange(begin, end)] ^= 1 << chance.randrange(8)
        (tmp_path / "core").write_bytes(broken)
        for seen in damaged_looks(tmp_path / "core"):
            assert_sound(seen)
