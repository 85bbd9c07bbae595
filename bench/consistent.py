"""How long --consistent and --pause stop a program, by its size, with and without huge pages.

    bench/consistent.py [--sizes 0.1,1,4] [--repeat N] [--build FOLDER]

The program holds one anonymous mapping of that many GiB and ticks once a millisecond; the longest gap
between two ticks is what it noticed itself. Contestants take turns. Shown are medians; in brackets
the smallest and the largest. See bench/README.md.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

PROJECT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = """
import mmap, sys, threading, time
size, advice = int(sys.argv[1]), int(sys.argv[2])
area = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
area.madvise(advice)
for start in range(0, size, 1 << 20):
    area[start : start + (1 << 20)] = b"x" * (1 << 20)
longest = 0.0
def tick():
    global longest
    before = time.monotonic()
    while True:
        time.sleep(0.001)
        now = time.monotonic()
        longest, before = max(longest, now - before), now
threading.Thread(target=tick, daemon=True).start()
print("READY", flush=True)
for line in sys.stdin:
    print(longest, flush=True)
    longest = 0.0
"""
ADVICE = {"4 KiB pages": 15, "huge pages": 14}  # MADV_NOHUGEPAGE, MADV_HUGEPAGE
WAYS = ("--consistent", "--pause")


def ask(program):
    program.stdin.write("how\n")
    program.stdin.flush()
    return float(program.stdout.readline()) * 1e3


def look(steth, program, way):
    """(what steth says, what the program noticed), in milliseconds."""
    ask(program)
    command = [steth, "zombies", str(program.pid), "--json", way]
    answer = subprocess.run(command, capture_output=True, check=True)
    return json.loads(answer.stdout)["target"]["paused_ms"], ask(program)


def spread(values):
    return f"{statistics.median(values):8.2f} [{min(values):.2f} {max(values):.2f}]"


def measure(options, size, pages):
    program = subprocess.Popen(
        [options.python, "-c", PROGRAM, str(int(size * (1 << 10)) << 20), str(ADVICE[pages])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert program.stdout.readline() == "READY\n"
        pairs = {way: [] for way in WAYS}
        for _ in range(options.repeat):
            for way in WAYS:
                pairs[way].append(look(str(options.build / "steth"), program, way))
    finally:
        program.kill()
        program.wait()
    for way in WAYS:
        said, noticed = zip(*pairs[way])
        print(f"{size:>5} GiB  {pages:<12} {way:<13} {spread(said):<28} {spread(noticed)}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", default="0.1,1,4", metavar="GIB,...")
    parser.add_argument("--repeat", type=int, default=7, metavar="N")
    parser.add_argument("--python", default="/usr/bin/python3", help="the program's interpreter")
    parser.add_argument("--build", type=pathlib.Path, default=PROJECT / "build-bench")
    options = parser.parse_args()
    if not (options.build / "steth").exists():
        sys.exit(f"{options.build}/steth is not there: make bench builds it")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    print(f"{'size':>9}  {'':<12} {'':<13} {'paused, ms':<28} longest gap of a thread, ms")
    for size in map(float, options.sizes.split(",")):
        for pages in ADVICE:
            measure(options, size, pages)


if __name__ == "__main__":
    main()
