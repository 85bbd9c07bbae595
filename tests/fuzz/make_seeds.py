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


def note(kind, content, name=b"CORE\0\0\0\0"):
    content += bytes(-len(content) % 4)
    return struct.pack("<III", 5, len(content), kind) + name + content


def core(machine, segments, notes):
    """(address, flags, bytes or None, size)"""
    notes = b"".join(notes)
    offset = -(-(64 + 56 * (len(segments) + 1) + len(notes)) // 4096) * 4096
    headers = [struct.pack("<IIQQQQQQ", 4, 4, 64 + 56 * (len(segments) + 1), 0, 0, len(notes), 0, 4)]
    contents = b""
    for address, flags, content, size in segments:
        place = struct.pack("<IIQQQQQQ", 1, flags, offset + len(contents), address, 0,
                            len(content or b""), size, 4096)
        headers.append(place)
        contents += content or b""
    head = b"\x7fELF\2\1\1" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 4, machine, 1, 0, 64, 0, 0,
                                                     64, 56, len(headers), 0, 0, 0)
    front = head + b"".join(headers) + notes
    return front + bytes(offset - len(front)) + contents


def make_cores(directory):
    """A thread in a mapped library, which the core holds or not; its file is the core, or missing."""
    with tempfile.TemporaryDirectory(prefix="steth-") as folder:
        link("frames.c", pathlib.Path(folder) / "frames.so")
        library = (pathlib.Path(folder) / "frames.so").read_bytes()
    library += bytes(-len(library) % 4096)
    [machine] = struct.unpack_from("<H", library, 18)
    registers = 27 if machine == 62 else 34
    code, stack, size = 0x10000, 0x7F0000, len(library)
    words = [code + 0x300] * registers
    words[19 if machine == 62 else 31] = stack + 64
    status = bytes(32) + struct.pack("<i", 7) + bytes(76) + struct.pack(f"<{registers}Q", *words)
    process = bytes(24) + struct.pack("<i", 7) + bytes(12) + b"python".ljust(16, b"\0")
    auxiliary = struct.pack("<6Q", 3, code + 64, 25, stack, 0, 0)
    for name in ("/lib/x.so", "/3", "/x (deleted)"):
        files = struct.pack("<5Q", 1, 4096, code, code + size, 0) + name.encode() + b"\0"
        notes = [note(1, status + bytes(8)), note(3, process.ljust(136, b"\0")),
                 note(6, auxiliary), note(0x46494C45, files)]
        for held in (None, library[:4096], library):
            segments = [(code, 5, held, size), (stack, 6, bytes(4096), 8192)]
            seed = core(machine, segments, notes)
            (directory / f"{name[1:].replace('/', '-')}-{len(held or b'')}").write_bytes(seed)


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
    for target in ("audit", "code", "core", "image", "native", "offsets", "symbols"):
        (directory / f"fuzz_{target}").mkdir(parents=True, exist_ok=True)
    link("module.c", directory / "fuzz_symbols" / "module")
    make_stacks(directory / "fuzz_native")
    make_code_tables(directory / "fuzz_code")
    make_cores(directory / "fuzz_core")
    make_sources(directory / "fuzz_audit")
    # A program's path is part of its image: not that of this checkout.
    with tempfile.TemporaryDirectory(prefix="steth-") as folder:
        program = shutil.copy(PROJECT / "tests" / "fuzz" / "seed.py", folder)
        for interpreter in chosen:
            make_seeds(cutter, interpreter, program, directory)


if __name__ == "__main__":
    main()
