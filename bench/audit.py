"""Measures `steth audit`: how often it is right, and how long it takes.

    bench/audit.py truth [--python EXE] [--standard-library-only] [--json FILE]
    bench/audit.py speed [--python EXE] [--repeat N] [--mypy EXE]

truth imports every module of the standard library and of pinned packages, each top-level package in
a process of its own, and compares each class's MRO and metaclass with what steth read from source.
Of stubs of libraries that are not written in Python it counts the classes that are answered.
speed audits all of them at once; with --mypy, also a copy of both that mypy accepts, before and
after mypy. Packages are installed once, into .cache.
"""

import argparse
import collections
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import time
import zipfile

PROJECT = pathlib.Path(__file__).resolve().parent.parent
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(PROJECT / "tools"))
from registry import download, from_pypi  # noqa: E402

STUBS = {
    "pyside6_stubs-6.7.3.0-py3-none-any.whl":
        "7a2ef0d7486939f240e745829f80887ec3eab280e52c9930d64b48b3de95042a",
}
RIGHT, ANSWERED = 0.999, 0.95
FACTOR = 50  # times as fast as mypy
# They open windows, browsers or games, or are no modules of the library proper.
LEFT_OUT = {"antigravity", "this", "idlelib", "turtledemo", "test", "lib2to3", "site-packages"}
# It replaces distutils, which is in the standard library, while it is imported.
LEFT_OUT |= {"setuptools", "_distutils_hack", "pkg_resources"}
LEFT_OUT |= {"dist-packages", "__pycache__", "lib-dynload", "ensurepip", "config"}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=["truth", "speed"])
    parser.add_argument("--python", default="/usr/bin/python3")
    parser.add_argument("--standard-library-only", action="store_true")
    parser.add_argument("--steth", default=os.environ.get("STETH", str(PROJECT / "build/steth")))
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--mypy", help="an executable of mypy to compare with")
    parser.add_argument("--json", type=pathlib.Path, help="every difference, to this file")
    return parser.parse_args()


# ---- what is compared ------------------------------------------------------------------------


def ask(python, program):
    done = subprocess.run([python, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def standard_library(python):
    return pathlib.Path(ask(python, "import os; print(os.path.dirname(os.__file__))"))


def site(python):
    """The folder of the packages, installed for the version of `python`."""
    version = ask(python, "import sys; print('%d.%d' % sys.version_info[:2])")
    folder = PROJECT / ".cache" / f"audit-packages-{version}"
    wanted = (HERE / "audit_packages.txt").read_text()
    complete = folder / ".complete"
    if not complete.exists() or complete.read_text() != wanted:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder)]
        command += ["--python-version", version, "--only-binary", ":all:", "--upgrade"]
        command += ["--disable-pip-version-check", "--root-user-action=ignore"]
        subprocess.run(command + ["-r", str(HERE / "audit_packages.txt")], check=True)
        complete.write_text(wanted)
    return folder


def module_names(top, folder):
    """Dotted names of the modules of a top-level package or module."""
    path = folder / top
    if path.suffix == ".py":
        return [path.stem]
    names = []
    for file in sorted(path.rglob("*.py")):
        parts = file.relative_to(folder).with_suffix("").parts
        # tix changes the bases of tkinter's classes while it is imported.
        if parts[-1] in ("__main__", "tix") or not all(part.isidentifier() for part in parts):
            continue
        names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return names


def tops(folder):
    for path in sorted(folder.iterdir()):
        name = path.stem if path.suffix == ".py" else path.name
        if name in LEFT_OUT or name.startswith(("config-", "_sysconfigdata", ".")):
            continue
        if path.suffix == ".py" or (path.is_dir() and name.isidentifier()):
            yield path.name


# ---- both sides ------------------------------------------------------------------------------


def imported(python, top, folder, more):
    """Class rows of the interpreter, by name."""
    names = module_names(top, folder)
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(map(str, more)))
    environment.pop("DISPLAY", None)
    command = [python, *([] if more else ["-S"]), "-B", str(HERE / "record_classes.py"), *names]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment,
            timeout=300, check=False, cwd="/tmp",
        )
        output = done.stdout
    except subprocess.TimeoutExpired as late:
        output = (late.stdout or b"").decode()
    rows = {}
    for line in output.splitlines():
        row = json.loads(line)
        rows.setdefault(row["class"], []).append(row)
    return rows


