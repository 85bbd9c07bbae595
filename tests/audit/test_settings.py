"""[tool.steth] of pyproject.toml: the command line wins, mistakes are one line."""

import pytest

from looks import FOUND, NOTHING_FOUND, USAGE

FAULT = """\
    bin_ = []

    class A:
        def __del__(self):
            bin_.append(self)
"""


def settings(project, text):
    project.write("pyproject.toml", "[project]\nname = 'x'\n" + text)


def test_rules_are_chosen_and_the_command_line_wins(project):
    project.write("a.py", FAULT)
    settings(project, '[tool.steth]\nonly = ["META001"]\n')
    assert project.audit().status == NOTHING_FOUND
    assert project.audit("--only", "RES002").status == FOUND
    settings(project, '[tool.steth]\nignore = ["RES002"]\n')
    assert project.audit().status == NOTHING_FOUND
    assert project.audit("--only", "RES002").status == FOUND
    settings(project, '[tool.steth]\nfail-on = "error"\n')
    assert project.audit().status == NOTHING_FOUND
    assert project.audit("--fail-on", "warning").status == FOUND


def test_it_is_found_above_the_path(project):
    path = project.write("deep/down/a.py", FAULT)
    settings(project, '[tool.steth]\nignore = ["RES002"]\n')
    assert project.audit(path).status == NOTHING_FOUND
    assert project.audit(path.parent).status == NOTHING_FOUND
    project.write("deep/pyproject.toml", "[project]\n")  # the nearest counts, whatever it says
    assert project.audit(path).status == FOUND


def test_files_are_left_out(project):
    project.write("build/a.py", FAULT)
    project.write("src/made/a.py", FAULT)
    settings(project, '[tool.steth]\nexclude = ["build", "src/m*"]\n')
    assert project.audit().status == NOTHING_FOUND
    assert project.audit("src/made/a.py").status == NOTHING_FOUND
    project.write("src/a.py", FAULT)
    assert project.audit().status == FOUND


def test_rules_are_ignored_by_path(project):
    project.write("tests/deep/a.py", FAULT)
    settings(project, '[tool.steth.per-path-ignores]\n"tests/**" = ["RES002"]\n')
    seen = project.audit("--json")
    assert seen.status == NOTHING_FOUND
    [finding] = seen.data["findings"]
    assert finding["suppressed"]["by"] == "configuration"
    assert finding["suppressed"]["location"]["line"] == 4
    assert seen.data["summary"]["suppressed"] == 1


@pytest.mark.parametrize(
    "text, message",
    [
        ("ignroe = []", "pyproject.toml:4: [tool.steth] has no key 'ignroe'"),
        ('only = "RES002"', "pyproject.toml:4: only must be a list of strings, not a string"),
        ('only = ["RES02"]', "pyproject.toml:4: there is no rule 'RES02'"),
        ('fail-on = "never"', "pyproject.toml:4: fail-on must be"),
        ("exclude = [", "this is no TOML"),
    ],
)
def test_mistakes_are_one_line_with_their_place(project, text, message):
    project.write("a.py", FAULT)
    settings(project, f"[tool.steth]\n{text}\n")
    seen = project.audit()
    assert seen.status == USAGE
    assert message in seen.stderr
    assert len(seen.stderr.splitlines()) <= 2
    assert seen.stdout == ""
