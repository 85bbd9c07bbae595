"""`steth audit --lock` before an upgrade, `--verify` after it."""

import textwrap

import pytest

from looks import FOUND, NOTHING_FOUND, USAGE, look

MODELS = """
    import orm
    import valid

    class CombinedMeta(type(orm.Base), type(valid.Model)):
        pass

    class Customer(orm.Base, valid.Model, metaclass=CombinedMeta):
        pass
"""
ORM = """
    class OrmMeta(type):
        pass
    {new}
    class Base(metaclass={meta}):
        pass
"""
# The package makes its names on demand, as pydantic does.
VALID = """
    from typing import TYPE_CHECKING

    if TYPE_CHECKING:
        from ._model import *

    def __getattr__(name):
        from . import _model
        return getattr(_model, name)
"""
MODEL = """
    import abc

    class ModelMeta(abc.ABCMeta):
        pass

    class Model(metaclass=ModelMeta):
        pass
"""
# In 2.0 the base has another metaclass, and only the combined one names both.
UPGRADED_MODELS = MODELS.replace("type(orm.Base)", "orm.OrmMeta")


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text).lstrip())


def install(site, name, version, files):
    for file, text in files.items():
        write(site / file, text)
    header = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    write(site / f"{name}.dist-info" / "METADATA", header)
    write(site / f"{name}.dist-info" / "RECORD", "".join(f"{file},,\n" for file in files))


@pytest.fixture(name="project")
def make_project(tmp_path):
    install(tmp_path / "site", "orm", "1.4", {"orm.py": ORM.format(new="", meta="OrmMeta")})
    install(tmp_path / "site", "valid", "2.9", {"valid/__init__.py": VALID, "valid/_model.py": MODEL})
    write(tmp_path / "models.py", UPGRADED_MODELS)
    return tmp_path


def audit(project, *options):
    lock = project / "steth.lock"
    return look("audit", project / "models.py", "--site", project / "site", "--lock", lock, *options)


def test_what_was_locked_is_found_again(project):
    seen = audit(project)
    assert seen.status == NOTHING_FOUND, str(seen)
    lines = (project / "steth.lock").read_text().splitlines()
    assert "distribution orm 1.4" in lines and "distribution valid 2.9" in lines
    assert "class models.Customer" in lines
    assert [line.split()[1:] for line in lines if line.startswith("  metaclass ")] == [
        ["models.CombinedMeta"],
        ["orm.OrmMeta", "orm"],
        ["valid._model.ModelMeta", "valid"],
        ["abc.ABCMeta"],
        ["type"],
    ]
    seen = audit(project, "--verify", "--json")
    assert seen.status == NOTHING_FOUND, str(seen)
    assert "META002" in seen.data["ok"]


def test_an_upgrade_breaks_the_combined_metaclass(project):
    audit(project)
    new = "class NewMeta(type):\n        pass\n"
    install(project / "site", "orm", "2.0", {"orm.py": ORM.format(new=new, meta="NewMeta")})
    seen = audit(project, "--verify", "--json")
    assert seen.status == FOUND, str(seen)
    assert seen.rules("error") == {"META001", "META002"}, str(seen)
    [finding] = [one for one in seen.data["findings"] if one["rule"] == "META002"]
    assert finding["facts"]["class"] == "models.Customer"
    assert finding["facts"]["change"] == "broken"
    assert finding["facts"]["distributions"] == "orm 1.4 -> 2.0"
    assert finding["location"]["line"] == 7


def test_a_lock_file_that_is_none(project):
    seen = audit(project, "--verify", "--json")
    assert seen.status == USAGE and "cannot read" in seen.data["error"]["message"], str(seen)
    (project / "steth.lock").write_text("[package]\n")
    seen = audit(project, "--verify")
    assert seen.status == USAGE and seen.stdout == "", str(seen)
    assert "steth.lock:1: not a lock file of steth" in seen.stderr
