"""The Python interpreters that the tests examine.

    /usr/bin/python3 tests/interpreters.py list     the table of what is there
    /usr/bin/python3 tests/interpreters.py fetch    get what is missing from Debian's suites

Debian's packages are unpacked, never installed: each interpreter is a small root tree of its own
in .cache/interpreters/NAME, run by chroot. Interpreters of the machine (/usr/bin, /usr/local/bin,
pyenv) are used as they are. Ubuntu's packages are an extra: used when the archive answers.

As a module: interpreters() gives what can be run now; Interpreter.start() runs a program and waits
for its READY line.
"""

import argparse
import concurrent.futures
import contextlib
import dataclasses
import fcntl
import functools
import glob
import hashlib
import json
import lzma
import os
import pathlib
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

PROJECT = pathlib.Path(__file__).resolve().parent.parent
CACHE = pathlib.Path(os.environ.get("STETH_INTERPRETERS", PROJECT / ".cache" / "interpreters"))
PYENV = pathlib.Path(os.environ.get("PYENV_ROOT", pathlib.Path.home() / ".pyenv"))
DEBIAN = "http://deb.debian.org/debian"
UBUNTU = "http://archive.ubuntu.com/ubuntu"
SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# What an interpreter's packages depend on but no test needs.
UNNEEDED = re.compile(
    r"media-types|mime-support|netbase|tzdata|debconf.*|dpkg|libtcl.*|libtk.*|gcc-.*-base|perl.*"
    r"|readline-common|libnss-nis.*|bash|ca-certificates|python3-.*|systemd.*"
)
UNNEEDED_FILES = [
    "./usr/share/doc",
    "./usr/share/man",
    "./usr/share/locale",
    "./usr/lib/debug",
    "./usr/lib/*/gconv",
    "./usr/share/gdb",
]


@dataclasses.dataclass(frozen=True)
class Source:
    """An interpreter that can be made of a distribution's packages."""

    name: str
    suite: str
    executable: str
    packages: tuple
    vendor: str = "Debian"
    components: tuple = ("main",)

    @property
    def optional(self):
        return self.vendor != "Debian"


def _cpython(suite, version, **more):
    packages = (f"python{version}-minimal", f"libpython{version}-stdlib")
    return Source(f"{suite}-{version}", suite, f"/usr/bin/python{version}", packages, **more)


def _debug(suite, version):
    packages = (f"python{version}-dbg", f"libpython{version}-dbg", f"python{version}-minimal")
    return Source(f"{suite}-{version}-dbg", suite, f"/usr/bin/python{version}d", packages)


def _ubuntu(suite, version, component="main"):
    return _cpython(suite, version, vendor="Ubuntu", components=tuple({"main", component}))


SOURCES = (
    _cpython("bullseye", "3.9"),
    _cpython("bookworm", "3.11"),
    _cpython("trixie", "3.13"),
    _cpython("sid", "3.13"),
    _cpython("sid", "3.14"),
    _cpython("sid", "3.15"),
    _debug("bookworm", "3.11"),
    _debug("sid", "3.14"),
    Source("trixie-pypy3", "trixie", "/usr/bin/pypy3", ("pypy3", "libc-bin")),
    Source(
        "bullseye-2.7",
        "bullseye",
        "/usr/bin/python2.7",
        ("python2.7-minimal", "libpython2.7-stdlib"),
    ),
    _ubuntu("focal", "3.8"),
    _ubuntu("jammy", "3.10"),
    _ubuntu("noble", "3.12"),
    _ubuntu("questing", "3.14", "universe"),
    _ubuntu("resolute", "3.14"),
)


# ---- running ---------------------------------------------------------------------------------


class StartError(Exception):
    """The program ended, or stayed silent, before its READY line."""


class EndedError(StartError):
    """The program ended before its READY line: the state it stands for did not come about."""


