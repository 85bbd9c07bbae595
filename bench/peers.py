#!/usr/bin/python3
"""`steth threads` and `steth tasks` on a small service, side by side with the tools that people
use for it, where they are installed: wall time of the whole command, and ratios to the goal.

    peers.py --python /usr/bin/python3 --python /opt/python3.14/bin/python3
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

import measure

GOAL = 0.5  # times a peer's wall time, at most
BUILD = pathlib.Path(__file__).resolve().parent.parent / "build-bench"


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--python", action="append", help="a target's interpreter; repeatable")
    parser.add_argument("--repeat", type=int, default=15)
    parser.add_argument("--build", type=pathlib.Path, default=BUILD)
    options = parser.parse_args()
    options.python = options.python or ["/usr/bin/python3"]
    return options


def has_asyncio_ps(python):
    """python -m asyncio ps PID: 3.14 and later, for a target of the same version."""
    asked = subprocess.run(
        [python, "-c", "import sys; sys.exit(sys.version_info < (3, 14))"], check=False
    )
    return asked.returncode == 0


def peers_of(python, pid):
    """{peer: (its command, the verb to compare with)}"""
    found = {}
    if shutil.which("py-spy"):
        found["py-spy dump"] = (["py-spy", "dump", "--pid", pid], "threads")
        found["py-spy dump --native"] = (["py-spy", "dump", "--native", "--pid", pid], "threads")
    if shutil.which("pystack"):
        found["pystack remote"] = (["pystack", "remote", pid], "threads")
        found["pystack remote --native"] = (["pystack", "remote", "--native", pid], "threads")
    if has_asyncio_ps(python):
        found["python -m asyncio ps"] = ([python, "-m", "asyncio", "ps", pid], "tasks")
    return found


def milliseconds(command):
    """From the start of the process to its end, without pipes and threads of this program."""
    null = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
    begin = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ, file_actions=null)
    _, status = os.waitpid(child, 0)
    took = 1e3 * (time.perf_counter() - begin)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise RuntimeError(f"{' '.join(command)}: ended with {status}")
    return took


def installed(build, folder):
    """A copy, as `make install` makes one: pages that the linker wrote one by one are also mapped
    one by one, which takes 5 to 10 % longer."""
    return shutil.copy(build / "steth", folder)


def measure_one(options, python):
    with measure.Target(python, "small.py") as target:
        time.sleep(0.5)
        pid = str(target.pid)
        peers = peers_of(python, pid)
        commands = {peer: command for peer, (command, _) in peers.items()}
        for verb in ("threads", "tasks"):
            commands[verb] = [options.steth, verb, pid]
        took = {name: [] for name in commands}
        for _ in range(options.repeat):
            for name, command in commands.items():
                took[name].append(milliseconds(command))
    middle = {name: statistics.median(times) for name, times in took.items()}
    for name in ("threads", "tasks"):
        print(f"  steth {name:24}{middle[name]:8.1f} ms  [{min(took[name]):.1f}]")
    for peer, (_, verb) in peers.items():
        ratio = middle[verb] / middle[peer]
        word = "met" if ratio <= GOAL else "missed"
        print(f"  {peer:30}{middle[peer]:8.1f} ms  [{min(took[peer]):.1f}]", end="  ")
        print(f"steth {verb} / it {ratio:6.2f}  goal <= {GOAL}: {word}")


def main():
    options = parse_arguments()
    print(f"load {os.getloadavg()[0]:.2f}; medians of {options.repeat}, [the least]")
    with tempfile.TemporaryDirectory() as folder:
        options.steth = installed(options.build, folder)
        for python in options.python:
            print(python)
            measure_one(options, python)
    print(f"load {os.getloadavg()[0]:.2f} at the end")


if __name__ == "__main__":
    main()
