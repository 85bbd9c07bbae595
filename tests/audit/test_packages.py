"""Real packages of fixed version: two frameworks whose metaclasses collide, and stubs of a library
that is written in C++. They come from PyPI once, into .cache."""

import json
import os
import pathlib
import platform
import subprocess
import sys
import zipfile

import pytest

from looks import PROJECT, STETH

sys.path.insert(0, str(PROJECT / "tools"))
from registry import Failure, download, from_pypi  # noqa: E402

CACHE = PROJECT / ".cache" / "test-packages"
PYTHON = pathlib.Path("/usr/bin/python3")

FRAMEWORKS = {
    "SQLAlchemy-2.0.36-py3-none-any.whl":
        "fddbe92b4760c6f5d48162aef14824add991aeda8ddadb3c31d56eb15ca69f8e",
    "pydantic-2.10.3-py3-none-any.whl":
        "be04d85bbc7b65651c5f8e6b9976ed9c6f41782a55524cef079a34a0bb82144d",
    "pydantic_core-2.27.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl":
        "acc07b2cfc5b835444b44a9956846b578d27beeacd4b52e45489e93276241025",
    "annotated_types-0.7.0-py3-none-any.whl":
        "1f02e8b43a8fbbc3f3e0d4f0f4bfc8131bcb4eebe8849b8e5c773f3a1c582a53",
    "typing_extensions-4.12.2-py3-none-any.whl":
        "04e5ca0351e0f3f85c6853954072df659d0d13fac324d0072316b67d7794700d",
}
STUBS = {
    "pyside6_stubs-6.7.3.0-py3-none-any.whl":
        "7a2ef0d7486939f240e745829f80887ec3eab280e52c9930d64b48b3de95042a",
}

MODELS = """from pydantic import BaseModel
from sqlalchemy.orm import DeclarativeBase


class Unified(DeclarativeBase, BaseModel):
    pass
"""

WINDOW = """from PySide6 import QtCore
from PySide6.QtWidgets import QMainWindow, QWidget


class Window(QMainWindow):
    pass


class Wrong(QtCore.QObject, QWidget):
    pass
"""


def site(wheels, name):
    """A folder in which the wheels are unpacked."""
    folder = CACHE / name
    try:
        archives = [download(CACHE, wheel, digest, from_pypi) for wheel, digest in wheels.items()]
    except Failure as failure:
        pytest.skip(str(failure))
    done = folder / ".complete"
    if not done.exists() or done.read_text() != str(wheels):
        for archive in archives:
            zipfile.ZipFile(archive).extractall(folder)
        done.write_text(str(wheels))
    return folder


def audit(path, packages):
    command = [str(STETH), "audit", "--json", "--classes", "--python", str(PYTHON)]
    done = subprocess.run(
        [*command, "--site", str(packages), str(path)], capture_output=True, text=True, timeout=300,
        check=False,
    )
    return json.loads(done.stdout)


def imports(folder, packages):
    environment = dict(os.environ, PYTHONPATH=f"{folder}{os.pathsep}{packages}")
    return subprocess.run(
        [PYTHON, "-B", "-W", "ignore", "-c", "import models; print(type(models.Unified).__name__)"],
        capture_output=True, text=True, env=environment, timeout=300, check=False,
    )


def test_the_metaclass_that_is_proposed_for_two_frameworks_imports(tmp_path):
    version = subprocess.run(
        [PYTHON, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
        capture_output=True, text=True, check=False,
    ).stdout.strip()
    if version != "3.11" or platform.machine() != "x86_64":
        pytest.skip(f"the wheels are those of CPython 3.11 on x86_64, not {version}")
    packages = site(FRAMEWORKS, "frameworks")
    models = tmp_path / "models.py"
    models.write_text(MODELS)
    seen = audit(models, packages)
    (finding,) = [one for one in seen["findings"] if one["rule"] == "META001"]
    assert finding["location"]["line"] == 5
    assert finding["facts"]["metaclasses"] == [
        "sqlalchemy.orm.decl_api.DeclarativeAttributeIntercept",
        "pydantic._internal._model_construction.ModelMetaclass",
    ]
    assert "metaclass conflict" in imports(tmp_path, packages).stderr
    metaclass, statement = finding["fix"][:2]
    models.write_text("\n".join([*MODELS.splitlines()[:2], metaclass, statement, ""]))
    assert not [one for one in audit(models, packages)["findings"] if one["rule"] == "META001"]
    after = imports(tmp_path, packages)
    assert after.stdout.strip() == "UnifiedMeta", after.stderr


def test_a_library_in_another_language_is_known_by_its_stubs(tmp_path):
    packages = site(STUBS, "stubs")
    window = tmp_path / "window.py"
    window.write_text(WINDOW)
    seen = audit(window, packages)
    rows = {row["class"]: row for row in seen["classes"]}
    assert rows["window.Window"]["mro"] == [
        "window.Window", "PySide6.QtWidgets.QMainWindow", "PySide6.QtWidgets.QWidget",
        "PySide6.QtCore.QObject", "PySide6.QtGui.QPaintDevice", "shiboken6.Shiboken.Object",
        "object",
    ]
    (finding,) = seen["findings"]
    assert finding["rule"] == "MRO001" and finding["facts"]["class"] == "window.Wrong"


def test_stubs_are_audited_under_the_name_of_their_library():
    packages = site(STUBS, "stubs")
    seen = audit(packages / "PySide6-stubs" / "QtWidgets.pyi", packages)
    rows = {row["class"]: row for row in seen["classes"]}
    assert len(rows) > 300 and {row["status"] for row in rows.values()} == {"answered"}
    assert rows["PySide6.QtWidgets.QDialog"]["mro"][1:3] == [
        "PySide6.QtWidgets.QWidget", "PySide6.QtCore.QObject",
    ]