class Process:
    """A running Python program. `pid` is the Python process itself, as seen on this host."""

    def __init__(self, popen, errors, program):
        self.popen = popen
        self._errors = errors
        self.program = program
        self.pid = popen.pid
        self.lines = []  # what it printed up to and including READY
        self._buffer = b""

    @property
    def ready(self):
        """The words after READY."""
        return self.lines[-1].split()[1:]

    def read_line(self, timeout=30):
        """The next line of the program's output; raises StartError when none comes."""
        deadline = time.monotonic() + timeout
        while b"\n" not in self._buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.popen.stdout], [], [], left)[0]:
                raise StartError(f"{self.program}: no line within {timeout} s")
            chunk = os.read(self.popen.stdout.fileno(), 65536)
            if not chunk:
                status = self.popen.wait()
                raise EndedError(f"{self.program}: ended with status {status}: {self.errors()}")
            self._buffer += chunk
        line, self._buffer = self._buffer.split(b"\n", 1)
        return line.decode("utf-8", "replace")

    def send_line(self, text):
        self.popen.stdin.write(text.encode() + b"\n")
        self.popen.stdin.flush()

    def errors(self):
        """The end of what the program wrote on stderr."""
        self._errors.seek(0)
        return self._errors.read().decode("utf-8", "replace")[-2000:]

    def state(self):
        """The letter of /proc/PID/status: R, S, D, Z, T, t; None when the process is gone."""
        try:
            status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return None
        return re.search(r"^State:\s+(\S)", status, re.MULTILINE).group(1)

    def is_running(self):
        return self.state() not in (None, "Z", "X", "T", "t")

    def settle(self):
        """Waits until all of its threads sleep: after READY they are still on their way to where
        they stay, and after a pause on their way back to sleep."""
        self._wait_until(lambda: set(self._threads().values()) == {"S"})

    def wait_for_end_of(self, thread):
        """Waits until this thread is gone."""
        self._wait_until(lambda: thread not in self._threads())

    def _threads(self):
        """Letters of /proc/PID/task/*/stat, by the threads' numbers."""
        states = {}
        for task in pathlib.Path(f"/proc/{self.pid}/task").iterdir():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                state = (task / "stat").read_text().rpartition(")")[2].split()[0]
                states[int(task.name)] = state
        return states

    def _wait_until(self, condition, timeout=30):
        deadline = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > deadline:
                raise StartError(f"{self.program}: does not come to rest within {timeout} s")
            time.sleep(0.01)

    def kill(self):
        if self.popen.poll() is None:  # once it is reaped, the pid may be another's
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        self.popen.wait()
        for stream in (self.popen.stdin, self.popen.stdout, self._errors):
            with contextlib.suppress(OSError):
                stream.close()

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.kill()


def _descendant_of(pid, name):
    """The process below `pid` whose command starts with `name`: sudo may stand between."""
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for child in map(int, children):
        if pathlib.Path(f"/proc/{child}/comm").read_text().startswith(name):
            return child
        found = _descendant_of(child, name)
        if found:
            return found
    return None


