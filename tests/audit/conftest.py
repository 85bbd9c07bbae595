"""A small project to audit."""

import subprocess
import textwrap

import pytest

from looks import STETH, Look, steth_environment


class Project:
    """A folder with files, and steth run in it."""

    def __init__(self, root):
        self.root = root

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    def audit(self, *arguments, **more):
        done = subprocess.run(
            [str(STETH), "audit", "--python", "/usr/bin/python3", *map(str, arguments)],
            cwd=self.root,
            env={**steth_environment(), **more},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=False,
        )
        return Look(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)
