"""Measures steth against its peers, side by side in one run, and prints ratios to the goals.

    bench/run.py [--objects 1000000,5000000] [--repeat N] [--quick] [--json FILE]

Contestants take turns, so that what else the machine does meets all of them. Shown are medians;
in brackets the smallest and the largest. The peers, and what each shows, are in bench/README.md.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

import measure

PROJECT = pathlib.Path(__file__).resolve().parent.parent
GOALS = {
    "raw": 1.25,  # times the raw stream, at most
    "inside": 5,  # times faster than from inside, at least
    "bytes": 64,  # of memory per object, at most
    "throughput": 0.99,  # of the target's own, at least
}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--objects", default="1000000,5000000", metavar="N,...")
    parser.add_argument("--repeat", type=int, default=9, metavar="N")
    parser.add_argument("--seconds", type=float, default=20, help="how long throughput is watched")
    parser.add_argument("--quick", action="store_true", help="100000 objects, few repetitions")
    parser.add_argument("--python", default="/usr/bin/python3", help="the target's interpreter")
    parser.add_argument("--build", type=pathlib.Path, default=PROJECT / "build-bench")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    options = parser.parse_args()
    if options.quick:
        options.objects, options.repeat, options.seconds = "100000", 3, 4
    options.objects = [int(one) for one in options.objects.split(",")]
    return options


# ---- environment -----------------------------------------------------------------------------


def build_type(build):
    answer = subprocess.run(
        ["meson", "introspect", "--buildoptions", str(build)], capture_output=True, check=True
    )
    return {one["name"]: one["value"] for one in json.loads(answer.stdout)}["buildtype"]


def environment(options):
    cpu = "?"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.partition(":")[2].strip()
            break
    version = subprocess.run(
        [options.python, "-c", "import platform; print(platform.python_version())"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {
        "kernel": platform.release(),
        "cpu": f"{os.cpu_count()} x {cpu}",
        "target": f"CPython {version.stdout.strip()} ({options.python})",
        "build": build_type(options.build),
        "load": os.getloadavg()[0],
    }


def print_environment(facts):
    for name in ("kernel", "cpu", "target", "build"):
        print(f"{name + ':':10}{facts[name]}")
    print(f"{'load:':10}{facts['load']:.2f} at the start", end="")
    print("; not an idle machine: times are not to be trusted" if facts["load"] > 0.5 else "")


# ---- one size of heap ------------------------------------------------------------------------


def contestants(options, target):
    build, pid = options.build, target.pid
    return {
        "raw, 2 threads": lambda: measure.program(build, "bench-raw-stream", pid, 2),
        "census": lambda: measure.program(build, "bench-census", pid),
        "raw, 1 thread": lambda: measure.program(build, "bench-raw-stream", pid, 1),
        "from inside": lambda: target.ask("plain"),
        "from inside, tuned": lambda: target.ask("tuned"),
        "steth zombies": lambda: measure.steth(build, "zombies", pid),
        "steth zombies, hidden": lambda: hidden(options, target),
        "steth check": lambda: measure.steth(build, "check", pid),
        "steth zombies --pause": lambda: measure.steth(build, "zombies", pid, "--pause"),
    }


def hidden(options, target):
    target.ask("hide")
    try:
        return measure.steth(options.build, "zombies", target.pid)
    finally:
        target.ask("show")


def measure_heap(options, objects):
    with measure.Target(options.python, "heap.py", objects) as target:
        runs = {name: [] for name in contestants(options, target)}
        for _ in range(options.repeat):
            for name, once in contestants(options, target).items():
                runs[name].append(once())
        return {"objects": objects, "rss_bytes": measure.resident_bytes(target.pid), "runs": runs}


def middle(runs, key):
    return statistics.median(one[key] for one in runs)


def spread(runs, key, scale=1, form="{:8.1f}"):
    values = [one[key] * scale for one in runs]
    low, high = form.format(min(values)).strip(), form.format(max(values)).strip()
    return f"{form.format(statistics.median(values))} [{low}-{high}]"


def print_heap(heap):
    runs = heap["runs"]
    size = heap["rss_bytes"] / 2**20
    print(f"\n{heap['objects']:,} objects and 100 zombies, {size:,.0f} MiB resident")
    print(f"  {'':24}{'ms':>8}{'':22}{'CPU ms':>8}{'':20}bytes/object")
    for name, all_runs in runs.items():
        line = f"  {name:24}{spread(all_runs, 'seconds', 1e3):30}"
        if "cpu_seconds" in all_runs[0]:
            line += f"{spread(all_runs, 'cpu_seconds', 1e3):28}"
        if "peak_bytes" in all_runs[0] and name.startswith(("census", "steth")):
            line += f"{middle(all_runs, 'peak_bytes') / heap['objects']:8.1f}"
        print(line.rstrip())
    found = {one["zombies"] for name in runs if "steth" in name for one in runs[name]}
    print(f"  zombies found: {', '.join(map(str, sorted(found)))}", end="; ")
    print(f"paused_ms of --pause: {spread(runs['steth zombies --pause'], 'paused_ms').strip()}")


def heap_verdicts(heap):
    runs = heap["runs"]
    size = f"{heap['objects'] / 1e6:g} M"
    census = middle(runs["census"], "seconds")
    yield Verdict(
        f"{size}: census / raw stream, 2 threads",
        census / middle(runs["raw, 2 threads"], "seconds"),
        GOALS["raw"],
    )
    for name in ("from inside", "from inside, tuned"):
        yield Verdict(
            f"{size}: {name} / census",
            middle(runs[name], "seconds") / census,
            GOALS["inside"],
            at_least=True,
        )
    for name in ("steth zombies", "steth check"):
        peak = middle(runs[name], "peak_bytes") / heap["objects"]
        yield Verdict(f"{size}: {name}, peak bytes per object", peak, GOALS["bytes"])


class Verdict:
    def __init__(self, what, value, goal, at_least=False):
        self.what, self.value, self.goal, self.at_least = what, value, goal, at_least

    @property
    def met(self):
        return self.value >= self.goal if self.at_least else self.value <= self.goal

    def __str__(self):
        sign = ">=" if self.at_least else "<="
        answer = "met" if self.met else "missed"
        return f"  {self.what:48}{self.value:9.3f}   goal {sign} {self.goal:g}: {answer}"


# ---- the target's throughput -----------------------------------------------------------------


def measure_throughput(options, objects):
    """Stretches alone and watched in turn, so that drift meets both."""
    pairs = 5
    stretch = options.seconds / pairs
    with measure.Counting(options.python, "ticking.py", objects) as target:
        meanwhile = {
            "alone": lambda: time.sleep(0.01),
            "zombies": lambda: measure.steth(options.build, "zombies", target.pid),
            "check": lambda: measure.steth(options.build, "check", target.pid),
        }
        target.speed(1, meanwhile["alone"])  # warm up
        stretches = {name: [] for name in meanwhile}
        for _ in range(pairs):
            for name, call in meanwhile.items():
                stretches[name].append(target.speed(stretch, call))
    return {"objects": objects, "stretches": stretches}


def throughput_verdicts(throughput):
    stretches = throughput["stretches"]
    for verb in ("zombies", "check"):
        calls = sum(one["calls"] for one in stretches[verb])
        for key, name in (("per_second", "s"), ("per_cpu_second", "CPU s")):
            ratio = statistics.median(
                watched[key] / alone[key]
                for watched, alone in zip(stretches[verb], stretches["alone"])
            )
            what = f"work per {name} while {calls} x steth {verb}"
            yield Verdict(what, ratio, GOALS["throughput"], at_least=True)


# ---- all -------------------------------------------------------------------------------------


def main():
    options = parse_arguments()
    if not (options.build / "bench" / "bench-census").exists():
        sys.exit(f"bench: {options.build} is not built: make bench")
    facts = environment(options)
    print_environment(facts)
    heaps = []
    for objects in options.objects:
        heaps.append(measure_heap(options, objects))
        print_heap(heaps[-1])
    throughput = measure_throughput(options, min(options.objects))
    print("\nagainst the goals")
    for heap in heaps:
        print(*heap_verdicts(heap), sep="\n")
    print(*throughput_verdicts(throughput), sep="\n")
    print(f"\nload at the end: {os.getloadavg()[0]:.2f}")
    if options.json:
        facts["load_at_end"] = os.getloadavg()[0]
        result = {"environment": facts, "heaps": heaps, "throughput": throughput}
        options.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
