#!/usr/bin/python3
"""What `steth heap --dominators` costs, from 0.1 to 20 million objects (heap_mix.py), against the
raw copy of the same memory: time and memory by phase, and how both grow.

    heap_scale.py --millions 0.1 1 5 20 --repeat 3
"""
import argparse
import json
import os
import pathlib
import statistics

import measure

GOAL_TIME = 5  # (graph + dominators + retained) / raw copy
GOAL_BYTES = 40  # an object, at the peak, above what was copied and what the program itself takes
BUILD = pathlib.Path(__file__).resolve().parent.parent / "build-bench"
MIB = 1 << 20


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--millions", type=float, nargs="+", default=[0.1, 1, 5, 20])
    parser.add_argument("--python", default="/usr/bin/python3", help="the target's interpreter")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--build", type=pathlib.Path, default=BUILD)
    parser.add_argument("--json", type=pathlib.Path, help="every single measurement, to this file")
    return parser.parse_args()


def pages_swapped():
    for line in pathlib.Path("/proc/vmstat").read_text().splitlines():
        if line.startswith("pswpout "):
            return int(line.split()[1])
    return 0


def middle(runs, key):
    return statistics.median(run[key] for run in runs)


# ---- one size --------------------------------------------------------------------------------


def measure_target(options, pid):
    """Everything `repeat` times, in turn."""
    found = {"copy": [], "huge": [], "phases": [], "whole": []}
    # Memory that a virtual machine has not used yet is slow at first, whoever asks for it.
    measure.program(options.build, "bench-graph-phases", pid)
    swapped = pages_swapped()
    for _ in range(options.repeat):
        found["copy"].append(measure.program(options.build, "bench-raw-copy", pid))
        found["huge"].append(measure.program(options.build, "bench-raw-copy", pid, "huge"))
        found["phases"].append(measure.program(options.build, "bench-graph-phases", pid))
        command = (options.build / "steth", "heap", pid, "--dominators", "--json")
        data, cost = measure.run(options.build, *command)
        cost["paused_ms"] = data["target"]["paused_ms"]
        found["whole"].append(cost)
    found["swapped"] = pages_swapped() - swapped
    return found


def phase_rows(runs):
    """{phase: (seconds, CPU seconds, bytes at the peak)}, medians."""
    rows = {}
    for name in [phase["name"] for phase in runs[0]["phases"] if phase]:
        same = [phase for run in runs for phase in run["phases"] if phase.get("name") == name]
        keys = ("seconds", "cpu_seconds", "peak_bytes")
        rows[name] = tuple(middle(same, key) for key in keys)
    return rows


def print_phases(rows, found, objects, floor):
    print(f"  {'':22}{'wall s':>9}{'CPU s':>9}{'peak MiB':>10}{'bytes an object':>17}")
    for name, runs in (("raw copy", found["copy"]), ("raw copy, huge pages", found["huge"])):
        print(f"  {name:22}{middle(runs, 'seconds'):9.3f}{middle(runs, 'cpu_seconds'):9.3f}", end="")
        print(f"{middle(runs, 'peak_bytes') / MIB:10.0f}")
    for name, (seconds, cpu, peak) in rows.items():
        above = (peak - floor) / objects
        print(f"  {name:22}{seconds:9.3f}{cpu:9.3f}{peak / MIB:10.0f}{max(above, 0):17.1f}")
    whole = found["whole"]
    above = (middle(whole, "peak_bytes") - floor) / objects
    print(f"  {'steth heap, all of it':22}{middle(whole, 'seconds'):9.3f}", end="")
    print(f"{middle(whole, 'cpu_seconds'):9.3f}{middle(whole, 'peak_bytes') / MIB:10.0f}{above:17.1f}")


def judge(text, value, goal):
    print(f"  {text:50}{value:8.2f}   goal <= {goal}: {'met' if value <= goal else 'missed'}")


def print_ratios(rows, found, objects, floor):
    work = ("graph", "dominators", "retained")
    wall, cpu = (sum(rows[name][column] for name in work) for column in (0, 1))
    judge("graph + dominators / raw copy, wall", wall / middle(found["copy"], "seconds"), GOAL_TIME)
    ratio = cpu / middle(found["copy"], "cpu_seconds")
    judge("graph + dominators / raw copy, CPU", ratio, GOAL_TIME)
    ratio = wall / middle(found["huge"], "seconds")
    judge("graph + dominators / raw copy in huge pages, wall", ratio, GOAL_TIME)
    peak = max(rows[name][2] for name in rows)
    judge("bytes an object above the copy", (peak - floor) / objects, GOAL_BYTES)
    print(f"  pages swapped out meanwhile: {found['swapped']}; ", end="")
    print(f"target paused {max(run['paused_ms'] for run in found['whole']):g} ms")


def measure_size(options, millions):
    with measure.Target(options.python, "heap_mix.py", int(millions * 1e6)) as target:
        found = measure_target(options, target.pid)
    first = found["phases"][0]
    objects, copied = first["objects"], first["copied_bytes"]
    rows = phase_rows(found["phases"])
    print(f"\n{objects:,} objects ({first['tracked']:,} tracked by the collector), ", end="")
    print(f"{first['edges']:,} references, {copied / MIB:,.0f} MiB; load {os.getloadavg()[0]:.2f}")
    floor = copied + rows["attach"][2]
    print_phases(rows, found, objects, floor)
    print_ratios(rows, found, objects, floor)
    found["objects"], found["nanoseconds"] = objects, 1e9 / objects
    return found


# ---- the curve -------------------------------------------------------------------------------


def print_curve(sizes):
    print(f"\n{'objects':>12}{'raw copy':>12}{'graph':>10}{'dominators':>12}{'all':>10}", end="")
    print("   nanoseconds of CPU an object")
    for found in sizes:
        rows = phase_rows(found["phases"])
        times = (middle(found["copy"], "cpu_seconds"), rows["graph"][1])
        times += (rows["dominators"][1] + rows["retained"][1], middle(found["whole"], "cpu_seconds"))
        copy, graph, dominators, whole = (time * found["nanoseconds"] for time in times)
        print(f"{found['objects']:12,}{copy:12.0f}{graph:10.0f}{dominators:12.0f}{whole:10.0f}")


def main():
    options = parse_arguments()
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.2f}; ", end="")
    print(f"medians of {options.repeat}; {options.python}")
    sizes = [measure_size(options, millions) for millions in options.millions]
    print_curve(sizes)
    if options.json:
        options.json.write_text(json.dumps(sizes, indent=1))


if __name__ == "__main__":
    main()