def audited(options, folder, packages):
    """Class rows of steth, by name: those that Python gets to."""
    command = [options.steth, "audit", "--classes", "--json", "--python", options.python]
    if packages:
        command += ["--site", str(packages)]
    done = subprocess.run(command + [str(folder)], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(done.stderr)
    rows = collections.defaultdict(list)
    for row in json.loads(done.stdout)["classes"]:
        if "does not get there" not in (row["reason"] or ""):
            rows[row["class"]].append(row)
    return rows


# ---- truth -----------------------------------------------------------------------------------


def compare(real, seen, package, differences):
    """(classes, answered, wrong) of one package."""
    count = answered = wrong = 0
    for name, row in ((name, row) for name, rows in sorted(real.items()) for row in rows):
        count += 1
        mine = [one for one in seen.get(name, []) if one["status"] == "answered"]
        if not mine:
            why = seen[name][0]["reason"] if name in seen else "no class of that name was seen"
            differences.append({"package": package, "class": name, "not_answered": why})
            continue
        answered += 1
        if not any(one["mro"] == row["mro"] and one["metaclass"] == row["metaclass"] for one in mine):
            wrong += 1
            differences.append(
                {"package": package, "class": name, "steth": mine[-1]["mro"], "python": row["mro"],
                 "steth_metaclass": mine[-1]["metaclass"], "python_metaclass": row["metaclass"]}
            )
    return count, answered, wrong


def print_row(name, classes, answered, wrong):
    print(f"{name:<28}{classes:>9}{answered:>10}{wrong:>7}", flush=True)


def stubs(options):
    """A row for each library that is known by its stubs alone: nothing is there to import."""
    for wheel, digest in STUBS.items():
        folder = PROJECT / ".cache" / "audit-stubs" / wheel.partition("-")[0]
        archive = download(folder.parent, wheel, digest, from_pypi)
        zipfile.ZipFile(archive).extractall(folder)
        files = sorted(map(str, folder.rglob("*.pyi")))
        command = [options.steth, "audit", "--classes", "--json", "--python", options.python]
        done = subprocess.run(
            [*command, "--site", str(folder), *files], capture_output=True, text=True, check=False
        )
        rows = json.loads(done.stdout)["classes"]
        answered = sum(row["status"] == "answered" for row in rows)
        print(f"{wheel.partition('-')[0]:<28}{len(rows):>9}{answered:>10}{'-':>7}", flush=True)


def truth(options):
    folders = [("standard library", standard_library(options.python), None)]
    if not options.standard_library_only:
        packages = site(options.python)
        folders.append(("packages", packages, packages))
    differences, total = [], [0, 0, 0]
    print(f"{'package':<28}{'classes':>9}{'answered':>10}{'wrong':>7}")
    for label, folder, packages in folders:
        seen = audited(options, folder, packages)
        sums = [0, 0, 0]
        for top in tops(folder):
            real = imported(options.python, top, folder, [packages] if packages else [])
            counts = compare(real, seen, top, differences)
            sums = [a + b for a, b in zip(sums, counts)]
            if packages and counts[0]:
                print_row(top, *counts)
        print_row(label, *sums)
        total = [a + b for a, b in zip(total, sums)]
    print_row("all", *total)
    if not options.standard_library_only:
        stubs(options)
    classes, answered, wrong = total
    share = answered / max(classes, 1)
    print(f"answered {share:.1%} (goal {ANSWERED:.0%}); "
          f"wrong {wrong / max(answered, 1):.2%} (goal {1 - RIGHT:.1%})")
    if options.json:
        options.json.write_text(json.dumps(differences, indent=1))
    return share >= ANSWERED and wrong <= answered * (1 - RIGHT)


# ---- speed -----------------------------------------------------------------------------------


def cost(command, cwd=None):
    """(seconds, CPU seconds) of a command."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, used


def tree_for_mypy(options, packages):
    """The packages, and the standard library as a package of its own: mypy refuses modules that
    take the place of its own ones, and stops at files that are wrong on purpose."""
    tree = packages.with_name(packages.name.replace("packages", "tree"))
    if tree.exists():
        shutil.rmtree(tree)
    no_package = shutil.ignore_patterns("*.dist-info", "__pycache__", "setuptools", "_distutils_hack",
                                        "pkg_resources", "typing_extensions.py", "bin", "include")
    shutil.copytree(packages, tree, ignore=no_package)
    no_module = shutil.ignore_patterns("site-packages", "dist-packages", "config-*", "lib-dynload",
                                       "test", "tests", "__pycache__")
    shutil.copytree(standard_library(options.python), tree / "library", ignore=no_module)
    (tree / "library/__init__.py").touch()
    return tree


def against_mypy(options, packages):
    """Both on the same folder, without what earlier runs kept; steth before mypy and after it."""
    tree = tree_for_mypy(options, packages)
    audit = [options.steth, "audit", "--json", "--python", options.python]
    audit += ["--site", str(tree), str(tree)]
    check = [options.mypy, "--cache-dir=/dev/null", "--ignore-missing-imports", "--namespace-packages"]
    check += ["--explicit-package-bases", "."]
    first = [cost(audit) for _ in range(options.repeat)]
    mypy = cost(check, tree)
    both = first + [cost(audit) for _ in range(options.repeat)]
    ours = [statistics.median(column) for column in zip(*both)]
    print(f"a copy for both: steth {ours[0]:.2f} s ({ours[1]:.2f} s CPU), mypy {mypy[0]:.1f} s "
          f"({mypy[1]:.1f} s CPU): {mypy[0] / ours[0]:.0f} x, {mypy[1] / ours[1]:.0f} x by CPU time "
          f"(goal {FACTOR} x)")


def speed(options):
    packages = site(options.python)
    paths = [str(standard_library(options.python)), str(packages)]
    command = [options.steth, "audit", "--json", "--python", options.python]
    command += ["--site", str(packages), *paths]
    times = []
    for _ in range(options.repeat):
        start = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        times.append(time.monotonic() - start)
    target = json.loads(done.stdout)["target"]
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    median = statistics.median(times)
    print(f"{target['files']} files, {target['lines']} lines: {median:.2f} s "
          f"({min(times):.2f} to {max(times):.2f}), {target['lines'] / median:,.0f} lines/s, "
          f"peak {peak:.0f} MB")
    if options.mypy:
        against_mypy(options, packages)
    return True


def main():
    options = parse_arguments()
    sys.exit(0 if {"truth": truth, "speed": speed}[options.what](options) else 1)


if __name__ == "__main__":
    main()
