"""Web applications of the package index, as they are run in production, and a client for them."""

import contextlib
import fcntl
import http.client
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

import pytest

from looks import PROJECT

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = os.environ.get("STETH_APPLICATION_PYTHON", sys.executable)
CLIENT_THREADS = 4


def pip(folder):
    """Installs the packages once; what pip says when it cannot."""
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--root-user-action=ignore", "--target", str(folder)]
    command += ["--requirement", str(HERE / "requirements.txt")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    return None if done.returncode == 0 else done.stderr.strip()[-300:] or "pip failed"


@pytest.fixture(scope="session")
def packages():
    """The folder of the applications' packages for PYTHON."""
    version = subprocess.run(
        [PYTHON, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    folder = PROJECT / ".cache" / f"site-packages-{version}"
    complete = folder / ".complete"
    wanted = (HERE / "requirements.txt").read_text()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists() or complete.read_text() != wanted:
            failure = pip(folder)
            if failure:
                pytest.skip(f"packages cannot be installed: {failure}")
            complete.write_text(wanted)
    return folder


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Application:
    """A server and, for each call of load(), a client that keeps it busy."""

    def __init__(self, stack, packages, command):
        self.port = free_port()
        self._stack = stack
        self._errors = stack.enter_context(tempfile.TemporaryFile())
        path = f"{packages}:{HERE}"
        self.server = self._start(
            [part.replace("PORT", str(self.port)) for part in command],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
        )
        self._wait()

    def _start(self, command, **more):
        command = ["setpriv", "--pdeathsig", "KILL", PYTHON, *command]
        process = self._stack.enter_context(subprocess.Popen(command, **more))
        self._stack.callback(process.kill)
        return process

    def _wait(self):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.server.poll() is None:
            with contextlib.suppress(OSError):
                if self.ask("GET", "/") == 200:
                    return
            time.sleep(0.05)
        pytest.fail(f"the application does not answer: {self.errors()}")

    def errors(self):
        self._errors.seek(0)
        return self._errors.read().decode("utf-8", "replace")[-2000:]

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            connection.request(method, path, body)
            return connection.getresponse().status

    @property
    def worker(self):
        """The process that answers: gunicorn's child, or the server itself."""
        pid = self.server.pid
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return int(children[0]) if children else pid

    def load(self):
        command = [str(HERE / "client.py"), str(self.port), str(CLIENT_THREADS)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        return Load(self._start(command, **pipes))


class Load:
    def __init__(self, process):
        self._process = process

    def done(self):
        """Requests and failures so far."""
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    @contextlib.contextmanager
    def measured(self, speeds, name):
        """Adds the requests per second within the block to `speeds`."""
        begin, before = time.monotonic(), self.done()["requests"]
        yield
        speeds[name] = (self.done()["requests"] - before) / (time.monotonic() - begin)


GUNICORN = ["-m", "gunicorn", "--worker-class", "gthread", "--threads", "4", "--workers", "1"]
GUNICORN += ["--bind", "127.0.0.1:PORT", "--worker-tmp-dir", "/tmp", "flask_shop:app"]
UVICORN = ["-m", "uvicorn", "--host", "127.0.0.1", "--port", "PORT", "--log-level", "warning"]
UVICORN += ["starlette_shop:app"]
AIOHTTP = ["-m", "aiohttp.web", "-H", "127.0.0.1", "-P", "PORT", "aiohttp_shop:make_app"]

ASYNCHRONOUS = {
    "uvicorn-starlette": [*UVICORN, "--loop", "asyncio"],
    "uvicorn-uvloop": [*UVICORN, "--loop", "uvloop"],
    "aiohttp": AIOHTTP,
}
APPLICATIONS = {"gunicorn-flask": GUNICORN, **ASYNCHRONOUS}


@pytest.fixture(params=APPLICATIONS)
def application(request, packages):
    with contextlib.ExitStack() as stack:
        yield Application(stack, packages, APPLICATIONS[request.param])


@pytest.fixture(params=ASYNCHRONOUS)
def asynchronous(request, packages):
    with contextlib.ExitStack() as stack:
        yield Application(stack, packages, ASYNCHRONOUS[request.param])
