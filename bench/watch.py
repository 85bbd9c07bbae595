"""Measures what an event loop loses while `steth tasks --for` watches it.

    bench/watch.py [--window SECONDS] [--pairs N] [--json FILE]
    bench/watch.py --short SECONDS [--pairs N] [--watchers N] [--json FILE]

An asyncio echo server that a client keeps busy runs alone for a window and watched for a window,
in turn; every second pair the other way round. With --short one steth watches all the time, but for
every other window it is stopped: windows of a second lie close enough together that what else the
machine does meets both, and there are many of them. One watcher costs less than a machine's unrest:
with --watchers so many watch at once, and each is charged its share of what they cost together. See
bench/README.md.
"""

import argparse
import contextlib
import json
import os
import pathlib
import random
import signal
import statistics
import subprocess
import tempfile
import time

import measure
import run

GOALS = {"throughput": 0.99, "cpu": 0.05}
CONNECTIONS = 50
SETTLING = 3  # seconds for the looks before the watch
SWITCHING = 0.02  # seconds that belong to neither window


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--window", type=float, default=60, metavar="SECONDS")
    parser.add_argument("--short", type=float, metavar="SECONDS", help="one watch, short windows")
    parser.add_argument("--pairs", type=int, metavar="N", help="default 4, of short windows 60")
    parser.add_argument("--watchers", type=int, default=1, metavar="N", help="of short windows")
    parser.add_argument("--python", default="/usr/bin/python3", help="the server's interpreter")
    parser.add_argument("--build", type=pathlib.Path, default=run.PROJECT / "build-bench")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    options = parser.parse_args()
    options.pairs = options.pairs or (60 if options.short else 4)
    return options


def alone(options, server):
    return server.speed(options.window, lambda: time.sleep(options.window))


def watched(options, server):
    """One run of the command, from its start to its end."""
    cost = {}

    def watch():
        data, spent = measure.run(
            options.build,
            *(options.build / "steth", "tasks", server.pid, "--json"),
            *("--for", f"{options.window * 1e3:.0f}ms"),
        )
        (loop,) = data["loops"]
        cost.update(spent, loop={key: loop[key] for key in ("samples", "utilisation", "delay_ms")})

    speed = server.speed(0.001, watch)
    return {**speed, "cpu_seconds": cost["cpu_seconds"], "loop": cost["loop"]}


def separate(server, client):
    """A processor for the server alone: where the two meet by chance, speeds vary by a third."""
    first, *others = sorted(os.sched_getaffinity(0))
    if others:
        os.sched_setaffinity(server, {first})
        os.sched_setaffinity(client, set(others))
        os.sched_setaffinity(0, set(others))  # steth's too, and this program's


def start_server(options, stack):
    path = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory())) / "echo"
    server = stack.enter_context(measure.Counting(options.python, "echo.py", path))
    client = stack.enter_context(
        measure.Target(options.python, "echo_client.py", path, CONNECTIONS)
    )
    separate(server.pid, client.pid)
    server.speed(1, lambda: time.sleep(0.5))  # warm up
    return server


# ---- short windows ---------------------------------------------------------------------------


def start_watchers(options, server, stack):
    seconds = 3 * options.pairs * (options.short + SWITCHING) + SETTLING  # they are killed before
    arguments = ["tasks", str(server.pid), "--for", f"{seconds * 1e3:.0f}ms"]
    watchers = []
    for _ in range(options.watchers):
        watcher = subprocess.Popen([options.build / "steth", *arguments], stdout=subprocess.DEVNULL)
        stack.callback(watcher.wait)
        stack.callback(watcher.kill)
        watchers.append(watcher)
    time.sleep(SETTLING)
    return watchers


def short_window(options, server, watchers, watching):
    for watcher in watchers:
        watcher.send_signal(signal.SIGCONT if watching else signal.SIGSTOP)
    time.sleep(SWITCHING)
    return server.speed(options.short, lambda: time.sleep(options.short))


