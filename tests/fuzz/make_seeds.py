"""Seeds for the fuzz targets: small images of running interpreters, and a library.

    /usr/bin/python3 tests/fuzz/make_seeds.py BUILD [DIRECTORY] [NAME...]

BUILD is a build directory with tests/fuzz/cut_seed; DIRECTORY receives the seeds, a folder for each
target (by default .cache/fuzz, where `make check` keeps what the fuzzers have learnt); NAME:
interpreters (tests/interpreters.py list), by default one of each release.
"""

import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

PROJECT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(PROJECT / "tests"))

import interpreters  # noqa: E402

# struct input_header and struct input_segment (tests/fuzz/input.h)
HEADER = struct.Struct("<IHH19Q")
SEGMENT = struct.Struct("<QQ")
HEAD = struct.Struct("<iI")  # struct head (tests/fuzz/fuzz_code.c)
COOKIE = b"xdebugpy"  # what _Py_DebugOffsets begin with, 3.13 and later

LINK_SMALL = ("-shared", "-fPIC", "-O1", "-nostdlib", "-s", "-Wl,-z,noseparate-code,-z,norelro")
LINK_SMALL += ("-Wl,-z,max-page-size=16,-z,common-page-size=16",)


def one_of_each_release():
    chosen = {}
    for interpreter in interpreters.interpreters():
        if interpreter.kind == "release":
            chosen.setdefault(interpreter.version, interpreter)
    return list(chosen.values())


def debug_offsets(image):
    """The bytes behind the cookie at the start of the runtime; None before 3.13."""
    _version, _table, count, runtime, *_anchors = HEADER.unpack_from(image)
    at = HEADER.size + count * SEGMENT.size
    for number in range(count):
        address, size = SEGMENT.unpack_from(image, HEADER.size + number * SEGMENT.size)
        start = at + runtime - address
        if address <= runtime < address + size and image[start:].startswith(COOKIE):
            return image[start + len(COOKIE) : at + size]
        at += size
    return None


def make_seeds(cutter, interpreter, program, directory):
    name = f"cpython-{interpreter.version}"
    seed = directory / "fuzz_image" / name
    with interpreter.start(program, options=("-S", "-I")) as process:
        subprocess.run([cutter, str(process.pid), seed], check=True)
    offsets = debug_offsets(seed.read_bytes())
    if offsets:
        (directory / "fuzz_offsets" / name).write_bytes(offsets)


def link(source, path):
    subprocess.run(["cc", *LINK_SMALL, PROJECT / "tests" / "fuzz" / source, "-o", path], check=True)


def make_stacks(directory):
    """A library, in front of it where a thread stands and a stack full of return addresses."""
    with tempfile.TemporaryDirectory(prefix="steth-") as folder:
        library = pathlib.Path(folder) / "frames.so"
        link("frames.c", library)
        content = library.read_bytes()
    behind_calls = [at + 5 for at in range(0x100, len(content) - 5) if content[at] == 0xE8]
    words = [0x8000 + 8 * at if at % 3 == 0 else behind_calls[at % len(behind_calls)]
             for at in range(256)]
    for at in behind_calls:
        seed = struct.pack("<HH", at, len(words)) + struct.pack("<256H", *words) + content
        (directory / f"frames-{at:x}").write_bytes(seed)


def make_code_tables(directory):
    """Tables of this very interpreter, behind struct head of fuzz_code.c."""
    code = make_seeds.__code__
    for name in ("co_lnotab", "co_linetable", "co_exceptiontable"):
        table = getattr(code, name, b"")
        (directory / name).write_bytes(HEAD.pack(code.co_firstlineno, 40) + table)


def make_sources(directory):
    """Programs of the tests, as source."""
    for path in (PROJECT / "tests" / "targets").glob("*.py"):
        shutil.copy(path, directory)


def main():
    cutter = pathlib.Path(sys.argv[1]) / "tests" / "fuzz" / "cut_seed"
    directory = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else PROJECT / ".cache" / "fuzz")
    chosen = one_of_each_release()
    if sys.argv[3:]:
        chosen = [one for one in interpreters.interpreters() if one.name in sys.argv[3:]]
    for target in ("fuzz_audit", "fuzz_code", "fuzz_image", "fuzz_native", "fuzz_offsets", "fuzz_symbols"):
        (directory / target).mkdir(parents=True, exist_ok=True)
    link("module.c", directory / "fuzz_symbols" / "module")
    make_stacks(directory / "fuzz_native")
    make_code_tables(directory / "fuzz_code")
    make_sources(directory / "fuzz_audit")
    # A program's path is part of its image: not that of this checkout.
    with tempfile.TemporaryDirectory(prefix="steth-") as folder:
        program = shutil.copy(PROJECT / "tests" / "fuzz" / "seed.py", folder)
        for interpreter in chosen:
            make_seeds(cutter, interpreter, program, directory)


if __name__ == "__main__":
    main()
