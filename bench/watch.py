"""Measures what an event loop loses while `steth tasks --for` watches it.

    bench/watch.py [--window SECONDS] [--pairs N] [--json FILE]

An asyncio echo server that a client keeps busy runs alone for a window and watched for a window,
in turn; every second pair the other way round. See bench/README.md.
"""

import argparse
import contextlib
import json
import os
import pathlib
import statistics
import tempfile
import time

import measure
import run

GOALS = {"throughput": 0.99, "cpu": 0.05}
CONNECTIONS = 50


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--window", type=float, default=60, metavar="SECONDS")
    parser.add_argument("--pairs", type=int, default=4, metavar="N")
    parser.add_argument("--python", default="/usr/bin/python3", help="the server's interpreter")
    parser.add_argument("--build", type=pathlib.Path, default=run.PROJECT / "build-bench")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    return parser.parse_args()


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


def measure_pairs(options):
    pairs = []
    with contextlib.ExitStack() as stack:
        path = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory())) / "echo"
        server = stack.enter_context(measure.Counting(options.python, "echo.py", path))
        stack.enter_context(
            measure.Target(options.python, "echo_client.py", path, CONNECTIONS)
        )
        server.speed(1, lambda: time.sleep(0.5))  # warm up
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
    print(f"\n{options.pairs} pairs of {options.window:g} s, {CONNECTIONS} connections")
    pairs = measure_pairs(options)
    print("\nagainst the goals")
    print(*verdicts(options, pairs), sep="\n")
    print(f"\nload at the end: {os.getloadavg()[0]:.2f}")
    if options.json:
        options.json.write_text(json.dumps({"environment": facts, "pairs": pairs}, indent=1) + "\n")


if __name__ == "__main__":
    main()
