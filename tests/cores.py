"""Cores of programs that run: by gdb's gcore, and by the kernel."""

import os
import pathlib
import resource
import shutil
import signal
import subprocess
import tempfile
import time

PATTERN = pathlib.Path("/proc/sys/kernel/core_pattern")


def gcore(pid, folder, keep_all=False):
    """The process runs on. With `keep_all`, what files have is in the core, too."""
    if keep_all:
        pathlib.Path(f"/proc/{pid}/coredump_filter").write_text("0x7f")
    command = ["gcore", "-o", str(folder / "core"), str(pid)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    core = folder / f"core.{pid}"
    assert core.exists(), done.stderr
    return core


def kernel_refuses():
    """Why the kernel of this machine writes no core where the program stands; None: it does."""
    pattern = PATTERN.read_text().strip()
    if pattern.startswith("|") or "/" in pattern:
        return f"kernel.core_pattern is {pattern!r}"
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    if hard != resource.RLIM_INFINITY and os.geteuid() != 0:
        return "the limit of the size of cores may not be raised"
    return None


class CoreFolder:
    """Where a program of an interpreter lets the kernel put its core: in the tree that it sees."""

    def __init__(self, interpreter):
        root = interpreter.root or pathlib.Path("/")
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="steth-core-", dir=root / "tmp"))
        inside = "/" / self.path.relative_to(root)
        (self.path / "sitecustomize.py").write_text(f"import os\nos.chdir({str(inside)!r})\n")
        self.environment = {"PYTHONPATH": str(inside)}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)


def kernel_core(process, folder):
    """Ends the process by SIGABRT, as abort() does."""
    endless = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    resource.prlimit(process.pid, resource.RLIMIT_CORE, endless)
    os.kill(process.pid, signal.SIGABRT)
    deadline = time.monotonic() + 60
    while process.is_running() and time.monotonic() < deadline:
        time.sleep(0.05)
    cores = list(folder.glob("core*"))
    assert len(cores) == 1, f"no core in {folder}"
    return cores[0]
