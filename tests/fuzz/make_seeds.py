"""Seeds for fuzz_image: small images of running interpreters.

    /usr/bin/python3 tests/fuzz/make_seeds.py BUILD [DIRECTORY] [NAME...]

BUILD is a build directory with tests/fuzz/cut_seed; DIRECTORY receives the seeds (by default
.cache/fuzz/fuzz_image, where `make check` keeps what the fuzzer has learnt); NAME: interpreters
(tests/interpreters.py list), by default one of each release.
"""

import pathlib
import subprocess
import sys

PROJECT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(PROJECT / "tests"))

import interpreters  # noqa: E402

PROGRAM = PROJECT / "tests" / "fuzz" / "seed.py"


def one_of_each_release():
    chosen = {}
    for interpreter in interpreters.interpreters():
        if interpreter.kind == "release":
            chosen.setdefault(interpreter.version, interpreter)
    return list(chosen.values())


def make_seed(cutter, interpreter, directory):
    with interpreter.start(PROGRAM) as process:
        seed = directory / f"{interpreter.version}-{interpreter.vendor.lower()}"
        subprocess.run([cutter, str(process.pid), seed], check=True)


def main():
    build = pathlib.Path(sys.argv[1])
    directory = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else PROJECT / ".cache/fuzz/fuzz_image")
    names = sys.argv[3:]
    directory.mkdir(parents=True, exist_ok=True)
    chosen = one_of_each_release()
    if names:
        chosen = [one for one in interpreters.interpreters() if one.name in names]
    for interpreter in chosen:
        make_seed(build / "tests" / "fuzz" / "cut_seed", interpreter, directory)


if __name__ == "__main__":
    main()