@dataclasses.dataclass(eq=False)
class Interpreter:
    name: str
    version: str  # "3.11.2"
    vendor: str
    kind: str  # release, debug, free-threaded, pypy, python2, old
    executable: str  # as seen inside `root`
    root: pathlib.Path = None  # None: run directly

    @property
    def how(self):
        return f"chroot {self.root}" if self.root else "directly"

    @property
    def version_info(self):
        return tuple(int(part) for part in re.findall(r"\d+", self.version)[:3])

    def command(self, *arguments):
        if not self.root:
            return [self.executable, *arguments]
        if os.geteuid() == 0:
            return ["chroot", str(self.root), self.executable, *arguments]
        who = f"--userspec={os.geteuid()}:{os.getegid()}"
        return ["sudo", "-n", "chroot", who, str(self.root), self.executable, *arguments]

    def _place(self, script):
        """Where the interpreter finds `script`: the same path, copied into its tree."""
        script = pathlib.Path(script).resolve()
        if self.root:
            beside = [*script.parent.glob("*.py"), script.with_suffix(".expect.json")]
            for source in filter(pathlib.Path.exists, beside):
                _copy_newer(source, self.root / source.relative_to("/"))
            for source in filter(pathlib.Path.is_file, script.with_suffix("").rglob("*")):
                _copy_newer(source, self.root / source.relative_to("/"))
        return str(script)

    def start(self, script, *arguments, wait=True, timeout=60, environment=None, options=()):
        """Runs `script`; with `wait`, returns after its line READY."""
        errors = tempfile.TemporaryFile()
        popen = subprocess.Popen(
            [
                "setpriv",
                "--pdeathsig",
                "KILL",
                *self.command(*options, self._place(script), *map(str, arguments)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**_clean_environment(), **(environment or {})},
            cwd="/",
        )
        process = Process(popen, errors, f"{self.name} {script}")
        try:
            while wait:
                process.lines.append(process.read_line(timeout))
                if process.lines[-1].split()[:1] == ["READY"]:
                    break
            if self.root and os.geteuid() != 0:
                name = pathlib.Path(self.executable).name[:15]
                process.pid = _descendant_of(popen.pid, name) or popen.pid
        except BaseException:
            process.kill()
            raise
        return process

    def run(self, script, *arguments, timeout=60):
        """Runs `script` to its end: a subprocess.CompletedProcess with text output."""
        return subprocess.run(
            self.command(self._place(script), *map(str, arguments)),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            env=_clean_environment(),
            cwd="/",
            check=False,
        )


def _copy_newer(source, target):
    if target.exists() and target.stat().st_mtime_ns == source.stat().st_mtime_ns:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.copy2(source, partial)
    os.replace(partial, target)


def _clean_environment():
    return {"PATH": SEARCH_PATH, "LC_ALL": "C.UTF-8", "HOME": "/tmp", "PYTHONDONTWRITEBYTECODE": "1"}


# ---- finding ---------------------------------------------------------------------------------

PROBE = """
import platform, sys
def kind():
    if platform.python_implementation() == "PyPy": return "pypy"
    if sys.version_info < (3,): return "python2"
    if sys.version_info < (3, 8): return "old"
    if hasattr(sys, "gettotalrefcount"): return "debug"
    import sysconfig
    if sysconfig.get_config_var("Py_GIL_DISABLED"): return "free-threaded"
    return "release"
sys.stdout.write(platform.python_version() + " " + kind())
"""
IMPORTS = "import asyncio, ctypes, socket, sqlite3, ssl, subprocess, threading"


def _ask(interpreter, program):
    answer = subprocess.run(
        interpreter.command("-c", program),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        env=_clean_environment(),
        cwd="/",
        check=False,
    )
    if answer.returncode != 0:
        raise OSError(f"{interpreter.name}: {answer.stderr.strip()[-500:]}")
    return answer.stdout.split()


def _probed(name, vendor, executable, root=None):
    interpreter = Interpreter(name, "?", vendor, "?", executable, root)
    interpreter.version, interpreter.kind = _ask(interpreter, PROBE)
    return interpreter


def _fetched(source):
    root = CACHE / source.name
    try:
        record = json.loads((root / "steth-interpreter.json").read_text())
    except FileNotFoundError:
        return None
    return Interpreter(
        source.name, record["version"], source.vendor, record["kind"], source.executable, root
    )


def _of_this_machine():
    """(name, vendor, path) of the interpreters that the machine has anyway."""
    places = [("system", "machine", "/usr/bin"), ("local", "machine", "/usr/local/bin")]
    for version in sorted(PYENV.glob("versions/*")):
        if not version.is_symlink():
            places.append((f"pyenv-{version.name}", "pyenv", str(version / "bin")))
    for name, vendor, folder in places:
        for path in sorted(glob.glob(folder + "/python[23].*")):
            found = re.fullmatch(r".*/python(\d\.\d+[dt]*)", path)
            if found and os.access(path, os.X_OK) and not os.path.islink(path):
                yield (name if vendor == "pyenv" else f"{name}-{found[1]}"), vendor, path


def _can_chroot():
    if os.geteuid() == 0:
        return True
    return shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], check=False).returncode == 0


@functools.lru_cache(maxsize=None)
def interpreters():
    """All interpreters that can be run now, oldest version first."""
    found = [_fetched(source) for source in SOURCES] if _can_chroot() else []
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        probes = [pool.submit(_probed, *place) for place in _of_this_machine()]
        for probe in probes:
            with contextlib.suppress(OSError, ValueError, subprocess.TimeoutExpired):
                found.append(probe.result())
    found = [interpreter for interpreter in found if interpreter]
    return tuple(sorted(found, key=lambda one: (one.version_info, one.name)))


def missing():
    """Names of the interpreters of Debian's suites that are not there."""
    return [one.name for one in SOURCES if not one.optional and not _fetched(one)]


