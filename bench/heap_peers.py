#!/usr/bin/python3
"""`steth heap` and what people use for the same questions, on the same program (heap_mix.py): how
long it took, how long the program stood still for it, how much more memory it took, the answers.

    heap_peers.py --millions 0.1 1

guppy3, objgraph and pympler (heap_peers.txt) are installed into .cache for the target's version.
PyHeap is taken from .cache/pyheap-0.7.0, a checkout of that tag; its dumper needs gdb.
"""
import argparse
import json
import os
import pathlib
import select
import subprocess
import sys
import tempfile

import measure

HERE = pathlib.Path(__file__).resolve().parent
CACHE = HERE.parent / ".cache"
PYHEAP = CACHE / "pyheap-0.7.0"
PYHEAP_FROM = "https://github.com/ivanyu/pyheap"
INSIDE = ("guppy3", "objgraph", "pympler")
MIB = 1 << 20


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--millions", type=float, nargs="+", default=[0.1, 1])
    parser.add_argument("--python", default="/usr/bin/python3", help="the target's interpreter")
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parent / "build-bench")
    parser.add_argument("--patience", type=float, default=300, help="seconds; then it is killed")
    parser.add_argument("--json", type=pathlib.Path, help="every measurement, to this file")
    return parser.parse_args()


# ---- the peers -------------------------------------------------------------------------------


def site(python):
    """The folder of the packages, installed for the version of `python`."""
    asked = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    version = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    folder = CACHE / f"heap-peers-{version}"
    wanted = (HERE / "heap_peers.txt").read_text()
    complete = folder / ".complete"
    if not complete.exists() or complete.read_text() != wanted:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder)]
        command += ["--python-version", version, "--only-binary", ":all:", "--upgrade"]
        command += ["--disable-pip-version-check", "--root-user-action=ignore"]
        subprocess.run(command + ["-r", str(HERE / "heap_peers.txt")], check=True)
        complete.write_text(wanted)
    return folder