def measure_short(options):
    pairs = []
    with contextlib.ExitStack() as stack:
        server = start_server(options, stack)
        watchers = start_watchers(options, server, stack)
        for _ in range(options.pairs):
            order = random.sample([False, True], 2)
            speeds = {on: short_window(options, server, watchers, on) for on in order}
            pairs.append({"alone": speeds[False], "watched": speeds[True]})
        if any(watcher.poll() is not None for watcher in watchers):
            raise RuntimeError("steth ended before the measurement did")
    return pairs


def median_interval(values):
    """The median, and where it lies with 95 % confidence: by ranks, whatever the distribution."""
    ordered = sorted(values)
    half = 0.98 * len(ordered) ** 0.5  # 1.96 standard deviations of a rank
    low = max(0, int(len(ordered) / 2 - half))
    high = min(len(ordered) - 1, int(len(ordered) / 2 + half))
    return statistics.median(ordered), ordered[low], ordered[high]


def print_short(options, pairs):
    for key, name in (("per_second", "s"), ("per_cpu_second", "CPU s")):
        together = [pair["watched"][key] / pair["alone"][key] for pair in pairs]
        if options.watchers > 1:
            median, low, high = median_interval(together)
            what = f"echoes per {name}, all / alone"
            print(f"  {what:40}{median:8.4f}  95 % [{low:.4f}, {high:.4f}]")
        ratios = [1 - (1 - ratio) / options.watchers for ratio in together]
        median, low, high = median_interval(ratios)
        goal = GOALS["throughput"]
        word = "met" if low >= goal else "missed" if high < goal else "not decided"
        what = f"echoes per {name}, watched / alone"
        print(f"  {what:40}{median:8.4f}  95 % [{low:.4f}, {high:.4f}]  goal >= {goal}: {word}")


# ---- long windows ----------------------------------------------------------------------------


def measure_pairs(options):
    pairs = []
    with contextlib.ExitStack() as stack:
        server = start_server(options, stack)
        for number in range(options.pairs):
            order = [alone, watched][:: -1 if number % 2 else 1]
            pairs.append({one.__name__: one(options, server) for one in order})
            print_pair(options, pairs[-1])
    return pairs


def cpu_share(options, pair):
    return pair["watched"]["cpu_seconds"] / options.window


def print_pair(options, pair):
    loop = pair["watched"]["loop"]
    print(
        f"  alone {pair['alone']['per_second']:9,.0f} echoes/s"
        f"  watched {pair['watched']['per_second']:9,.0f}"
        f"  steth {cpu_share(options, pair):6.2%} of a core, {loop['samples']} samples,"
        f" loop busy {loop['utilisation']:.0%}  load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def verdicts(options, pairs):
    for key, name in (("per_second", "s"), ("per_cpu_second", "CPU s")):
        ratio = statistics.median(pair["watched"][key] / pair["alone"][key] for pair in pairs)
        yield run.Verdict(
            f"echoes per {name}, watched / alone", ratio, GOALS["throughput"], at_least=True
        )
    share = statistics.median(cpu_share(options, pair) for pair in pairs)
    yield run.Verdict("steth, share of one core", share, GOALS["cpu"])


def main():
    options = parse_arguments()
    facts = run.environment(options)
    run.print_environment(facts)
    window = options.short or options.window
    watchers = f", {options.watchers} watchers" if options.short else ""
    print(f"\n{options.pairs} pairs of {window:g} s, {CONNECTIONS} connections{watchers}")
    pairs = measure_short(options) if options.short else measure_pairs(options)
    print("\nagainst the goals")
    if options.short:
        print_short(options, pairs)
    else:
        print(*verdicts(options, pairs), sep="\n")
    print(f"\nload at the end: {os.getloadavg()[0]:.2f}")
    if options.json:
        options.json.write_text(json.dumps({"environment": facts, "pairs": pairs}, indent=1) + "\n")


if __name__ == "__main__":
    main()