# ---- fetching --------------------------------------------------------------------------------


def _mirror():
    """The Debian mirror of the machine's apt sources."""
    texts = [pathlib.Path("/etc/apt/sources.list")]
    texts += sorted(pathlib.Path("/etc/apt/sources.list.d").glob("*"))
    for text in filter(pathlib.Path.is_file, texts):
        for line in text.read_text(errors="replace").splitlines():
            found = re.match(r"(?:deb\s+(?:\[.*?\]\s+)?|URIs:\s*)(https?://\S+/debian)/?(\s|$)", line)
            if found:
                return found[1]
    return DEBIAN


@functools.lru_cache(maxsize=None)
def _opener():
    """Follows apt's proxy when there is one, the environment's otherwise."""
    proxies = {}
    if shutil.which("apt-config"):
        ask = ["apt-config", "dump", "--format", "%v%n", "Acquire::http::Proxy"]
        proxy = subprocess.run(ask, capture_output=True, text=True, check=False).stdout.strip()
        if proxy and proxy != "DIRECT":
            proxies = {"http": proxy, "https": proxy}
    return urllib.request.build_opener(urllib.request.ProxyHandler(proxies or None))


def _download(url, attempts=4, timeout=30):
    for attempt in range(attempts):
        try:
            with _opener().open(url, timeout=timeout) as answer:
                return answer.read()
        except OSError as error:
            if attempt == attempts - 1 or getattr(error, "code", None) == 404:
                raise OSError(f"{url}: {error}") from error
            time.sleep(2**attempt)
    raise AssertionError("unreachable")


@dataclasses.dataclass(frozen=True)
class Package:
    name: str
    url: str
    sha256: str
    needs: tuple  # of tuples of alternatives


def _parse_index(text, mirror):
    """The packages of one Packages file, by name; virtual names stand for their first provider."""
    packages, provided = {}, {}
    for paragraph in text.split("\n\n"):
        fields = dict(re.findall(r"^([\w-]+): (.*)$", paragraph, re.MULTILINE))
        if "Filename" not in fields:
            continue
        needs = [fields[key] for key in ("Pre-Depends", "Depends") if key in fields]
        package = Package(
            fields["Package"],
            f"{mirror}/{fields['Filename']}",
            fields["SHA256"],
            tuple(
                tuple(re.match(r"[^\s:(]+", one.strip())[0] for one in need.split("|"))
                for need in ", ".join(needs).split(",")
                if need.strip()
            ),
        )
        packages.setdefault(package.name, package)
        for virtual in fields.get("Provides", "").split(","):
            if virtual.strip():
                provided.setdefault(re.match(r"[^\s:(]+", virtual.strip())[0], package)
    return {**provided, **packages}


@functools.lru_cache(maxsize=None)
def _architecture():
    ask = ["dpkg", "--print-architecture"]
    return subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip()


def _load_index(source):
    # The extra archive must never hold up a run: one short attempt.
    patience = {"attempts": 1, "timeout": 5} if source.optional else {}
    mirror = UBUNTU if source.optional else _mirror()
    packages = {}
    for component in source.components:
        place = f"{mirror}/dists/{source.suite}/{component}/binary-{_architecture()}/Packages.xz"
        text = lzma.decompress(_download(place, **patience)).decode("utf-8", "replace")
        packages.update(_parse_index(text, mirror))
    return packages


def _closure(source, packages):
    wanted, waiting = {}, list(source.packages)
    while waiting:
        name = waiting.pop()
        if name in wanted or UNNEEDED.fullmatch(name):
            continue
        if name not in packages:
            raise OSError(f"{source.name}: {source.suite} has no package {name}")
        wanted[name] = packages[name]
        for alternatives in packages[name].needs:
            there = [one for one in alternatives if one in packages]
            waiting.append((there or alternatives)[0])
    return {package.url: package for package in wanted.values()}.values()


def _get_package(package):
    place = CACHE / "packages" / package.sha256
    if not place.exists():
        data = _download(package.url)
        if hashlib.sha256(data).hexdigest() != package.sha256:
            raise OSError(f"{package.url}: the SHA256 differs from the index")
        partial = place.with_suffix(f".{os.getpid()}.{id(data)}")
        partial.write_bytes(data)
        os.replace(partial, place)
    return place