def pyheap():
    """(its checkout, ""), or (None, why it is not to be had)."""
    if PYHEAP.exists():
        return PYHEAP, ""
    command = ["git", "clone", "--quiet", "--depth=1", "--branch=v0.7.0", PYHEAP_FROM, str(PYHEAP)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (PYHEAP, "") if done.returncode == 0 else (None, done.stderr.strip().split("\n")[-1])


# ---- one look --------------------------------------------------------------------------------


def ask(target, words, patience):
    """The target's answer, None when it takes too long."""
    target.popen.stdin.write(words + "\n")
    target.popen.stdin.flush()
    ready, _, _ = select.select([target.popen.stdout], [], [], patience)
    line = target.popen.stdout.readline() if ready else ""
    return json.loads(line) if line else None


def look_from_inside(options, target, peer):
    found = ask(target, f"{peer} {site(options.python)}", options.patience)
    if not found:
        return {"failed": f"no answer within {options.patience:g} s, or killed"}
    found["stopped"] = found["seconds"]
    return found


def watched(target, work, patience):
    """What work() returns, with how long the target noticed that it stood still."""
    with tempfile.TemporaryDirectory() as folder:
        end = pathlib.Path(folder) / "end"
        target.popen.stdin.write(f"watch {end}\n")
        target.popen.stdin.flush()
        try:
            result = work()
        finally:
            end.touch()
        ready, _, _ = select.select([target.popen.stdout], [], [], patience)
        seen = json.loads(target.popen.stdout.readline()) if ready else None
    result["stopped"] = seen["answers"]["stopped"] if seen else float("nan")
    result["extra_bytes"] += seen["extra_bytes"] if seen else 0
    return result


def run_limited(options, command, environment=None):
    """(output, cost: bench/cost.c) or (None, reason)."""
    with tempfile.NamedTemporaryFile("w+") as cost_file:
        helper = [options.build / "bench" / "bench-cost", cost_file.name, *command]
        try:
            done = subprocess.run(
                list(map(str, helper)),
                capture_output=True,
                stdin=subprocess.DEVNULL,
                text=True,
                timeout=options.patience,
                env={**os.environ, **(environment or {})},
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None, f"no answer within {options.patience:g} s"
        cost = json.load(cost_file)
    if cost["status"] not in (0, 1):
        return None, (done.stderr or done.stdout).strip().split("\n")[-1]
    return done.stdout, cost


def steth_answers(heap):
    most, first, path = heap["types"][0], heap["dominators"][0], heap["paths"][0]
    gathered = first.get("gathered") or first
    retains = f"{gathered['retained_bytes'] >> 20} MiB: {'.'.join(gathered['path'])}"
    return {
        "objects": heap["objects"],
        "bytes": heap["bytes"],
        "most": f"{most['count']} {most['type']} of {most['bytes'] >> 20} MiB",
        "retains most": retains,
        "who holds it": ".".join(path["path"]),
    }


def look_with_steth(options, target):
    command = [options.build / "steth", "heap", target.pid, "--dominators", "--path", "Needle"]

    def work():
        output, cost = run_limited(options, [*command, "--json"])
        if not output:
            return {"failed": cost, "extra_bytes": 0}
        answers = steth_answers(json.loads(output)["heap"])
        return {
            "seconds": cost["seconds"],
            "extra_bytes": cost["peak_bytes"],
            "answers": answers,
        }

    return watched(target, work, options.patience)


def pyheap_answers(output):
    """Of the table of its analyser: address | type | retained | text."""
    rows = [line.split("|") for line in output.split("\n") if line.count("|") >= 3]
    rows = [row for row in rows if row[2].strip().isdigit()]
    total = [line for line in output.split("\n") if line.startswith("Total heap size")]
    first = ", ".join(f"{int(row[2]) >> 10} KiB {row[1].strip()} {row[0].strip()}" for row in rows[:2])
    return {"bytes": total[0].split()[3] if total else "?", "retains most": first}


def look_with_pyheap(options, target):
    folder, reason = pyheap()
    if not folder:
        return {"failed": reason}
    packages = str(site(sys.executable))
    with tempfile.TemporaryDirectory() as work_folder:
        dump = pathlib.Path(work_folder) / "heap.pyheap"

        def work():
            dumper = [sys.executable, folder / "pyheap/src/pyheap_dump.py"]
            command = [*dumper, "--pid", target.pid, "--file", dump]
            output, cost = run_limited(options, command, {"PYTHONPATH": packages})
            if output is None or not dump.exists():
                text = cost if output is None else output.strip()[-200:]
                return {"failed": f"the dumper: {text}", "extra_bytes": 0}
            return {"dump": cost, "extra_bytes": 0}

        found = watched(target, work, options.patience)
        if "failed" in found:
            return found
        dumped = found["dump"]["seconds"]
        found["dump_file_bytes"] = dump.stat().st_size
        analyser = [sys.executable, folder / "pyheap-ui/src/analyzer.py", "retained-heap"]
        path = os.pathsep.join([packages, str(folder / "pyheap-ui/src")])
        command = [*analyser, "--file", dump, "--top-n", 5]
        output, cost = run_limited(options, command, {"PYTHONPATH": path, "COLUMNS": "120"})
    if output is None:
        answer = f"dumped in {dumped:.1f} s; the analyser: {cost}"
        return {**found, "seconds": float("nan"), "answers": {"retains most": answer}}
    found["seconds"] = dumped + cost["seconds"]
    found["extra_bytes"] += cost["peak_bytes"]
    found["answers"] = {"dump s": f"{dumped:.1f}", **pyheap_answers(output)}
    return found


# ---- the table -------------------------------------------------------------------------------


def print_row(peer, found, steth):
    if "failed" in found:
        print(f"  {peer:10} failed: {found['failed']}")
        return
    print(f"  {peer:10}{found['seconds']:9.2f}{found['seconds'] / steth['seconds']:8.1f} x", end="")
    print(f"{found['stopped']:11.3f}{found['extra_bytes'] / MIB:11.0f}", end="")
    print(f"{found['extra_bytes'] / steth['extra_bytes']:8.1f} x")


def measure_size(options, millions):
    found = {}
    for peer in ("steth", *INSIDE, "pyheap"):
        with measure.Target(options.python, "heap_mix.py", int(millions * 1e6)) as target:
            if peer == "steth":
                found[peer] = look_with_steth(options, target)
            elif peer == "pyheap":
                found[peer] = look_with_pyheap(options, target)
            else:
                found[peer] = look_from_inside(options, target, peer)
    print(f"\n{millions:g} million objects; load {os.getloadavg()[0]:.2f}")
    print(f"  {'':10}{'wall s':>9}{'ratio':>10}{'stopped s':>11}{'extra MiB':>11}{'ratio':>10}")
    for peer, one in found.items():
        print_row(peer, one, found["steth"])
    for peer, one in found.items():
        for question, answer in one.get("answers", {}).items():
            if question != "stopped":
                print(f"    {peer:10}{question:14}{answer}")
    return found


def main():
    options = parse_arguments()
    found = {millions: measure_size(options, millions) for millions in options.millions}
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
