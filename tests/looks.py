"""Looking at a process with steth, and reading what it says."""

import dataclasses
import functools
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

PROJECT = pathlib.Path(__file__).resolve().parent.parent
STETH = pathlib.Path(os.environ.get("STETH", PROJECT / "build" / "steth"))
TARGETS = PROJECT / "tests" / "targets"
CASES = pathlib.Path(os.environ.get("STETH_CASES", PROJECT.parent / "shared" / "cases"))


def script_id(script):
    """For parametrize(): the name of a case. Where the folder of cases is missing there are none, and
    pytest asks for the id of that."""
    return getattr(script, "stem", None)


# Exit statuses of the contract.
NOTHING_FOUND, FOUND, USAGE, PERMISSION, CANNOT_LOOK = 0, 1, 2, 3, 4


@dataclasses.dataclass
class Look:
    """One run of steth."""

    status: int
    stdout: str
    stderr: str

    @functools.cached_property
    def data(self):
        data = json.loads(self.stdout)
        assert data["schema"] == "steth/1"
        return data

    @property
    def zombies(self):
        """Type name -> count."""
        return {group["type"]: group["count"] for group in self.data.get("zombies", [])}

    @property
    def exempt(self):
        return {group["type"]: group["count"] for group in self.data.get("exempt", [])}

    @property
    def holders(self):
        """Type name -> what holds its objects."""
        return {group["type"]: group["held_by"] for group in self.data.get("zombies", [])}

    @property
    def paths(self):
        """Type name -> the paths of its objects that are shown, "__main__.bin[0]"."""
        return {
            group["type"]: [join_path(one["path"]) for one in group["objects"]]
            for group in self.data.get("zombies", [])
        }

    def rules(self, *severities):
        return {one["rule"] for one in self.data["findings"] if one["severity"] in severities}

    @property
    def alarms(self):
        """The rules that fired with severity warning or above."""
        return self.rules("warning", "error")

    def __str__(self):
        return f"status {self.status}\n{self.stdout[:4000]}\n{self.stderr}"


def join_path(steps):
    """["__main__", "bin", "[0]"] -> "__main__.bin[0]"."""
    return re.sub(r"\.(?=[\[<( ])", "", ".".join(steps))


def look(*arguments, before=(), timeout=120, steth=STETH):
    """Runs steth with `arguments`; `before` is a command that runs it (setpriv …)."""
    done = subprocess.run(
        [*before, str(steth), *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=timeout,
        env=steth_environment(),
        check=False,
    )
    return Look(done.returncode, done.stdout.decode(), done.stderr.decode())


def check(pid, *arguments):
    return look("check", pid, "--json", *arguments)


def steth_environment():
    kept = ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "HOME")
    return {"LC_ALL": "C.UTF-8", **{key: os.environ[key] for key in kept if key in os.environ}}


@functools.lru_cache(maxsize=None)
def steth_for_everyone():
    """A copy of the binary where every user may run it."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="steth-", dir="/tmp"))
    folder.chmod(0o755)
    return pathlib.Path(shutil.copy(STETH, folder / "steth"))
