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


def make_module(path):
    source = PROJECT / "tests" / "fuzz" / "module.c"
    subprocess.run(["cc", *LINK_SMALL, source, "-o", path], check=True)


def main():
    cutter = pathlib.Path(sys.argv[1]) / "tests" / "fuzz" / "cut_seed"
    directory = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else PROJECT / ".cache" / "fuzz")
    chosen = one_of_each_release()
    if sys.argv[3:]:
        chosen = [one for one in interpreters.interpreters() if one.name in sys.argv[3:]]
    for target in ("fuzz_image", "fuzz_offsets", "fuzz_symbols"):
        (directory / target).mkdir(parents=True, exist_ok=True)
    make_module(directory / "fuzz_symbols" / "module")
    # A program's path is part of its image: not that of this checkout.
    with tempfile.TemporaryDirectory(prefix="steth-") as folder:
        program = shutil.copy(PROJECT / "tests" / "fuzz" / "seed.py", folder)
        for interpreter in chosen:
            make_seeds(cutter, interpreter, program, directory)


if __name__ == "__main__":
    main()
