"""One measurement of each contestant; bench/run.py repeats and compares them."""

import contextlib
import json
import mmap
import pathlib
import struct
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent


class Target:
    """A Python program of this folder that runs until the block ends."""

    def __init__(self, python, script, *arguments):
        self.popen = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", python, str(HERE / script), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid = self.popen.pid
        line = self.popen.stdout.readline().split()
        if line[:1] != ["READY"]:
            raise RuntimeError(f"{script} did not start")

    def ask(self, word):
        self.popen.stdin.write(word + "\n")
        self.popen.stdin.flush()
        return json.loads(self.popen.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.popen.kill()
        self.popen.wait()
        self.popen.stdin.close()
        self.popen.stdout.close()


def resident_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"process {pid} has no memory")


def run(build, *command):
    """(what the command printed, as data, and what it cost: bench/cost.c)."""
    with tempfile.NamedTemporaryFile("w+") as cost_file, tempfile.TemporaryFile("w+") as output:
        helper = [build / "bench" / "bench-cost", cost_file.name, *command]
        subprocess.run(list(map(str, helper)), stdout=output, check=True)
        cost = json.load(cost_file)
        if cost["status"] not in (0, 1):
            raise RuntimeError(f"{' '.join(map(str, command))}: exit status {cost['status']}")
        output.seek(0)
        return json.load(output), cost


def steth(build, verb, pid, *options):
    """A whole run of the command, as a user has it."""
    data, cost = run(build, build / "steth", verb, pid, "--json", "--limit", 3, *options)
    cost["objects"] = data["target"]["objects"]
    cost["paused_ms"] = data["target"]["paused_ms"]
    cost["zombies"] = sum(group["count"] for group in data.get("zombies", []))
    return cost


def program(build, name, *arguments):
    """One of the small programs of this folder; it measures its own times."""
    data, cost = run(build, build / "bench" / name, *arguments)
    return {**cost, **data}


class Counting:
    """A program that counts its rounds in the file it is given, and its speed over time."""

    def __init__(self, python, script, *arguments):
        with contextlib.ExitStack() as stack:
            file = stack.enter_context(tempfile.NamedTemporaryFile())
            file.write(bytes(8))
            file.flush()
            self._count = mmap.mmap(file.fileno(), 8)
            self._target = stack.enter_context(Target(python, script, file.name, *arguments))
            self._stack = stack.pop_all()
        self.pid = self._target.pid

    def _now(self):
        cpu = int(pathlib.Path(f"/proc/{self.pid}/schedstat").read_text().split()[0]) / 1e9
        return struct.unpack("<Q", self._count[:8])[0], time.perf_counter(), cpu

    def speed(self, seconds, meanwhile):
        """Calls `meanwhile` again and again for `seconds`; rounds per second and per CPU second."""
        rounds, begin, cpu = self._now()
        calls = 0
        while time.perf_counter() - begin < seconds:
            meanwhile()
            calls += 1
        rounds_after, end, cpu_after = self._now()
        done = rounds_after - rounds
        return {
            "per_second": done / (end - begin),
            "per_cpu_second": done / (cpu_after - cpu),
            "calls": calls,
        }

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        return self._stack.__exit__(*exception)