def _unpack(package, root):
    unpacking = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE)
    excluded = [f"--exclude={pattern}" for pattern in UNNEEDED_FILES]
    tar = ["tar", "-x", "--no-same-owner", "--keep-directory-symlink", *excluded, "-C", str(root)]
    done = subprocess.run(tar, stdin=unpacking.stdout, capture_output=True, text=True, check=False)
    unpacking.stdout.close()
    if unpacking.wait() != 0 or done.returncode != 0:
        raise OSError(f"{package}: cannot be unpacked: {done.stderr.strip()}")


def _make_root(root):
    """The skeleton of a merged-/usr system, with /tmp and what can be had of /dev."""
    for folder in ("bin", "sbin", "lib", "lib64"):
        (root / "usr" / folder).mkdir(parents=True)
        (root / folder).symlink_to(f"usr/{folder}")
    for folder in ("tmp", "dev", "proc", "etc"):
        (root / folder).mkdir()
    (root / "tmp").chmod(0o1777)
    for name, minor in (("null", 3), ("zero", 5), ("urandom", 9)):
        try:
            os.mknod(root / "dev" / name, 0o20666, os.makedev(1, minor))
            (root / "dev" / name).chmod(0o666)
        except PermissionError:
            (root / "dev" / name).touch()


def _build(source, packages):
    """Makes CACHE/NAME from packages already downloaded; appears whole or not at all."""
    partial = CACHE / f".{source.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    _make_root(partial)
    for package in packages:
        _unpack(_get_package(package), partial)
    interpreter = _probed(source.name, source.vendor, source.executable, partial)
    if interpreter.kind in ("release", "debug"):
        _ask(interpreter, IMPORTS)
    record = {
        "version": interpreter.version,
        "kind": interpreter.kind,
        "packages": sorted(package.url.rsplit("/", 1)[1] for package in packages),
    }
    (partial / "steth-interpreter.json").write_text(json.dumps(record, indent=1))
    os.replace(partial, CACHE / source.name)


def _fetch_sources(sources):
    """Fetches interpreters of one suite: the index is read once. Yields (source, error or None)."""
    try:
        index = _load_index(sources[0])
    except (OSError, lzma.LZMAError) as error:
        return [(source, error) for source in sources]
    results = []
    for source in sources:
        try:
            packages = _closure(source, index)
            with concurrent.futures.ThreadPoolExecutor(6) as pool:
                list(pool.map(_get_package, packages))
            _build(source, packages)
            results.append((source, None))
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            results.append((source, error))
    return results


def fetch(names=()):
    """Fetches what is missing; returns the number of Debian's interpreters that could not be had."""
    if not _can_chroot():
        print("interpreters: running foreign interpreters needs root or sudo without a password")
        return 0
    (CACHE / "packages").mkdir(parents=True, exist_ok=True)
    failures = 0
    with open(CACHE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        suites = {}
        for source in SOURCES:
            if not _fetched(source) and (not names or source.name in names):
                suites.setdefault((source.suite, source.components), []).append(source)
        if suites:
            print("interpreters: fetching", *(one.name for suite in suites.values() for one in suite))
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for done in concurrent.futures.as_completed(
                [pool.submit(_fetch_sources, suite) for suite in suites.values()]
            ):
                for source, error in done.result():
                    if error and not source.optional:
                        failures += 1
                        print(f"interpreters: {source.name} could not be fetched: {error}")
        shutil.rmtree(CACHE / "packages")
    interpreters.cache_clear()
    return failures


def print_table():
    rows = [("NAME", "VERSION", "VENDOR", "KIND", "HOW")]
    rows += [(one.name, one.version, one.vendor, one.kind, one.how) for one in interpreters()]
    for row in rows:
        print("{:<22} {:<9} {:<8} {:<13} {}".format(*row))
    for name in missing():
        print(f"{name:<22} not fetched")


def main():
    parser = argparse.ArgumentParser(description="The Python interpreters that the tests examine.")
    parser.add_argument("action", choices=("list", "fetch"))
    parser.add_argument("names", nargs="*", help="fetch only these")
    arguments = parser.parse_args()
    failures = fetch(arguments.names) if arguments.action == "fetch" else 0
    print_table()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
